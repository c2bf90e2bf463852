"""Pictures: accuracy and time on real MNIST and CIFAR-10, drawn digits, and what five sessions hold of a server.

    PLAYGROUND_DATA=FOLDER python -m benchmarks.images [--json FILE] [--only mlp,conv,cifar,server,page]

The networks are the recipes of the picture pages, trained as the pages train them, with seed 0 where no other is named.
MNIST (and for `cifar` CIFAR-10, or a part of it) must be on this computer: in PLAYGROUND_DATA, data/, or the cache.
"""

import argparse
import asyncio
import math
import time
from statistics import median
from urllib.parse import urlencode

from threadpoolctl import threadpool_limits

from benchmarks.browser import chromium
from benchmarks.live import PAUSE, PLAY
from benchmarks.live import measure as measure_live
from benchmarks.protocol import Client
from benchmarks.report import machine, parts, table, write_json
from benchmarks.server import App
from benchmarks.strokes import DIGITS
from nn_core.settings import Looks
from playground.datasets.pictures import Cifar10, Mnist
from playground.experiments.config import Config
from playground.experiments.experiment import Experiment, build
from playground.experiments.link import show_link
from playground.views import cifar10, mnist

SEEDS = (0, 1, 2)
ROUNDS, STEPS = 9, 20  # of the comparison with PyTorch
CONV_EPOCHS = 2
LEARN = 15.0  # seconds of Play before digits are drawn
TIMEOUT_MS = 60_000


def recipe(page, data, label: str) -> Config:
    """The config of a recipe of a picture page."""
    return next(recipe.config for recipe in page.recipes(data) if recipe.label == label)


def mlp() -> dict:
    """784-64-32-10: test accuracy after the recipe's epochs, for three seeds, and how long an epoch takes."""
    config = recipe(mnist, Mnist(), "Two layers, 64 and 32")
    accuracies, firsts, epochs = [], [], []
    for seed in SEEDS:
        experiment = build(config.replace(seed_weights=seed, seed_batches=seed))
        times = _epochs(experiment, config.stop_epochs)
        accuracies.append(_test_accuracy(experiment))
        firsts.append(times[0])
        epochs += times
        print(f"  seed {seed}: {100 * accuracies[-1]:.2f} % after {config.stop_epochs} epochs", flush=True)
    return {
        "mlp_test_accuracy": accuracies[0],
        "mlp_test_accuracy_worst_seed": min(accuracies),
        "mlp_first_epoch_seconds": max(firsts),
        "mlp_epoch_seconds": median(epochs),
    }


def conv() -> dict:
    """The convolutional net: test accuracy after two epochs, how long one takes, and PyTorch beside it."""
    config = recipe(mnist, Mnist(), "Convolutional").replace(stop_epochs=0)
    experiment = build(config)
    times = _epochs(experiment, CONV_EPOCHS)
    print(f"  epochs of {', '.join(f'{t:.1f}' for t in times)} s", flush=True)
    result = {"conv_test_accuracy": _test_accuracy(experiment), "conv_epoch_seconds": median(times)}
    return result | _beside_torch(experiment)


def cifar() -> dict:
    """CIFAR-10, as much of it as is there: 3072-100-10 after the recipe's epochs."""
    config = recipe(cifar10, Cifar10(), "100 units")
    experiment = build(config)
    times = _epochs(experiment, config.stop_epochs)
    return {
        "cifar_test_accuracy": _test_accuracy(experiment),
        "cifar_training_pictures": len(experiment.data.train),
        "cifar_epoch_seconds": median(times),
    }


def server() -> dict:
    """Memory of the server with MNIST loaded and five sessions training, two of them the convolutional net."""
    nets = [recipe(mnist, Mnist(), label) for label in ("Two layers, 64 and 32",) * 3 + ("Convolutional",) * 2]
    with App() as app:
        return asyncio.run(_five(app, [urlencode(show_link(config.replace(stop_epochs=0))) for config in nets]))


async def _five(app: App, links: list[str]) -> dict:
    clients = [Client(app.url, "mnist", link) for link in links]
    for client in clients:
        await client.open()
    for client in clients:
        await client.click("play", "playing")
    most = 0.0
    for _ in range(40):
        await asyncio.sleep(0.5)
        most = max(most, app.megabytes())
    steps = [client.header["step"] for client in clients]
    for client in clients:
        await client.close()
    problems = sum(len(client.exceptions) for client in clients) + app.tracebacks()
    return {"server_mb_five_sessions": most, "server_least_steps": min(steps), "server_exceptions": problems}


