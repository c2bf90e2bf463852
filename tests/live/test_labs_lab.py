"""The runs of a lab: all grow together, and each is bit for bit the run that is made alone, however it was sliced."""

import numpy as np
import pytest

from nn_core.activations import Linear, Tanh
from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError
from nn_core.optimisers import SGD, Adam
from nn_core.spec import SpecError
from playground.datasets.plane import Moons, Peaks, Xor
from playground.datasets.values import PeaksHeight, Sine
from playground.experiments.config import Config
from playground.experiments.experiment import build
from playground.experiments.stacks import Stack
from playground.live.frame import Frame
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.lab import MAP_SIDE, MOST_POINTS, Lab
from playground.live.labs.spec import LabSpec
from tests.live.labs import finished, progress_never_falls
from tests.live.test_labs_axes import is_a_sentence
from tests.nn_core.runs import same_bits
from tests.pages import LABS, lab_recipe_of

SERIES = [f"{part}_{what}" for part in ("train", "validation", "test") for what in ("loss", "metric")]
BASE = Config(data=Moons(samples=60), hidden=(Dense(4, Tanh()),), learning_rate=0.1, batch_size=8, stop_epochs=6)
HOT = BASE.replace(data=Xor(samples=60), hidden=(Dense(8, Linear()),) * 2, optimiser=SGD())
VALUES = {"loss": MeanSquaredError(), "features": ("x1",)}
SPECS = {
    "grid": LabSpec(BASE, axis("rate", "0.01, 0.1, 1"), axis("batch", "1, 10, full")),
    "other way round": LabSpec(BASE, axis("batch", "1, 10, full"), axis("rate", "0.01, 0.1, 1")),
    "shapes": LabSpec(BASE, axis("units", "1, 5"), axis("activation", "tanh, relu"), 2),
    "seeds": LabSpec(BASE.replace(optimiser=Adam(), dropout=0.2), seeds=20),
    "two stacks": LabSpec(BASE, seeds=130),
    "compare": LabSpec(BASE, axis("optimiser", "sgd, momentum, adam, rmsprop"), seeds=3),
    "schedules": LabSpec(BASE, axis("schedule", "constant, step(every=2), cosine(epochs=6)"), seeds=2),
    "penalties": LabSpec(BASE, axis("l1", "0, 0.01"), axis("l2", "0, 0.1")),
    "diverged": LabSpec(HOT, axis("rate", "0.1, 1000, 1000000"), axis("batch", "3, full"), 2),
    "five classes": LabSpec(BASE.replace(data=Peaks(samples=90), batch_size=20), axis("layers", "0, 1, 2")),
    "curve": LabSpec(BASE.replace(data=Sine(samples=60), **VALUES), axis("rate", "0.01, 0.1"), seeds=3),
    "surface": LabSpec(
        BASE.replace(data=PeaksHeight(samples=60), loss=MeanSquaredError()),
        axis("units", "2, 3"),
        axis("batch", "5, full"),
    ),
    "patience": LabSpec(BASE.replace(stop_patience=1, stop_epochs=9), axis("rate", "0.1, 3"), seeds=3),
}
each_spec = pytest.mark.parametrize("name", SPECS)


def painter(lab, moving) -> Frame:
    """Stands in for the frames, which have tests of their own."""
    return Frame(moving, {})


def made(name: str) -> Lab:
    return Lab(SPECS[name], painter)


@pytest.fixture
def slices(monkeypatch):
    """Slices as many steps long as chance wants, instead of what a clock says; all that were made are noted."""
    rng, noted = np.random.default_rng(0), []

    def advance(stack, seconds=None):
        noted.append((stack, stack.progress))
        stack.trainer.run(steps=int(rng.integers(1, 12)))
        return stack.done

    monkeypatch.setattr(Stack, "advance", advance)
    return noted


# --- growing together -----------------------------------------------------------------------------------------------


@each_spec
def test_the_stack_that_is_furthest_behind_goes_on(name, monkeypatch):
    lab = made(name)
    rng, slices = np.random.default_rng(0), 0

    def advance(stack, seconds=None):
        nonlocal slices
        slices += 1
        assert len(lab.stacks) == len(lab.groups)  # all have begun before one goes on
        assert not stack.done
        assert stack.progress == min(other.progress for other in lab.stacks if not other.done)
        stack.trainer.run(steps=int(rng.integers(1, 12)))
        return stack.done

    monkeypatch.setattr(Stack, "advance", advance)
    finished(lab)
    assert slices >= len(lab.stacks)


