"""Frames of the picture pages: they unpack, in every view of every net, and hold what nn_core gives."""

import re

import numpy as np
import pytest

from nn_core import metrics
from nn_core.activations import ReLU, Tanh
from nn_core.initialisers import He
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.optimisers import SGD, Adam
from playground.datasets import pictures
from playground.datasets.augment import Augment
from playground.datasets.pictures import Digits
from playground.datasets.prepare import Pixels, components_of
from playground.experiments.config import PIXELS, Config
from playground.live.images import monitoring
from playground.live.images.monitoring import QUANTITIES, Watch
from playground.live.images.pad import Change, Pad
from playground.live.images.painter import FACES, GALLERY, SUREST, VIEWS, PicturePainter
from playground.live.images.run import PictureRun
from tests.datasets.test_pictures import forget
from tests.live.frames import unpack
from tests.live.test_painter import first_cells, part_of_document

CONFIG = Config(
    data=Digits(samples=240),  # 220 to train on: 11 steps an epoch
    features=PIXELS,
    hidden=(Dense(12, ReLU()), Dense(9, Tanh())),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.003,
    batch_size=20,
)
NETS = {
    "dense": CONFIG,
    "no hidden layer": CONFIG.replace(hidden=()),
    "convolutional": CONFIG.replace(hidden=(Conv2D(20, 3, activation=ReLU()), MaxPool2D(2), Dense(9, ReLU()))),
    "convolution alone": CONFIG.replace(hidden=(Conv2D(40, 3, 2, "valid"),)),
    "pool alone": CONFIG.replace(hidden=(AveragePool2D(2),)),
    "normalised": CONFIG.replace(hidden=(BatchNorm(), Conv2D(4, 3), LayerNorm(), Residual(5)), dropout=0.2),
    "components": CONFIG.replace(pixels=Pixels("standardised", components=15)),
    "one unit": CONFIG.replace(hidden=(Dense(1, Tanh()),)),
    "many layers": CONFIG.replace(hidden=(Dense(5, Tanh()),) * 12),
    "moved": CONFIG.replace(augment=Augment(1, 10.0), pixels=Pixels(mean_image=True)),
}
each_view = pytest.mark.parametrize("view", VIEWS)
each_net = pytest.mark.parametrize("net", NETS)


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """A monitor that looks whenever it is asked."""
    monkeypatch.setattr(monitoring, "LEAST_GAP", 0.0)
    monkeypatch.setattr(monitoring, "SHARE", 1e9)


def trained(config, steps=12, view="overview"):
    run = PictureRun(config)
    run.look(view)
    run.speed = "1 step a picture"
    run.play()
    for _ in range(steps):
        run.train(5)
    run.pause()
    return run


def frame_of(run, **changes):
    return unpack(run.frame(**changes))


def softmax(logits):
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def signed(values):
    largest = np.abs(values).reshape(len(values), -1).max(axis=1).reshape(-1, *[1] * (values.ndim - 1))
    return np.rint(128 + 127 * values / np.maximum(largest, 1e-12))


def grey(found):
    return found.astype(int) * 255 // 16


# --- every view of every net ----------------------------------------------------------------------------------------


@each_view
@each_net
def test_frames_unpack_and_are_finite(net, view):
    run = PictureRun(NETS[net])
    run.look(view)
    for steps in (0, 1, 11):
        run.trainer.run(steps=steps)
        run.watch.look(run.trainer, 0.0)
        header, arrays = frame_of(run)
        assert header["kind"] == "pictures"
        assert (header["view"], header["step"]) == (view, run.trainer.step)
        assert [entry["key"] for entry in header["views"]] == list(VIEWS)
        assert header["classes"] == list("0123456789")
        assert header["shape"] == [8, 8, 1]
        for name, array in arrays.items():
            assert np.all(np.isfinite(array)), name
        assert {"pad", "answer", "confusion", "surest", "curve_x"} <= set(arrays)
        assert {f"curve{i}_{part}" for i in (0, 1) for part in ("train", "validation", "test")} <= set(arrays)
        assert len({arrays[name].shape for name in arrays if name.startswith("curve")}) == 1
        for number in header["beside"]:
            assert arrays[f"layer{number}"].ndim == (4 if header["layers"][number]["maps"] else 1)


