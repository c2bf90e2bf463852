"""The planted faults: each is found where it has a place, spares the forward pass, leaves right what lies beside it."""

import numpy as np
import pytest

from nn_core.activations import ACTIVATIONS, ReLU, Sigmoid, Tanh
from nn_core.derivatives.slopes import gradient_errors, network_tests
from nn_core.initialisers import Glorot
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from playground.experiments.faults import FAULTS, planted

SAMPLES, CLASSES = 6, 3
X = np.random.default_rng(4).standard_normal((SAMPLES, 2))
TARGETS = np.array([0, 1, 2, 0, 1, 2])
LOSS = SoftmaxCrossEntropy()
NETS = {
    "two equal layers": (Dense(5, Tanh()), Dense(5, Tanh())),
    "three equal layers": (Dense(4, Tanh()), Dense(4, Tanh()), Dense(4, Tanh())),
    "a residual block": (Dense(4, Tanh()), Residual(3, Tanh())),
    "softmax alone": (),
    "sigmoid": (Dense(5, Sigmoid()), Dense(4, Sigmoid())),
}
# What each fault spoils on a net, and nothing else: all but what lies behind the wrong line.
EVERYTHING = "every parameter and x"
SPOILT = [
    ("factor", "two equal layers", EVERYTHING),
    ("factor", "three equal layers", EVERYTHING),
    ("factor", "a residual block", EVERYTHING),
    ("factor", "softmax alone", EVERYTHING),
    ("factor", "sigmoid", EVERYTHING),
    ("derivative", "two equal layers", {"0.W", "0.b", "x"}),
    ("derivative", "three equal layers", {"0.W", "0.b", "x"}),
    ("derivative", "a residual block", {"0.W", "0.b", "x"}),
    ("transpose", "two equal layers", {"0.W", "0.b", "x"}),
    ("transpose", "three equal layers", {"0.W", "0.b", "x"}),
    ("sum", "two equal layers", {"0.b"}),
    ("sum", "a residual block", {"0.b"}),
    ("sum", "softmax alone", {"0.b"}),
    ("sum", "sigmoid", {"0.b"}),
    ("skip", "a residual block", {"0.W", "0.b", "x"}),
]
NO_PLACE = [
    ("derivative", "softmax alone"),
    ("derivative", "sigmoid"),
    ("transpose", "softmax alone"),
    ("transpose", "sigmoid"),
    ("transpose", "a residual block"),
    ("skip", "two equal layers"),
    ("skip", "three equal layers"),
    ("skip", "softmax alone"),
    ("skip", "sigmoid"),
]
each_place = pytest.mark.parametrize(("name", "net", "spoilt"), SPOILT)


def made(net: str | tuple) -> Network:
    """A network on two inputs with three classes, in float64."""
    hidden = NETS[net] if isinstance(net, str) else net
    return Network([*hidden, Dense(CLASSES)], (2,), np.float64)


def theta_of(network: Network, seed: int = 0) -> np.ndarray:
    """First parameters whose biases are not 0."""
    return network.init(Glorot(), seed) + 0.1 * np.random.default_rng(seed).standard_normal(network.size)


def wrong(network: Network, loss, seed: int = 0) -> set[str]:
    """What the gradient test calls wrong, but for all parameters at once."""
    tests = network_tests(network, loss, theta_of(network, seed), X, TARGETS, seed=seed)
    found = {test.name for test in tests if test.verdict == "wrong"}
    assert ("all parameters" in found) == bool(found - {"x"})  # a fault in any shows in the sum of all
    return found - {"all parameters"}


def names(network: Network) -> set[str]:
    return {f"{number}.{name}" for number, places in enumerate(network.places) for name in places} | {"x"}


def test_each_fault_is_tried():
    assert {name for name, _, _ in SPOILT} == set(FAULTS) - {"none"}


@pytest.mark.parametrize("seed", [0, 1, 2])
@each_place
def test_it_is_found_and_nothing_else_is_called_wrong(name, net, spoilt, seed):
    network, loss = planted(name, made(net), LOSS)
    assert wrong(network, loss, seed) == (names(network) if spoilt == EVERYTHING else spoilt)


