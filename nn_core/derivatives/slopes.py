"""The gradient test and the Jacobian test: is a hand-written backward pass the derivative of the forward pass?

Move the input of f by a small step eps in a direction d and look at two errors:

    zero order     |f(x + eps d) - f(x)|                    halves when eps is halved
    first order    |f(x + eps d) - f(x) - eps <g, d>|       falls to a quarter, if g is the gradient

On a log-log plot over eps = 1/2, 1/4, ... these are lines of slope 1 and 2. With a wrong gradient the second line has
slope 1 as well. Where f is linear, the first-order error is rounding noise and has no slope at all. The Jacobian test
does the same for a layer, whose output is an array: J v is put together from its backward pass, one output at a time.

The verdict does not rest on the slope alone. error / eps is carried on to eps = 0, where a right gradient leaves
nothing: so faults of a hundredth of a percent are found that the slope would hide behind the function's curvature.
(`gradient_errors` looks at each number by itself.)

A kink of ReLU or a change of winner in a max pool between x and x + eps d is no fault of the gradient, nor is a point
that lies on one: kinks.py finds them, and verdicts.py steers clear of them. Everything is float64.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn_core.derivatives.checks import check_arrays
from nn_core.derivatives.jacobians import MovedLayer, random_direction
from nn_core.derivatives.kinks import FREE, HIGH, LOW, OWN, Watch
from nn_core.derivatives.limits import checked_epsilons
from nn_core.derivatives.objectives import EPS, MovedNetwork, number_errors
from nn_core.derivatives.verdicts import RIGHT, Place, Sides, judged
from nn_core.kinds import Layer, Loss, Shape
from nn_core.network import Network
from nn_core.random import stream

EPSILONS = 0.5 ** np.arange(1, 11)
NO_KINKS = np.zeros(0, int)


@dataclass(frozen=True)
class SlopeTest:
    """The errors of one test over `epsilons`, and what follows from them.

    zero_slope, first_slope: fitted by least squares on the logarithms; NaN where all is noise. missing: the share of
    the derivative along the direction that the gradient misses. verdict: "right", "linear" (no first-order error but
    rounding: what was moved enters linearly), "wrong", or "unclear" (rounding hides the derivative).

    kinks: how many the steps that were asked for crossed; `epsilons` are then that much smaller, `halvings` times by
    half. on_kink: whether the point itself lies on one, so that there are several right answers.
    """

    name: str
    epsilons: np.ndarray
    zero_order: np.ndarray
    first_order: np.ndarray
    zero_slope: float
    first_slope: float
    missing: float
    verdict: str
    kinks: int = 0
    halvings: int = 0
    on_kink: bool = False

    @property
    def passed(self) -> bool:
        """Whether the gradient stood the test; nobody is accused where nothing can be told."""
        return self.verdict != "wrong"

    @property
    def text(self) -> str:
        """The verdict in one sentence."""
        slope = f"the first-order error falls with slope {self.first_slope:.2f}"
        aside = self._about_kinks()
        if self.verdict == "linear":
            noise = f"the first-order error is rounding noise ({self.first_order[self.epsilons.argmin()]:.0e})"
            further = "" if np.isnan(self.first_slope) else " close by, and it bends further off"
            return f"{self.name}: linear; {noise}{further}{aside}."
        if self.verdict == "unclear":
            return f"{self.name}: rounding hides the derivative, so nothing can be told{aside}; try another point."
        if self.verdict == "wrong":
            return f"{self.name}: {slope} and {100 * self.missing:.3g} % of the derivative is missing, so it is wrong."
        if self.first_slope >= RIGHT:
            return f"{self.name}: {slope}, so it is right{aside}."
        return f"{self.name}: {slope}, spoilt by a strong bend, but nothing is missing, so it is right{aside}."

    def _about_kinks(self) -> str:
        if self.on_kink:
            return "; the point lies on a kink, where each side has its own derivative"
        times = f"{2**self.halvings:,}"
        if self.kinks:
            crossed = f"{self.kinks:,} kink" + "s" * (self.kinks > 1)
            return f"; the first steps crossed {crossed}, so these are {times} times smaller"
        return f"; a kink or a strong bend lies near, so the steps are {times} times smaller" if self.halvings else ""


def gradient_test(
    function: Callable[[np.ndarray], float],
    gradient: np.ndarray,
    point: np.ndarray,
    direction: np.ndarray,
    *,
    name: str = "gradient",
    epsilons: np.ndarray = EPSILONS,
) -> SlopeTest:
    """Test the gradient of `function(array) -> number` at `point`, along `direction`; all three have one shape.

    Where the function has a kink at the point, the derivative of either side is right, and so is all between. Raises
    ValueError for shapes that differ, a direction of length 0 or numbers that are not finite; TypeError for anything
    but float64, which alone is fine enough.
    """
    check_arrays(point=point, direction=direction, gradient=gradient)
    if not point.shape == direction.shape == gradient.shape:
        shapes = f"{point.shape}, {direction.shape} and {gradient.shape}"
        raise ValueError(f"point, direction and gradient must have one shape, not {shapes}.")
    if not np.linalg.norm(direction) > 0:
        raise ValueError("direction must not be zero everywhere: there is nothing to move.")
    if (shape := np.shape(function(point))) != ():
        raise ValueError(f"function must give one number, not an array of the shape {shape}.")

    place = Place(lambda moved: (function(moved), NO_KINKS), point)
    return _tested(name, Sides(place), lambda direction: np.vdot(gradient, direction), direction, epsilons)


def layer_tests(
    layer: Layer,
    x: np.ndarray,
    p: dict[str, np.ndarray] | None = None,
    *,
    rng: Callable[[], np.random.Generator] | None = None,
    seed: int = 0,
    length: float = 1.0,
    epsilons: np.ndarray = EPSILONS,
) -> list[SlopeTest]:
    """The Jacobian test of a layer's backward pass: with respect to each parameter, and to x `(samples, *features)`.

    p: the parameters by name, else drawn. rng: gives the same new generator at each call; without it the layer
    predicts. length: of the random directions. Running statistics are left out: nothing is learned there. Takes one
    backward pass per number that the layer puts out, so keep x small. Raises TypeError for anything but float64,
    ValueError for shapes that do not fit, numbers that are not finite, and lengths that are not above 0.
    """
    draw = stream(seed, "slopes")
    at = MovedLayer(layer, x, p, rng, draw)
    directions = {name: random_direction(draw, values.shape, length) for name, values in at.moved.items()}
    y, cache = at.forward()

    def along(directions):
        """J v, from J^T e of one output e after the other."""
        products = {name: np.empty(y.shape) for name in directions}
        for place in np.ndindex(y.shape):
            unit = np.zeros(y.shape)
            unit[place] = 1
            gradients = at.backward(unit, cache)
            for name, direction in directions.items():
                products[name][place] = np.vdot(gradients[name], direction)
        return products

    tests, products, watch = [], along(directions), Watch([layer])
    watch.settle(lambda: at.forward(watch.layers[0]))
    for name, values in at.moved.items():
        claimed = {id(directions[name]): products[name]}  # another direction is drawn in need only
        tests.append(
            _tested(
                name,
                _sides(watch, lambda moved, name=name: at.forward(watch.layers[0], **{name: moved})[0], values),
                lambda direction, name=name, claimed=claimed: (
                    claimed[id(direction)] if id(direction) in claimed else along({name: direction})[name]
                ),
                directions[name],
                epsilons,
                _others(seed, name, values.shape, length),
            )
        )
    return tests


def network_tests(
    network: Network,
    loss: Loss,
    theta: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    *,
    rng: Callable[[], np.random.Generator] | None = None,
    seed: int = 0,
    length: float = 1.0,
    epsilons: np.ndarray = EPSILONS,
) -> list[SlopeTest]:
    """The gradient test of a whole network with its loss: each parameter ("1.W": of `layers[1]`), x, and all of theta.

    theta `(parameters,)`, x `(samples, *input_shape)`, and what else there is as for `layer_tests`. Raises ValueError
    where theta, x or targets do not fit the network or its loss.
    """
    at = MovedNetwork(network, loss, theta, x, targets, 0.0, rng)
    draw, tests, learned = stream(seed, "slopes"), [], np.zeros(theta.shape)
    of_theta, of_x = _sides(at.watch, at.value, theta), _sides(at.watch, lambda moved: at.value(theta, moved), x)

    def tested(name, direction, place):
        others = _others(seed, name, theta[place].shape, length)
        return _tested(
            name,
            of_theta,
            lambda direction: np.vdot(at.gradient, direction),
            direction,
            epsilons,
            lambda: _placed(others(), place, theta.shape),
        )

    for name, place in at.places():
        direction = _placed(random_direction(draw, theta[place].shape, length), place, theta.shape)
        learned += direction
        tests.append(tested(name, direction, place))
    along_x, others = random_direction(draw, x.shape, length), _others(seed, "x", x.shape, length)
    tests.append(_tested("x", of_x, lambda direction: np.vdot(at.dx, direction), along_x, epsilons, others))
    everything = learned * (length / np.linalg.norm(learned))
    return [*tests, tested("all parameters", everything, learned != 0)]


def gradient_errors(
    network: Network,
    loss: Loss,
    theta: np.ndarray,
    x: np.ndarray,
    targets: np.ndarray,
    l2: float = 0.0,
    eps: float = EPS,
) -> dict[str, float]:
    """The largest relative error of each parameter's gradient, and of x's, against differences in every number.

    l2: strength of a penalty (l2 / 2) * sum(W^2) that is part of the objective. A difference that would cross a kink
    takes a smaller step than eps; on a kink the derivative of either side is right, and so is all between. Numbers so
    small that rounding hides them are compared by their difference.
    """
    at = MovedNetwork(network, loss, theta, x, targets, l2, None)
    of_theta = number_errors(at.watch, at.value, theta, at.gradient, eps)
    errors = {name: float(of_theta[place].max()) for name, place in at.places()}
    return errors | {"x": float(number_errors(at.watch, lambda moved: at.value(theta, moved), x, at.dx, eps).max())}


def layer_errors(
    layer: Layer,
    x: np.ndarray,
    p: dict[str, np.ndarray] | None = None,
    *,
    rng: Callable[[], np.random.Generator] | None = None,
    seed: int = 0,
    eps: float = EPS,
) -> dict[str, float]:
    """The same for one layer at the point of `layer_tests`: for each parameter and x, of J^T u with a random u."""
    draw = stream(seed, "slopes")
    at = MovedLayer(layer, x, p, rng, draw)
    y, cache = at.forward()
    u, watch = random_direction(stream(seed, "outputs"), y.shape, 1.0), Watch([layer])
    watch.settle(lambda: at.forward(watch.layers[0]))
    errors = {}
    for name, gradient in at.backward(u, cache).items():

        def along_u(moved, name=name):
            return float(np.vdot(u, at.forward(watch.layers[0], **{name: moved})[0]))

        errors[name] = float(number_errors(watch, along_u, at.moved[name], gradient, eps).max())
    return errors


def _placed(values: np.ndarray, place, shape: Shape):
    """Zeros of this shape with the values in their place."""
    direction = np.zeros(shape)
    direction[place] = values
    return direction


def _others(seed, name: str, shape: Shape, length):
    """Draws another direction at each call."""
    draw = stream(seed, f"other slopes of {name}")
    return lambda: random_direction(draw, shape, length)


def _sides(watch: Watch, function, point: np.ndarray):
    """The point with what lies on a kink held as the layers' own derivatives take it, and the other right answers."""
    own, low, high, free = (
        Place(lambda moved, choice=choice: watch.traced(lambda: function(moved), choice), point)
        for choice in (OWN, LOW, HIGH, FREE)
    )
    return Sides(own, (low, high) if watch.tied else (), free if watch.holds else None)


def _tested(name: str, sides, slope: Callable, direction: np.ndarray, epsilons: np.ndarray, others=None):
    """slope(direction): the derivative of the function along a direction, which is tested."""
    look = judged(sides, slope, direction, checked_epsilons(epsilons), others)
    return SlopeTest(
        name,
        look.epsilons,
        look.zero,
        look.first,
        look.zero_slope,
        look.first_slope,
        float(look.missing / look.derivative),
        look.verdict,
        look.kinks,
        look.halvings,
        look.on_kink,
    )