@each_view
@pytest.mark.parametrize("net", ["dense", "convolutional", "no hidden layer", "components"])
def test_a_run_that_diverges_is_still_a_frame(net, view):
    run = PictureRun(NETS[net].replace(optimiser=SGD(), learning_rate=1e9))
    run.look(view)
    for _ in range(60):
        run.trainer.run(steps=1)
        run.watch.look(run.trainer, 0.0)
        if run.trainer.step in (1, 2, 3) or run.state == "diverged":
            _, arrays = frame_of(run)
            assert all(np.all(np.isfinite(array)) for array in arrays.values())
        if run.state == "diverged":
            break
    assert run.state == "diverged"
    assert "lower the learning rate" in frame_of(run)[0]["message"]


@each_view
def test_numbers_that_the_run_has_lost_are_drawn_as_well(view):
    for value in (np.nan, np.inf, 0.0):
        run = PictureRun(CONFIG)
        run.look(view)
        run.trainer.theta[:] = value
        run.trainer.outputs["test"] = np.full_like(run.trainer.outputs["test"], value)
        with np.errstate(all="ignore"):
            run.watch.look(run.trainer, 0.0)
        _, arrays = frame_of(run)
        assert all(np.all(np.isfinite(array)) for array in arrays.values())


@each_view
def test_without_the_monitor_there_are_frames_as_well(view):
    run = PictureRun(CONFIG)
    run.look(view)
    run.watching(False)
    run.rewind()
    header, _ = frame_of(run)
    assert header["monitor"] == "off"


@each_view
def test_a_frame_changes_nothing(view):
    run, blind = trained(NETS["normalised"], view=view), trained(NETS["normalised"])
    before = run.experiment.fingerprint
    run.frame()
    assert run.experiment.fingerprint == before
    run.trainer.run(steps=5)
    blind.trainer.run(steps=5)
    assert run.experiment.fingerprint == blind.experiment.fingerprint


def test_header_and_arrays_are_those_of_the_document():
    every_page = set(first_cells(part_of_document("Header"))) | {"kind", "arrays"}
    curves = {f"curve#_{part}" for part in ("train", "validation", "test")} | {"curve_x"}
    told = {re.sub(r"\{\w\}", "#", name) for name in first_cells(part_of_document("Pages of pictures"))} - {"bands"}
    assert {"pad", "sheet", "cell#_#", "variance"} <= told  # the document has been read
    found = set()
    for net in ("dense", "convolutional"):
        run = trained(NETS[net], steps=1)
        for view in VIEWS:
            run.look(view)
            header, arrays = frame_of(run)
            assert set(header) <= every_page | told
            assert not {"task", "palette", "plane", "value_range", "features", "columns"} & set(header)
            names = {re.sub(r"\d+", "#", name) for name in arrays}
            assert names <= told | curves | {"chances"}
            found |= set(header) | names
    assert told <= found


def test_what_the_caller_says_is_in_the_header():
    run = PictureRun(CONFIG)
    run.log_loss, run.projector = True, True
    first, second = frame_of(run)[0], frame_of(run, note="why", paint=3)[0]
    assert (first["id"], second["id"]) == (1, 2)
    assert (second["note"], second["paint"], second["projector"]) == ("why", 3, True)
    assert [curve["log"] for curve in second["curves"]] == [True, False]
    assert len(second["readings"]) == 7


def test_a_painter_needs_no_session():
    run = PictureRun(CONFIG)
    moving = {"run": "a", "playing": False}
    header, arrays = PicturePainter(run.experiment).frame(moving, Pad(3), Watch(), "overview")
    assert header["pad"]["index"] == 3
    assert arrays["answer"].shape == (10,)


