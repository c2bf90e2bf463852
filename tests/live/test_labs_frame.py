"""Frames of the labs: they unpack in every form at every stage, and hold what the runs have come to."""

import re

import numpy as np
import pytest

from nn_core.activations import Linear, Tanh
from nn_core.ensemble import Ensemble
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD
from playground.datasets.plane import Moons, Peaks, Xor
from playground.datasets.values import Line, PeaksHeight, Sine
from playground.experiments.config import Config
from playground.experiments.experiment import build
from playground.experiments.results import Result
from playground.experiments.stacks import Stack
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.lab import MAP_SIDE, Lab
from playground.live.labs.painters import CONVERGED, compare_frame, grid_frame, seeds_frame
from playground.live.labs.spec import LabSpec
from tests.live.frames import unpack
from tests.live.labs import finished
from tests.live.test_painter import first_cells, part_of_document
from tests.pages import LABS, lab_recipe_of

PAINTERS = {"grid": grid_frame, "seeds": seeds_frame, "compare": compare_frame}
BASE = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), learning_rate=0.1, batch_size=8, stop_epochs=5)
VALUES = BASE.replace(loss=MeanSquaredError(), data=PeaksHeight(samples=60))
HOT = BASE.replace(data=Xor(samples=60), hidden=(Dense(8, Linear()),) * 2, optimiser=SGD())
BASES = {
    "two classes": BASE,
    "five classes": BASE.replace(data=Peaks(samples=90)),
    "one input, one value": VALUES.replace(data=Sine(samples=60), features=("x1",)),
    "a line": VALUES.replace(data=Line(samples=60), features=("x1",), hidden=(Dense(2, Linear()),)),
    "two inputs, one value": VALUES,
    "one epoch": BASE.replace(stop_epochs=1),
    "some diverge": HOT,
    "all diverge": HOT.replace(learning_rate=1e8),
    "ends early": BASE.replace(stop_patience=1, learning_rate=3.0),
}
HOT_RATES = {"some diverge": "0.1, 1000000", "all diverge": "1000000, 100000000"}


def spec_of(form: str, name: str) -> LabSpec:
    """A small lab of a form: Grid of 2 x 3 cells with 2 seeds, Seeds of 11, Compare of 2 lanes with 3."""
    rates = HOT_RATES.get(name, "0.01, 0.1")
    return {
        "grid": LabSpec(BASES[name], axis("batch", "4, full, 9"), axis("rate", rates), 2),
        "seeds": LabSpec(BASES[name], seeds=11),
        "compare": LabSpec(BASES[name], axis("rate", rates), seeds=3),
    }[form]


each_form = pytest.mark.parametrize("form", PAINTERS)
each_base = pytest.mark.parametrize("name", BASES)


def made(form: str, name: str = "two classes", **changes) -> Lab:
    return Lab(spec_of(form, name).replace(**changes), PAINTERS[form])


def frame_of(lab: Lab, **changes) -> tuple[dict, dict]:
    return unpack(lab.frame(**changes))


def finals(lab: Lab, name: str = "test_metric") -> np.ndarray:
    """The last measures of every run, from its result."""
    return np.array([result.final[name] for result in lab.results()])


# --- every form at every stage --------------------------------------------------------------------------------------


