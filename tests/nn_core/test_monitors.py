"""Monitors: their numbers by hand and against NumPy, for every layer; and that looking changes nothing."""

import json
import math

import numpy as np
import pytest

from nn_core import monitors
from nn_core.activations import ELU, GELU, LeakyReLU, Linear, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.initialisers import Glorot
from nn_core.layers import LAYERS, BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.monitors import BINS, MOST, OUTPUTS, STEEPEST, Monitor, observe, summarise, update_ratio
from nn_core.network import Network
from tests.nn_core.members import members, sample_shape
from tests.nn_core.runs import assert_same_run, is_one_sentence, trainer
from tests.oracle.problems import dropout_stream

LOSS = SoftmaxCrossEntropy()


def look(layers, shape=(2,), samples=6, dtype=np.float64, rng=None, change=None):
    """A report on the layers with a linear classifier behind them, and what it was made of."""
    network = Network((*layers, Dense(2)), shape, dtype)
    theta = network.init(Glorot(), 0)
    if change:
        change(network.views(theta))
    generator = np.random.default_rng(0)
    x = generator.standard_normal((samples, *shape)).astype(dtype)
    targets = generator.integers(0, 2, samples)
    return observe(network, LOSS, theta, x, targets, rng), network, theta, x, targets


# --- one array ------------------------------------------------------------------------------------------------------


def test_a_summary_by_hand():
    found = summarise(np.array([-1.0, 0.0, 0.0, 3.0]))
    assert (found.mean, found.min, found.max, found.bound, found.not_finite) == (0.5, -1, 3, 4, 0)
    assert found.std == pytest.approx(math.sqrt((2.25 + 0.25 + 0.25 + 6.25) / 4))
    # 64 bins from -4 to 4, each an eighth wide: -1 is the start of bin 24, 0 of bin 32, 3 of bin 56.
    assert {int(k): int(found.counts[k]) for k in np.flatnonzero(found.counts)} == {24: 1, 32: 2, 56: 1}


def test_a_summary_is_numpys():
    values = 3 * np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    found = summarise(values)
    assert (found.min, found.max) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(dtype=float))
    assert found.std == pytest.approx(values.std(dtype=float))
    counts, edges = np.histogram(values.astype(float), BINS, (-found.bound, found.bound))
    assert edges[-1] == 16
    assert np.array_equal(found.counts, counts)


def test_bins_of_two_moments_fit_into_each_other():
    values = np.random.default_rng(0).random(1000)
    small, large = summarise(values), summarise(np.append(values, 1.5))
    assert (small.bound, large.bound) == (1, 2)
    # From -1 to 1 the same numbers, in bins of twice the width; 1.5 is in none of these.
    assert np.array_equal(small.counts.reshape(-1, 2).sum(axis=1), large.counts[16:48])


@pytest.mark.parametrize("values", [[np.nan, 1, np.inf, -np.inf], [1.0]])
def test_what_is_not_finite_is_counted(values):
    found = summarise(np.array(values, float))
    assert found.not_finite == len(values) - 1
    assert (found.mean, found.std, found.counts.sum()) == (1, 0, 1)
    nothing = summarise(np.array([np.nan]))
    assert math.isnan(nothing.mean)
    assert nothing.counts.sum() == 0


def test_large_arrays_are_looked_at_in_part():
    found = summarise(np.arange(10.0 * MOST))
    assert found.counts.sum() == MOST
    assert found.max == 10 * MOST - 10


# --- one layer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rng", [None, dropout_stream], ids=["predicting", "training"])
@pytest.mark.parametrize("layer", members("layers"))
def test_every_layer(layer, rng):
    shape = sample_shape(layer)
    flat = () if len(layer.output_shape(shape)) == 1 else (Flatten(),)
    report, network, theta, *_ = look((layer, *flat), shape, rng=rng and rng())
    first = report.layers[0]
    expected = {name: name for name in layer.parameters(shape)}
    expected |= {f"d{name}": None for name in expected}
    assert expected.keys() <= first.quantities.keys()
    for name in layer.parameters(shape):
        assert first.quantities[name].counts.sum() == network.views(theta)[0][name].size
    assert ("z" in first.quantities) == hasattr(layer, "activation")
    output = OUTPUTS.get(type(layer), "a")
    assert output is None or {output, f"d{output}"} <= first.quantities.keys()
    assert all(summary.not_finite == 0 for summary in first.quantities.values())


def test_every_layer_has_its_place_in_the_tables():
    bent = {kind for kind in LAYERS.values() if hasattr(kind, "activation")}
    assert bent | set(OUTPUTS) == set(LAYERS.values())


def test_pre_activations_activations_and_their_gradients():
    report, network, theta, x, targets = look((Dense(5, Tanh()),))
    p, last = network.views(theta)
    z = x @ p["W"] + p["b"]
    a = np.tanh(z)
    dlogits = LOSS.gradient(a @ last["W"] + last["b"], targets)
    expected = {"z": z, "a": a, "da": dlogits @ last["W"].T, "W": p["W"], "b": p["b"]}
    expected |= {"dW": x.T @ (expected["da"] * (1 - a * a))}
    for name, values in expected.items():
        found = report.layers[0].quantities[name]
        assert (found.mean, found.std) == pytest.approx((values.mean(), values.std())), name
        assert (found.min, found.max) == pytest.approx((values.min(), values.max())), name
    assert report.loss == LOSS.value(network.predict(x, theta), targets)
    norms = [layer.gradient_norm for layer in report.layers]
    assert report.gradient_norm == pytest.approx(math.hypot(*norms))
    assert report.layers[0].weight_norm == pytest.approx(np.linalg.norm(p["W"]))


