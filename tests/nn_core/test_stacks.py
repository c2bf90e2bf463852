"""A member of a stack is, bit for bit, the model that it would be alone: layers, losses, optimisers, trainers."""

import dataclasses

import numpy as np
import pytest

from nn_core import batches, metrics
from nn_core.initialisers import He
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, Flatten, LayerNorm, MaxPool2D
from nn_core.network import Network
from nn_core.optimisers import SGD, AdamW
from nn_core.random import Streams, stream
from nn_core.settings import Settings
from nn_core.spec import show
from tests.nn_core.members import REGISTRIES, members, sample_shape
from tests.nn_core.pictures import run_around
from tests.nn_core.runs import SETTINGS, same_bits, trainer

MODELS, SAMPLES = 3, 9
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])


def show_layer(layer) -> str:
    return show(layer, REGISTRIES["layers"])


def normal(generator, shape, dtype):
    return generator.standard_normal(shape).astype(dtype)


@DTYPES
@pytest.mark.parametrize("shared", [False, True], ids=["own x", "shared x"])
@pytest.mark.parametrize("training", [True, False], ids=["training", "predicting"])
@pytest.mark.parametrize("layer", members("layers"))
def test_layer(layer, training, shared, dtype):
    generator, shape = np.random.default_rng(0), sample_shape(layer)
    x = normal(generator, (1 if shared else MODELS, SAMPLES, *shape), dtype)
    dy = normal(generator, (MODELS, SAMPLES, *layer.output_shape(shape)), dtype)
    about = layer.parameters(shape)
    p = {name: normal(generator, (MODELS, *parameter.shape), dtype) for name, parameter in about.items()}
    if "variance" in p:
        p["variance"] **= 2
    g = {name: np.full_like(value, np.nan) for name, value in p.items()}
    seeds = [5, 6, 7]
    p_before = {name: value.copy() for name, value in p.items()}
    y, cache = layer.forward(x, p, Streams(seeds, "dropout", 1) if training else None)
    dx = layer.backward(dy, cache, p, g)
    y, dx = np.broadcast_to(y, dy.shape), np.broadcast_to(dx, (MODELS, *x.shape[1:]))  # of length 1 without parameters
    for k, seed in enumerate(seeds):
        p_alone = {name: value[k].copy() for name, value in p_before.items()}
        g_alone = {name: np.full_like(value, np.nan) for name, value in p_alone.items()}
        rng = stream(seed, "dropout", 1) if training else None
        y_alone, cache = layer.forward(x[0 if shared else k].copy(), p_alone, rng)
        dx_alone = layer.backward(dy[k].copy(), cache, p_alone, g_alone)
        assert same_bits(y[k], y_alone)
        assert same_bits(dx[k], dx_alone)
        for name, gradient in g_alone.items():
            assert same_bits(g[name][k], gradient), name
            assert same_bits(p[name][k], p_alone[name]), name  # running statistics move in forward


@DTYPES
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("samples", [1, 2, 40])
@pytest.mark.parametrize(
    "layer", [Conv2D(1, 2), BatchNorm(), LayerNorm(), MaxPool2D(), AveragePool2D(3, 2)], ids=show_layer
)
def test_layer_on_few_and_many_pictures_of_one_channel_or_several(layer, samples, channels, dtype):
    generator = np.random.default_rng(1)
    network = Network((layer, Flatten(), Dense(1)), (7, 6, channels), dtype)
    theta = network.init(He(), [1, 2, 3])
    theta_alone = [row.copy() for row in theta]
    x = normal(generator, (MODELS, samples, 7, 6, channels), dtype)
    dy = normal(generator, (MODELS, samples, 1), dtype)

    def run(x, dy, theta, rng):
        gradient = np.full_like(theta, np.nan)
        y, caches = network.forward(x, network.views(theta), rng)
        dx = network.backward(dy, caches, network.views(theta), network.views(gradient), need_dx=True)
        return y, dx, gradient, theta

    stacked = run(x, dy, theta, Streams([1, 2, 3], "dropout"))
    for k, alone in enumerate(theta_alone):
        for a, b in zip(stacked, run(x[k].copy(), dy[k].copy(), alone, stream(k + 1, "dropout")), strict=True):
            assert same_bits(a[k], b)