def check(lab: Lab, form: str) -> tuple[dict, dict]:
    """What must hold of every frame."""
    header, arrays = frame_of(lab)
    assert (header["kind"], header["state"], header["playing"]) == ("lab", lab.state, lab.playing)
    assert 0 <= header["progress"] <= 1
    assert header["step"] == lab.finished
    assert all(set(reading) == {"label", "value", "help"} for reading in header["readings"])
    classes = lab.data.task == "classes"
    cells = lab.spec.rows * lab.spec.columns
    assert header["palette"] == ("many" if len(lab.data.classes) > 2 else "two")
    maps = {"grid": cells, "seeds": 3, "compare": 0}[form]
    line = not classes and len(lab.data.inputs) == 1
    for name in ("map_class", "map_margin") if classes else ("map_line",) if line else ("map_value",):
        assert (name in arrays) == bool(maps)
        if maps:
            assert arrays[name].shape == ((maps, MAP_SIDE) if line else (maps, MAP_SIDE, MAP_SIDE))
            assert header["side"] == MAP_SIDE
    if maps:
        assert np.all((arrays["points_xy"] >= 0) & (arrays["points_xy"] <= 1))
        assert len(arrays["points_xy"]) == len(arrays["points_class"]) == min(60, len(lab.data.train))
        assert arrays["points_class"].max() < max(1, len(lab.data.classes))
    if maps and classes:
        assert arrays["map_class"].max() < len(lab.data.classes)
    if form == "grid":
        assert len(header["texts"]) == len(header["heat"]) == len(header["lost"]) == cells
        assert (len(header["columns"]), len(header["rows"])) == (lab.spec.columns, lab.spec.rows)
        assert arrays["curves"].shape == (cells, len(arrays["curve_x"]))
        assert header["chosen"] is None or 0 <= header["chosen"] < cells
    else:
        assert all(set(line) == {"name", "colour"} for line in header["lines"])
        prefixes = ["band"] if form == "seeds" else ["band", "score"]
        for prefix in prefixes:
            for number in range(len(header["lines"])):
                parts = [arrays[f"{prefix}{number}_{part}"] for part in ("x", "mid", "low", "high")]
                assert len({part.shape for part in parts}) == 1
                assert np.all(np.diff(parts[0]) >= 0)
                known = np.isfinite(parts[1])
                assert np.all(parts[2][known] <= parts[3][known])
    if form == "compare":
        assert len(header["table"]) == lab.spec.columns + 1
        assert len({len(row) for row in header["table"]}) == 1
        assert all(isinstance(words, str) for row in header["table"] for words in row)
    if form == "seeds":
        low, high = header["histogram_ends"]
        assert low < high
        assert len(header["models"]) == 3
    return header, arrays


@each_form
@each_base
def test_frames_unpack_before_the_first_step_in_the_middle_and_at_the_end(form, name, steps):
    lab = made(form, name)
    check(lab, form)
    lab.play()
    check(lab, form)
    seen = 0
    while lab.playing:
        lab.train(1e-4)
        check(lab, form)
        seen += 1
    lab.frame_number = 41
    header, _ = check(lab, form)
    assert seen >= 1
    assert (header["id"], header["state"], header["progress"]) == (42, "finished", 1)


@each_form
def test_frames_of_a_lab_without_axes_and_of_one_seed(form):
    for spec in (
        LabSpec(BASE),
        LabSpec(BASE, seeds=2),
        LabSpec(BASE, axis("rate", "1")),
        LabSpec(BASE, None, axis("rate", "1")),
    ):
        lab = Lab(spec, PAINTERS[form])
        check(lab, form)
        check(finished(lab), form)


@each_form
def test_header_and_arrays_are_those_of_the_document(form):
    document = part_of_document("Labs")
    every = document[: document.index("\nGrid:")]
    own = re.search(rf"^{form.capitalize()}:\n\n(.*?)(?=\n\n)", document, re.MULTILINE | re.DOTALL)[1]
    told = {*first_cells(every), *first_cells(own)}
    assert {"kind", "progress", "panels"} < told  # the document has been read
    envelope = set(first_cells(part_of_document("Header"))) | {"arrays"}
    missing = {
        "task",
        "classes",
        "plane",
        "value_range",
        "features",
        "features_more",
        "curves",
        "curve_x_label",
        "paint",
    }
    told_of_arrays = {re.sub(r"\{\w\}", "#", name) for name in first_cells(document[document.index("| array |") :])}
    assert {"map_class", "band#_mid", "score#_x", "histogram"} <= told_of_arrays
    found = set()
    for name in ("two classes", "one input, one value", "two inputs, one value"):
        header, arrays = frame_of(finished(made(form, name)))
        assert set(header) <= told | envelope
        assert set(header) >= told | (envelope - missing - {"columns"})
        assert not set(header) & missing
        names = {re.sub(r"\d+", "#", name) for name in arrays}
        assert names <= told_of_arrays
        found |= names
    expected = {
        "grid": r"map_.*|points_.*|curves|curve_x",
        "seeds": r"map_.*|points_.*|band#.*|histogram",
        "compare": r"band#.*|score#.*",
    }[form]
    assert found == {name for name in told_of_arrays if re.fullmatch(expected, name)}