def test_silent_units_are_dead():
    def silence(views):
        views[0]["b"][:3] = -100.0

    report, *_ = look((Dense(10, ReLU()),), change=silence)
    assert report.layers[0].dead >= 0.3
    alive, *_ = look((Dense(10, ReLU()),), change=lambda views: views[0]["b"].fill(100))
    assert alive.layers[0].dead == 0
    assert alive.layers[0].saturated is None
    assert alive.layers[1].dead is None  # a linear unit cannot fall silent


@pytest.mark.parametrize("activation", [Tanh(), Sigmoid()])
def test_saturation_by_hand(activation):
    def push(views):
        views[0]["W"][...] = 0
        views[0]["b"][...] = [0, 0, 100, -100]

    report, *_ = look((Dense(4, activation),), change=push)
    assert (report.layers[0].saturated, report.layers[0].dead) == (0.5, 0.5)


@pytest.mark.parametrize(
    "activation", [ReLU(), ELU(), ELU(0.5), ELU(3.0), GELU(), SiLU(), Softplus(), Tanh(), Sigmoid()]
)
def test_the_steepest_slopes_are_right(activation):
    z = np.linspace(-8, 8, 16_001)
    steepest = np.abs(activation.derivative(z, activation.forward(z))).max()
    assert STEEPEST[type(activation)](activation) == pytest.approx(steepest, rel=0.01)


@pytest.mark.parametrize("activation", [Linear(), LeakyReLU()])
def test_what_cannot_fall_silent_says_nothing(activation):
    report, *_ = look((Dense(4, activation),))
    assert (report.layers[0].dead, report.layers[0].saturated) == (None, None)


def test_a_network_that_has_overflowed_is_looked_at_all_the_same():
    report, *_ = look((Dense(4, Tanh()),), change=lambda views: views[1]["W"].fill(np.inf))
    assert report.layers[1].quantities["W"].not_finite == 8
    assert json.loads(json.dumps(report.to_plain(), allow_nan=False))["layers"][1]["quantities"]["W"]["mean"] is None


def test_how_far_weights_have_moved():
    network = Network((Dense(2), Dropout(), Dense(1)), (2,), np.float64)
    before = np.array([3.0, 0, 0, 4, 9, 9, 0, 0, 9])
    after = before.copy()
    after[0] += 0.5  # of a weight matrix of size 5
    after[4] += 7  # a bias does not count
    assert update_ratio(network, before, after) == [0.1, None, 0.0]
    assert update_ratio(network, before, before + 1)[2] == math.inf


# --- along a run ----------------------------------------------------------------------------------------------------


def test_looking_changes_nothing():
    seen, unseen, monitor = trainer(), trainer(), Monitor(every=3)
    for _ in range(20):
        monitor.look(seen)
        seen.run(steps=1)
    unseen.run(steps=20)
    assert_same_run(seen, unseen)
    assert monitor.steps == [0, 3, 6, 9, 12, 15, 18]


def test_running_statistics_are_left_alone():
    run = trainer((Dense(6, Tanh()), BatchNorm(), Dense(3)))
    before = run.theta.copy()
    observe(run.network, run.loss, run.theta, *run.parts["train"], dropout_stream())
    assert np.array_equal(run.theta, before)


def test_a_long_run_is_thinned_by_its_steps_alone(monkeypatch):
    monkeypatch.setattr(monitors, "LONGEST", 8)
    run, monitor = trainer(), Monitor(every=2)
    for _ in range(100):
        monitor.look(run)
        run.run(steps=1)
    assert len(monitor.steps) == len(monitor.reports) <= 8
    assert monitor.every == 16
    assert monitor.steps == list(range(0, 97, 16))


def test_members_of_a_stack_and_pictures():
    stack = trainer(weights_seed=[1, 2])
    alone = trainer(weights_seed=2)
    assert Monitor().look(stack, 1).to_plain() == Monitor().look(alone).to_plain()
    layers = (Conv2D(3, activation=ReLU()), MaxPool2D(), Flatten(), Residual(4))
    report, *_ = look(layers, (6, 6, 1), 20, np.float32)
    assert [layer.label for layer in report.layers] == ["Conv2D", "MaxPool2D", "Flatten", "Residual", "Dense"]
    assert {"p", "dp"} <= report.layers[1].quantities.keys()
    assert report.layers[2].quantities == {}


def test_bad_input():
    run = trainer(weights_seed=[1, 2])
    for call, sentence in (
        (lambda: Monitor().look(run), "theta has the shape"),
        (lambda: Monitor(every=0), "must be a whole number of at least 1, not 0"),
        (lambda: observe(run.network, run.loss, run.theta[0], np.zeros((2, 3), "f4"), [0, 1]), "x has the shape"),
    ):
        with pytest.raises(ValueError, match=sentence):
            call()
    monitor, solo = Monitor(), trainer()
    solo.run(steps=4)
    monitor.look(solo)
    with pytest.raises(ValueError, match="Step 3 comes after step 4") as raised:
        monitor.add(3, monitor.reports[0])
    assert is_one_sentence(str(raised.value))