def test_no_cell_is_ahead_of_another_by_more_than_a_slice(slices):
    lab = made("shapes")
    lab.play()
    slice_ = 11 * 8 / (6 * len(lab.data.train))  # eleven batches of eight
    while lab.playing:
        lab.train(1e-4)
        shares = [stack.progress for stack in lab.stacks if not stack.done]
        if len(lab.stacks) == len(lab.groups) and shares:
            assert max(shares) - min(shares) <= slice_ + 1e-9


# --- the same numbers as alone --------------------------------------------------------------------------------------


def assert_same_as_alone(result) -> None:
    """To the last bit: weights, history, steps, state, fingerprint."""
    alone = build(result.config)
    trainer = alone.trainer
    trainer.run()
    assert result.state == ("diverged" if trainer.state == "diverged" else "finished")
    assert result.steps == trainer.step
    assert same_bits(result.theta, trainer.theta)
    assert result.fingerprint == alone.fingerprint
    epochs = trainer.history.curve("train_loss")[0]
    kept = len(result.history["epochs"])
    assert result.history["epochs"] == list(epochs)[:kept]
    assert kept == len(epochs) or result.state == "diverged"
    for series in SERIES:
        values = [float(value) for value in trainer.history.curve(series)[1]]
        assert same_bits(result.history[series], values[:kept]), series


@each_spec
def test_every_run_is_that_of_build_and_run_whatever_the_slices(name, slices):
    lab = finished(made(name))
    results = lab.results()
    assert [result.config for result in results] == lab.configs
    rng = np.random.default_rng(0)
    for i in rng.permutation(len(results))[:12]:
        assert_same_as_alone(results[i])
    assert len(slices) > 3


def test_every_run_is_that_of_build_and_run_with_slices_by_the_clock():
    rng = np.random.default_rng(1)
    lab = made("compare")
    lab.play()
    while lab.playing:
        lab.train(float(rng.uniform(0, 0.004)))
        lab.frame()
        if rng.random() < 0.2:
            lab.pause()
            lab.train(1)
            lab.play()
    for result in lab.results():
        assert_same_as_alone(result)


# --- play, pause, apply ---------------------------------------------------------------------------------------------


def test_play_pause_and_go_on(slices):
    lab = made("grid")
    assert (lab.state, lab.playing, lab.progress, lab.seconds, lab.finished) == ("ready", False, 0, 0, 0)
    lab.train(1)
    assert lab.state == "ready"  # who does not play does not train
    assert not slices
    lab.play()
    lab.train(1e-3)
    assert (lab.state, lab.playing) == ("playing", True)
    lab.pause()
    assert (lab.state, lab.playing) == ("paused", False)
    before, seconds, name = lab.progress, lab.seconds, lab.name
    lab.train(1)
    assert (lab.progress, lab.seconds) == (before, seconds)
    lab.play()
    finished(lab)
    assert (lab.state, lab.playing, lab.progress, lab.finished) == ("finished", False, 1, 9)
    assert lab.name == name
    lab.train(1)
    assert lab.seconds > seconds > 0


def test_play_at_the_end_begins_again_and_comes_to_the_same():
    lab = finished(made("seeds"))
    results, name = lab.results(), lab.name
    lab.play()
    assert (lab.state, lab.progress, lab.finished) == ("playing", 0, 0)
    assert lab.name != name
    finished(lab)
    assert all(one.same_as(other) for one, other in zip(results, lab.results(), strict=True))


def test_apply_puts_other_runs_at_their_first_step(slices):
    lab = made("grid")
    lab.act({"kind": "cell", "row": 1, "column": 2})
    lab.play()
    lab.train(1e-3)
    name = lab.name
    lab.apply(SPECS["seeds"])
    assert (lab.spec, lab.config) == (SPECS["seeds"], SPECS["seeds"].base)
    assert (lab.state, lab.playing, lab.progress, lab.seconds, lab.chosen) == ("ready", False, 0, 0, None)
    assert lab.name != name
    assert lab.configs == SPECS["seeds"].configs()
    assert lab.results()[0].steps == 0


