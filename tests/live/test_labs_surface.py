"""The loss surface: paths are those of the optimisers, the surface is the loss, the film shows what was trained."""

import time

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import Dense
from nn_core.spec import SpecError
from playground.experiments.experiment import build
from playground.figures.labs import drawn, surface_figure
from playground.live.labs import surface
from playground.live.labs.axes import axis
from playground.live.labs.forms import FORMS
from playground.live.labs.lab import Lab
from playground.views.surface import PAGE
from tests.live.frames import unpack

RECIPES = {recipe.label: recipe.spec for recipe in PAGE.recipes}


def walked(label: str, seconds: float = 60.0) -> Lab:
    """The lab when the film begins, made in slices of so many seconds."""
    lab = FORMS["surface"].lab(RECIPES[label])
    lab.play()
    to_the_film(lab, seconds)
    lab.train(0.01)  # the first picture
    return lab


def to_the_film(lab: Lab, seconds: float = 60.0) -> None:
    while not lab.way.is_measured:
        lab.train(seconds)


def made(lab: Lab) -> list[np.ndarray]:
    """All that the film shows."""
    return [
        *lab.way.paths,
        *lab.way.updates,
        *lab.way.losses,
        lab.way.surface,
        lab.way.origin,
        lab.way.basis,
        lab.way.low,
        lab.way.high,
    ]


def all_equal(lab: Lab, other: Lab) -> bool:
    return all(np.array_equal(one, two) for one, two in zip(made(lab), made(other), strict=True))


@pytest.fixture(scope="module", params=RECIPES)
def lab(request):
    return walked(request.param)


def test_all_begin_where_the_live_page_begins_and_end_where_it_ends(lab):
    for config, path, result in zip(lab.configs, lab.way.paths, lab.results(), strict=True):
        experiment = build(config)
        assert np.array_equal(path[0], experiment.trainer.theta)
        experiment.trainer.run(steps=result.steps)
        assert np.array_equal(path[-1], experiment.trainer.theta)
        assert result.fingerprint == experiment.fingerprint