@each_form
def test_what_the_caller_says_is_in_the_header(form):
    lab = made(form)
    lab.projector = True
    first, second = frame_of(lab)[0], frame_of(lab, note="why")[0]
    assert (first["id"], second["id"], first["run"], second["run"]) == (1, 2, lab.name, lab.name)
    assert (first["note"], second["note"], second["projector"], second["pace_ms"]) == ("", "why", True, 0)


@each_form
def test_a_frame_changes_nothing(form):
    lab, blind = made(form), finished(made(form))
    lab.frame()
    lab.play()
    while lab.playing:
        lab.train(0.003)
        lab.frame()
    assert all(one.same_as(other) for one, other in zip(lab.results(), blind.results(), strict=True))


def test_the_status_line():
    lab = made("grid", "some diverge")
    assert frame_of(lab)[0]["readings"][0]["label"] == "0 of 12 finished in"
    finished(lab)
    found = {reading["label"]: reading["value"] for reading in frame_of(lab)[0]["readings"]}
    assert found["12 of 12 finished in"] == f"{lab.seconds:.1f} s"
    assert found["diverged"] == str(sum(result.diverged for result in lab.results())) != "0"
    assert found["best"].startswith("learning rate 0.1, batch size ")
    assert "left" not in found


# --- grid -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two classes", "two inputs, one value", "some diverge", "one epoch"])
def test_a_cell_is_the_median_of_its_seeds(name):
    lab = finished(made("grid", name, seeds=3))
    header, arrays = frame_of(lab)
    metric, lost = finals(lab).reshape(6, 3), np.array([run.diverged for run in lab.results()]).reshape(6, 3)
    assert header["lost"] == lost.any(axis=1).tolist()
    assert header["percent"] == (name != "two inputs, one value")
    best, fine = None, []
    for cell in range(6):
        middle = sorted(metric[cell])[1]
        if lost[cell].any():
            assert (header["texts"][cell], header["heat"][cell]) == ("diverged", None)
        else:
            assert header["texts"][cell] == (f"{100 * middle:.0f} %" if header["percent"] else f"{middle:.2f}")
            assert header["heat"][cell] == pytest.approx(middle)
            fine.append((-middle, cell))
    best = min(fine)[1]
    assert header["chosen"] == best
    assert header["heat_title"] == ("Test R²" if "value" in name else "Test accuracy")
    for cell in set(range(6)) - {k for k in range(6) if lost[k].any()}:
        result = lab.results()[3 * cell]
        assert np.array_equal(arrays["curves"][cell], np.float32(result.history["test_loss"]))
    if name != "some diverge":
        assert arrays["curve_x"].tolist() == lab.results()[0].history["epochs"]


def test_the_names_of_rows_and_columns_and_of_the_chosen_cell():
    lab = finished(made("grid"))
    lab.act({"kind": "cell", "row": 1, "column": 2})
    header, _ = frame_of(lab)
    assert (header["columns"], header["rows"]) == (["4", "full", "9"], ["0.01", "0.1"])
    assert (header["across"], header["down"]) == ("batch size", "learning rate")
    assert (header["chosen"], header["lines_title"]) == (5, "learning rate 0.1, batch size 9")