def page() -> dict:
    """The MNIST page in a real browser: pictures a second and Pause while it trains, and ten digits drawn by hand."""
    result = {}
    for name, label in (("mlp", "Two layers, 64 and 32"), ("conv", "Convolutional")):
        seen = measure_live(8, f"mnist?{urlencode(show_link(_endless(label)))}")
        for key in ("painted_fps", "steps_per_second", "pause_ms_p50", "pause_ms_max", "blank_frames", "frame_kb"):
            result[f"page_{name}_{key}"] = seen[key]
    return result | _drawn(LEARN)


def _drawn(seconds: float) -> dict:
    """Draw each digit with the mouse while the page trains: how many are recognised, how soon there is an answer."""
    right, delays = 0, []
    with App() as app, chromium() as browser:
        tab = browser.new_page(viewport={"width": 1280, "height": 800})
        tab.goto(f"{app.url}/mnist?{urlencode(show_link(_endless('Two layers, 64 and 32')))}")
        tab.locator("[data-testid=stage][data-painted]").wait_for(timeout=TIMEOUT_MS)
        tab.locator(PLAY).first.click(timeout=TIMEOUT_MS)
        tab.locator(PAUSE).first.wait_for(timeout=TIMEOUT_MS)
        tab.wait_for_timeout(1000 * seconds)
        box = tab.locator("[data-testid=pad]").bounding_box()
        for digit, strokes in DIGITS.items():
            answer, delay = draw(tab, box, strokes)
            right += answer == digit
            delays.append(delay)
            print(f"  {digit} was taken for {answer}, {delay:.0f} ms after the last stroke", flush=True)
    return {"drawn_recognised": right, "drawn_answer_ms_p50": median(delays), "drawn_answer_ms_max": max(delays)}


WATCH = """() => {
  const root = document.querySelector('[data-testid=stage]') ?? [...document.querySelectorAll('*')]
    .map((e) => e.shadowRoot?.querySelector('[data-testid=stage]')).find(Boolean);
  const stage = root.__stage;
  window.drawn = { stage, at: null, answered: null };
  stage.pad.sheet.addEventListener('pointerup', () => {
    const ink = stage.pad.strokes.flat().length;
    drawn.at = performance.now();
    drawn.answered = null;
    const look = () => {
      const { id, pad } = stage.frame.header;
      const shown = stage.root.dataset.frame === String(id); // on the screen, not just received
      if (shown && pad.points >= ink) drawn.answered = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  });
}"""


def draw(tab, box: dict, strokes: list) -> tuple[str, float]:
    """Draw strokes on an empty pad; returns the class that has the highest probability, and ms to the answer."""
    if not tab.evaluate("Boolean(window.drawn)"):
        tab.evaluate(WATCH)
    tab.evaluate("drawn.stage.pad.clear()")
    tab.wait_for_timeout(300)
    for number, stroke in enumerate(strokes):
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        tab.mouse.move(*points[0])
        tab.mouse.down()
        for point in points[1:]:
            tab.mouse.move(*point)
        tab.mouse.up()
        if number == len(strokes) - 1:
            tab.wait_for_function("drawn.answered !== null", timeout=TIMEOUT_MS)
    best = tab.evaluate("""() => {
      const { header, arrays } = drawn.stage.view;
      return header.classes[arrays.answer.reduce((at, v, k) => (v > arrays.answer[at] ? k : at), 0)];
    }""")
    return best, tab.evaluate("drawn.answered - drawn.at")


def _endless(label: str) -> Config:
    return recipe(mnist, Mnist(), label).replace(stop_epochs=0)


def _epochs(experiment: Experiment, count: int) -> list[float]:
    """Train so many epochs; the seconds of each, its measures included."""
    times = []
    with threadpool_limits(1, user_api="blas"):  # as on the page
        for _ in range(count):
            began = time.perf_counter()
            experiment.trainer.run(epochs=1)
            times.append(time.perf_counter() - began)
    return times


def _test_accuracy(experiment: Experiment) -> float:
    """Of the whole test part."""
    data = experiment.data.test
    answers = [experiment.trainer.predict(data.x[i : i + 500]).argmax(axis=1) for i in range(0, len(data), 500)]
    right = sum(int((answer == data.y[i * 500 : (i + 1) * 500]).sum()) for i, answer in enumerate(answers))
    return right / len(data)


