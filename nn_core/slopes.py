"""The gradient test and the Jacobian test: is a hand-written backward pass the derivative of the forward pass?

Move the input of f by a small step eps in a direction d and look at two errors:

    zero order     |f(x + eps d) - f(x)|                    halves when eps is halved
    first order    |f(x + eps d) - f(x) - eps <g, d>|       falls to a quarter, if g is the gradient

On a log-log plot over eps = 1/2, 1/4, ... these are lines of slope 1 and 2. With a wrong gradient the second line has
slope 1 as well. Where f is linear, the first-order error is rounding noise and has no slope at all. The Jacobian test
does the same for a layer, whose output is an array: J v is put together from its backward pass, one output at a time.

A corner of ReLU or a change of winner in a max pool between x and x + eps d spoils the slope for that eps: take another
direction, or a shorter one (`length`). Everything is float64.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nn_core.checks import numeric_gradient, relative_error
from nn_core.random import stream

EPSILONS = 0.5 ** np.arange(1, 11)
NOISE = 200 * np.finfo(np.float64).eps  # errors below this share of the values are rounding
FITTED = 6  # of the smallest eps that stand clear of the noise
RIGHT = 1.75  # the least slope of a right gradient: half-way between the two lines would be 1.5


@dataclass(frozen=True)
class SlopeTest:
    """The errors of one test over `epsilons`, and what follows from them.

    zero_slope, first_slope: fitted by least squares on the logarithms; NaN where all is noise. verdict: "right",
    "linear" (no first-order error at all: what was moved enters linearly) or "wrong".
    """

    name: str
    epsilons: np.ndarray
    zero_order: np.ndarray
    first_order: np.ndarray
    zero_slope: float
    first_slope: float
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether the gradient stood the test."""
        return self.verdict != "wrong"

    @property
    def text(self) -> str:
        """The verdict in one sentence."""
        return {
            "right": f"{self.name}: the first-order error falls with slope {self.first_slope:.2f}, so it is right.",
            "linear": f"{self.name}: linear; the first-order error is rounding noise ({self.first_order.max():.0e}).",
            "wrong": f"{self.name}: the first-order error falls with slope {self.first_slope:.2f}, so it is wrong.",
        }[self.verdict]


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
    _check(point=point, direction=direction, gradient=gradient)
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
    predicts. length: of the random directions. Running statistics are left out: nothing is learned there.
    """
    _check(x=x)
    about = layer.parameters(x.shape[1:])
    draw = stream(seed, "slopes")
    p = p or {name: 0.5 + 0.5 * draw.random(a.shape) for name, a in about.items()}
    _check(**p)
    if {name: values.shape for name, values in p.items()} != {name: a.shape for name, a in about.items()}:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in about.items())
        raise ValueError(f"The parameters do not fit: {layer.label} on samples of shape {x.shape[1:]} has {shapes}.")
    moved = {name: p[name] for name in about if about[name].learned} | {"x": x}
    directions = {name: _direction(draw, values.shape, length) for name, values in moved.items()}

    def outputs(**changed):
        own = {name: changed.get(name, values).copy() for name, values in p.items()}  # statistics may move
        return layer.forward(changed.get("x", x), own, rng() if rng else None)

    y, cache = outputs()
    products = {name: np.empty(y.shape) for name in moved}  # J v, from J^T e of one output e after the other
    for place in np.ndindex(y.shape):
        dy, gradients = np.zeros(y.shape), {name: np.zeros(values.shape) for name, values in p.items()}
        dy[place] = 1
        gradients["x"] = layer.backward(dy, cache, p, gradients)
        for name, direction in directions.items():
            products[name][place] = np.vdot(gradients[name], direction)
    return [
        _slope_test(
            name, lambda moved, name=name: outputs(**{name: moved})[0], moved[name], direction, products[name], epsilons
        )
        for name, direction in directions.items()
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
    """The gradient test of a whole network with its loss: each parameter ("1.W": of layer 1), x, and all of theta."""
    value, gradient, dx = _objective(network, loss, theta, x, targets, 0.0, rng)
    draw, tests, learned = stream(seed, "slopes"), [], np.zeros(theta.shape)
    for name, place in _places(network):
        direction = np.zeros(theta.shape)
        direction[place] = _direction(draw, direction[place].shape, length)
        learned += direction
        tests.append(gradient_test(value, gradient, theta, direction, name=name, epsilons=epsilons))
    along_x = _direction(draw, x.shape, length)
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
    _check(theta=theta, x=x)
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
    if not np.linalg.norm(direction) > 0:
        raise ValueError("direction must not be zero everywhere: there is nothing to move.")
    start = np.asarray(function(point))
    steps = [np.asarray(function(point + eps * direction)) - start for eps in epsilons]
    zero = np.array([np.linalg.norm(step) for step in steps])
    first = np.array([np.linalg.norm(step - eps * slope) for step, eps in zip(steps, epsilons, strict=True)])
    noise = NOISE * (np.linalg.norm(start) + zero)
    zero_slope, first_slope = _fit(epsilons, zero, noise), _fit(epsilons, first, noise)
    verdict = "linear" if np.isnan(first_slope) else "right" if first_slope >= RIGHT else "wrong"
    if not np.isfinite(first).all():
        raise ValueError(f"The function is not finite within {epsilons.max():g} of the point; choose another point.")
    return SlopeTest(name, np.asarray(epsilons), zero, first, zero_slope, first_slope, verdict)


def _fit(epsilons, errors, noise):
    """The slope of log(error) over log(eps) for the smallest eps whose errors are clear of the noise; NaN for none."""
    clear = np.flatnonzero(errors > noise)
    clear = clear[np.argsort(epsilons[clear])][:FITTED]
    return float(np.polyfit(np.log(epsilons[clear]), np.log(errors[clear]), 1)[0]) if len(clear) > 1 else np.nan


def _direction(draw, shape, length):
    direction = draw.standard_normal(shape)
    return direction * (length / np.linalg.norm(direction))


def _check(**arrays):
    for name, array in arrays.items():
        if array.dtype != np.float64:
            raise TypeError(f"{name} is {array.dtype}; slopes need float64, whose rounding is fine enough.")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite (NaN or infinity); clean it first.")
