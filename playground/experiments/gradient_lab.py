"""What the gradient lab measures and says: one problem for each seed, and one verdict from all that was measured.

The page draws it, and `python -m benchmarks.gradients --alarms` counts over thousands of seeds how often it errs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nn_core.activations import ACTIVATIONS
from nn_core.derivatives.slopes import SlopeTest, gradient_errors, layer_errors, layer_tests, network_tests
from nn_core.derivatives.verdicts import RIGHT
from nn_core.initialisers import Glorot
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.random import stream
from playground.experiments.faults import Fault, planted
from playground.experiments.link import read_net

SAMPLES = 8
ALONE = 4  # samples of the layer that is tested alone
INPUTS = 2
CLASSES = 3
MOST_PARAMETERS = 2000  # that are looked at one by one
OFF = 1e-3  # the relative error of a number from which on it is wrong; a right one has 1e-4 at most


@dataclass(frozen=True)
class Problem:
    """A network with its loss at one point: parameters theta, samples x `(samples, INPUTS)`, and their classes."""

    network: Network
    loss: object
    theta: np.ndarray
    x: np.ndarray
    targets: np.ndarray
    alone: np.ndarray
    seed: int

    def tests(self, of_layer: bool = False) -> list[SlopeTest]:
        """The slope tests of the whole network, or of its first hidden layer; ValueError where it has none."""
        if of_layer:
            return layer_tests(self._first(), self.alone, seed=self.seed)
        return network_tests(self.network, self.loss, self.theta, self.x, self.targets, seed=self.seed)

    def errors(self, of_layer: bool = False) -> dict[str, float]:
        """The largest relative error of each gradient, number by number; empty where that would take too long."""
        if of_layer:
            return layer_errors(self._first(), self.alone, seed=self.seed)
        # A difference in every number runs the network four times for each: thousands would hold the server.
        if self.network.size > MOST_PARAMETERS:
            return {}
        return gradient_errors(self.network, self.loss, self.theta, self.x, self.targets)

    def _first(self):
        first = next((layer for layer in self.network.layers[:-1] if isinstance(layer, (Dense, Residual))), None)
        if first is None:
            raise ValueError("Without a hidden layer there is no layer to test alone; test the whole network.")
        return first


def problem(net: str, activation: str, seed: int, fault: str = "none") -> Problem:
    """The problem of a seed, in float64, with a mistake planted.

    net: hidden layers as in a link. Raises SpecError where it cannot be read, ValueError where the mistake has no
    place in it.
    """
    layers = read_net(net, ACTIVATIONS[activation]())
    right = Network([*layers, Dense(CLASSES)], (INPUTS,), np.float64)
    network, loss = planted(fault, right, SoftmaxCrossEntropy())
    draw = stream(seed, "gradient lab")
    x, targets = draw.standard_normal((SAMPLES, INPUTS)), draw.integers(0, CLASSES, SAMPLES)
    theta = network.init(Glorot(), seed)
    theta += 0.1 * draw.standard_normal(theta.shape)  # biases that are not 0
    return Problem(network, loss, theta, x, targets, draw.standard_normal((ALONE, INPUTS)), seed)


@dataclass(frozen=True)
class Finding:
    """kind: "wrong", "hidden" (a mistake was planted, and does not show), "unclear" or "right"; words, and names."""

    kind: str
    words: str
    wrong: tuple[str, ...] = ()


def finding(tests: Sequence[SlopeTest], errors: dict[str, float], fault: Fault) -> Finding:
    """The verdict, from the slopes and from the relative error of each gradient (`errors`; may be empty)."""
    wrong = [test for test in tests if not test.passed or errors.get(test.name, 0.0) > OFF]
    if wrong:
        return Finding("wrong", _accusation(wrong, errors, fault), tuple(test.name for test in wrong))
    unclear = [test.name for test in tests if test.verdict == "unclear"]
    if unclear:
        hidden = f"Nothing can be said of the gradient with respect to {', '.join(unclear)}"
        return Finding("unclear", f"{hidden}: rounding hides the derivative; take another seed.")
    if fault.right:
        words = "The planted mistake does not show here: every gradient that is tested comes out right all the same."
        return Finding("hidden", words + _kinks(tests))
    bent = [test for test in tests if test.verdict == "right"]
    words = f"Every gradient stands the test: without it the error falls with slope {_range(tests, 'zero_slope')}, "
    words += f"with it with slope {_range(bent, 'first_slope')}" if bent else "with it nothing but rounding is left"
    if bent and len(bent) < len(tests):
        linear = [test.name for test in tests if test.verdict == "linear"]
        words += f"; with respect to {', '.join(linear)} nothing but rounding is left of it"
    return Finding("right", words + "." + _kinks(tests))


def _accusation(wrong, errors, fault):
    """What is wrong, by how much it was measured to be, and which line it is."""
    words = f"Found: the gradient with respect to {', '.join(test.name for test in wrong)} is wrong; "
    by_slope = [test for test in wrong if not test.passed]
    off = [errors[test.name] for test in wrong if test.name in errors]
    if by_slope and all(test.first_slope < RIGHT for test in by_slope):
        words += f"its first-order error falls with slope {_range(by_slope, 'first_slope')} instead of 2"
    elif by_slope:  # a small one: the slope alone does not show it
        words += f"up to {100 * max(test.missing for test in by_slope):.2g} % of the derivative is missing"
    else:
        words += "the slopes along these directions do not show it, its numbers do"
    if off:
        words += f", and the largest relative error of a number is {max(off):.2g}"
    if fault.right:
        words += f". The line should be `{fault.right}`, and is `{fault.wrong}`"
    return words + "."


def _kinks(tests):
    """A sentence on the kinks that were met; none where there were none."""
    crossed = [test for test in tests if test.kinks]
    upon = [test.name for test in tests if test.on_kink]
    words = ""
    if crossed:
        times = 2 ** max(test.halvings for test in crossed)
        names = ", ".join(test.name for test in crossed)
        words += (
            f" The first steps crossed a kink of the activation ({names}), so they were made up to {times:,} times "
        )
        words += "smaller: a kink is no fault of the gradient."
    if upon:
        words += f" The point lies on a kink ({', '.join(upon)}), where the derivative of either side is right."
    return words


def _range(tests, name):
    """The least and the largest slope that were measured, as one number where they read the same."""
    found = [value for value in (getattr(test, name) for test in tests) if not np.isnan(value)]
    if not found:
        return "–"
    least, most = f"{min(found):.2f}", f"{max(found):.2f}"
    return least if least == most else f"{least} to {most}"