@DTYPES
@pytest.mark.parametrize("outputs", [1, 5])
@pytest.mark.parametrize("loss", members("losses"))
def test_loss_and_metrics(loss, outputs, dtype):
    generator = np.random.default_rng(1)
    y = normal(generator, (MODELS, SAMPLES, outputs), dtype)
    if loss.task == "classes":
        targets, metric = generator.integers(0, outputs, (MODELS, SAMPLES)), metrics.accuracy
    else:
        targets, metric = normal(generator, y.shape, dtype), metrics.r_squared
    for function in (loss.value, loss.gradient, metric):
        alone = [function(y[k].copy(), targets[k].copy()) for k in range(MODELS)]
        assert same_bits(function(y, targets), np.stack(alone)), function
        shared = [function(y[k].copy(), targets[0]) for k in range(MODELS)]  # one set of targets for all
        assert same_bits(function(y, targets[0]), np.stack(shared)), function


@DTYPES
@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_optimiser_with_a_rate_for_each(optimiser, dtype):
    generator = np.random.default_rng(2)
    rates = [0.1, 0.03, 1 / 3]
    theta = normal(generator, (MODELS, 7), dtype)
    mask = (np.arange(7) % 2).astype(dtype)
    alone = [row.copy() for row in theta]
    slots = [np.zeros_like(theta) for _ in optimiser.slots]
    slots_alone = [[np.zeros_like(row) for _ in optimiser.slots] for row in alone]
    column = np.array(rates, dtype)[:, None]
    for t in range(1, 20):
        gradient = normal(generator, theta.shape, dtype)
        optimiser.update(theta, gradient, slots, column, t, mask)
        pull = np.broadcast_to(optimiser.pull(column, slots, column, t), theta.shape)  # of a penalty for each as well
        for k, rate in enumerate(map(dtype, rates)):
            optimiser.update(alone[k], gradient[k].copy(), slots_alone[k], rate, t, mask)
            assert same_bits(pull[k], np.broadcast_to(optimiser.pull(rate, slots_alone[k], rate, t), theta.shape[1:]))
    assert same_bits(theta, np.stack(alone))


@DTYPES
@pytest.mark.parametrize("values", [False, True], ids=["classes", "values"])
@pytest.mark.parametrize("optimiser", members("optimisers"))
def test_trainer_with_seeds_rates_and_penalties_of_its_own(optimiser, values, dtype):
    weights, batches = [4, 5, 4], [8, 8, 9]
    rates, l1, l2 = [0.01, 1 / 30, 0.02], [0.001, 0.002, 0.003], [0.1, 0.01, 0.2]
    settings = dataclasses.replace(SETTINGS, optimiser=optimiser)
    stack = trainer(
        settings=dataclasses.replace(settings, learning_rate=rates, l1=l1, l2=l2),
        weights_seed=weights,
        batches_seed=batches,
        values=values,
        dtype=dtype,
    )
    stack.run(steps=23)
    for k in range(MODELS):
        alone = trainer(
            settings=dataclasses.replace(settings, learning_rate=rates[k], l1=l1[k], l2=l2[k]),
            weights_seed=weights[k],
            batches_seed=batches[k],
            values=values,
            dtype=dtype,
        )
        alone.run(steps=23)
        assert same_bits(stack.theta[k], alone.theta)
        assert stack.history.epochs == alone.history.epochs
        for name, series in alone.history.series.items():
            assert same_bits([row[k] for row in stack.history.series[name]], series), name


@pytest.mark.parametrize("layer", members("layers"))
def test_trainer_with_every_layer(layer):
    stack = run_around(layer, weights_seed=[1, 2], batches_seed=3)
    stack.run(steps=12)
    for k, seed in enumerate((1, 2)):
        alone = run_around(layer, weights_seed=seed, batches_seed=3)
        alone.run(steps=12)
        assert same_bits(stack.theta[k], alone.theta), show(layer, REGISTRIES["layers"])


def test_one_seed_of_weights_and_several_of_batches_make_a_stack():
    stack = trainer(weights_seed=1, batches_seed=[3, 4])
    assert stack.theta.shape == (2, stack.network.size)
    assert same_bits(stack.theta[0], stack.theta[1])
    stack.run(steps=7)
    for k, seed in enumerate((3, 4)):
        alone = trainer(weights_seed=1, batches_seed=seed)
        alone.run(steps=7)
        assert same_bits(stack.theta[k], alone.theta)