@pytest.mark.parametrize(
    "base",
    [
        BASE.replace(features=("x1", "x9")),
        BASE.replace(data=Sine(), loss=MeanSquaredError()),  # has no x2
        BASE.replace(seed_weights=2**32 - 2),  # the third seed is out of range
    ],
    ids=["feature", "inputs", "seed"],
)
def test_what_cannot_be_built_is_one_sentence_and_changes_nothing(base):
    lab = made("seeds")
    lab.play()
    lab.train(0.01)
    before = (lab.spec, lab.configs, lab.name, lab.playing, lab.progress, lab.stacks)
    with pytest.raises(SpecError) as caught:
        lab.apply(SPECS["seeds"].replace(base=base))
    assert is_a_sentence(str(caught.value))
    assert (lab.spec, lab.configs, lab.name, lab.playing, lab.progress, lab.stacks) == before
    finished(lab)
    with pytest.raises(SpecError):
        Lab(SPECS["seeds"].replace(base=base), painter)


@each_spec
def test_progress_never_falls_and_ends_at_1(name, slices):
    lab = made(name)
    assert len(set(progress_never_falls(lab))) > 3


# --- what came of it ------------------------------------------------------------------------------------------------


@each_spec
def test_curves_are_those_of_nn_core(name):
    lab = finished(made(name))
    away = lab.ran_away()
    for i in np.random.default_rng(0).permutation(len(lab.configs))[:6]:
        alone = build(lab.configs[i])
        alone.trainer.run()
        for series in SERIES:
            epochs, values = lab.curves(series)
            if away[i]:
                continue  # its stack goes on without it
            xs, ys = alone.trainer.history.curve(series)
            assert epochs[i].tolist() == list(xs)
            assert np.array_equal(values[i], np.float32(ys))
            assert lab.last(series)[i] == float(ys[-1])


def test_a_long_curve_is_thinned_and_keeps_both_ends():
    lab = finished(Lab(LabSpec(BASE.replace(stop_epochs=400), seeds=2), painter))
    alone = build(lab.configs[1])
    alone.trainer.run()
    epochs, values = lab.curves("test_loss")
    assert len(epochs[1]) == len(values[1]) == MOST_POINTS
    assert (epochs[1][0], epochs[1][-1]) == (0, 400)
    assert np.all(np.diff(epochs[1]) > 0)
    all_of_them = dict(zip(*alone.trainer.history.curve("test_loss"), strict=True))
    assert values[1].tolist() == [np.float32(all_of_them[epoch]) for epoch in epochs[1]]


def test_before_a_stack_has_begun_nothing_is_known():
    lab = made("grid")
    epochs, values = lab.curves("test_loss")
    assert [len(curve) for curve in epochs] == [len(curve) for curve in values] == [1] * 3 + [0] * 6
    assert np.isfinite(lab.last("test_metric")).tolist() == [True] * 3 + [False] * 6
    assert [result.config for result in lab.results()] == lab.configs[:3]
    assert [lab.seconds_of(i) for i in range(9)] == [0.0] * 9
    assert not lab.ran_away().any()


@each_spec
def test_maps_are_those_of_nn_core(name):
    lab = finished(made(name))
    away = lab.ran_away()
    for i in np.random.default_rng(0).permutation(len(lab.configs))[:6]:
        alone = build(lab.configs[i])
        alone.trainer.run()
        expected = alone.trainer.predict(alone.encode(lab.plane.grid(MAP_SIDE)))
        assert lab.outputs(i).shape == expected.shape
        if not away[i]:
            np.testing.assert_allclose(lab.outputs(i), expected, rtol=1e-4, atol=1e-5)


@each_spec
def test_maps_before_the_first_step_have_the_shape_of_all_others(name):
    lab = made(name)
    assert len({lab.outputs(i).shape for i in range(len(lab.configs))}) == 1