@pytest.mark.parametrize("name", ["two classes", "five classes", "two inputs, one value", "one input, one value"])
def test_maps_of_the_cells(name):
    lab = finished(made("grid", name))
    _, arrays = frame_of(lab)
    for cell in range(6):
        alone = build(lab.configs[2 * cell])
        alone.trainer.run()
        outputs = alone.trainer.predict(alone.encode(lab.plane.grid(MAP_SIDE)))
        if lab.data.task == "classes":
            agree = arrays["map_class"][cell].ravel() == outputs.argmax(axis=1)
            assert agree.mean() > 0.999  # where two classes are all but equal, rounding decides
            best, second = np.sort(outputs, axis=1)[:, ::-1][:, :2].T
            share = (arrays["map_margin"][cell].ravel() / 255.0) ** 2
            np.testing.assert_allclose(
                np.minimum(share, 0.99), np.minimum((best - second) / (best - second + 4), 0.99), atol=0.01
            )
        elif len(lab.data.inputs) == 1:
            low, high = lab.plane.y_range
            heights = (high - outputs[:MAP_SIDE, 0]) / (high - low)  # the first row of the grid
            np.testing.assert_allclose(arrays["map_line"][cell], heights, rtol=1e-5, atol=1e-6)
        else:
            values = outputs[:, 0] / np.abs(outputs[:, 0]).max()
            np.testing.assert_allclose(arrays["map_value"][cell].ravel(), np.rint(128 + 127 * values), atol=1)


def test_points_lie_where_the_data_lie():
    lab = made("grid", "two classes")
    _, arrays = frame_of(lab)
    x = lab.data.train.x[: len(arrays["points_xy"])]
    (x0, x1), (y0, y1) = lab.plane.x_range, lab.plane.y_range
    np.testing.assert_allclose(arrays["points_xy"][:, 0], (x[:, 0] - x0) / (x1 - x0), atol=1e-6)
    np.testing.assert_allclose(arrays["points_xy"][:, 1], (y1 - x[:, 1]) / (y1 - y0), atol=1e-6)
    assert np.array_equal(arrays["points_class"], lab.data.train.y[: len(x)])
    lab = made("grid", "one input, one value")
    _, arrays = frame_of(lab)
    y0, y1 = lab.plane.y_range
    y = lab.data.train.y[: len(arrays["points_xy"]), 0]
    np.testing.assert_allclose(arrays["points_xy"][:, 1], (y1 - y) / (y1 - y0), atol=1e-6)


def test_in_mid_run_every_curve_stands_over_its_own_epochs(monkeypatch):
    """One stack has come further than another, and long curves are thinned."""
    lab = Lab(LabSpec(BASE.replace(stop_epochs=300), axis("batch", "full, 9, 4")), grid_frame)
    monkeypatch.setattr(Stack, "advance", lambda stack, seconds=None: stack.done)
    lab.play()
    lab.train(0.1)  # makes all stacks
    assert len(lab.stacks) == 3
    for stack, epochs in zip(lab.stacks, (300, 200, 130), strict=False):
        stack.trainer.run(epochs=epochs)
    _, arrays = frame_of(lab)
    for stack, curve in zip(lab.stacks, arrays["curves"], strict=False):
        xs, ys = stack.trainer.history.curve("test_loss")
        known = np.isfinite(curve)
        expected = np.interp(arrays["curve_x"][known], xs, np.float64(ys))
        np.testing.assert_allclose(curve[known], expected, atol=0.01)
        assert xs[-1] - 6 < arrays["curve_x"][known].max() <= xs[-1] + 1e-6


def test_batch_1_with_a_rate_of_5_is_shown_as_diverged():
    view = next(view for view, page in LABS.items() if page.form is FORMS["grid"])
    lab = finished(Lab(lab_recipe_of(view, "Circles: batch × rate").spec, grid_frame))
    header, _ = frame_of(lab)
    k = header["rows"].index("1") * len(header["columns"]) + header["columns"].index("5")
    assert (header["texts"][k], header["lost"][k], header["heat"][k]) == ("diverged", True, None)
    assert header["chosen"] != k
    assert {
        "label": "diverged",
        "value": str(sum(header["lost"])),
        "help": "Runs whose loss ran away, or overflowed.",
    } in header["readings"]
    assert max(value for value in header["heat"] if value is not None) > 0.85
    assert sum(header["lost"]) < 10


