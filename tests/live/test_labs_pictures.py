"""Labs on pictures: run by run with one network alive at a time, to the last bit what a sweep of the configs is."""

import csv
import io
import weakref

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Conv2D, Dense, MaxPool2D
from nn_core.optimisers import SGD, Adam
from nn_core.spec import SpecError
from playground.datasets.base import DataError
from playground.datasets.pictures import Digits, Mnist
from playground.datasets.plane import Moons
from playground.experiments.config import PIXELS, Config
from playground.experiments.results import LARGEST_KEPT
from playground.experiments.stacks import Finished, Stack
from playground.experiments.sweep import sweep
from playground.live.labs import lab as lab_module
from playground.live.labs import parts
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec
from playground.ui.labs.downloads import table
from tests.live.frames import unpack
from tests.live.labs import finished, progress_never_falls
from tests.live.test_labs_axes import is_a_sentence
from tests.nn_core.runs import same_bits

BASE = Config(
    data=Digits(samples=160),
    features=PIXELS,
    hidden=(Dense(6, ReLU()),),
    initialiser=He(),
    optimiser=Adam(),
    learning_rate=0.01,
    batch_size=16,
    stop_epochs=3,
)
CONV = BASE.replace(hidden=(Conv2D(2, 3, activation=ReLU()), MaxPool2D(2), Dense(5, ReLU())), dropout=0.2)
SPECS = {
    "grid": LabSpec(BASE, axis("rate", "0.003, 0.03"), axis("units", "3, 8"), 2),
    "compare": LabSpec(BASE, axis("optimiser", "sgd, momentum, adam"), seeds=3),
    "one seed": LabSpec(BASE, axis("batch", "8, 80"), axis("layers", "0, 1, 2")),
    "convolutions": LabSpec(CONV, axis("units", "3, 5"), None, 2),
    "one diverges": LabSpec(BASE.replace(optimiser=SGD(), hidden=()), axis("rate", "0.1, 1000000000"), None, 2),
}
FORM = {"compare": "compare"}
each_spec = pytest.mark.parametrize("name", SPECS)


def made(name: str) -> Lab:
    return FORMS[FORM.get(name, "grid")].lab(SPECS[name])


@pytest.fixture
def slices(monkeypatch):
    """Slices as many steps long as chance wants; each notes which configs were trained, and how far they were."""
    rng, noted = np.random.default_rng(0), []

    def advance(stack, seconds=None):
        noted.append((*stack.configs, stack.progress))
        stack.trainer.run(steps=int(rng.integers(1, 9)))
        return stack.done

    monkeypatch.setattr(Stack, "advance", advance)
    return noted


def rows_of(lab: Lab) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table(lab, lab.begun(), lab.results()))))


# --- the same numbers as a sweep ------------------------------------------------------------------------------------


@each_spec
def test_the_results_are_those_of_a_sweep_whatever_the_slices(name):
    alone = {result.key: result for result in sweep(SPECS[name].configs())}
    rng, lab = np.random.default_rng(1), made(name)
    lab.play()
    while lab.playing:
        lab.train(float(rng.uniform(0, 0.02)))
        lab.frame()
        if rng.random() < 0.2:  # stopped, and gone on with
            lab.pause()
            progress = lab.progress
            lab.train(1)
            assert (lab.progress, lab.playing) == (progress, False)
            lab.play()
    results = lab.results()
    assert [result.config for result in results] == lab.configs
    assert len(alone) == len(results)
    for result in results:
        assert result.same_as(alone[result.key])
        assert same_bits(result.theta, alone[result.key].theta)
    assert lab.finished == len(results)


def test_once_more_comes_to_the_same():
    lab = finished(made("compare"))
    before = lab.results()
    lab.play()
    assert (lab.state, lab.progress, lab.finished) == ("playing", 0, 0)
    finished(lab)
    assert all(one.same_as(other) for one, other in zip(before, lab.results(), strict=True))


