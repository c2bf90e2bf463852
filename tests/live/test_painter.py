"""Frames: what Python sends to the stage is what docs/frame.md says, for each page, at the start and in mid-run."""

import re

import numpy as np
import pytest

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense, Residual
from playground.datasets.base import Drawn
from playground.experiments.config import Config, Own
from playground.live.plane.painter import MAP_SIDE, THUMB_SIDE, Painter
from playground.live.run import Run
from tests.live.frames import unpack
from tests.pages import PAGES, PLANE, RECIPES, ROOT, recipe_of

DOCUMENT = (ROOT / "docs" / "frame.md").read_text(encoding="utf-8")
EVIL = "<img src=x onerror=alert(1)> **b** [a](http://x)"


def part_of_document(title: str) -> str:
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)[1]


def first_cells(text: str) -> list[str]:
    """The names in the first column of a table of the document."""
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def frame_of(run: Run, **changes):
    return unpack(run.frame(**changes))


@pytest.mark.parametrize("view", PLANE)
def test_header_and_arrays_are_those_of_the_document(view):
    told = first_cells(part_of_document("Header"))
    assert {"id", "run", "columns", "epoch", "step"} <= set(told)  # the document has been read
    for recipe in PAGES[view].recipes:
        header, arrays = frame_of(Run(recipe.config))
        others = {"arrays", "can_add_layer", "can_remove_layer"}
        assert all(f"header.{name}" in DOCUMENT for name in others)
        assert set(header) == set(told) | others
        known = {re.sub(r"\{\w\}|\d", "#", name) for name in first_cells(part_of_document("Arrays"))}
        known |= {"curve#_train", "curve#_test"}
        assert {re.sub(r"\d", "#", name) for name in arrays} <= known
        columns = re.search(r"^A column: `\{(.*?)\}`", DOCUMENT, re.MULTILINE)[1]
        told_of_columns = {name.split(":")[0].strip() for name in re.sub(r"\[.*?\]", "", columns).split(",")}
        for column in header["columns"]:
            assert set(column) == told_of_columns


@pytest.mark.parametrize(("view", "label"), [(view, label) for view, label in RECIPES if view in PLANE])
def test_arrays_have_the_documented_shapes_and_are_finite(view, label):
    run = Run(recipe_of(view, label).config)
    for steps in (0, 1, 40):
        run.trainer.run(steps=steps)
        header, arrays = frame_of(run)
        for array in arrays.values():
            assert np.all(np.isfinite(array))
        n = len(arrays["points_xy"])
        assert arrays["points_xy"].shape == (n, 2)
        assert set(arrays["points_train"].tolist()) == {0, 1}
        on = sum(feature["on"] for feature in header["features"])
        assert arrays["feature_thumbs"].shape == (len(header["features"]), THUMB_SIDE, THUMB_SIDE)
        before = on
        for number, column in enumerate(header["columns"]):
            shown = len(column["shown"])
            assert arrays[f"weights{number}"].shape == (before, shown)
            assert (f"bias{number}" in arrays) == (column["kind"] != "sum")
            bare = column["kind"] == "output" and header["task"] == "classes"
            assert (f"thumbs{number}" in arrays) != bare
            if not bare:
                assert arrays[f"thumbs{number}"].shape == (shown, THUMB_SIDE, THUMB_SIDE)
            before = shown
        own = {
            "classes": {"map_class", "map_margin", "points_class"},
            "surface": {"map_value", "points_value"},
            "curve": {"line_x", "line_y", "points_value"},
        }
        assert {name for name in arrays if re.match("map|line|points_[cv]", name)} == own[header["task"]]
        for name in ("map_class", "map_margin", "map_value"):
            assert name not in arrays or arrays[name].shape == (MAP_SIDE, MAP_SIDE)
        lengths = {arrays[name].shape for name in arrays if name.startswith("curve")}
        assert len(lengths) == 1
        assert header["step"] == run.trainer.step


def test_the_map_shows_what_the_network_answers():
    run = Run(PAGES["moons"].default)
    run.trainer.run(steps=200)
    header, arrays = frame_of(run)
    (low_x, high_x), (low_y, high_y) = header["plane"]["x"], header["plane"]["y"]
    for row, column in ((0, 0), (3, 90), (50, 50), (99, 0), (99, 99)):
        x = low_x + (column + 0.5) * (high_x - low_x) / MAP_SIDE
        y = high_y - (row + 0.5) * (high_y - low_y) / MAP_SIDE  # row 0 is the top
        logits = run.experiment.network.predict(run.experiment.encode(np.array([[x, y]])), run.trainer.theta)[0]
        assert arrays["map_class"][row, column] == logits.argmax()
        d = abs(logits[0] - logits[1])
        assert arrays["map_margin"][row, column] == pytest.approx(255 * np.sqrt(d / (d + 4)), abs=0.6)


def test_weights_and_biases_are_those_of_the_network():
    run = Run(Config(hidden=(Dense(3, Tanh()), Residual(4, ReLU()))))
    run.trainer.run(steps=5)
    header, arrays = frame_of(run)
    params = run.experiment.network.views(run.trainer.theta)
    assert [column["kind"] for column in header["columns"]] == ["hidden", "hidden", "sum", "output"]
    for name, expected in {
        "weights0": params[0]["W"],
        "bias0": params[0]["b"],
        "weights1": params[2]["W1"],
        "bias1": params[2]["b"],
        "weights2": params[2]["W2"],
        "weights3": params[4]["W"],
        "bias3": params[4]["b"],
    }.items():
        np.testing.assert_array_equal(arrays[name], expected)
    assert "bias2" not in arrays
    assert header["columns"][2]["skip"] == 0


