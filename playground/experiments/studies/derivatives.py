"""Checks of derivatives: slopes (A1, A6, A7), formulas with numbers (B5), costs (B6) and the toy net (D1)."""

import dataclasses

import numpy as np

from nn_core.activations import ReLU, Tanh
from nn_core.derivatives.naive import naive_cost
from nn_core.derivatives.slopes import SlopeTest, gradient_errors, layer_tests, network_tests
from nn_core.initialisers import Glorot
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.random import stream
from nn_core.step import backpropagate
from playground.experiments.studies.study import Measured, row

LOSS = SoftmaxCrossEntropy()
SLOPES = "slopes 1 and 2"
NEAR = 0.15  # from a slope that is right
TINY = 1e-12  # a first-order error that is mere rounding
DENSE = (Dense(10, Tanh()), Dense(10, Tanh()), Dense(2))
RESIDUAL = (Dense(10, Tanh()), Residual(10, Tanh()), Residual(10, Tanh()), Dense(2))
WIDTHS = (4, 8, 16, 32)  # of the networks whose gradient is taken both ways

# Stanford's CS231n, assignment 1: the scores and the loss of a 4-10-3 net, drawn with NumPy's legacy generator.
SCORES = [
    [-0.81233741, -1.27654624, -0.70335995],
    [-0.17129677, -1.18803311, -0.47310444],
    [-0.51590475, -1.01354314, -0.8504215],
    [-0.15419291, -0.48629638, -0.52901952],
    [-0.00618733, -0.12435261, -0.15226949],
]
TOY_LOSS, TOY_L2, TOY_TARGETS = 1.30378789133, 0.1, np.array([0, 1, 2, 2, 1])


def classifier_slopes() -> Measured:
    """A1: softmax and cross-entropy on eight samples of five features and four classes."""
    return _slopes(_network_tests((Dense(4),), 5, classes=4), {"0.W": "W", "0.b": "b"})


def layer_slopes() -> Measured:
    """A6: each layer of 2-10-10-2 tanh, and a residual block of 10 units."""
    tests, draw = [], stream(0, "layers")
    layers = (("first dense", DENSE[0], 2), ("second dense", DENSE[1], 10), ("last dense", DENSE[2], 10),
              ("residual", RESIDUAL[1], 10))  # fmt: skip
    for name, layer, features in layers:
        found = layer_tests(layer, draw.standard_normal((4, features)))
        tests += [(f"{name}: {test.name}", test) for test in found]
    return _slopes([_named(test, name) for name, test in tests], {})


def network_slopes() -> Measured:
    """A7: 2-10-10-2 tanh and a residual network, with their loss."""
    return _slopes(
        [
            _named(test, f"{name}: {test.name}")
            for name, layers in (("dense", DENSE), ("residual", RESIDUAL))
            for test in _network_tests(layers, 2, classes=2)
        ],
        {},
    )


def formulas() -> Measured:
    """B5: one mini-batch of five samples through 2-10-2 tanh by the formulas, and what the network makes of it."""
    network = Network((Dense(10, Tanh()), Dense(2)), (2,), np.float64)
    draw = stream(0, "formulas")
    x, targets = draw.standard_normal((5, 2)), np.array([0, 1, 1, 0, 1])
    ours = backpropagate(network, LOSS, network.init(Glorot(), 0), x, targets, need_dx=True)
    (first, second), (d_first, d_second) = ours.params, ours.gradients

    z1 = x @ first["W"] + first["b"]
    h = np.tanh(z1)
    z2 = h @ second["W"] + second["b"]
    p = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)
    dz2 = (p - np.eye(2)[targets]) / len(x)
    dz1 = (dz2 @ second["W"].T) * (1 - h**2)
    pairs = (
        ("z = x W + b", z1, ours.caches[0].z),
        ("h = tanh(z)", h, ours.caches[0].a),
        ("logits = h W + b", z2, ours.outputs[1]),
        ("loss = mean(-log y_true)", -np.log(p[np.arange(5), targets]).mean(), ours.loss),
        ("dlogits = (y - onehot) / N", dz2, ours.doutputs[1]),
        ("dW2 = h^T dlogits", h.T @ dz2, d_second["W"]),
        ("db2 = sum dlogits", dz2.sum(axis=0), d_second["b"]),
        ("dW1 = x^T dz", x.T @ dz1, d_first["W"]),
        ("db1 = sum dz", dz1.sum(axis=0), d_first["b"]),
        ("dx = dz W1^T", dz1 @ first["W"].T, ours.dx),
    )
    rows = []
    for label, by_hand, found in pairs:
        first_number, error = float(np.ravel(by_hand)[0]), float(np.max(np.abs(by_hand - found)))
        rows.append(row(label, f"{first_number:+.6f}, differs by {error:.0e}", "the formula", error < TINY))
    return Measured(rows)


