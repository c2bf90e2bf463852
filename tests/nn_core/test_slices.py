"""However a run is cut, saved and resumed, it is the same run to the last bit."""

import copy
import dataclasses
import json

import numpy as np
import pytest

from nn_core.batches import Batches
from nn_core.optimisers import OPTIMISERS, Adam
from nn_core.settings import StopRules
from tests.nn_core.members import members
from tests.nn_core.runs import SETTINGS, assert_same_run, same_bits, trainer

STEPS = 43  # 5 steps make an epoch: eight epochs and three steps


def in_one_go(**kwargs):
    whole = trainer(**kwargs)
    whole.run(steps=STEPS)
    return whole


@pytest.mark.parametrize("cuts", [[1] * STEPS, [5] * 8 + [3], [2, 11, 1, 29], [42, 1]], ids=lambda cuts: f"{len(cuts)}")
def test_steps(cuts):
    cut = trainer()
    for steps in cuts:
        cut.run(steps=steps)
    assert_same_run(cut, in_one_go())


def test_epochs_complete_the_one_that_was_begun():
    cut = trainer()
    cut.run(steps=3)
    assert cut.run(epochs=1).epoch == 1
    assert cut.run(epochs=7).step == 40
    cut.run(steps=STEPS - 40)
    assert_same_run(cut, in_one_go())


def test_seconds_make_at_least_one_step_and_the_same_steps():
    cut = trainer()
    for expected in range(1, 6):
        assert cut.run(seconds=0).step == expected
    while cut.step < STEPS:
        cut.run(seconds=0.0003, steps=STEPS - cut.step)
    assert_same_run(cut, in_one_go())


def test_the_first_limit_counts():
    run = trainer()
    assert run.run(steps=3, epochs=2, seconds=60).step == 3
    assert run.run(steps=100, epochs=1).step == 5
    assert run.run(steps=0).step == 5


def test_snapshots_change_nothing_and_do_not_change():
    cut = trainer()
    first = cut.run(steps=6)
    theta = first.theta.copy()
    first.theta[...] = 7  # a copy: who scribbles on it hurts nobody
    cut.run(steps=STEPS - 6)
    assert_same_run(cut, in_one_go())
    second = trainer().run(steps=6)
    assert same_bits(second.theta, theta)
    assert (second.step, second.epoch, second.state, second.message) == (6, 1 + 8 / 37, "running", "")


@pytest.mark.parametrize("optimiser", members("optimisers"))
@pytest.mark.parametrize("seeds", [4, [4, 5]], ids=["one", "stack"])
def test_saved_in_mid_epoch_and_restored_in_another_trainer(optimiser, seeds):
    settings = dataclasses.replace(SETTINGS, optimiser=optimiser)
    kwargs = {"settings": settings, "weights_seed": seeds, "batches_seed": seeds}
    first, second = trainer(**kwargs), trainer(**kwargs)
    first.run(steps=17)
    saved = first.save()
    arrays = [saved["theta"], saved["good"], saved["diverged"], *saved["slots"]]
    copies = [array.copy() for array in arrays]
    first.run(steps=9)  # what goes on after a save does not reach into it
    assert all(same_bits(array, kept) for array, kept in zip(arrays, copies, strict=True))
    second.restore(saved)
    assert (second.step, second.epoch, second.row) == (17, 3, 16)
    second.run(steps=STEPS - 17)
    assert_same_run(second, in_one_go(**kwargs))
    first.restore(saved)  # and the same trainer can go back as often as it likes
    first.run(steps=STEPS - 17)
    assert_same_run(first, in_one_go(**kwargs))


def test_a_saved_run_is_plain_data():
    run = trainer(stop=StopRules(patience=3))
    run.run(steps=17)
    saved = run.save()
    history = saved.pop("history")
    arrays = {key: value for key, value in saved.items() if isinstance(value, np.ndarray)}
    rest = {key: value for key, value in saved.items() if key not in arrays and key not in ("slots", "outputs")}
    assert all(array.dtype != object for array in [*arrays.values(), *saved["slots"], *saved["outputs"].values()])
    assert json.loads(json.dumps(rest, default=float)).keys() == rest.keys()
    assert copy.deepcopy(history).epochs == history.epochs


def test_the_rules_memory_is_saved_too():
    stop = StopRules(patience=4)
    settings = dataclasses.replace(SETTINGS, learning_rate=0.3)
    whole, first, second = (trainer(settings=settings, stop=stop) for _ in range(3))
    assert whole.run(epochs=500).state == "finished"
    first.run(steps=whole.step - 7)
    second.restore(first.save())
    second.run(epochs=500)
    assert_same_run(second, whole)