# --- one by one -----------------------------------------------------------------------------------------------------


@each_spec
def test_first_every_cell_has_its_first_seed(name, slices):
    lab = finished(made(name))
    spec, trained = lab.spec, list(dict.fromkeys(config for config, _ in slices))
    order = [lab.configs.index(config) for config in trained]
    cells = spec.rows * spec.columns
    assert order == [cell * spec.seeds + seed for seed in range(spec.seeds) for cell in range(cells)]
    seen = [config for config, _ in slices]  # and none is begun before the one before it is done
    assert [config for config, before in zip(seen, [None, *seen], strict=False) if config != before] == trained


@each_spec
def test_only_one_network_is_alive_at_a_time(name, monkeypatch, slices):
    alive, most = weakref.WeakSet(), []

    class Watched(Stack):
        def __init__(self, *args):
            most.append(len(alive))
            super().__init__(*args)
            alive.add(self.trainer.network)

    monkeypatch.setattr(lab_module, "Stack", Watched)
    lab = made(name)
    lab.play()
    while lab.playing:
        lab.train(1e-4)
        lab.frame()
        assert len(alive) == 1
        assert [type(stack) for stack in lab.stacks] == [Finished] * (len(lab.stacks) - 1) + [Watched]
    assert most == [0] * len(lab.configs)  # the one before has gone when the next is built


def test_labs_of_the_plane_keep_theirs():
    lab = finished(Lab(LabSpec(Config(data=Moons(samples=40), stop_epochs=1), axis("units", "2, 3"), None, 2), None))
    assert [type(stack) for stack in lab.stacks] == [Stack, Stack]  # whose maps are still to be drawn


@pytest.mark.parametrize("units", [4, 300])
def test_what_is_left_of_a_stack_has_its_face(units):
    stack = Stack([BASE.replace(hidden=(Dense(units, ReLU()),))])
    stack.advance()
    left = stack.finished()
    for name in ("configs", "seconds", "done", "progress"):
        assert getattr(left, name) == getattr(stack, name), name
    assert np.array_equal(left.lost, stack.lost)
    assert left.lost is not stack.trainer.diverged
    assert left.history.last == stack.history.last
    assert left.history.curve("test_loss") == stack.history.curve("test_loss")
    (kept,), (whole,) = left.results(), stack.results()
    assert kept.same_as(whole)
    assert kept.seconds == whole.seconds
    if whole.theta.size > LARGEST_KEPT:
        assert kept.theta is None
    else:
        assert same_bits(kept.theta, whole.theta)
    assert (whole.theta.size > LARGEST_KEPT) == (units == 300)
    assert not hasattr(left, "trainer")
    assert not hasattr(left, "experiment")


def test_large_networks_are_not_kept():
    lab = finished(FORMS["grid"].lab(LabSpec(BASE.replace(stop_epochs=1), axis("units", "4, 300, 301"))))
    assert [result.theta is None for result in lab.results()] == [False, True, False]  # the last is still alive
    alone = list(sweep(lab.configs))
    assert all(one.same_as(other) for one, other in zip(lab.results(), alone, strict=True))


# --- how far it is --------------------------------------------------------------------------------------------------


@each_spec
def test_progress_never_falls_and_ends_at_1(name, slices):
    lab = made(name)
    assert len(set(progress_never_falls(lab))) > len(lab.configs)