@each_place
def test_number_by_number_the_same_is_wrong(name, net, spoilt):
    """The other test, of each number by itself, agrees with the slopes on what is right and what is not."""
    network, loss = planted(name, made(net), LOSS)
    errors = gradient_errors(network, loss, theta_of(network), X, TARGETS)
    bad = {key for key, error in errors.items() if error > 1e-3}
    assert bad == (set(errors) if spoilt == EVERYTHING else spoilt)
    assert all(error < 1e-6 for key, error in errors.items() if key not in bad)


@each_place
def test_the_forward_pass_stays_bit_for_bit(name, net, spoilt):
    right = made(net)
    network, loss = planted(name, right, LOSS)
    theta = theta_of(right)
    assert network.size == right.size
    assert network.places == right.places
    assert np.array_equal(network.init(Glorot(), 7), right.init(Glorot(), 7))
    ours, theirs = (one.forward(X, one.views(theta.copy()))[0] for one in (right, network))
    assert np.array_equal(ours, theirs)
    assert loss.value(theirs, TARGETS) == LOSS.value(ours, TARGETS)


@each_place
def test_the_network_itself_stays_whole(name, net, spoilt):
    """The fault is planted in a copy: what was given is right before and after."""
    right = made(net)
    before = list(right.layers)
    planted(name, right, LOSS)
    assert all(now is then for now, then in zip(right.layers, before, strict=True))
    assert wrong(right, LOSS) == set()


@pytest.mark.parametrize("net", NETS)
def test_without_a_fault_all_passes(net):
    right = made(net)
    network, loss = planted("none", right, LOSS)
    assert network is right
    assert loss is LOSS
    assert wrong(network, loss) == set()


@pytest.mark.parametrize(("name", "net"), NO_PLACE)
def test_where_it_has_no_place_one_sentence_says_so(name, net):
    with pytest.raises(ValueError, match="has no place for") as caught:
        planted(name, made(net), LOSS)
    words = str(caught.value)
    assert FAULTS[name].label in words
    assert words.endswith(".")
    assert words.count(". ") == 0
    assert "\n" not in words


def test_every_fault_on_every_net_is_found_or_refused():
    for name in set(FAULTS) - {"none"}:
        for net in NETS:
            if (name, net) in NO_PLACE:
                continue
            network, loss = planted(name, made(net), LOSS)
            assert wrong(network, loss), (name, net)


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=list(ACTIVATIONS))
def test_the_wrong_derivative_is_that_of_tanh_alone(activation):
    network = made((Dense(4, activation()), Dense(3, ReLU())))
    if activation is Tanh:
        assert "0.W" in wrong(*planted("derivative", network, LOSS))
    else:
        with pytest.raises(ValueError, match="it needs a tanh layer"):
            planted("derivative", network, LOSS)


def test_the_first_tanh_layer_is_taken_wherever_it_is():
    network, loss = planted("derivative", made((Dense(4, Sigmoid()), Dense(3, Tanh()), Dense(3, Tanh()))), LOSS)
    assert wrong(network, loss) == {"0.W", "0.b", "1.W", "1.b", "x"}


def test_a_residual_block_can_have_the_wrong_derivative():
    network, loss = planted("derivative", made((Dense(4, Sigmoid()), Residual(3, Tanh()))), LOSS)
    assert {"0.W", "0.b", "1.W1", "1.b"} <= wrong(network, loss)
    assert "1.W2" not in wrong(network, loss)  # it lies behind the bend


def test_the_factor_is_the_number_of_samples():
    network, loss = planted("factor", made("two equal layers"), LOSS)
    outputs = X @ np.ones((2, CLASSES))
    assert np.allclose(loss.gradient(outputs, TARGETS), SAMPLES * LOSS.gradient(outputs, TARGETS), rtol=1e-14)
    tests = network_tests(network, loss, theta_of(network), X, TARGETS)
    assert all(test.first_slope == pytest.approx(1, abs=0.1) for test in tests)


def test_one_sample_hides_what_only_the_number_of_samples_shows():
    """With N = 1 the sum is the mean: the lab must show more samples than one, and does."""
    for name in ("factor", "sum"):
        network, loss = planted(name, made("two equal layers"), LOSS)
        tests = network_tests(network, loss, theta_of(network), X[:1].copy(), TARGETS[:1])
        assert all(test.passed for test in tests)