@pytest.mark.parametrize("end", ["pause", "end"])
def test_the_last_map_is_that_of_the_last_weights(end):
    """The stage asks for nothing more then, so what it has must be right, however short the last slice was."""
    lab = made("seeds")
    lab.play()
    lab.train(0.001)
    lab.outputs(3)
    if end == "pause":
        lab.train(0.001)
        lab.pause()
    else:
        finished(lab)
    stack = lab.stacks[0]
    np.testing.assert_array_equal(lab.outputs(3), stack.trainer.predict(lab.grid)[3])


@each_spec
def test_who_has_diverged_is_who_a_result_calls_so(name, slices):
    lab = made(name)
    lab.play()
    seen = []
    while True:
        results = lab.results()
        begun = [lab.configs.index(result.config) for result in results]
        assert lab.ran_away()[begun].tolist() == [result.diverged for result in results]
        seen.append(int(lab.ran_away().sum()))
        if not lab.playing:
            break
        lab.train(1e-4)
    assert (seen[-1] > 0) == (name == "diverged")


def test_batch_1_with_a_rate_of_5_diverges():
    view = next(view for view, page in LABS.items() if page.form is FORMS["grid"])
    lab = finished(Lab(lab_recipe_of(view, "Circles: batch × rate").spec, painter))
    found = [(run.config.batch_size, run.config.learning_rate) for run in lab.results() if run.diverged]
    assert (1, 5.0) in found
    assert lab.ran_away()[5]
    assert len(found) < 10


def test_time_and_steps():
    lab = finished(made("grid"))
    samples = len(lab.data.train)
    assert [lab.steps_per_epoch(i) for i in (0, 3, 6)] == [samples, -(-samples // 10), 1]
    assert sum(lab.seconds_of(i) for i in range(9)) == pytest.approx(sum(stack.seconds for stack in lab.stacks))
    assert sum(lab.seconds_of(i) for i in range(9)) <= lab.seconds
    assert [result.steps for result in lab.results()] == [6 * lab.steps_per_epoch(i) for i in range(9)]


# --- what is done on the stage --------------------------------------------------------------------------------------

JUNK = [
    {},
    None,
    [],
    "cell",
    7,
    {"kind": "cell"},
    {"kind": "cell", "row": 0},
    {"kind": "cell", "row": -1, "column": 0},
    {"kind": "cell", "row": 0, "column": 3},
    {"kind": "cell", "row": 3, "column": 0},
    {"kind": "cell", "row": "0", "column": "0"},
    {"kind": "cell", "row": 0.0, "column": 0.0},
    {"kind": "cell", "row": None, "column": 0},
    {"kind": "cell", "row": [0], "column": {}},
    {"kind": "cell", "row": 10**40, "column": 0},
    {"kind": "cell", "row": float("nan"), "column": 0},
    {"kind": "weight", "column": 0, "from": 0, "to": 0, "value": 1},
    {"kind": "paint", "points": [[0, 0]], "class": 1},
    {"kind": "x" * 10_000},
    {"kind": ["cell"]},
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: str(junk)[:40])
def test_junk_from_the_stage_is_one_sentence(junk):
    lab = made("grid")
    lab.act({"kind": "cell", "row": 2, "column": 1})
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        lab.act(junk)
    assert str(caught.value) == "The page and the server do not fit together any more; reload the page."
    assert (lab.chosen, lab.spec) == ((2, 1), SPECS["grid"])


def test_a_cell_is_chosen():
    lab = made("grid")
    for row in range(3):
        for column in range(3):
            lab.act({"kind": "cell", "row": row, "column": column, "number": 4})
            assert lab.chosen == (row, column)


def test_what_a_frame_is_told():
    lab = finished(made("seeds"))
    for number in (1, 2):
        told = lab.picture("why").header
        assert told == {
            "id": number,
            "run": lab.name,
            "playing": False,
            "state": "finished",
            "note": "why",
            "projector": False,
            "pace_ms": 0,
            "message": "",
            "epoch": 0.0,
            "step": 20,
        }


def test_what_the_widgets_are_drawn_from():
    lab = made("grid")
    looks = {lab.look_of_page}
    lab.play()
    looks.add(lab.look_of_page)
    lab.train(1e-3)
    lab.pause()
    looks.add(lab.look_of_page)
    lab.show = "updates"
    looks.add(lab.look_of_page)
    assert len(looks) == 4
