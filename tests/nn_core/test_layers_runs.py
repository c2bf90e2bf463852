"""Convolutional networks in the trainer: they learn, resume to the last bit, and a stack is its members alone."""

import dataclasses

import numpy as np
import pytest

from nn_core.activations import ReLU
from nn_core.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerNorm, MaxPool2D
from nn_core.optimisers import SGD, AdamW
from nn_core.random import stream
from nn_core.settings import Settings
from tests.nn_core.pictures import CONV_NET, SETTINGS, trainer
from tests.nn_core.runs import assert_same_run, same_bits

NORMALISED = (
    Conv2D(4, 3, activation=ReLU()),
    BatchNorm(),
    MaxPool2D(),
    Conv2D(4, 3, stride=2),
    LayerNorm(),
    Flatten(),
    BatchNorm(0.3),
    Dropout(0.2),
    Dense(3),
)
NETWORKS = pytest.mark.parametrize("layers", [CONV_NET, NORMALISED], ids=["plain", "normalised"])
STEPS = 18  # 5 steps make an epoch: three epochs and three steps


@NETWORKS
def test_the_loss_falls_and_the_classes_are_told_apart(layers):
    run = trainer(layers, dataclasses.replace(SETTINGS, learning_rate=0.03, l1=0.0, l2=0.0))
    run.run(epochs=40)
    losses = run.history.series["train_loss"]
    assert losses[-1] < 0.3 * losses[0]
    assert run.history.last["train_metric"] > 0.95
    assert run.history.last["test_metric"] > 0.5  # a guess has 1/3


@NETWORKS
@pytest.mark.parametrize("seeds", [4, [4, 5]], ids=["one", "stack"])
@pytest.mark.parametrize("cut", [1, 10, 13])
def test_saved_in_mid_epoch_and_restored_in_another_trainer(layers, seeds, cut):
    whole, first, second = (trainer(layers, weights_seed=seeds, batches_seed=seeds) for _ in range(3))
    whole.run(steps=STEPS)
    first.run(steps=cut)
    second.restore(first.save())
    second.run(steps=STEPS - cut)
    assert_same_run(second, whole)
    for _ in range(STEPS - cut):
        first.run(steps=1)
        first.snapshot()
    assert_same_run(first, whole)


@NETWORKS
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_stack_of_three_is_three_runs(layers, dtype):
    seeds, rates = [4, 5, 6], [0.02, 1 / 30, 0.01]
    settings = [dataclasses.replace(SETTINGS, learning_rate=rate) for rate in rates]
    stacked = dataclasses.replace(SETTINGS, learning_rate=rates)
    stack = trainer(layers, stacked, weights_seed=seeds, batches_seed=seeds, dtype=dtype)
    stack.run(steps=STEPS)
    for k, (seed, own) in enumerate(zip(seeds, settings, strict=True)):
        alone = trainer(layers, own, weights_seed=seed, batches_seed=seed, dtype=dtype)
        alone.run(steps=STEPS)
        assert same_bits(stack.theta[k], alone.theta)
        for name, series in alone.history.series.items():
            assert same_bits([row[k] for row in stack.history.series[name]], series), name


@pytest.mark.parametrize("optimiser", [SGD(), AdamW(weight_decay=1.0)], ids=["sgd", "adamw"])
def test_no_optimiser_and_no_penalty_moves_the_running_statistics(optimiser):
    # The statistics after a step are those of the plain layer on the same batch, whatever the optimiser did meanwhile.
    layers = (BatchNorm(), Flatten(), Dense(3))
    run = trainer(layers, Settings(optimiser, learning_rate=0.1, batch_size=0, l1=0.5, l2=0.5), dtype=np.float64)
    p = {name: value.copy() for name, value in run.network.views(run.theta)[0].items()}
    x = run.parts["train"][0]
    for step in range(3):
        layers[0].forward(x, p, stream(0, "dropout", step))
        run.run(steps=1)
        now = run.network.views(run.theta)[0]
        assert np.allclose(now["mean"], p["mean"], rtol=1e-12, atol=0)
        assert np.allclose(now["variance"], p["variance"], rtol=1e-12, atol=0)
    assert not np.array_equal(now["gamma"], p["gamma"])


def test_predictions_of_a_trained_network_do_not_depend_on_their_company():
    run = trainer(NORMALISED, dtype=np.float64)
    run.run(steps=STEPS)
    x = run.parts["test"][0]
    together = run.network.predict(x, run.theta)
    for sample, outputs in zip(x, together, strict=True):
        assert np.allclose(run.network.predict(sample[None], run.theta), outputs, rtol=0, atol=1e-12)
