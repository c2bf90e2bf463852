"""A layer as a function of its parameters and inputs, for the tests of its Jacobian J; and the transposed test.

The backward pass of a layer never builds J. It gives J^T u for any u, the gradient of <u, y>. Two tests make use of it:

    Jacobian test (`layer_tests` of slopes.py)   J v from the backward pass, one output after the other, explains the
                                                 change of y along v to first order: the slopes are 1 and 2. It looks at
                                                 every output, and its plot shows where rounding and corners begin.
    transposed test (here)                       <u, J v> = <v, J^T u> for random u and v, with J v from central
                                                 differences and J^T u from one backward pass. One number, cheap at any
                                                 size; but it mixes all outputs, and shows no slope.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nn_core.derivatives.checks import check_arrays
from nn_core.derivatives.kinks import HIGH, LOW, OWN, SHRINKS, SMALLER, Watch
from nn_core.kinds import Layer, Params
from nn_core.random import stream
from nn_core.spec import clip


class MovedLayer:
    """A layer at one point, of which one array at a time can be moved.

    x `(samples, *features)`; p: the parameters by name, else drawn from `draw`. rng: gives the same new generator at
    each call, which means training; without it the layer predicts. All copies: running statistics stay as they were.
    Raises TypeError for anything but float64; ValueError for shapes that do not fit and numbers that are not finite.
    """

    def __init__(self, layer: Layer, x: np.ndarray, p: Params | None, rng: Callable | None, draw):
        check_arrays(x=x)
        about = layer.parameters(x.shape[1:])
        if p is None:
            p = {name: 0.5 + 0.5 * draw.random(a.shape) for name, a in about.items()}
        check_arrays(**p)
        if {name: values.shape for name, values in p.items()} != {name: a.shape for name, a in about.items()}:
            shapes = ", ".join(f"{name} {a.shape}" for name, a in about.items()) or "no parameters"
            raise ValueError(f"p does not fit: {layer.label} on samples of shape {x.shape[1:]} has {shapes}.")
        self.layer, self.x, self.p, self.rng = layer, x, p, rng
        self.moved = {name: p[name] for name in about if about[name].learned} | {"x": x}

    def forward(self, layer: Any = None, **changed) -> tuple[np.ndarray, object]:
        """y and the cache, with some arrays replaced; layer: to run in place of the real one."""
        own = {name: changed.get(name, values).copy() for name, values in self.p.items()}
        return (layer or self.layer).forward(changed.get("x", self.x), own, self.rng() if self.rng else None)

    def backward(self, u: np.ndarray, cache: Any) -> dict[str, Any]:
        """J^T u for each array that can be moved, by the layer's own backward pass."""
        gradients = {name: np.zeros(values.shape) for name, values in self.p.items()}
        dx = self.layer.backward(u, cache, self.p, gradients)
        return {name: gradients[name] for name in self.moved if name != "x"} | {"x": dx}


def random_direction(draw: np.random.Generator, shape: tuple[int, ...], length: float) -> np.ndarray:
    """An array whose numbers, as one vector, point anywhere with equal chance and have this length."""
    if not (isinstance(length, (int, float)) and 0 < length < np.inf):
        raise ValueError(f"length must be a number above 0, not {clip(repr(length))}.")
    direction = draw.standard_normal(shape)
    return direction * (length / np.linalg.norm(direction))


def transposed_errors(
    layer: Layer,
    x: np.ndarray,
    p: dict[str, np.ndarray] | None = None,
    *,
    rng: Callable[[], np.random.Generator] | None = None,
    seed: int = 0,
    eps: float = 1e-5,
) -> dict[str, float]:
    """The Jacobian transposed test: by how much <u, J v> and <v, J^T u> differ, for each parameter and x.

    u and v are random and of length 1; the difference is a share of the length of J^T u, so that a lucky <u, J v> near
    0 does no harm. About 1e-10 for a right backward pass, about 0.1 for a factor that was forgotten. A step that would
    cross a kink is made smaller; on a kink each side is right, and all between. p, rng and errors as for `layer_tests`.
    """
    draw = stream(seed, "transposed")
    at = MovedLayer(layer, x, p, rng, draw)
    y, cache = at.forward()
    u, watch = random_direction(draw, y.shape, 1.0), Watch([layer])
    watch.settle(lambda: at.forward(watch.layers[0]))
    errors = {}
    for name, gradient in at.backward(u, cache).items():
        v = random_direction(draw, at.moved[name].shape, 1.0)
        found: list[float] = [
            _along(watch, lambda moved, name=name: at.forward(watch.layers[0], **{name: moved})[0], at.moved[name], v,
                   u, eps, choice)
            for choice in ((OWN, LOW, HIGH) if watch.tied else (OWN,))
        ]  # fmt: skip
        claimed = np.vdot(v, gradient)
        differs = abs(np.clip(claimed, min(found), max(found)) - claimed)
        errors[name] = float(differs / max(np.linalg.norm(gradient), eps))
    return errors


def _along(watch: Watch, function, array: np.ndarray, v: np.ndarray, u: np.ndarray, eps, choice):
    """<u, J v> by central differences that cross no kink."""
    sides = watch.traced(lambda: function(array), choice)[1]
    for step in eps / SMALLER ** np.arange(SHRINKS + 1):
        ahead, behind = (watch.traced(lambda at=array + side * step * v: function(at), choice) for side in (1, -1))
        if np.array_equal(ahead[1], sides) and np.array_equal(behind[1], sides):
            break
    return float(np.vdot(u, ahead[0] - behind[0]) / (2 * step))
