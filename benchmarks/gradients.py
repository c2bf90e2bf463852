"""The gradient lab at one command: slopes of the gradient and Jacobian tests, and what the naive gradient costs.

    python -m benchmarks.gradients [--json FILE] [--figures FOLDER]
    python -m benchmarks.gradients --alarms [--seeds 1000] [--json FILE]

It prints the slopes for softmax with cross-entropy, for a dense layer, a residual block and whole networks, the
transposed test of the layers, the largest relative errors of a two-layer net, and the measured time of the naive
gradient beside backpropagation. With --alarms it counts instead how often the gradient lab errs (alarms.py).
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.alarms import SEEDS, report
from benchmarks.report import machine, show, write_json
from nn_core.activations import ReLU, Tanh
from nn_core.derivatives.jacobians import transposed_errors
from nn_core.derivatives.naive import naive_cost
from nn_core.derivatives.slopes import gradient_errors, layer_tests, network_tests
from nn_core.initialisers import Glorot
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from playground.figures.checks import cost_figure, slope_figure

LOSS = SoftmaxCrossEntropy()
WIDE = np.random.default_rng(0).standard_normal((4, 10))
BLOCKS = {"dense layer, 10 units, tanh": Dense(10, Tanh()), "residual block, 10 units, tanh": Residual(10, Tanh())}


def slopes() -> dict[str, list]:
    """The tests by what they are of."""
    return {
        "softmax and cross-entropy": _network((Dense(3),), 4),
        **{title: layer_tests(layer, WIDE) for title, layer in BLOCKS.items()},
        "network 2-10-10-2, tanh, with its loss": _network((Dense(10, Tanh()), Dense(10, Tanh()), Dense(2)), 2),
        "residual network, tanh, with its loss": _network((Dense(10, Tanh()), Residual(10, Tanh()), Dense(2)), 2),
    }


def _network(layers, features):
    network, theta, x, targets = _problem(layers, features)
    return network_tests(network, LOSS, theta, x, targets)


def _problem(layers, features):
    network, generator = Network(layers, (features,), np.float64), np.random.default_rng(1)
    x = generator.standard_normal((5, features))
    return network, network.init(Glorot(), 0), x, generator.integers(0, network.output_shape[0], 5)


def main() -> None:
    """Measure, print, write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write the result to this file")
    parser.add_argument("--figures", help="write the figures to this folder, as PNG")
    parser.add_argument("--alarms", action="store_true", help="count false alarms and misses instead")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each activation, for --alarms")
    given = parser.parse_args()
    if given.alarms:
        if given.seeds < 1:
            parser.error(f"--seeds must be a whole number of at least 1, not {given.seeds}.")
        raise SystemExit(report(given.seeds, given.json))
    tests, costs, about = slopes(), naive_cost(), machine()
    errors = gradient_errors(*_with_loss(*_problem((Dense(10, ReLU()), Dense(3)), 4)), l2=0.1)
    for title, rows in tests.items():
        print(f"\n{title}")
        for test in rows:
            print("  " + test.text)
    transposed = {title: transposed_errors(layer, WIDE) for title, layer in BLOCKS.items()}
    for title, found in transposed.items():
        print(f"\ntransposed test, {title}\n  " + ", ".join(f"{name} {error:.1e}" for name, error in found.items()))
    print("\nlargest relative error of a 4-10-3 relu net with L2, against differences")
    print("  " + ", ".join(f"{name} {error:.1e}" for name, error in errors.items()))
    print("\nparameters  naive ms  backpropagation ms  times")
    for cost in costs:
        cells = (cost.naive_seconds * 1e3, cost.backprop_seconds * 1e3, cost.ratio)
        print(f"{cost.parameters:>10,}  {show(cells[0]):>8}  {show(cells[1]):>18}  {show(cells[2]):>5}")
    print("\n" + about)
    if given.figures:
        folder = Path(given.figures)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (title, rows) in enumerate(tests.items(), start=1):
            slope_figure(rows, title[0].upper() + title[1:]).savefig(folder / f"slopes-{number}.png", dpi=150)
        cost_figure(costs).savefig(folder / "cost.png", dpi=150)
    write_json(
        given.json,
        {
            "slopes": {title: {test.name: test.first_slope for test in rows} for title, rows in tests.items()},
            "transposed": transposed,
            "relative_errors": errors,
            "naive_ratio": {str(cost.parameters): cost.ratio for cost in costs},
            "machine": about,
        },
    )


def _with_loss(network, theta, x, targets):
    return network, LOSS, theta, x, targets


if __name__ == "__main__":
    main()