def test_rewound_it_is_the_same_run():
    run = trainer(weights_seed=3, batches_seed=4)
    start = run.theta.copy()
    run.run(steps=STEPS)
    run.rewind()
    assert same_bits(run.theta, start)
    assert (run.step, run.epoch, run.row, run.history.epochs) == (0, 0, 0, [0])
    run.run(steps=STEPS)
    assert_same_run(run, in_one_go(weights_seed=3, batches_seed=4))


def test_new_seeds_make_other_runs():
    run = trainer(weights_seed=3, batches_seed=4)
    start = run.theta.copy()
    run.rewind(weights_seed=5)
    assert run.weights_seed == 5
    assert not np.array_equal(run.theta, start)
    assert same_bits(run.theta, trainer(weights_seed=5).theta)
    run.run(steps=5)
    assert_same_run(run, _after_five_steps(weights_seed=5, batches_seed=4))
    other_order = _after_five_steps(weights_seed=5, batches_seed=6)
    assert not np.array_equal(run.theta, other_order.theta)


def test_a_save_knows_the_seed_that_its_rewind_needs():
    first, second = trainer(), trainer()
    first.rewind(weights_seed=5)
    first.run(steps=3)
    second.restore(first.save())
    second.rewind()
    assert same_bits(second.theta, trainer(weights_seed=5).theta)


@pytest.mark.parametrize("wide", [False, True])
def test_every_sample_is_used_once_an_epoch_in_another_order_each(wide, monkeypatch):
    monkeypatch.setattr("nn_core.batches.NARROW", 1 if wide else 64)
    x = np.stack([np.arange(37), -np.arange(37)], axis=-1)
    epochs = []
    for epoch in (0, 1):
        batches = Batches(x, np.arange(37), 5)
        taken = []
        for start in range(0, 37, 8):
            rows, targets, size = batches.take(epoch, start, 8)
            taken.append((rows.copy(), targets, size))  # the next batch may use the same array
        assert [size for *_, size in taken] == [8, 8, 8, 8, 5]
        assert all(len(rows) == len(targets) == size for rows, targets, size in taken)
        epochs.append(np.concatenate([targets for _, targets, _ in taken]))
        assert np.array_equal(np.concatenate([rows for rows, *_ in taken]), x[epochs[-1]])  # each with its own target
        assert sorted(epochs[-1]) == list(range(37))
        assert np.array_equal(batches.take(epoch, 8, 0)[1], epochs[-1][8:])  # 0: all that are left
    assert not np.array_equal(*epochs)


@pytest.mark.parametrize("size", [0, 37, 100])
@pytest.mark.parametrize("seed", [5, [5, 6, 7]], ids=["alone", "stack"])
def test_a_batch_of_all_samples_takes_them_as_they_stand(size, seed):
    x, targets = np.stack([np.arange(37), -np.arange(37)], axis=-1), np.arange(37)
    batches = Batches(x, targets, seed)
    batches.take(0, 0, 8)  # the size may have changed in mid-run
    lead = () if seed == 5 else (3,)
    for epoch in (0, 1, 1):
        rows, answers, count = batches.take(epoch, 0, size)
        assert count == 37
        assert np.array_equal(rows, np.broadcast_to(x, (*lead, 37, 2)))
        assert np.array_equal(answers, np.broadcast_to(targets, (*lead, 37)))


def test_settings_changed_in_mid_run_act_from_the_next_step():
    def changed(cuts):
        run = trainer()
        for steps, change in cuts:
            run.settings = dataclasses.replace(run.settings, **change)
            run.run(steps=steps)
        return run

    slow = changed([(7, {}), (1, {"learning_rate": 0.0})])
    assert same_bits(slow.theta, changed([(7, {})]).theta)  # at rate 0 nothing moves
    once = changed([(7, {}), (20, {"learning_rate": 0.1, "batch_size": 3, "l2": 0.0})])
    twice = changed([(7, {}), (9, {"learning_rate": 0.1, "batch_size": 3, "l2": 0.0}), (11, {})])
    assert_same_run(once, twice)
    assert not np.array_equal(once.theta, changed([(27, {})]).theta)


def test_the_optimisers_memory_lasts_until_another_kind_takes_over():
    run, same = trainer(), trainer()
    run.run(steps=7)
    run.settings = dataclasses.replace(run.settings, optimiser=Adam(beta1=0.5))
    assert run.peek().t == 8  # the same kind with another knob remembers
    run.settings = dataclasses.replace(run.settings, optimiser=OPTIMISERS["momentum"]())
    assert [slot.any() for slot in run.peek().slots] == [False]
    run.settings = same.settings
    assert [slot.any() for slot in run.peek().slots] == [False, False]
    run.run(steps=1)
    assert run.peek().t == 2  # so Adam's bias correction starts anew


def _after_five_steps(**kwargs):
    run = trainer(**kwargs)
    run.run(steps=5)
    return run
