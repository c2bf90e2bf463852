"""What the recipes of all pages come to, to the last bit: recorded once, so that no later change moves a digit.

    python -m tests.oracle.fingerprints

Every recipe of a live page is trained for 500 steps, straight on and again as the page does it, in many short slices
with frames in between; of every lab the runs of the first recipe for five epochs; of the loss surface all recipes to
their end. Sums differ in their last bits between the kernels of OpenBLAS and of NumPy, so that tests/oracle/
fingerprints.json holds a record for each kind of machine (`machine`), and this writes three: of this machine as it is,
and as if it had no AVX-512. MNIST and CIFAR-10 are noise here, since their files are not everywhere.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILE = HERE / "fingerprints.json"
STEPS = 500
FEW = {"mnist: Convolutional": 10, "cifar10: Convolutional": 10, "mnist: Too wide for so few": 100}  # they take long
EPOCHS = 5  # of a lab
LAB_SLICE = 0.002  # seconds
KINDS = {  # of machines that can be had on one with AVX-512
    "its own": {},
    "OpenBLAS without AVX-512": {"OPENBLAS_CORETYPE": "Haswell"},
    "all without AVX-512": {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"},
}
VECTORS = {"X86_V4": "AVX-512", "AVX512_SKX": "AVX-512", "X86_V3": "AVX2", "AVX2": "AVX2"}  # NumPy's names, best first


def machine() -> str:
    """All that decides on the last bits: NumPy's version, its vector instructions, the kernel of its BLAS."""
    found = np.show_config(mode="dicts")["SIMD Extensions"]
    found = [*found.get("baseline", []), *found.get("found", [])]
    vectors = next((words for name, words in VECTORS.items() if name in found), " ".join(found))
    blas = sorted(
        {
            f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')}".strip()
            for pool in threadpool_info()
            if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
        }
    )
    return ", ".join([sys.platform, f"NumPy {np.__version__} with {vectors}", *(blas or ["another BLAS"])])