@each_net
def test_an_earlier_moment_can_be_painted(net):
    run = PictureRun(NETS[net])
    painter, moving = run._painter, {"run": "a", "playing": False}
    then = run.trainer.run(epochs=1)
    views = {view: painter.frame(moving, Pad(3), run.watch, view) for view in ("overview", "maps", "mistakes")}
    run.trainer.run(epochs=1)
    for view, expected in views.items():
        header, arrays = painter.frame(moving, Pad(3), run.watch, view, seen=then)
        assert header == expected.header
        for name, array in expected.arrays.items():
            assert np.array_equal(arrays[name], array), name
    assert not np.array_equal(painter.frame(moving, Pad(3), run.watch, "maps").arrays["answer"], arrays["answer"])


# --- the pad --------------------------------------------------------------------------------------------------------


@each_net
@pytest.mark.parametrize(
    "pad", [Pad(5), Pad(7, change=Change(20, 1, -1, 0.2)), Pad(strokes=(((1, 1), (4, 9)),))], ids=str
)
def test_the_answer_is_that_of_the_network(net, pad):
    run = trained(NETS[net])
    run.put(pad)
    experiment = run.experiment
    picture = pad.picture(experiment.data)
    logits = experiment.network.predict(experiment.encode(picture[None]), experiment.trainer.theta)[0]
    header, arrays = frame_of(run)
    np.testing.assert_allclose(arrays["answer"], softmax(logits), atol=1e-6)
    assert arrays["answer"].sum() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(arrays["pad"], grey(picture))
    told = {
        "drawing": pad.is_drawing,
        "empty": False,
        "can_draw": True,
        "index": None if pad.is_drawing else pad.index,
        "truth": None if pad.is_drawing else int(experiment.data.test.y[pad.index]),
        "changed": pad.change != Change(),
        "count": 360,
        "points": 2 * pad.is_drawing,
    }
    assert {key: header["pad"][key] for key in told} == told


def test_an_empty_pad_says_so():
    run = PictureRun(CONFIG)
    run.act({"kind": "ink", "strokes": []})
    assert frame_of(run)[0]["pad"]["empty"] is True
    run.act({"kind": "ink", "strokes": [[[1, 1], [2, 5]]]})
    assert frame_of(run)[0]["pad"]["empty"] is False


def test_the_pad_reads_a_test_picture_as_the_measures_do():
    run = trained(CONFIG, steps=11)
    for index in (0, 17, 359):
        run.act({"kind": "picture", "index": index})
        expected = softmax(run.trainer.outputs["test"][index])
        np.testing.assert_allclose(frame_of(run)[1]["answer"], expected, atol=1e-5)


def test_bytes_of_the_layers():
    run = trained(NETS["convolutional"], view="maps")
    run.put(Pad(8))
    experiment = run.experiment
    p = experiment.network.views(run.trainer.theta)
    x = experiment.encode(experiment.data.album.test[8:9])
    maps, _ = experiment.network.layers[0].forward(x, p[0])
    pooled, _ = experiment.network.layers[1].forward(maps, p[1])
    units = np.maximum(pooled.reshape(1, -1) @ p[3]["W"] + p[3]["b"], 0)[0]
    header, arrays = frame_of(run)
    assert [layer["maps"] for layer in header["layers"]] == [True, True, False]
    np.testing.assert_allclose(arrays["layer0"][..., 0], signed(np.moveaxis(maps[0], -1, 0)), atol=1)
    np.testing.assert_allclose(arrays["layer1"][..., 0], signed(np.moveaxis(pooled[0], -1, 0)), atol=1)
    np.testing.assert_allclose(arrays["layer2"], signed(units[None])[0], atol=1)
    run.look("overview")
    header, beside = frame_of(run)
    assert header["beside"] == [0, 2]
    assert np.array_equal(beside["layer0"], arrays["layer0"])  # small enough to be sent as they are
    assert "layer1" not in beside


