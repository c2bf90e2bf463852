"""The gradient test and the Jacobian test: is a hand-written backward pass the derivative of the forward pass?

Move the input of f by a small step eps in a direction d and look at two errors:

    zero order     |f(x + eps d) - f(x)|                    halves when eps is halved
    first order    |f(x + eps d) - f(x) - eps <g, d>|       falls to a quarter, if g is the gradient

On a log-log plot over eps = 1/2, 1/4, ... these are lines of slope 1 and 2. With a wrong gradient the second line has
slope 1 as well. Where f is linear, the first-order error is rounding noise and has no slope at all. The Jacobian test
does the same for a layer, whose output is an array: J v is put together from its backward pass, one output at a time.

The verdict does not rest on the slope alone. error / eps is carried on to eps = 0, where a right gradient leaves
nothing: so faults of a hundredth of a percent are found that the slope would hide behind the function's curvature.
(Smaller ones: `gradient_errors`, which looks at each number.)

A corner of ReLU or a change of winner in a max pool between x and x + eps d spoils the slope from that eps on; the
smallest eps decide. Where a corner lies closer still, take another direction or a shorter one (`length`).
Everything is float64.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn_core.checks import check_arrays, numeric_gradient, relative_error
from nn_core.jacobians import MovedLayer, random_direction
from nn_core.limits import checked_epsilons, fitted_slope, limit_at_zero, nearest
from nn_core.network import Network
from nn_core.random import stream
from nn_core.settings import check_parts

EPSILONS = 0.5 ** np.arange(1, 11)
NOISE = 200 * np.finfo(np.float64).eps  # errors below this share of the values are rounding
CLEAR = 1e4  # times the noise: steps of the function so large have digits enough to look on to eps = 0
RIGHT = 1.75  # the least slope of a right gradient where a corner lies near: half-way would be 1.5


@dataclass(frozen=True)
class SlopeTest:
    """The errors of one test over `epsilons`, and what follows from them.

    zero_slope, first_slope: fitted by least squares on the logarithms; NaN where all is noise. missing: the share of
    the derivative along the direction that the gradient misses, NaN where a corner close by hides it. verdict: "right",
    "linear" (no first-order error but rounding, at least close by: what was moved enters linearly) or "wrong".
    """

    name: str
    epsilons: np.ndarray
    zero_order: np.ndarray
    first_order: np.ndarray
    zero_slope: float
    first_slope: float
    missing: float
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether the gradient stood the test."""
        return self.verdict != "wrong"

    @property
    def text(self) -> str:
        """The verdict in one sentence."""
        slope = f"the first-order error falls with slope {self.first_slope:.2f}"
        if self.verdict == "linear":
            noise = f"the first-order error is rounding noise ({self.first_order[self.epsilons.argmin()]:.0e})"
            further = "" if np.isnan(self.first_slope) else " close by, and a corner lies further off"
            return f"{self.name}: linear; {noise}{further}."
        if self.verdict == "right":
            if self.first_slope >= RIGHT:
                return f"{self.name}: {slope}, so it is right."
            return f"{self.name}: {slope}, spoilt by a corner or a strong bend, but nothing is missing, so it is right."
        if np.isnan(self.missing):
            return f"{self.name}: {slope}, so it is wrong, or a corner lies very close (try a shorter direction)."
        return f"{self.name}: {slope} and {100 * self.missing:.3g} % of the derivative is missing, so it is wrong."


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

    Raises ValueError for shapes that differ, a direction of length 0 or numbers that are not finite; TypeError for
    anything but float64, which alone is fine enough.
    """
    check_arrays(point=point, direction=direction, gradient=gradient)
    if not point.shape == direction.shape == gradient.shape:
        shapes = f"{point.shape}, {direction.shape} and {gradient.shape}"
        raise ValueError(f"point, direction and gradient must have one shape, not {shapes}.")
    return _slope_test(name, function, point, direction, np.vdot(gradient, direction), epsilons)


def layer_tests(
    layer,
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
    products = {name: np.empty(y.shape) for name in at.moved}  # J v, from J^T e of one output e after the other
    for place in np.ndindex(y.shape):
        unit = np.zeros(y.shape)
        unit[place] = 1
        for name, gradient in at.backward(unit, cache).items():
            products[name][place] = np.vdot(gradient, directions[name])
    return [
        _slope_test(
            name,
            lambda moved, name=name: at.forward(**{name: moved})[0],
            values,
            directions[name],
            products[name],
            epsilons,
        )
        for name, values in at.moved.items()
    ]


def network_tests(
    network,
    loss,
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
    value, gradient, dx = _objective(network, loss, theta, x, targets, 0.0, rng)
    draw, tests, learned = stream(seed, "slopes"), [], np.zeros(theta.shape)
    for name, place in _places(network):
        direction = np.zeros(theta.shape)
        direction[place] = random_direction(draw, direction[place].shape, length)
        learned += direction
        tests.append(gradient_test(value, gradient, theta, direction, name=name, epsilons=epsilons))
    along_x = random_direction(draw, x.shape, length)
    tests.append(gradient_test(lambda moved: value(theta, moved), dx, x, along_x, name="x", epsilons=epsilons))
    everything = learned * (length / np.linalg.norm(learned))
    return [*tests, gradient_test(value, gradient, theta, everything, name="all parameters", epsilons=epsilons)]


def gradient_errors(
    network, loss, theta: np.ndarray, x: np.ndarray, targets: np.ndarray, l2: float = 0.0, eps: float = 1e-4
) -> dict[str, float]:
    """The largest relative error of each parameter's gradient, and of x's, against differences in every number.

    l2: strength of a penalty (l2 / 2) * sum(W^2) that is part of the objective.
    """
    value, gradient, dx = _objective(network, loss, theta, x, targets, l2, None)
    numeric = numeric_gradient(value, theta, eps)
    errors = {name: relative_error(gradient[place], numeric[place]) for name, place in _places(network)}
    return errors | {"x": relative_error(dx, numeric_gradient(lambda moved: value(theta, moved), x, eps))}


def _objective(network, loss, theta, x, targets, l2, rng):
    """The loss with its penalty as a function of theta and x, and its gradients there."""
    check_arrays(theta=theta, x=x)
    if theta.shape != (network.size,):
        raise ValueError(f"theta has the shape {theta.shape}; the network has {network.size:,} parameters.")
    network = Network(network.layers, network.input_shape, np.float64)  # the same one, whatever it trains in
    x, targets = check_parts({"train": (x, targets)}, network, loss)["train"]
    mask, gradient = network.weights_mask(), np.zeros_like(theta)

    def forward(theta, x):
        params = network.views(theta.copy())  # batch normalisation moves its statistics
        return *network.forward(x, params, rng() if rng else None), params

    def value(theta=theta, x=x):
        outputs, _, _ = forward(theta, x)
        return float(loss.value(outputs, targets)) + l2 / 2 * float((mask * theta**2).sum())

    outputs, caches, params = forward(theta, x)
    dx = network.backward(loss.gradient(outputs, targets), caches, params, network.views(gradient), need_dx=True)
    return value, gradient + l2 * mask * theta, dx


def _places(network):
    """Name and slice of theta of each parameter that is learned."""
    for number, places in enumerate(network.places):
        for name, (offset, parameter) in places.items():
            if parameter.learned:
                yield f"{number}.{name}", slice(offset, offset + int(np.prod(parameter.shape)))


def _slope_test(name, function, point, direction, slope, epsilons):
    """slope: the derivative of the function along the direction, which is tested."""
    epsilons = checked_epsilons(epsilons)
    if not np.linalg.norm(direction) > 0:
        raise ValueError("direction must not be zero everywhere: there is nothing to move.")
    start = np.asarray(function(point))
    if start.shape != np.shape(slope):
        raise ValueError(f"function must give one number, not an array of the shape {start.shape}.")
    steps = np.stack([np.asarray(function(point + eps * direction)) - start for eps in epsilons])
    left = np.stack([step - eps * slope for step, eps in zip(steps, epsilons, strict=True)])
    zero, first = (np.linalg.norm(errors.reshape(len(epsilons), -1), axis=1) for errors in (steps, left))
    if not np.isfinite(first).all():
        raise ValueError(f"The function is not finite within {epsilons.max():g} of the point; choose another point.")
    noise = NOISE * (np.linalg.norm(start) + zero)
    zero_slope, first_slope = fitted_slope(epsilons, zero, noise), fitted_slope(epsilons, first, noise)
    near = nearest(epsilons, zero > CLEAR * noise)
    rates = np.stack([left[k] / epsilons[k] for k in near])
    missing, doubt = limit_at_zero(epsilons[near], rates)
    doubt += noise[near[0]] / epsilons[near[0]]
    derivative = max(zero[near[0]] / epsilons[near[0]], np.linalg.norm(slope), np.finfo(float).tiny)
    if (first[near] <= noise[near]).all():
        verdict = "right" if first_slope >= RIGHT else "linear"
    elif missing > doubt or _stays(epsilons[near[:3]], rates[:3], noise[near[0]]):
        verdict = "wrong"
    elif doubt < 0.5 * (first[near] / epsilons[near]).max():
        verdict = "right"  # nothing is left
    else:  # a corner lies among the smallest steps: the errors jump about, and only the slope can tell
        verdict, missing = ("right" if first_slope >= RIGHT else "wrong"), np.nan
    return SlopeTest(name, epsilons, zero, first, zero_slope, first_slope, missing / derivative, verdict)


def _stays(epsilons, rates, noise):
    """Whether something is missing by the three smallest steps alone: a corner may lie between them and the fourth."""
    missing, doubt = limit_at_zero(epsilons, rates)
    return missing > doubt + noise / epsilons[0]
