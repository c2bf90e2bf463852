"""An experiment: the same config is the same run to the last bit; what may change in mid-run keeps the weights."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Dense, Dropout, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.optimisers import SGD, Adam
from nn_core.schedules import Cosine
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn
from playground.datasets.plane import GaussianMixture, Moons
from playground.datasets.values import Line, Sine
from playground.experiments.config import Config, Own
from playground.experiments.experiment import build, build_network, with_data
from playground.experiments.link import read_link
from tests.pages import PAGES, RECIPES, recipe_of

BY_THE_BOOK = (
    "data=shipped&features=x1,x2&net=16-16&activation=tanh&init=normal&loss=cross_entropy&optimiser=sgd"
    "&schedule=constant&rate=0.01&batch=32&stop_epochs=200&seeds=0-0-0-0"
)
LIVELY = Config(
    data=Moons(samples=120),
    hidden=(Dense(6, Tanh()), Residual(5, ReLU())),
    optimiser=Adam(),
    learning_rate=0.01,
    batch_size=7,
    dropout=0.2,
    l1=1e-4,
    l2=1e-3,
    schedule=Cosine(30),
    standardise=True,
)
OWN = Drawn(
    x=np.arange(24.0).reshape(12, 2), y=np.array([0, 1] * 6), classes=("a", "b"), inputs=("u", "v"), title="mine"
)


def opened(link: str) -> Config:
    """The config of a link; a fault in it fails the test."""
    config, problems = read_link(dict(part.split("=", 1) for part in link.split("&")), Config())
    assert problems == []
    return config


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("config", [LIVELY, Config(data=Sine(), features=("x1", "sin1"), loss=MeanSquaredError())])
def test_the_same_config_is_the_same_run(config, dtype):
    first, second = build(config, dtype=dtype), build(config, dtype=dtype)
    assert first.trainer.theta.dtype == dtype
    assert first.fingerprint == second.fingerprint
    start = first.fingerprint
    first.trainer.run(steps=53)
    for steps in (1, 2, 3, 20, 27):
        second.trainer.run(steps=steps)
    assert first.trainer.step == second.trainer.step == 53
    assert np.array_equal(first.trainer.theta, second.trainer.theta)
    assert first.trainer.history.last == second.trainer.history.last
    assert first.fingerprint == second.fingerprint != start


def test_slices_by_the_clock_give_the_same_run():
    first, second = build(LIVELY), build(LIVELY)
    for _ in range(7):
        first.trainer.run(seconds=0.002)
    second.trainer.run(steps=first.trainer.step)
    assert first.fingerprint == second.fingerprint


def test_the_fingerprint_tells_what_was_asked_from_what_came():
    first, second = build(LIVELY), build(LIVELY.replace(stop_patience=3))
    (asked, came), (other, came_too) = first.fingerprint.split("·"), second.fingerprint.split("·")
    assert asked != other
    assert came == came_too
    first.trainer.run(steps=1)
    assert first.fingerprint.split("·")[0] == asked
    assert first.fingerprint.split("·")[1] != came


@pytest.mark.parametrize("seed", ["seed_data", "seed_split", "seed_weights", "seed_batches"])
def test_each_seed_matters(seed):
    first, second = build(LIVELY), build(LIVELY.replace(**{seed: 1}))
    first.trainer.run(steps=3)
    second.trainer.run(steps=3)
    assert not np.array_equal(first.trainer.theta, second.trainer.theta)
    same_data = all(np.array_equal(a.x, b.x) for a, b in zip(parts(first), parts(second), strict=True))
    assert same_data == (seed in ("seed_weights", "seed_batches"))


def parts(experiment):
    return experiment.data.train, experiment.data.validation, experiment.data.test


def test_what_may_change_keeps_the_weights():
    experiment = build(LIVELY)
    experiment.trainer.run(steps=25)
    before = experiment.trainer.theta.copy()
    changed = LIVELY.replace(
        hidden=(Dense(6, ReLU()), Residual(5, Tanh())), learning_rate=0.5, dropout=0.0, batch_size=3, stop_epochs=9
    )
    experiment.change(changed)
    assert experiment.config is changed
    assert experiment.trainer.step == 25
    assert np.array_equal(experiment.trainer.theta, before)
    assert experiment.trainer.settings == changed.settings
    assert experiment.trainer.stop == changed.stop
    assert [type(layer) for layer in experiment.network.layers] == [Dense, Dropout, Residual, Dropout, Dense]
    assert experiment.network.layers[0].activation == ReLU()
    experiment.trainer.run(steps=1)
    assert experiment.trainer.step == 26
    assert not np.array_equal(experiment.trainer.theta, before)


def test_a_change_there_and_back_is_no_change():
    first, second = build(LIVELY), build(LIVELY)
    first.trainer.run(steps=25)
    second.trainer.run(steps=10)
    second.change(LIVELY.replace(learning_rate=3.0, batch_size=50))
    second.change(LIVELY)
    second.trainer.run(steps=15)
    assert first.fingerprint == second.fingerprint


def test_another_shape_cannot_take_over_in_mid_run():
    experiment = build(LIVELY)
    with pytest.raises(ValueError, match="Only a network whose parameters have the same names and shapes"):
        experiment.change(LIVELY.replace(hidden=(Dense(5, Tanh()),)))
    assert experiment.config is LIVELY


def test_the_standardiser_is_fitted_on_the_training_part_alone():
    experiment = build(LIVELY.replace(features=("x1", "x2")), dtype=np.float64)
    train = experiment.data.train.x
    np.testing.assert_array_equal(experiment.standardiser.mean, train.mean(axis=0))
    np.testing.assert_array_equal(experiment.standardiser.std, train.std(axis=0))
    seen, _ = experiment.trainer.parts["train"]
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-12)
    test, _ = experiment.trainer.parts["test"]
    np.testing.assert_allclose(test, (experiment.data.test.x - train.mean(axis=0)) / train.std(axis=0))
    assert build(LIVELY.replace(standardise=False)).standardiser is None


@pytest.mark.parametrize(("view", "label"), RECIPES)
def test_every_recipe_can_be_built_and_trained(view, label):
    experiment = build(recipe_of(view, label).config)
    experiment.trainer.run(steps=2)
    assert experiment.trainer.step in (1, 2)
    assert np.all(np.isfinite(experiment.trainer.snapshot().theta))


@pytest.mark.parametrize("weights", [0, 1, 2, 3])
@pytest.mark.parametrize("view", [view for view, label in RECIPES if label == "Too hot: diverges"])
def test_what_is_said_to_diverge_does_whatever_the_weights(view, weights):
    experiment = build(recipe_of(view, "Too hot: diverges").config.replace(seed_weights=weights))
    experiment.trainer.run(steps=200)
    assert experiment.trainer.state == "diverged"


@pytest.mark.parametrize("weights", [0, 1, 2, 3])
@pytest.mark.parametrize("view", ["moons", "circles", "xor"])
def test_the_defaults_of_the_simple_pages_are_solved_whatever_the_weights(view, weights):
    experiment = build(PAGES[view].default.replace(seed_weights=weights))
    experiment.trainer.run(epochs=120)
    assert experiment.trainer.history.last["test_metric"] > 0.97


def test_faults_have_their_sentences():
    with pytest.raises(SpecError, match=r"features must be among x1, x2, x1\^2, .*, not 'x3'\."):
        build(Config(features=("x3",)))
    with pytest.raises(SpecError, match=r"features must be among x1, x2, x3, x4, x5, not 'sin1'\."):
        build(Config(data=GaussianMixture(), features=("sin1",)))
    with pytest.raises(
        DataError, match=r"somebody's own data \(fingerprint abcd\); load that file on the page Your own data\."
    ):
        build(Config(data=Own("abcd")))
    with pytest.raises(SpecError, match="loss Squared error does not fit data that hold classes"):
        build(Config(data=Own("abcd"), loss=MeanSquaredError()), OWN)


def test_own_data_are_used_where_they_are_given():
    experiment = build(Config(data=Own("abcd")), OWN)
    assert experiment.data.title == "mine"
    assert sorted(np.concatenate([part.x[:, 0] for part in parts(experiment)])) == OWN.x[:, 0].tolist()


def test_data_are_drawn_once_and_cannot_be_written():
    first, second = build(LIVELY), build(LIVELY.replace(learning_rate=1.0))
    assert first.data is second.data
    with pytest.raises(ValueError, match="read-only"):
        first.data.train.x[0] = 0


def test_other_data_bring_a_loss_and_features_that_fit():
    config = with_data(Config(), Line(), inputs_before=2)
    assert (config.loss, config.features) == (MeanSquaredError(), ("x1",))
    back = with_data(config, Moons(), inputs_before=1)
    assert (back.loss, back.features) == (SoftmaxCrossEntropy(), ("x1", "x2"))
    kept = with_data(Config(features=("x1^2", "x2^2")), Moons(noise=0.3))
    assert kept.features == ("x1^2", "x2^2")


def test_a_network_has_dropout_after_each_hidden_layer_and_a_linear_output():
    data = build(LIVELY).data
    assert build_network(Config(hidden=()), data).size == 2 * 2 + 2
    network = build_network(LIVELY, data)
    assert network.size == (2 * 6 + 6) + (6 * 5 + 5 + 5 * 6) + (6 * 2 + 2)


def test_the_swiss_roll_by_the_book():
    """From its link: 2-16-16-2, tanh, plain SGD at 0.01, batches of 32, the shipped file: over 96 % in 200 epochs."""
    config = opened(BY_THE_BOOK)
    assert config == recipe_of("swiss_roll", "20,000 points").config
    experiment, line = build(config), build(config.replace(hidden=()))
    assert [len(part) for part in parts(experiment)] == [20_000, 2_500, 2_500]
    with threadpool_limits(1):  # as the app trains: on products this small a second thread only costs
        line.trainer.run(epochs=5)
        experiment.trainer.run(epochs=20)
        assert experiment.trainer.history.last["test_metric"] > line.trainer.history.last["test_metric"] + 0.08
        experiment.trainer.run()
    assert (experiment.trainer.state, experiment.trainer.epoch) == ("finished", 200)
    assert experiment.trainer.history.last["test_metric"] > 0.96


@pytest.mark.parametrize("optimiser", [SGD(), Adam()])
def test_l1_makes_many_weights_exactly_0(optimiser):
    experiment = build(Config(hidden=(Dense(8, Tanh()), Dense(8, Tanh())), l1=0.01, optimiser=optimiser))
    experiment.trainer.run(epochs=200)
    mask = experiment.network.weights_mask()
    weights, biases = experiment.trainer.theta[mask == 1], experiment.trainer.theta[mask == 0]
    assert len(weights) == 96
    assert (weights == 0).sum() > 48
    assert biases.all()
    assert experiment.trainer.history.last["test_metric"] > 0.8
