"""Points that are painted with the mouse, made into a data set, and what every data set of one's own must have.

Everything here comes from a stranger: every way in which it can be unusable has its own sentence.
"""

from collections.abc import Sequence

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import (
    LARGEST,
    MAX_CLASSES,
    MAX_ROWS,
    DataError,
    Drawn,
    input_names,
    numbered,
)

LEAST_ROWS = 4  # one to validate, one to test, two to learn from
LEAST_ROWS_OF_A_CLASS = 2


def from_points(points: Sequence[tuple[float, float, int]], title: str = "Your points") -> Drawn:
    """Make a data set of painted points (x, y, class index); an index that no point has is a class all the same.

    Raises DataError when there are too few points or classes to train on.
    """
    if len(points) > MAX_ROWS:
        raise DataError(f"There are {len(points):,} points; the most is {MAX_ROWS:,}.")
    try:
        array = np.array([tuple(point) for point in points], dtype=np.float64).reshape(len(points), 3)
    except (TypeError, ValueError) as error:
        raise DataError("Each point must be three numbers: x, y and the index of its class.") from error
    for number, (x, y, label) in enumerate(array, start=1):
        if not (abs(x) <= LARGEST and abs(y) <= LARGEST):
            raise DataError(f"Point {number:,} lies at ({x:g}, {y:g}); both must be finite numbers of sensible size.")
        if label not in range(MAX_CLASSES):
            raise DataError(
                f"Point {number:,} has class {label:g}; it must be a whole number from 0 to {MAX_CLASSES - 1}."
            )
    if len(array) < LEAST_ROWS:
        raise DataError(f"There are {len(array)} points; paint at least {LEAST_ROWS}, in two classes.")
    y = array[:, 2].astype(np.int64)
    classes = numbered("class", int(y.max()) + 1)
    check_classes(y, classes, "point", "the picture")
    return Drawn(array[:, :2], y, classes, input_names(2), clip(title), f"{len(array):,} points that you painted.")


def check_classes(y: np.ndarray, classes: tuple[str, ...], unit: str, place: str) -> None:
    """Raise DataError unless at least two classes are there, each with enough rows (or points: the `unit`)."""
    counts = np.bincount(y, minlength=len(classes))
    present = np.flatnonzero(counts)
    if len(present) < 2:
        raise DataError(
            f"All {unit}s in {place} are of one class, {clip(classes[present[0]])!r}; a classifier needs at least two."
        )
    scarce = present[np.argmin(counts[present])]
    if counts[scarce] < LEAST_ROWS_OF_A_CLASS:
        raise DataError(
            f"Class {clip(classes[scarce])!r} has only {counts[scarce]} {unit}; each class needs at least "
            f"{LEAST_ROWS_OF_A_CLASS}, to learn from one and to be tested on another."
        )