def test_in_mid_run_begun_and_results_and_table_agree(slices):
    lab = made("grid")
    assert lab.begun() == [0]
    assert len(rows_of(lab)) == 1
    lab.play()
    counts = []
    while lab.playing:
        lab.train(1e-4)
        begun, results, rows = lab.begun(), lab.results(), rows_of(lab)
        counts.append(len(begun))
        assert [lab.configs[i] for i in begun] == [result.config for result in results]
        assert begun == sorted(begun)
        assert [row["fingerprint"] for row in rows] == [result.fingerprint for result in results]
        for i, row, result in zip(begun, rows, results, strict=True):
            row_of_cell, column = divmod(i // 2, 2)
            assert row["units in a layer"] == ("3", "8")[row_of_cell]
            assert row["learning rate"] == ("0.003", "0.03")[column]
            assert row["seed_weights"] == str(i % 2)
            assert row["state"] == ("finished" if lab.is_done(i) else "running")
            assert int(row["steps"]) == result.steps
            assert lab.last("test_loss")[i] == result.final["test_loss"] or not lab.is_done(i)
        assert sum(lab.is_done(i) for i in range(8)) == lab.finished
        assert len(begun) - lab.finished in (0, 1)  # one at a time
    assert counts == sorted(counts)
    assert set(counts) == set(range(1, 9))
    assert {row["state"] for row in rows_of(lab)} == {"finished"}


def test_who_has_diverged():
    lab = finished(made("one diverges"))
    assert lab.ran_away().tolist() == [result.diverged for result in lab.results()] == [False, False, True, True]
    assert [row["state"] for row in rows_of(lab)] == ["finished", "finished", "diverged", "diverged"]
    header, _ = unpack(lab.frame())
    assert (header["texts"][1], header["heat"][1], header["lost"]) == ("diverged", None, [False, True])


# --- frames ---------------------------------------------------------------------------------------------------------


@each_spec
def test_frames_have_no_maps(name, slices):
    lab = made(name)
    frames = [unpack(lab.frame())]
    lab.play()
    while lab.playing:
        lab.train(1e-3)
        frames.append(unpack(lab.frame()))
    for header, arrays in frames:
        assert not {array for array in arrays if array.startswith(("map_", "points_"))}
        assert header.get("side", 0) == 0
        assert header["palette"] == "many"
    assert lab.plane is None
    assert lab.grid is None
    assert frames[0][0]["state"] == "ready"
    assert (frames[-1][0]["state"], frames[-1][0]["progress"]) == ("finished", 1)


def test_a_cell_is_judged_by_its_runs_that_are_done(slices):
    """A run that has only begun would pull the median of a cell down for as long as it trains."""
    lab = made("grid")
    lab.play()
    seen = 0
    while lab.playing:
        lab.train(1e-4)
        header, arrays = unpack(lab.frame())
        for cell in range(4):
            done = [i for i in (2 * cell, 2 * cell + 1) if lab.is_done(i)]
            if not done:
                continue
            finals = [r.final["test_metric"] for i, r in zip(lab.begun(), lab.results(), strict=True) if i in done]
            assert header["heat"][cell] == pytest.approx(np.median(finals))
            assert header["texts"][cell] == f"{100 * np.median(finals):.0f} %"
            seen += len(done) == 1 and 2 * cell + 1 in lab.begun()
    assert seen
    assert len(header["texts"]) == 4
    assert arrays["curves"].shape == (4, len(arrays["curve_x"]))
    assert np.isfinite(arrays["curves"]).all()
    assert arrays["curve_x"][-1] == 3


def test_the_curves_of_a_cell_are_those_of_its_first_seed():
    lab = finished(made("grid"))
    _, arrays = unpack(lab.frame())
    for cell in range(4):
        history = lab.results()[2 * cell].history
        at = np.interp(arrays["curve_x"], history["epochs"], history["test_loss"])
        assert arrays["curves"][cell] == pytest.approx(at, rel=1e-5)


def test_the_table_of_the_lanes():
    lab = finished(made("compare"))
    header, arrays = unpack(lab.frame())
    finals = np.array([result.final["test_metric"] for result in lab.results()]).reshape(3, 3)
    assert [row[0] for row in header["table"]] == ["optimiser", "sgd", "momentum", "adam"]
    assert [row[1] for row in header["table"][1:]] == [parts.in_words(np.median(row), True) for row in finals]
    assert all(arrays[f"band{lane}_x"][-1] == 3 for lane in range(3))
    for show, end in (("updates", 3 * -(-len(lab.data.train) // 16)), ("epochs", 3)):
        lab.show = show
        assert unpack(lab.frame())[1]["score0_x"][-1] == end


@pytest.mark.parametrize("name", ["grid", "compare"])
def test_the_figure_is_drawn_in_mid_run_and_at_the_end(name, slices):
    """When the last run has begun it is far behind all others."""
    lab = made(name)
    lab.play()
    while len(lab.begun()) < len(lab.configs):
        lab.train(1e-4)
    assert lab.playing
    assert FORMS[name].figure("Small", lab, lab.results()).axes
    assert FORMS[name].figure("Small", lab, finished(lab).results()).axes


# --- limits ---------------------------------------------------------------------------------------------------------


def test_pictures_that_are_not_here_change_nothing():
    lab = finished(made("compare"))
    before = lab.spec, lab.name, lab.stacks
    with pytest.raises(DataError, match=r"MNIST is not on this computer; fetch it with Download on its") as caught:
        lab.apply(lab.spec.replace(base=BASE.replace(data=Mnist())))
    assert is_a_sentence(str(caught.value))
    assert (lab.spec, lab.name, lab.stacks, lab.state) == (*before, "finished")


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("batch", "8, full", "batch must be from 1 to 2,048 pictures, not full."),
        ("batch", "8, 2049", "batch must be from 1 to 2,048 pictures, not 2049."),
    ],
)
def test_what_pictures_do_not_take_is_refused(key, values, words):
    for down in (None, axis("l2", "0, 0.1")):
        with pytest.raises(SpecError) as caught:
            LabSpec(BASE, axis(key, values), down)
        assert str(caught.value) == words
        with pytest.raises(SpecError) as caught:
            LabSpec(BASE, down, axis(key, values))
        assert str(caught.value) == words


def test_what_only_pictures_take_is_refused_in_the_plane():
    wide, deep = axis("units", "4, 2048"), axis("net", "4, 4-4-4-4-4-4-4-4-4-4")
    assert LabSpec(BASE, wide).cell(0, 1).hidden == (Dense(2048, ReLU()),)
    assert len(LabSpec(BASE, deep).cell(0, 1).hidden) == 10
    plane = Config(data=Moons(samples=40), stop_epochs=1)
    for varied, words in (
        (wide, "net must have from 1 to 64 units in each layer, not 2,048."),
        (deep, "net must have from 0 to 9 hidden layers, not 10."),
    ):
        with pytest.raises(SpecError) as caught:
            LabSpec(plane, varied)
        assert str(caught.value) == words


@pytest.mark.parametrize(
    ("base", "key", "values", "words"),
    [
        (BASE, "units", "1, 2049", "net must have from 1 to 2,048 units in each layer, not 2,049."),
        (BASE, "units", "1, 999999999", "net must have from 1 to 2,048 units in each layer, not 999,999,999."),
        (BASE, "layers", "1, 13", "net must have from 0 to 12 hidden layers, not 13."),
        (BASE, "batch", "8, 2000000", "batch must be from 1 to 2,048 pictures, not 2000000."),
        (None, "units", "1, 2049", "net must have from 1 to 64 units in each layer, not 2,049."),
        (None, "layers", "1, 10", "net must have from 0 to 9 hidden layers, not 10."),
        (None, "layers", "1, 999999999", "net must have from 0 to 9 hidden layers, not 999,999,999."),
        (None, "net", "4, " + "-".join("4" * 13), "net must have from 0 to 9 hidden layers, not 13."),
        (None, "net", "4, 4-999999", "net must have from 1 to 64 units in each layer, not 999,999."),
        (None, "batch", "8, 2000000", "batch_size must be a whole number from 0 to 1,000,000, not '2000000'."),
    ],
)
def test_a_sentence_tells_the_limit_that_holds_there(base, key, values, words):
    with pytest.raises(SpecError) as caught:
        LabSpec(base or Config(data=Moons(samples=40), stop_epochs=1), axis(key, values))
    assert str(caught.value) == words
