"""What a row of errors over shrinking steps says: the slope of its line on a log-log plot, and where it is going.

The slope is what the eye reads off the plot. It is a poor judge on its own: a small fault crosses the curvature of the
function and bends the line up, a kink of ReLU bends it down. So the verdict of verdicts.py rests on the limit of
error / eps for eps -> 0, which is 0 for a right gradient and what is missing for a wrong one.
"""

from itertools import pairwise

import numpy as np

from nn_core.spec import clip

WINDOW = 4  # neighbouring steps, from which the limit is told
FITTED = 6  # the smallest steps clear of rounding, through which the slope is fitted
CAUTION = 10  # times that by which the extrapolations differ


def checked_epsilons(epsilons: np.ndarray) -> np.ndarray:
    """The steps as float64 `(steps,)`. Raises ValueError for too few, equal ones, and any that is not above 0."""
    found = np.asarray(epsilons, np.float64)
    fits = found.ndim == 1 and len(np.unique(found)) == found.size >= WINDOW
    if not fits or not (np.isfinite(found) & (found > 0)).all():
        raise ValueError(f"epsilons must be at least {WINDOW} different numbers above 0, not {clip(repr(epsilons))}.")
    return found


def fitted_slope(epsilons: np.ndarray, errors: np.ndarray, noise: np.ndarray) -> float:
    """The slope of log(error) over log(eps) by least squares, where errors are clear of the noise; NaN for no line."""
    clear = np.flatnonzero(errors > noise)
    clear = clear[np.argsort(epsilons[clear])][:FITTED]
    return float(np.polyfit(np.log(epsilons[clear]), np.log(errors[clear]), 1)[0]) if len(clear) > 1 else np.nan


def nearest(epsilons: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Where the smallest steps stand, one window of them, of those that are clear of rounding.

    The largest of all where too few are clear.
    """
    order = np.argsort(epsilons)
    chosen = order[clear[order]][:WINDOW]
    return chosen if len(chosen) == WINDOW else order[-WINDOW:]


def limit_at_zero(epsilons: np.ndarray, rates: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, float]:
    """The limit of rates `(steps, ...)` for eps -> 0, and a cautious bound of how far off its length may be.

    noise `(steps,)`: by how much rounding may have moved each rate. Told from the four neighbouring steps that tell it
    best: larger ones bend, smaller ones drown in rounding.
    """
    order = np.argsort(epsilons)
    starts = range(len(order) - WINDOW + 1)
    return min((_extrapolated(epsilons[k], rates[k], noise[k]) for k in (order[s : s + WINDOW] for s in starts)),
               key=lambda found: found[1])  # fmt: skip


def _extrapolated(epsilons: np.ndarray, rates: np.ndarray, noise: np.ndarray):
    """Polynomials through the first two, three and four points tell the limit better and better.

    Neville's rule; for halved steps it is Richardson's extrapolation (1911).
    """
    table, spread, limits = list(rates), list(noise), []
    for width in range(1, len(epsilons)):
        near, far = epsilons[:-width], epsilons[width:]
        weights = list(zip(far / (far - near), near / (far - near), strict=True))
        table = [a * table[k] - b * table[k + 1] for k, (a, b) in enumerate(weights)]
        spread = [a * spread[k] + b * spread[k + 1] for k, (a, b) in enumerate(weights)]
        limits.append(table[0])
    changes = [np.linalg.norm(after - before) for before, after in pairwise(limits)]
    return limits[-1], float(CAUTION * sum(changes) + spread[0])
