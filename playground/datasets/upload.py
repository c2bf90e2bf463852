"""Data of one's own: a table of text, or points painted with the mouse, made into a data set.

Everything here comes from a stranger: every way in which it can be unusable has its own sentence, with the row and
the column where that helps.
"""

from collections.abc import Sequence

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import (
    LARGEST,
    MAX_CLASSES,
    MAX_ROWS,
    MAX_VALUES,
    DataError,
    Drawn,
    input_names,
    numbered,
)
from playground.datasets.table import Table, to_number, unique

LEAST_ROWS = 4  # one to validate, one to test, two to learn from
LEAST_ROWS_OF_A_CLASS = 2
TASKS = ("auto", "classes", "values")


def table_to_data(table: Table, label_column: int = -1, task: str = "auto", title: str = "Your table") -> Drawn:
    """Make a data set of a table: one column is the label, all others are inputs.

    label_column: its index; the last one by default. task: "classes", "values", or "auto" to find out. Raises
    DataError, in one sentence, for anything that cannot be trained on.
    """
    if task not in TASKS:
        raise DataError(f"The task must be one of {', '.join(TASKS)}, not {clip(task)!r}.")
    if not -len(table.columns) <= label_column < len(table.columns):
        raise DataError(f"There is no column {label_column + 1}; the table has {len(table.columns)}.")
    label_column %= len(table.columns)
    inputs = [index for index in range(len(table.columns)) if index != label_column]
    if len(table.rows) * len(inputs) > MAX_VALUES:
        raise DataError(
            f"The table has {len(table.rows):,} rows of {len(inputs)} inputs; the most is {MAX_VALUES:,} numbers: "
            "keep fewer rows or columns."
        )
    if len(table.rows) < LEAST_ROWS:
        raise DataError(f"The table has {rows_text(len(table.rows))}; it needs at least {LEAST_ROWS}.")
    if task == "auto":
        task = find_task(table, label_column)
    x = np.column_stack([number_column(table, index) for index in inputs])
    names = tuple(table.columns[index] for index in inputs)
    source = (
        f"A table of {len(table.rows):,} rows that you brought; its label is the column {table.columns[label_column]}."
    )
    if task == "values":
        value = number_column(table, label_column)
        if value.min() == value.max():
            raise DataError(
                f"Column {table.columns[label_column]!r} holds {value[0]:g} in every row: nothing to predict; "
                "choose another label column."
            )
        return Drawn(x, value[:, None], (), names, clip(title), source)
    y, classes = class_column(table, label_column)
    check_classes(y, classes, "row", f"column {table.columns[label_column]!r}")
    return Drawn(x, y, classes, names, clip(title), source)


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


def find_task(table: Table, column: int) -> str:
    """ "classes" for a label of text or of a few whole numbers, "values" for any other numbers."""
    try:
        numbers = {to_number(row[column], table.separator) for row in table.rows}
    except ValueError:
        return "values" if mostly_numbers(table, column) else "classes"
    return "classes" if len(numbers) <= MAX_CLASSES and all(number.is_integer() for number in numbers) else "values"


def mostly_numbers(table: Table, column: int) -> bool:
    """Whether a column looks like numbers with a few mistakes: more different numbers than there may be classes."""
    numbers = set()
    for row in table.rows:
        try:
            numbers.add(to_number(row[column], table.separator))
        except ValueError:
            continue
    return len(numbers) > MAX_CLASSES


def number_column(table: Table, column: int) -> np.ndarray:
    """The numbers (rows,) of one column; raises DataError that names the first cell which is not a finite number."""
    numbers = np.empty(len(table.rows))
    for index, row in enumerate(table.rows):
        try:
            numbers[index] = to_number(row[column], table.separator)
        except ValueError:
            raise DataError(f"{where(table, index, column)}: {complaint(row[column])}.") from None
    bad = np.flatnonzero(~(np.abs(numbers) <= LARGEST))
    if len(bad):
        cell = clip(table.rows[bad[0]][column])
        what = "is too large" if np.isfinite(numbers[bad[0]]) else "is not a finite number"
        raise DataError(f"{where(table, bad[0], column)}: {cell!r} {what}; correct the cell or remove the row.")
    return numbers


def complaint(cell: str) -> str:
    """What is wrong with a cell that should be a number."""
    if not cell:
        return "the cell is empty; fill it or remove the row"
    return f"{clip(cell)!r} is not a number; correct it, remove the row, or choose this column as the label"


def class_column(table: Table, column: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class indices (rows,) and class names of one column: numbers in their order, text in the alphabet's."""
    cells = [row[column] for row in table.rows]
    if "" in cells:
        raise DataError(f"{where(table, cells.index(''), column)}: {complaint('')}.")
    try:
        keys = [to_number(cell, table.separator) for cell in cells]  # 1 and 1.0 are one class
    except ValueError:
        keys = cells
    else:
        number_column(table, column)  # refuses nan and inf, naming the cell
    order = sorted(set(keys))
    if len(order) > MAX_CLASSES:
        numeric = isinstance(order[0], float)
        advice = "choose the task values" if numeric else "choose another label column"
        raise DataError(
            f"Column {table.columns[column]!r} holds {len(order):,} different labels; "
            f"the most is {MAX_CLASSES} classes: {advice}."
        )
    index = {key: number for number, key in enumerate(order)}
    names = unique([f"{key:.12g}" if isinstance(key, float) else key for key in order])
    return np.array([index[key] for key in keys], dtype=np.int64), names


def where(table: Table, index: int, column: int) -> str:
    """The place of a cell in words."""
    return f"Row {table.numbers[index]:,}, column {table.columns[column]!r}"


def rows_text(rows: int) -> str:
    """A number of rows in words."""
    return "1 row" if rows == 1 else f"{rows:,} rows"