def test_losses_along_a_path_are_those_of_the_network(lab):
    experiment = build(lab.configs[0])
    x, targets = (part[:200] for part in experiment.trainer.parts["train"])
    for k in (0, len(lab.way.paths[0]) // 2, -1):
        theta = lab.way.paths[0][k].astype(np.float32)
        outputs, _ = experiment.network.forward(x, experiment.network.views(theta))
        assert np.isclose(lab.way.losses[0][k], experiment.config.loss.value(outputs, targets), rtol=1e-4)


def test_the_surface_lies_under_the_paths():
    """With two parameters the plane is all there is: the loss of a path is that of the surface below it."""
    lab = walked("Least squares")
    side = len(lab.way.surface)
    for path, losses in zip(lab.way.paths, lab.way.losses, strict=True):
        column = np.rint((path[:, 0] - lab.way.low[0]) / (lab.way.high[0] - lab.way.low[0]) * (side - 1)).astype(int)
        row = np.rint((lab.way.high[1] - path[:, 1]) / (lab.way.high[1] - lab.way.low[1]) * (side - 1)).astype(int)
        inside = (column >= 0) & (column < side) & (row >= 0) & (row < side)
        assert inside.mean() > 0.95
        assert np.corrcoef(lab.way.surface[row[inside], column[inside]], losses[inside])[0, 1] > 0.99


def test_a_film_that_was_stopped_goes_on_from_there(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    lab = walked("Rates")
    now[0] += 2.0
    lab.train(0.01)
    lab.pause()
    shown = lab.way.shown
    assert 0.3 < shown < 0.4
    assert lab.left == 0
    now[0] += 60.0
    lab.play()
    lab.train(0.01)
    assert lab.way.shown == shown
    assert lab.left == pytest.approx(4.0)
    now[0] += 2.0
    lab.train(0.01)
    assert lab.way.shown == pytest.approx(2 * shown)


def test_a_slice_makes_one_short_piece_and_the_whole_is_the_same(monkeypatch):
    """The bits do not depend on the slices, nor on how many points of the surface are measured at once."""
    monkeypatch.setattr(surface, "AT_ONCE", 20_000)
    lab = FORMS["surface"].lab(RECIPES["Batches"])
    every = [max(1, lab.way.updates_of(config) // surface.MOST_POINTS) for config in lab.configs]
    assert max(every) > 1
    lab.play()
    seen, steps = [lab.progress], 0
    while not lab.way.is_measured:
        lab.train(0.0)
        before, steps = steps, sum(stack.trainer.step for stack in lab.stacks)
        assert steps - before <= max(every)
        assert lab.state == "playing"
        assert lab.finished == len(lab.way.paths)
        seen.append(lab.progress)
    assert len(seen) > 400
    assert (seen[0], seen[-1]) == (0, surface.WALKED)
    assert np.all(np.diff(seen) >= 0)
    monkeypatch.undo()
    assert all_equal(lab, walked("Batches"))


def test_a_slice_ends_with_its_time(monkeypatch):
    """By the program's own clock, which stands still but for a hundredth of a second a look."""
    now = [0.0]

    def tick():
        now[0] += 0.01
        return now[0]

    monkeypatch.setattr(time, "perf_counter", tick)
    lab = FORMS["surface"].lab(RECIPES["Rates"])
    lab.play()
    longest = 0.0
    while not lab.way.is_measured:
        began = now[0]
        lab.train(0.2)
        longest = max(longest, now[0] - began)
    assert longest < 0.3
    assert lab.seconds > 1


@pytest.mark.parametrize("share", [0.1, 0.9, 1.0])
def test_stopped_on_the_way_it_goes_on_from_there(share):
    lab = FORMS["surface"].lab(RECIPES["Softmax, two clouds"])
    lab.play()
    while lab.progress < share * surface.WALKED:
        lab.train(0.0)
    lab.pause()
    assert (lab.state, lab.way.is_measured, lab.left) == ("paused", False, 0)
    kept, before = lab.progress, [stack.trainer.step for stack in lab.stacks]
    lab.train(1.0)
    assert [stack.trainer.step for stack in lab.stacks] == before
    lab.play()
    lab.train(0.0)
    assert lab.progress >= kept
    to_the_film(lab)
    assert all_equal(lab, walked("Softmax, two clouds"))


def test_a_figure_and_a_table_on_the_way():
    lab = FORMS["surface"].lab(RECIPES["Rates"])
    lab.play()
    while len(lab.begun()) < len(lab.configs):
        lab.train(0.0)
        assert [result.config for result in lab.results()] == lab.configs[: len(lab.begun())]
    assert not lab.has_figure  # all runs have begun, but there is no surface
    to_the_film(lab)
    assert lab.has_figure


def test_another_setting_on_the_way_begins_anew():
    lab = FORMS["surface"].lab(RECIPES["Rates"])
    lab.play()
    lab.train(0.0)
    lab.apply(RECIPES["Least squares"])
    assert (lab.state, lab.progress, lab.way.paths) == ("ready", 0, [])
    lab.play()
    to_the_film(lab)
    assert all_equal(lab, walked("Least squares"))


def test_what_goes_wrong_on_the_way_is_heard_and_run_begins_anew(monkeypatch):
    def fails():
        raise MemoryError

    lab = FORMS["surface"].lab(RECIPES["Rates"])
    lab.play()
    with monkeypatch.context() as patch:
        patch.setattr(lab.way, "_lay_plane", fails)
        with pytest.raises(MemoryError):
            to_the_film(lab)
    assert (lab.state, lab.progress) == ("ready", 0)
    lab.play()
    to_the_film(lab)
    assert all_equal(lab, walked("Rates"))


def test_networks_whose_paths_would_fill_the_memory_are_refused():
    spec = RECIPES["Softmax, five bands"]
    lab = FORMS["surface"].lab(spec)
    for units, fine in ((45, True), (60, False)):
        wide = spec.replace(base=spec.base.replace(hidden=(Dense(units, Tanh()),) * 2))
        if fine:
            lab.apply(wide)
            continue
        with pytest.raises(SpecError) as refused:
            lab.apply(wide)
    assert lab.spec.base.hidden[0].units == 45
    assert str(refused.value) == (
        "A loss surface of 4 runs takes networks of at most 2,500 parameters, and this one has 4,145; "
        "take fewer units or fewer values."
    )


@pytest.mark.parametrize(("key", "values"), [("units", "2, 4"), ("layers", "0, 1"), ("net", "3, 4-4")])
def test_networks_of_several_shapes_have_no_surface(key, values):
    lab = FORMS["surface"].lab(RECIPES["Rates"])
    with pytest.raises(SpecError, match="needs networks of one shape"):
        lab.apply(lab.spec.replace(across=axis(key, values)))
    assert lab.spec == RECIPES["Rates"]


def test_the_film_shows_more_and_more_and_then_stops(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    lab = walked("Rates")
    shown = []
    for _ in range(8):
        now[0] += 1.0
        lab.train(0.01)
        _, arrays = unpack(lab.frame())
        shown.append(len(arrays["path0"]))
    assert shown == sorted(shown)
    assert shown[-1] == len(lab.way.paths[0])
    assert (lab.state, lab.playing, lab.progress) == ("finished", False, 1.0)


@pytest.mark.parametrize("label", RECIPES)
def test_frames_before_and_after(label):
    lab = FORMS["surface"].lab(RECIPES[label])
    header, arrays = unpack(lab.frame())
    assert (header["ready"], arrays) == (False, {})
    lab.play()
    lab.train(0.0)
    header, arrays = unpack(lab.frame())
    assert (header["ready"], header["state"], arrays) == (False, "playing", {})
    to_the_film(lab)
    header, arrays = unpack(lab.frame())
    assert header["ready"]
    assert all(np.isfinite(arrays[f"path{k}"]).all() for k in range(len(lab.configs)))
    assert arrays["surface"].min() == 0


def test_the_figure_has_a_path_for_each_run_and_names_its_axes(lab):
    names = [lab.spec.label(lab.spec.across, k) for k in range(lab.spec.columns)]
    figure = surface_figure("Loss surface", names, lab.way)
    over, along = figure.axes
    assert [text.get_text() for text in along.get_legend().get_texts()] == names
    assert (over.get_xlabel(), over.get_ylabel()) == lab.way.labels
    assert along.get_ylabel() == "training loss"
    assert drawn(figure, "svg").lstrip().startswith(b"<?xml")
