"""Checks of derivatives: what a hand-written backward pass is compared with.

A derivative is a limit of differences, so whoever doubts a formula can compute it a second time, slowly, without it.
"""

from collections.abc import Callable

import numpy as np


def numeric_gradient(function: Callable[[np.ndarray], float], array: np.ndarray, eps: float = 1e-3) -> np.ndarray:
    """The gradient of `function(array)`, one number, with respect to each number of a float64 `array`, in its shape.

    Central differences of fourth order, (8 (f(+eps) - f(-eps)) - (f(+2 eps) - f(-2 eps))) / (12 eps): the error falls
    with eps^4, so that eps may be large enough for rounding not to matter (Fornberg, 1988). The function must be
    smooth within 2 eps of each number: mind the corner of ReLU. Raises TypeError for float32, which is too coarse.
    """
    if array.dtype != np.float64:
        raise TypeError(f"Numeric gradients need float64, not {array.dtype}.")
    gradient = np.empty(array.shape)
    for place in np.ndindex(array.shape):

        def at(distance, place=place):
            moved = array.copy()
            moved[place] += distance
            return function(moved)

        near, far = at(eps) - at(-eps), at(2 * eps) - at(-2 * eps)
        gradient[place] = (8 * near - far) / (12 * eps)
    return gradient


def relative_error(a: np.ndarray, b: np.ndarray, scale: float = 1e-8) -> float:
    """The largest |a - b| / max(scale, |a| + |b|): 0 for equal arrays, 1 for numbers of opposite signs.

    scale: numbers smaller than this are compared by their difference, since all digits of a rounded zero are wrong.
    Raises ValueError for different shapes; NaN where either holds a NaN.
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError(f"Cannot compare the shapes {a.shape} and {b.shape}.")
    if a.size == 0:
        return 0.0
    return float(np.max(np.abs(a - b) / np.maximum(scale, np.abs(a) + np.abs(b))))


def check_arrays(**arrays: np.ndarray) -> None:
    """Raise, under the array's name, TypeError for anything but float64; ValueError for no numbers, NaN or infinity."""
    for name, array in arrays.items():
        found = getattr(array, "dtype", type(array).__name__)
        if found != np.float64:
            raise TypeError(f"{name} is {found}; slopes need float64 arrays, whose rounding is fine enough.")
        if array.size == 0:
            raise ValueError(f"{name} is empty; there is nothing to move.")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds numbers that are not finite (NaN or infinity); clean it first.")