# --- seeds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two classes", "five classes", "one input, one value", "one epoch"])
def test_best_median_and_worst(name):
    lab = finished(made("seeds", name))
    header, arrays = frame_of(lab)
    metric = finals(lab)
    order = np.argsort(-metric, kind="stable")
    chosen = [int(order[0]), int(order[5]), int(order[10])]
    assert [model["seed"] for model in header["models"]] == chosen
    for model, word, i in zip(header["models"], ("best", "median", "worst"), chosen, strict=True):
        value = f"{100 * metric[i]:.1f} %" if header["percent"] else f"{metric[i]:.3f}"
        assert model["title"] == f"{word}: {value}"
    assert header["converged"].startswith(f"{(metric >= CONVERGED).sum()} of 11 end at ")
    assert header["readings"][1]["value"] == f"converged {(metric >= CONVERGED).sum()} of 11"
    low, high = header["histogram_ends"]
    assert low <= metric.min()
    assert metric.max() <= high
    assert np.array_equal(arrays["histogram"], np.histogram(metric, len(arrays["histogram"]), (low, high))[0])
    assert header["percent"] == (lab.data.task == "classes")


def test_the_seed_that_is_named_is_the_seed_of_the_run():
    """So that a person finds the run again: the seed of its first weights."""
    lab = finished(Lab(LabSpec(BASE.replace(seed_weights=40, seed_batches=70), seeds=5), seeds_frame))
    best = max(lab.results(), key=lambda result: result.final["test_metric"])
    assert frame_of(lab)[0]["models"][0]["seed"] == best.config.seed_weights


@pytest.mark.parametrize("name", ["two classes", "one input, one value"])
def test_the_band_is_that_of_nn_core(name):
    lab = finished(made("seeds", name))
    _, arrays = frame_of(lab)
    for number, series in enumerate(("train_loss", "test_loss")):
        table = np.array([result.history[series] for result in lab.results()]).T
        spread = Ensemble(range(len(table)), {series: table}).spread(series)
        assert arrays[f"band{number}_x"].tolist() == lab.results()[0].history["epochs"]
        np.testing.assert_allclose(arrays[f"band{number}_mid"], spread.interquartile_mean, rtol=1e-5)
        np.testing.assert_allclose(arrays[f"band{number}_low"], spread.first_quartile, rtol=1e-5)
        np.testing.assert_allclose(arrays[f"band{number}_high"], spread.third_quartile, rtol=1e-5)


def test_who_has_not_begun_is_not_counted():
    lab = Lab(LabSpec(BASE, seeds=150), seeds_frame)  # two stacks, of which the first is made
    header, arrays = frame_of(lab)
    assert len(lab.results()) == 100  # which are measured, and not trained
    assert arrays["histogram"].sum() == 0
    assert [model["title"] for model in header["models"]] == ["best", "median", "worst"]
    assert not any("converged" in reading["value"] for reading in header["readings"])
    _, arrays = frame_of(finished(lab))
    assert arrays["histogram"].sum() == 150


def test_who_has_diverged_is_the_worst_and_is_not_counted():
    lab = finished(Lab(LabSpec(HOT.replace(learning_rate=1e8), seeds=5), seeds_frame))
    header, arrays = frame_of(lab)
    assert [model["title"] for model in header["models"]] == ["best: diverged", "median: diverged", "worst: diverged"]
    assert arrays["histogram"].sum() == 0
    assert header["converged"].startswith("0 of 5 end")


def test_values_that_are_fitted_without_an_error_have_a_histogram():
    base = VALUES.replace(data=Line(samples=60, noise=0), features=("x1",), hidden=(), batch_size=0, learning_rate=0.05)
    lab = finished(Lab(LabSpec(base.replace(stop_epochs=1000), seeds=3), seeds_frame))
    assert finals(lab).min() > 0.9999
    check(lab, "seeds")


# --- compare --------------------------------------------------------------------------------------------------------