def test_no_layers_without_hidden_layers():
    header, arrays = frame_of(trained(NETS["no hidden layer"], view="maps"))
    assert (header["layers"], header["beside"]) == ([], [])
    assert not [name for name in arrays if name.startswith("layer")]


# --- the test part --------------------------------------------------------------------------------------------------


@each_net
def test_confusion_and_surest_mistakes(net):
    run = trained(NETS[net], view="mistakes")
    outputs, y = run.trainer.outputs["test"], run.experiment.data.test.y
    header, arrays = frame_of(run)
    assert np.array_equal(arrays["confusion"], metrics.confusion(outputs, y))
    assert header["test"]["measured"] == 360
    answers, chances = outputs.argmax(axis=1), softmax(outputs)
    wrong = np.flatnonzero(answers != y)
    assert header["test"]["wrong"] == len(wrong)
    expected = wrong[np.argsort(-chances[wrong, answers[wrong]], kind="stable")]
    for listed, pictures_, most in (
        (header["test"]["surest"], arrays["surest"], SUREST),
        (header["gallery"], arrays["gallery"], GALLERY),
    ):
        indices = [entry["index"] for entry in listed]
        assert len(indices) == len(pictures_) == min(most, len(wrong))
        sure = chances[indices, answers[indices]]
        np.testing.assert_allclose(sure, chances[expected, answers[expected]][: len(indices)], atol=1e-6)
        assert np.array_equal(pictures_, grey(run.experiment.data.album.test[indices]))
        for entry, chance in zip(listed, sure, strict=True):
            assert (entry["truth"], entry["answer"]) == (y[entry["index"]], answers[entry["index"]])
            assert entry["truth"] != entry["answer"]
            assert entry["sure"] == f"{100 * chance:.0f} %"
    indices = [entry["index"] for entry in header["gallery"]]
    np.testing.assert_allclose(arrays["chances"], chances[indices], atol=1e-6)


@each_view
def test_all_right_and_all_wrong(view):
    run = PictureRun(CONFIG)
    run.look(view)
    y = run.experiment.data.test.y
    for shift, wrong in ((0, 0), (1, 360)):
        run.trainer.outputs["test"] = 20 * np.eye(10, dtype=np.float32)[(y + shift) % 10]
        header, arrays = frame_of(run)
        assert header["test"]["wrong"] == wrong
        assert arrays["confusion"].trace() == 360 - wrong
        assert len(arrays["surest"]) == len(header["test"]["surest"]) == min(wrong, SUREST)
        assert arrays["surest"].shape[1:] == (8, 8, 1)
        accuracy = next(row["value"] for row in header["readings"] if row["label"] == "Test accuracy")
        assert accuracy == ("100.00 %" if not wrong else "0.00 %")
        if view == "classes":
            assert np.array_equal(arrays["per_class"], np.full((10, 3), 1 - wrong / 360))
        if view == "mistakes":
            assert arrays["gallery"].shape == (min(wrong, GALLERY), 8, 8, 1)
            assert arrays["chances"].shape == (min(wrong, GALLERY), 10)


def test_results_are_those_of_the_last_measures():
    run = PictureRun(CONFIG)
    before = frame_of(run)[1]["confusion"]
    run.trainer.run(steps=5)
    assert np.array_equal(frame_of(run)[1]["confusion"], before)  # in mid-epoch nothing is measured
    first = run.results
    assert run.results is first
    run.trainer.run(steps=6)
    assert run.results is not first
    assert not np.array_equal(frame_of(run)[1]["confusion"], before)


# --- the views ------------------------------------------------------------------------------------------------------


def test_first_weights():
    run = trained(CONFIG)
    header, arrays = frame_of(run)
    weights = run.experiment.network.views(run.trainer.theta)[1]["W"]
    assert arrays["sheet"].shape == (12, 8, 8, 1)
    np.testing.assert_allclose(arrays["sheet"][..., 0], signed(weights.T.reshape(-1, 8, 8)), atol=1)
    assert header["sheet"]["shape"] == [8, 8, 1]
    assert header["sheet"]["caption"] == "64 → 12, all 12; orange −, blue +"