def test_thumbnails_of_units_are_their_values_over_the_plane():
    run = Run(Config(hidden=(Dense(3, Tanh()), Residual(4, Tanh()))))
    _, arrays = frame_of(run)
    painter = run._painter
    x = run.experiment.encode(painter.plane.grid(THUMB_SIDE))
    p = run.experiment.network.views(run.trainer.theta)
    first = np.tanh(x @ p[0]["W"] + p[0]["b"])
    inside = np.tanh(first @ p[2]["W1"] + p[2]["b"])
    whole = first + inside @ p[2]["W2"]
    for number, values in enumerate((first, inside, whole)):
        expected = np.rint(128 + 127 * np.clip(values.T, -1, 1)).reshape(-1, THUMB_SIDE, THUMB_SIDE)
        np.testing.assert_allclose(arrays[f"thumbs{number}"].astype(float), expected, atol=1)


@pytest.mark.parametrize("view", PLANE)
def test_an_earlier_moment_can_be_painted(view):
    run = Run(PAGES[view].recipes[0].config)
    moving = {"run": "a", "playing": False}
    then = run.trainer.run(epochs=2)
    expected = run._painter.frame(moving)
    run.trainer.run(epochs=3)
    header, arrays = run._painter.frame(moving, seen=then)
    assert header == expected.header
    assert arrays.keys() == expected.arrays.keys()
    assert all(np.array_equal(arrays[name], array) for name, array in expected.arrays.items())
    _, now = run._painter.frame(moving)
    assert len(now["curve_x"]) == len(arrays["curve_x"]) + 3


def test_wide_layers_are_drawn_in_part():
    run = Run(Config(hidden=(Dense(64, Tanh()), Dense(21, Tanh()))))
    header, arrays = frame_of(run)
    assert [(column["units"], len(column["shown"])) for column in header["columns"]] == [(64, 20), (21, 20), (2, 2)]
    assert arrays["weights1"].shape == (20, 20)
    assert header["columns"][0]["max"]
    assert not header["columns"][0]["min"]


def test_a_large_set_is_drawn_in_part():
    run = Run(recipe_of("swiss_roll", "20,000 points").config)
    _, arrays = frame_of(run)
    assert len(arrays["points_xy"]) == 500
    assert arrays["points_train"].sum() == 360


def test_curves_grow_and_stay_small():
    run = Run(Config())
    run.trainer.run(epochs=600)
    header, arrays = frame_of(run)
    assert len(arrays["curve_x"]) <= 240
    assert (arrays["curve_x"][0], arrays["curve_x"][-1]) == (0, 600)
    last = run.trainer.history.last
    assert arrays["curve0_test"][-1] == np.float32(last["test_loss"])
    assert header["curves"][0]["test"] == f"test {last['test_loss']:.3f}"
    assert header["curves"][1]["train"] == f"train {100 * last['train_metric']:.1f} %"
    assert len(run.frame()) < 60_000


def test_a_run_that_diverges_is_still_a_frame():
    run = Run(Config(learning_rate=1e6))
    for _ in range(60):
        run.trainer.run(steps=1)
        header, arrays = frame_of(run)
        assert all(np.all(np.isfinite(array)) for array in arrays.values())
    assert header["state"] == "diverged"
    assert "lower the learning rate" in header["message"]


def test_numbers_that_the_run_has_lost_are_drawn_as_well():
    run = Run(Config())
    run.trainer.theta[:] = np.nan
    _, arrays = frame_of(run)
    assert np.all(np.isfinite(arrays["map_margin"]))


def test_names_from_the_user_travel_as_they_are():
    drawn = Drawn(np.arange(20.0).reshape(10, 2), np.array([0, 1] * 5), (EVIL, "b"), (EVIL, "v"), EVIL)
    header, _ = frame_of(Run(Config(data=Own("abc")), drawn))
    assert header["classes"] == [EVIL, "b"]
    assert header["plane"]["x_label"] == EVIL


def test_what_the_caller_says_is_in_the_header():
    run = Run(Config())
    run.log_loss, run.projector = True, True
    first, second = frame_of(run), frame_of(run, note="why", paint=3)
    assert (first[0]["id"], second[0]["id"]) == (1, 2)
    assert (second[0]["note"], second[0]["paint"], second[0]["projector"]) == ("why", 3, True)
    assert [curve["log"] for curve in second[0]["curves"]] == [True, False]
    assert first[0]["paint"] is None


def test_a_painter_needs_no_session():
    assert Painter(Run(Config()).experiment, "1-2").columns[-1].kind == "output"


@pytest.mark.parametrize("on", [None, ("x3", "x90"), tuple(f"x{n}" for n in range(40, 80))])
def test_of_many_features_no_more_are_drawn_than_have_room(on):
    rng = np.random.default_rng(0)
    names = tuple(f"gene {n}" for n in range(100))
    own = Drawn(rng.normal(size=(40, 100)), np.arange(40) % 2, ("a", "b"), names)
    config = Config(data=Own("wide"), features=on or tuple(f"x{n + 1}" for n in range(100)), hidden=(Dense(3, Tanh()),))
    run = Run(config, own)
    header, arrays = frame_of(run)
    assert len(header["features"]) == len(arrays["feature_thumbs"]) == 20
    assert header["features_more"] == 80
    lit = [feature["key"] for feature in header["features"] if feature["on"]]
    assert lit == list(config.features[:20])
    weights = run.experiment.network.views(run.trainer.theta)[run.columns[0].layer]["W"]
    np.testing.assert_array_equal(arrays["weights0"], weights[: len(lit)])
