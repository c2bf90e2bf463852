"""The trail of a run: bounded, even, with first and last; and from each of its points the run is made again."""

import dataclasses

import numpy as np
import pytest

from nn_core.optimisers import SGD
from nn_core.settings import StopRules
from nn_core.trail import OVERHEAD, Trail
from tests.nn_core.members import members
from tests.nn_core.runs import SETTINGS, assert_same_run, is_one_sentence, same_bits, trainer

STEPS = 203  # 5 steps make an epoch
FEW = 0.05  # MB: room for some ten points


def size(trail) -> float:
    """Megabytes of all arrays in it, counted by hand."""
    arrays = [value for point in trail.points for value in point.saved.values() if isinstance(value, np.ndarray)]
    arrays += [slot for point in trail.points for slot in point.saved["slots"]]
    return (sum(array.nbytes for array in arrays) + OVERHEAD * len(trail.points)) / 2**20


@pytest.mark.parametrize("every", [1, 3])
def test_it_is_even_bounded_and_has_first_and_last(every):
    trail = Trail(FEW, every)
    run = trainer(trail=trail)
    for number in range(STEPS):
        run.run(steps=1)
        trail.keep(run)
        steps = [point.step for point in trail.points]
        assert steps == [*range(0, number + 1, trail.stride), number + 1]
        assert size(trail) <= FEW
    assert trail.stride in (every * 2**k for k in range(2, 9))
    assert len(trail.points) >= 4  # it makes use of its room
    assert size(trail) > FEW / 3


def test_without_a_limit_that_is_reached_every_step_is_kept():
    run = trainer(trail=Trail())
    run.run(steps=50)
    assert [point.step for point in run.trail.points] == list(range(50))
    run.trail.keep(run)
    assert run.trail.points[-1].step == 50
    assert same_bits(run.trail.points[-1].theta, run.theta)


@pytest.mark.parametrize("seeds", [4, [4, 5]], ids=["one", "stack"])
@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_from_each_point_the_run_is_made_again(optimiser, seeds):
    settings = dataclasses.replace(SETTINGS, optimiser=optimiser)
    kwargs = {"settings": settings, "weights_seed": seeds, "batches_seed": seeds}
    run, alone, other = trainer(trail=Trail(FEW), **kwargs), trainer(**kwargs), trainer(**kwargs)
    run.run(steps=STEPS)
    alone.run(steps=STEPS)
    assert_same_run(run, alone)  # with a trail it is the run without
    for point in run.trail.points:
        other.restore(point.saved)
        assert (other.step, other.position) == (point.step, point.epoch)
        assert same_bits(other.theta, point.theta)
        other.run(steps=STEPS - point.step)
        assert same_bits(other.theta, run.theta)
    for point in reversed(run.trail.points):  # and in the trainer itself, history and all
        run.restore(point.saved)
        assert run.trail.points[-1].step == point.step
        assert run.history.last_epoch <= run.position
        run.run(steps=STEPS - point.step)
        assert_same_run(run, alone)


def test_the_step_before_which_one_wants_to_be():
    run = trainer(trail=Trail(FEW))
    run.run(steps=STEPS)
    for step in (0, 1, 77, STEPS - 1, 10**6):
        point = run.trail.before(step)
        assert point.step <= step
        assert all(other.step > step or other.step <= point.step for other in run.trail.points)
    with pytest.raises(ValueError, match="no point at or before step -1") as error:
        run.trail.before(-1)
    assert is_one_sentence(str(error.value))


def test_slices_keep_the_same_points():
    whole, cut = trainer(trail=Trail(FEW)), trainer(trail=Trail(FEW))
    whole.run(steps=STEPS)
    while cut.step < STEPS:
        cut.run(seconds=0)
    assert [point.step for point in whole.trail.points] == [point.step for point in cut.trail.points]
    for a, b in zip(whole.trail.points, cut.trail.points, strict=True):
        assert same_bits(a.theta, b.theta)


def test_the_end_of_a_run_is_kept():
    hot = {"settings": dataclasses.replace(SETTINGS, optimiser=SGD(), learning_rate=1e6)}
    for kwargs, state in ((hot, "diverged"), ({"stop": StopRules(epochs=7)}, "finished")):
        run, other = trainer(trail=Trail(FEW), **kwargs), trainer(**kwargs)
        assert run.run(steps=2 * STEPS).state == state
        last = run.trail.points[-1]
        assert last.step == run.step
        assert same_bits(last.theta, run.theta)
        other.restore(last.saved)
        assert (other.state, other.message) == (run.state, run.message)


def test_a_run_that_begins_anew_has_a_new_trail():
    run = trainer(trail=Trail(FEW))
    run.run(steps=STEPS)
    run.rewind(weights_seed=9)
    assert [point.step for point in run.trail.points] == [0]
    assert run.trail.stride == 1
    assert same_bits(run.trail.points[0].theta, run.theta)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Trail(0), "The megabytes of a trail must be a finite number above 0, not 0."),
        (lambda: Trail(np.inf), "The megabytes of a trail must be a finite number above 0, not inf."),
        (lambda: Trail(1, every=0), "The steps between points of a trail must be a whole number of at least 1, not 0."),
        (lambda: trainer(trail=Trail(0.001)), "no room for two points of this run"),
    ],
)
def test_bad_input(make, words):
    with pytest.raises(ValueError, match=words) as error:
        make()
    assert is_one_sentence(str(error.value))