def test_of_many_first_weights_some_are_drawn():
    run = PictureRun(CONFIG.replace(hidden=(Dense(1500, ReLU()),)))
    header, arrays = frame_of(run)
    assert arrays["sheet"].shape == (32, 8, 8, 1)
    assert header["sheet"]["caption"].startswith("64 → 1,500, first 32 of 1,500;")
    run.look("maps")
    assert frame_of(run)[1]["sheet"].shape == (64, 8, 8, 1)


def test_filters_and_weights_behind_components():
    run = trained(NETS["convolution alone"])
    header, arrays = frame_of(run)
    filters = np.moveaxis(run.experiment.network.views(run.trainer.theta)[0]["W"][:, :, 0], -1, 0)
    np.testing.assert_allclose(arrays["sheet"][..., 0], signed(filters)[:32], atol=1)
    assert header["sheet"]["caption"] == "3 × 3, first 32 of 40; orange −, blue +"
    run = trained(NETS["components"])
    weights = run.experiment.network.views(run.trainer.theta)[0]["W"]
    seen = (weights.T @ run.experiment.data.components.basis).reshape(-1, 8, 8)
    np.testing.assert_allclose(frame_of(run)[1]["sheet"][..., 0], signed(seen), atol=1)


def test_ridges_of_the_overview():
    run = trained(NETS["convolutional"])
    header, arrays = frame_of(run)
    assert [ridge["title"] for ridge in header["ridges"]] == ["3 × 3 × 1 × 20", "320 × 9", "9 × 10"]
    for number, layer in enumerate((0, 3, 5)):
        bound, heights = run.watch.ridges(layer, "W")
        assert header["ridges"][number]["bound"] == bound
        assert np.array_equal(arrays[f"ridge{number}"], heights)


def test_precision_recall_and_f1():
    run = trained(CONFIG, view="classes")
    outputs, y = run.trainer.outputs["test"], run.experiment.data.test.y
    counts = metrics.confusion(outputs, y).astype(float)
    _, arrays = frame_of(run)
    for k in range(10):
        hits, answered, there = counts[k, k], counts[:, k].sum(), counts[k].sum()
        expected = [hits / max(answered, 1), hits / max(there, 1), 2 * hits / max(answered + there, 1)]
        np.testing.assert_allclose(arrays["per_class"][k], expected, atol=1e-6)


@each_net
def test_the_embedding(net):
    run = trained(NETS[net], view="embedding")
    _, arrays = frame_of(run)
    assert arrays["embedding_xy"].shape == (360, 2)
    assert np.array_equal(arrays["embedding_class"], run.experiment.data.test.y)
    assert 0.9 < np.quantile(np.hypot(*arrays["embedding_xy"].T), 0.99) < 1.1
    assert np.array_equal(frame_of(run)[1]["embedding_xy"], arrays["embedding_xy"])


@pytest.mark.parametrize(("view", "what"), [("histograms", "ridge"), ("bands", "band")])
@each_net
def test_the_grid_of_the_monitor(net, view, what):
    run = trained(NETS[net], steps=4, view=view)
    header, arrays = frame_of(run)
    layers = run.watch.layers()
    assert header["grid"] == {"what": what, "layers": [name for _, name in layers], "rows": list(QUANTITIES.values())}
    cells = 0
    for r, quantity in enumerate(QUANTITIES):
        for c, (layer, _) in enumerate(layers):
            found = run.watch.ridges(layer, quantity) if what == "ridge" else run.watch.bands(layer, quantity)
            assert (f"cell{r}_{c}" in arrays) == (found is not None)
            if found is None:
                continue
            cells += 1
            if what == "ridge":
                assert header["bounds"][f"{r}_{c}"] == found[0]
                found = found[1]
            assert np.array_equal(arrays[f"cell{r}_{c}"], found)
    assert cells >= 2 * len(layers) >= 2
    assert len(header["bounds"]) == (cells if what == "ridge" else 0)