def test_wide_samples_are_gathered_batch_by_batch_to_the_same_end():
    # Above 64 numbers a sample is not shuffled but gathered; nothing but the speed may differ.
    narrow, stacked = trainer(), trainer(weights_seed=[0, 1])
    narrow.run(steps=11)
    stacked.run(steps=11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "NARROW", 1)
        wide, wide_stacked = trainer(), trainer(weights_seed=[0, 1])
        wide.run(steps=11)
        wide_stacked.run(steps=11)
    assert same_bits(narrow.theta, wide.theta)
    assert same_bits(stacked.theta, wide_stacked.theta)


@pytest.mark.parametrize("rate", [1e6, 1e38])
def test_a_member_that_diverges_stops_nothing_else(rate):
    rates = [0.05, rate, 0.02]
    settings = Settings(SGD(), batch_size=8)
    stack = trainer(settings=dataclasses.replace(settings, learning_rate=rates), weights_seed=[1, 2, 3])
    standing = None
    for _ in range(60):
        snapshot = stack.run(steps=7)
        assert np.isfinite(snapshot.theta).all()
        if standing is not None:
            assert same_bits(stack.theta[1], standing)  # it stands still where it was put back
        elif stack.epoch >= 7:
            standing = stack.theta[1].copy()
    assert snapshot.state == "running"
    for k in (0, 2):
        alone = trainer(settings=dataclasses.replace(settings, learning_rate=rates[k]), weights_seed=k + 1)
        alone.run(steps=420)
        assert same_bits(stack.theta[k], alone.theta)
        for name, series in alone.history.series.items():
            assert same_bits([row[k] for row in stack.history.series[name]], series), name
    alone = trainer(settings=dataclasses.replace(settings, learning_rate=rate), weights_seed=2)
    assert alone.run(steps=420).state == "diverged"
    assert same_bits(stack.theta[1], alone.theta)


def test_members_may_diverge_one_after_the_other():
    # The second dies early; the third must still be put back to where it was last well, not to where the second died.
    settings = Settings(AdamW(), learning_rate=[0.01, 1e30, 0.01], batch_size=8)
    stack = trainer(settings=settings, weights_seed=[1, 2, 3])
    stack.run(steps=200)
    before = stack.theta.copy()
    stack.settings = dataclasses.replace(settings, learning_rate=[0.01, 1e30, 1e30])
    stack.run(steps=64)
    assert np.isfinite(stack.theta).all()
    assert same_bits(stack.theta[1], before[1])
    assert np.abs(stack.theta[2] - before[2]).max() < 1
    assert stack.state == "running"
    stack.settings = dataclasses.replace(settings, learning_rate=1e30)
    assert stack.run(steps=64).state == "diverged"


def test_each_is_put_back_to_where_it_was_last_well_itself():
    # Batches of one: the parameters are looked at after steps 32, 37 (an epoch), 64 and 74.
    settings = Settings(SGD(), learning_rate=[0.01, 0.01, 0.01], batch_size=1)
    stack = trainer(settings=settings, weights_seed=[1, 2, 3])
    stack.run(steps=40)
    stack.settings = dataclasses.replace(settings, learning_rate=[0.01, 1e38, 0.01])
    stack.run(steps=24)
    last_well = stack.theta[2].copy()  # after step 64, when the second was found to have diverged
    stack.settings = dataclasses.replace(settings, learning_rate=[0.01, 0.01, 1e38])
    stack.run(steps=10)
    assert same_bits(stack.theta[2], last_well)
    assert stack.diverged.tolist() == [False, True, True]


@pytest.mark.parametrize(
    "make",
    [
        lambda: trainer(weights_seed=[1, 2], batches_seed=[1, 2, 3]),
        lambda: trainer(settings=dataclasses.replace(SETTINGS, learning_rate=[0.1, 0.2])),
        lambda: trainer(settings=dataclasses.replace(SETTINGS, l2=[0.1]), weights_seed=[1, 2]),
    ],
    ids=["seeds", "rates for one model", "too few penalties"],
)
def test_numbers_that_do_not_fit_the_stack_are_refused(make):
    with pytest.raises(ValueError, match=r"^(The seeds ask for 2 and for 3 models|\w+ holds \d numbers?, but).*\.$"):
        make()
