"""Matrix products, and batches, into arrays that are there, by the fastest way for their shapes.

`np.dot` starts in half the time of `np.matmul`, but takes neither a stack of matrices nor, in the same way as it, a
matrix of one row or column: there the two would differ in the last bit, and a model would not train alone as it does in
a stack. A large product is cut into two halves of its rows, which are done at the same time.
"""

from collections.abc import Callable

import numpy as np

from nn_core.fast import threads

LARGE = 16_000_000  # multiplications; two halves of a smaller product take longer to hand over than they save
LONG = 1_000_000  # bytes of a batch; two threads wait for memory less long than one


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Callable:
    """A function of (a, b, out=) that is right for arrays of these shapes, leading axes being separate models."""
    (n, k), m = a.shape[-2:], b.shape[-1]
    if n * k * m >= LARGE:
        return _halves if out.ndim == 2 else _halves_of_each
    one_matrix = a.ndim == b.ndim == out.ndim == 2
    return np.dot if one_matrix and out.flags.c_contiguous and min(n, k, m) > 1 else np.matmul


def take(x: np.ndarray, rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """x[rows] into `out`; the rows are known to be there, so they are not looked at again."""
    if out.nbytes < LONG or rows.ndim > 1:
        return np.take(x, rows, axis=0, out=out, mode="clip")
    parts = threads.halves(len(rows))
    threads.run(lambda part: np.take(x, rows[parts[part]], axis=0, out=out[parts[part]], mode="clip"))
    return out


def _halves(a: np.ndarray, b: np.ndarray, out: np.ndarray):
    parts = threads.halves(len(out))
    threads.run(lambda part: np.matmul(a[parts[part]], b, out=out[parts[part]]))
    return out


def _halves_of_each(a: np.ndarray, b: np.ndarray, out: np.ndarray):
    for model in np.ndindex(out.shape[:-2]):
        own = [array if array.ndim == 2 else array[model] for array in (a, b)]
        _halves(own[0], own[1], out[model])
    return out