@pytest.mark.parametrize("net", ["dense", "components", "moved"])
def test_principal_components(net):
    config = NETS[net]
    header, arrays = frame_of(trained(config, steps=1, view="components"))
    found = components_of(config.data, config.seed_split, config.pixels)
    assert header["components"] == {
        "enough": found.needed(0.95),
        "share": 0.95,
        "used": config.pixels.components,
    }
    assert arrays["variance"].shape == (65,)
    assert arrays["variance"][0] == 0
    assert arrays["variance"][-1] == pytest.approx(1, abs=1e-5)
    assert np.all(np.diff(arrays["variance"]) >= 0)
    assert arrays["variance"][header["components"]["enough"]] >= 0.95
    assert arrays["variance"][header["components"]["enough"] - 1] < 0.95
    np.testing.assert_allclose(arrays["faces"][..., 0], signed(found.basis[:FACES].reshape(-1, 8, 8)), atol=1)


def test_curves():
    run = PictureRun(CONFIG)
    run.trainer.run(epochs=4)
    last = run.trainer.history.last
    header, arrays = frame_of(run)
    assert arrays["curve_x"].tolist() == [0, 1, 2, 3, 4]
    for part in ("train", "validation", "test"):
        assert arrays[f"curve0_{part}"][-1] == np.float32(last[f"{part}_loss"])
        assert arrays[f"curve1_{part}"][-1] == np.float32(last[f"{part}_metric"])
        assert header["curves"][1][part] == f"{part} {100 * last[f'{part}_metric']:.1f} %"
    assert (header["curves"][1]["title"], header["curves"][1]["percent"]) == ("Accuracy", True)
    assert all(curve["settled"] for curve in header["curves"])


def test_curves_of_the_error():
    run = PictureRun(CONFIG)
    run.trainer.run(epochs=4)
    _, plain = frame_of(run)
    run.show_error = run.log_loss = True
    header, arrays = frame_of(run)
    assert (header["curves"][1]["title"], header["curves"][1]["percent"]) == ("Error", False)
    assert [curve["log"] for curve in header["curves"]] == [True, True]
    for part in ("train", "validation", "test"):
        np.testing.assert_allclose(arrays[f"curve1_{part}"], 1 - plain[f"curve1_{part}"], atol=1e-6)
        assert np.array_equal(arrays[f"curve0_{part}"], plain[f"curve0_{part}"])
    wrong = 1 - run.trainer.history.last["test_metric"]
    assert header["curves"][1]["test"] == f"test {100 * wrong:.1f} %"
    run.log_loss = False
    assert [curve["log"] for curve in frame_of(run)[0]["curves"]] == [False, False]


@pytest.fixture
def colours(monkeypatch):
    """Instead of the digits a set of three channels and few test pictures; nobody can draw them."""
    forget()
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3

    def drawn(count):
        return rng.integers(256, size=(count, 9, 9, 3), dtype=np.uint8)

    album = pictures.Album(drawn(60), labels, drawn(12), labels[:12], ("a", "b", "c"), "Colours", "Made.", 0.5, 0.3)
    monkeypatch.setattr(pictures, "_digits", lambda: album)
    monkeypatch.setattr(Digits, "can_be_drawn", False)
    yield album
    forget()


def test_pictures_in_colour(colours):
    for hidden in ((), (Dense(5),), (Conv2D(4, 3), MaxPool2D(2))):
        run = PictureRun(CONFIG.replace(hidden=hidden))
        for view in VIEWS:
            run.look(view)
            run.trainer.run(steps=1)
            header, arrays = frame_of(run)
            assert np.array_equal(arrays["pad"], colours.test[0])
            if header.get("sheet"):
                assert arrays["sheet"].shape[-1] == header["sheet"]["shape"][-1] == 3
                assert header["sheet"]["caption"].endswith("; as colours")
