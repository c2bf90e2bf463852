"""`Trainer.peek` tells what the next step will be made of, and changes nothing; a snapshot stays as it is."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import Tanh
from nn_core.layers import BatchNorm, Dense, Dropout
from nn_core.optimisers import OPTIMISERS
from nn_core.step import step
from tests.nn_core.members import members
from tests.nn_core.runs import LAYERS, SETTINGS, assert_same_run, same_bits, trainer

MIXED = (Dense(6, Tanh()), BatchNorm(), Dropout(0.3), Dense(3))
STEPS = 23  # 5 steps make an epoch
KINDS = {
    "one": {},
    "stack": {"weights_seed": [1, 2], "batches_seed": [3, 4]},
    "all at once": {"settings": dataclasses.replace(SETTINGS, batch_size=0)},
    "mixed": {"layers": MIXED},
    "values": {"values": True},
}


@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_with_peeks_is_the_run_without(kind, wide, monkeypatch):
    monkeypatch.setattr("nn_core.batches.NARROW", 1 if wide else 64)
    peeked, alone = trainer(**KINDS[kind]), trainer(**KINDS[kind])
    for _ in range(STEPS):
        seen = peeked.peek()
        for array in (seen.rows, seen.x, seen.targets, *seen.slots):
            array[...] = 0  # copies: who scribbles on them hurts nobody
        peeked.run(steps=1)
        peeked.peek()
    alone.run(steps=STEPS)
    assert_same_run(peeked, alone)
    assert all(same_bits(a, b) for a, b in zip(peeked.peek().slots, alone.peek().slots, strict=True))


@pytest.mark.parametrize("optimiser", members("optimisers"))
@pytest.mark.parametrize("kind", KINDS)
def test_the_next_step_is_made_of_it(kind, optimiser):
    kwargs = KINDS[kind] | {"settings": dataclasses.replace(SETTINGS, optimiser=optimiser)}
    run = trainer(**kwargs, dtype=np.float64)
    for number in range(STEPS // 2):
        seen = run.peek()
        assert (seen.step, seen.t) == (number, number + 1)
        x, targets = run.parts["train"]
        assert same_bits(seen.x, x[seen.rows])
        assert same_bits(seen.targets, targets[seen.rows])
        arguments = (seen.x, seen.targets, optimiser, seen.slots, seen.rate, seen.t, seen.rng, seen.l1, seen.l2)
        made = step(run.network, run.loss, run.theta, *arguments).update
        run.run(steps=1)
        np.testing.assert_allclose(run.theta, made.theta, rtol=0, atol=1e-12)
        for slot, expected in zip(run.peek().slots, made.slots, strict=True):
            np.testing.assert_allclose(slot, expected, rtol=0, atol=1e-12)


def test_the_rate_is_that_of_the_schedule_and_may_differ_by_model():
    one = trainer()
    one.run(steps=8)
    assert one.peek().rate == np.float32(SETTINGS.learning_rate * SETTINGS.schedule.factor(one.position))
    settings = dataclasses.replace(SETTINGS, learning_rate=[0.1, 0.2], optimiser=OPTIMISERS["sgd"]())
    stack = trainer(settings=settings, weights_seed=[1, 2])
    assert stack.peek().rate.tolist() == np.array([[0.1], [0.2]], np.float32).tolist()
    assert stack.peek().slots == []


def test_a_snapshot_does_not_grow():
    run = trainer(LAYERS)
    seen = run.run(epochs=3)
    epochs, losses, last = list(seen.history.epochs), list(seen.history.series["test_loss"]), dict(seen.history.last)
    outputs = {name: values.copy() for name, values in seen.outputs.items()}
    run.run(epochs=2)
    assert seen.history.epochs == epochs == [0, 1, 2, 3]
    assert seen.history.series["test_loss"] == losses
    assert (seen.history.last, seen.history.last_epoch) == (last, 3)
    assert all(same_bits(seen.outputs[name], values) for name, values in outputs.items())
    assert run.history.epochs == [0, 1, 2, 3, 4, 5]
    seen.history.add(9, last)  # nor does the run know of what is added to it
    assert run.history.epochs == [0, 1, 2, 3, 4, 5]
    assert run.snapshot().history.curve("test_loss") == run.history.curve("test_loss")