def measured(**environment: str) -> dict:
    """Everything below, from a process of its own: {"machine": .., "straight": {name: ..}, "slices": {name: ..}}.

    There no test has changed anything, and no picture set is at hand but the noise.
    """
    with tempfile.TemporaryDirectory() as folder:
        noise(Path(folder))
        known = {name: value for name, value in os.environ.items() if not name.startswith("PLAYGROUND_")}
        places = {"PLAYGROUND_DATA": folder, "PLAYGROUND_CACHE": str(Path(folder) / "cache")}
        command = [sys.executable, "-m", "tests.oracle.fingerprints", "--tell"]
        told = subprocess.run(
            command, cwd=ROOT, env=known | places | environment, stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(told.stdout)


def tell() -> None:
    """Print what all recipes come to in this process."""
    from playground.live.labs.forms import FORMS
    from tests.pages import (
        LAB_RECIPES,
        LABS,
        RECIPES,
        lab_recipe_of,
        recipe_of,
    )  # here: what is imported looks for the picture sets

    straight, slices = {}, {}
    with threadpool_limits(1, user_api="blas"):  # as in the app
        for view, label in RECIPES:
            name, config = f"{view}: {label}", recipe_of(view, label).config
            steps = FEW.get(name, STEPS)
            straight[name], slices[name] = in_one_go(config, steps), in_slices(config, steps)
        for view, label in LAB_RECIPES:
            name, spec = f"{view}: {label}", lab_recipe_of(view, label).spec
            if LABS[view].form is FORMS["surface"]:
                straight[name], slices[name] = surface(spec, 60.0), surface(spec, LAB_SLICE)
            elif label == LABS[view].recipes[0].label:
                spec = spec.replace(base=spec.base.replace(stop_epochs=EPOCHS))
                straight[name], slices[name] = one_by_one(spec), as_lab(spec)
    print(json.dumps({"machine": machine(), "straight": straight, "slices": slices}))


# --- the ways to train ----------------------------------------------------------------------------------------------


def in_one_go(config, steps: int) -> dict:
    """The experiment, without a page."""
    from playground.experiments.experiment import build

    experiment = build(config)
    experiment.trainer.run(steps=steps)
    return taken(experiment)


def in_slices(config, steps: int) -> dict:
    """The same as a page runs it: cut where the clock says so, painted now and then."""
    from playground.datasets.pictures import holds_pictures
    from playground.live.images.run import PictureRun
    from playground.live.run import Run

    run = (PictureRun if holds_pictures(config.data) else Run)(config)
    run.speed = "10 steps a picture"
    run.play()
    count = 0
    while run.playing and run.trainer.step < steps:
        if run.trainer.step > steps - 10:
            run.speed = "1 step a picture"
        run.train(0.0003 if count % 2 else 0.002)
        count += 1
        if count % 20 == 0:
            run.frame()
    run.trainer.run(steps=0)  # what is left of measuring
    return taken(run.experiment)


def taken(experiment) -> dict:
    """What a run came to."""
    trainer = experiment.trainer
    series = [trainer.history.epochs, *(trainer.history.series[name] for name in sorted(trainer.history.series))]
    return {
        "step": trainer.step,
        "fingerprint": experiment.fingerprint,
        "theta": digest(trainer.theta),
        "history": digest(*(np.array(values, np.float64) for values in series)),
    }


def one_by_one(spec) -> dict:
    """The runs of a lab, each by itself."""
    from playground.experiments.experiment import build

    experiments = [build(config) for config in spec.configs()]
    for experiment in experiments:
        experiment.trainer.run()
    return {
        "fingerprints": [experiment.fingerprint for experiment in experiments],
        "theta": digest(*(experiment.trainer.theta for experiment in experiments)),
    }


def as_lab(spec) -> dict:
    """The same as a lab trains them: in stacks, in slices."""
    from playground.live.labs.lab import Lab

    lab = Lab(spec, None)
    lab.play()
    while lab.playing:
        lab.train(LAB_SLICE)
    results = lab.results()
    return {
        "fingerprints": [result.fingerprint for result in results],
        "theta": digest(*(result.theta for result in results)),
    }


def surface(spec, seconds: float) -> dict:
    """Paths and surface of a lab of that form, made in slices of so many seconds."""
    from playground.live.labs.forms import FORMS

    lab = FORMS["surface"].lab(spec)
    walk = lab.way
    lab.play()
    while lab.playing and not walk.shown:  # until the film begins
        lab.train(seconds)
    return {
        "fingerprints": [result.fingerprint for result in lab.results()],
        "paths": digest(*walk.paths, *walk.updates),
        "losses": digest(*walk.losses),
        "surface": digest(walk.origin, walk.basis, walk.low, walk.high, walk.surface),
    }


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 of the bytes of some arrays, of their types and of their shapes."""
    sums = hashlib.sha256()
    for array in arrays:
        sums.update(f"{array.dtype} {array.shape}".encode())
        sums.update(np.ascontiguousarray(array))
    return sums.hexdigest()


# --- pictures that look like MNIST and CIFAR-10 to the program ------------------------------------------------------


def noise(folder: Path) -> None:
    """Files of both sets with a few hundred pictures: noise, with one bright row for each class."""
    from playground.datasets.places import IDX_FILES

    draw = np.random.default_rng(0)
    (folder / "mnist").mkdir()
    (folder / "cifar10").mkdir()
    for part, count in (("train", 600), ("test", 100)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        pictures = draw.integers(0, 60, (count, 28, 28), np.uint8)
        pictures[np.arange(count), 4 + 2 * labels] = 255
        for content, array in (("images", pictures), ("labels", labels)):
            header = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
            (folder / "mnist" / IDX_FILES[f"{part}_{content}"][0]).write_bytes(header + array.tobytes())
        colours = draw.integers(0, 60, (count, 3, 32, 32), np.uint8)
        colours[np.arange(count), :, 4 + 2 * labels] = 255
        records = np.concatenate([labels[:, None], colours.reshape(count, -1)], axis=1)
        name = {"train": "data_batch_1.bin", "test": "test_batch.bin"}[part]
        (folder / "cifar10" / name).write_bytes(records.tobytes())


def records() -> list[dict]:
    """What the file holds: kinds of machines that came to the same, since which commit, and what they came to."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []


def record() -> None:
    """Write what is found into the file; what other kinds of machines have said stays."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    known = records()
    for words, environment in KINDS.items():
        found = measured(**environment)
        if found["straight"] != found["slices"]:
            raise SystemExit("What is trained in slices differs from what is trained in one go: nothing was recorded.")
        for one in known:
            one["machines"] = [machine for machine in one["machines"] if machine != found["machine"]]
        same = next((one for one in known if one["runs"] == found["straight"]), None)
        if same is None:
            same = {"machines": [], "commit": commit.stdout.strip(), "runs": found["straight"]}
            known.append(same)
        same["machines"].append(found["machine"])
        print(f"{words:<26} {found['machine']}: {len(found['straight'])} recipes")
    text = json.dumps([one for one in known if one["machines"]], indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    tell() if sys.argv[1:] == ["--tell"] else record()