def test_the_table_of_lanes():
    lab = finished(made("compare", "two classes", across=axis("optimiser", "sgd, adam(beta1=0.8)"), seeds=5))
    header, _ = frame_of(lab)
    metric, loss = finals(lab).reshape(2, 5), finals(lab, "test_loss").reshape(2, 5)
    titles, *rows = header["table"]
    assert titles == ["optimiser", "median", "quartiles", "loss", "diverged", "time a run"]
    for lane, name in enumerate(("sgd", "adam(beta1=0.8)")):
        low, middle, high = np.quantile(metric[lane], (0.25, 0.5, 0.75))
        assert rows[lane][:5] == [
            name,
            f"{100 * middle:.1f} %",
            f"{100 * low:.1f} % – {100 * high:.1f} %",
            f"{np.median(loss[lane]):.3f}",
            "0",
        ]
        assert re.fullmatch(r"\d+ ms", rows[lane][5])
    assert [line["name"] for line in header["lines"]] == ["sgd", "adam(beta1=0.8)"]


def test_lanes_that_diverge_say_so():
    lab = finished(made("compare", "some diverge"))
    header, _ = frame_of(lab)
    lost = np.array([result.diverged for result in lab.results()]).reshape(2, 3).sum(axis=1)
    assert lost.tolist() == [0, 3]
    assert [row[4] for row in header["table"][1:]] == ["0", "3"]
    assert header["table"][2][1:3] == ["–", "–"]


def test_a_table_of_values():
    header, _ = frame_of(finished(made("compare", "one input, one value")))
    assert (header["lines2_title"], header["percent"]) == ("Test R²", False)
    assert re.fullmatch(r"-?\d+\.\d{3}", header["table"][1][1])


@pytest.mark.parametrize("prefix", ["band", "score"])
def test_curves_over_epochs_updates_and_seconds(prefix):
    lab = finished(made("compare", across=axis("batch", "4, full")))
    _, over_epochs = frame_of(lab)
    lab.show = "updates"
    header, over_updates = frame_of(lab)
    assert header["x_label"] == "updates"
    lab.show = "seconds"
    header, over_seconds = frame_of(lab)
    assert header["x_label"] == "seconds"
    for lane in range(2):
        x = over_epochs[f"{prefix}{lane}_x"]
        assert x.tolist() == [0, 1, 2, 3, 4, 5]
        assert np.array_equal(over_updates[f"{prefix}{lane}_x"], x * lab.steps_per_epoch(3 * lane))
        np.testing.assert_allclose(over_seconds[f"{prefix}{lane}_x"], x / 5 * lab.seconds_of(3 * lane), rtol=1e-5)
        assert np.array_equal(over_updates[f"{prefix}{lane}_mid"], over_epochs[f"{prefix}{lane}_mid"])


@pytest.mark.parametrize("form", ["middle", "early end"])
def test_seconds_are_those_that_were_spent_so_far(form):
    patient = form == "early end"
    base = BASE.replace(stop_epochs=400, **({"stop_patience": 1, "learning_rate": 0.5} if patient else {}))
    lab = Lab(LabSpec(base, axis("batch", "4"), seeds=1 if patient else 3), compare_frame)
    lab.play()
    lab.show = "seconds"
    stack: Stack = lab.stacks[0]
    stack.seconds = 8.0
    stack.trainer.run(epochs=None if patient else 100)
    assert stack.trainer.epoch < 400
    _, arrays = frame_of(lab)
    assert arrays["band0_x"][-1] == pytest.approx(lab.seconds_of(0))


def test_bands_of_lanes_are_those_of_nn_core():
    lab = finished(made("compare"))
    _, arrays = frame_of(lab)
    results: list[Result] = lab.results()
    for lane in range(2):
        for prefix, series in (("band", "test_loss"), ("score", "test_metric")):
            table = np.array([result.history[series] for result in results[3 * lane : 3 * lane + 3]]).T
            spread = Ensemble(range(len(table)), {series: table}).spread(series)
            np.testing.assert_allclose(arrays[f"{prefix}{lane}_mid"], spread.interquartile_mean, rtol=1e-5)
            np.testing.assert_allclose(arrays[f"{prefix}{lane}_high"], spread.third_quartile, rtol=1e-5)