def naive_costs() -> Measured:
    """B6: seconds for one gradient, one perturbation per parameter and by backpropagation."""
    costs = naive_cost(WIDTHS)
    rows = [
        row(f"{cost.parameters:,} parameters", f"{cost.ratio:,.0f} times as long", f"{cost.parameters + 1:,} passes",
            cost.ratio > 1)
        for cost in costs
    ]  # fmt: skip
    return Measured(rows, costs)


def toy_net() -> Measured:
    """D1: scores, penalised loss and gradients of the toy net against the published numbers and finite differences."""
    network = Network((Dense(10, ReLU()), Dense(3)), (4,), np.float64)
    generator = np.random.RandomState(0)  # the published numbers were drawn with this one
    theta = np.zeros(network.size)
    first, second = network.views(theta)
    first["W"][...] = 0.1 * generator.randn(4, 10)
    second["W"][...] = 0.1 * generator.randn(10, 3)
    x = 10 * np.random.RandomState(1).randn(5, 4)
    scores = network.predict(x, theta)
    loss = LOSS.value(scores, TOY_TARGETS) + TOY_L2 / 2 * ((network.weights_mask() * theta) ** 2).sum()
    off, loss_off = float(np.abs(scores - SCORES).max()), abs(float(loss) - TOY_LOSS)
    rows = [
        row("scores, largest difference", f"{off:.1e}", "8 digits printed", off < 6e-9),
        row("loss, difference", f"{loss_off:.1e}", f"{TOY_LOSS}", loss_off < 1e-10),
    ]
    names = {"0.W": "W1", "0.b": "b1", "1.W": "W2", "1.b": "b2"}
    for name, error in gradient_errors(network, LOSS, theta, x, TOY_TARGETS, TOY_L2, 1e-3).items():
        if name in names:
            rows.append(row(f"{names[name]}, largest relative error", f"{error:.1e}", "under 1e-8", error < 1e-8))
    return Measured(rows)


def _network_tests(layers, features, classes) -> list[SlopeTest]:
    network, draw = Network(layers, (features,), np.float64), stream(0, "networks")
    x, targets = draw.standard_normal((8, features)), draw.integers(0, classes, 8)
    return network_tests(network, LOSS, network.init(Glorot(), 0), x, targets)


def _slopes(tests: list[SlopeTest], names: dict[str, str]) -> Measured:
    tests = [_named(test, names.get(test.name, test.name)) for test in tests]
    return Measured([_slope_row(test) for test in tests], tests)


def _slope_row(test: SlopeTest) -> dict:
    largest = float(test.first_order.max())
    if test.verdict == "linear":
        linear = f"slope {test.zero_slope:.2f}; linear, first-order error at most {largest:.0e}"
        return row(test.name, linear, SLOPES, test.passed and largest < TINY)
    # Steeper than 2 where the function hardly bends along the direction: right all the same.
    near = abs(test.zero_slope - 1) < NEAR and test.first_slope > 2 - NEAR
    return row(test.name, f"slopes {test.zero_slope:.2f} and {test.first_slope:.2f}", SLOPES, test.passed and near)


def _named(test: SlopeTest, name: str) -> SlopeTest:
    return dataclasses.replace(test, name=name)