def _beside_torch(experiment: Experiment) -> dict:
    """Training steps beside PyTorch at its best: the median of the ratios of nine rounds; measures are left out."""
    try:
        from benchmarks import peers
        from benchmarks.workloads import Workload
    except ImportError:
        return {"conv_ratio_torch": math.nan, "conv_torch_epoch_seconds": math.nan}
    config, trainer, train = experiment.config, experiment.trainer, experiment.data.train
    work = Workload("", trainer.network.layers, (28, 28, 1), config.batch_size, config.settings, STEPS, 1)
    x, targets = train.x[: work.samples], train.y[: work.samples]
    variants = {name: peers.PyTorch(work, x, targets, *how) for name, how in peers.torch_variants(work).items()}
    best = min(variants, key=lambda name: _seconds(variants[name]))
    torch = variants[best]
    trainer.looks = Looks(samples=1, per_epoch=1, between=1)
    trainer.rewind()
    ours, theirs, ratios = [], [], []
    with threadpool_limits(1, user_api="blas"):
        trainer.run(steps=STEPS)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            trainer.run(steps=STEPS)
            ours.append((time.perf_counter() - began) / STEPS)
            theirs.append(_seconds(torch) / STEPS)
            ratios.append(theirs[-1] / ours[-1])
    steps = -(-len(train) // config.batch_size)
    print(f"  a step takes {1000 * median(ours):.1f} ms, PyTorch's {1000 * median(theirs):.1f} ms ({best})", flush=True)
    return {
        "conv_ratio_torch": median(ratios),
        "conv_training_seconds": steps * median(ours),
        "conv_torch_epoch_seconds": steps * median(theirs),
    }


def _seconds(peer) -> float:
    peer.ready()
    began = time.perf_counter()
    peer.run(STEPS)
    return time.perf_counter() - began


PARTS = {"mlp": mlp, "conv": conv, "cifar": cifar, "server": server, "page": page}
TEXTS = {
    "mlp_test_accuracy": "784-64-32-10 on MNIST after ten epochs, seed 0 (over .97)",
    "mlp_test_accuracy_worst_seed": "the same, the worst of seeds 0, 1, 2",
    "mlp_first_epoch_seconds": "its first epoch, measures included, the slowest of three (under 3)",
    "mlp_epoch_seconds": "an epoch, median",
    "conv_test_accuracy": "the convolutional net after two epochs, all 10,000 test pictures (over .988)",
    "conv_epoch_seconds": "an epoch, with its looks at test and validation part",
    "conv_ratio_torch": "PyTorch's time for a training step divided by ours",
    "conv_training_seconds": "an epoch's training steps alone",
    "conv_torch_epoch_seconds": "the same in PyTorch",
    "cifar_test_accuracy": "3072-100-10 on CIFAR-10 after 30 epochs",
    "cifar_training_pictures": "it was trained on",
    "cifar_epoch_seconds": "an epoch",
    "server_mb_five_sessions": "MB of the server, MNIST loaded, 3 MLPs and 2 conv nets training (under 1,610)",
    "server_least_steps": "that the slowest of the five has made in 20 s",
    "server_exceptions": "exceptions meanwhile (0)",
    "drawn_recognised": "of ten drawn digits, by the network as it trains (8 or more)",
    "drawn_answer_ms_p50": "from the end of the last stroke to the answer on the screen, median",
    "drawn_answer_ms_max": "the same, the slowest (under 150)",
}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, with commas: {', '.join(PARTS)}")
    options = parser.parse_args()
    if not Mnist.is_here():
        parser.error("MNIST is not on this computer; set PLAYGROUND_DATA to the folder that holds mnist/.")
    wanted = parts(parser, options.only, PARTS)
    where, began, result = machine(), time.perf_counter(), {}
    for name in wanted:
        if name == "cifar" and not Cifar10.is_here():
            print("cifar: CIFAR-10 is not on this computer")
            continue
        print(f"{name}: {PARTS[name].__doc__.splitlines()[0]}", flush=True)
        result |= PARTS[name]()
    print(
        table(
            "Pictures",
            [(name, value, TEXTS.get(name, "on the page, see benchmarks.live")) for name, value in result.items()],
        )
    )
    print(f"{where}; took {time.perf_counter() - began:.0f} s")
    write_json(options.json, {**result, "machine": where})


if __name__ == "__main__":
    main()
