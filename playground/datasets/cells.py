"""The cells of a table as numbers and as classes, and the sentence for each cell that is neither.

A row with such a cell is refused (`Refused`), or, where it may be left out, noted with the reason in `left`.
"""

import re
from collections import Counter

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import LARGEST, MAX_CLASSES, DataError
from playground.datasets.columns import is_missing, value
from playground.datasets.numerals import to_number
from playground.datasets.table import Table, unique
from playground.datasets.upload import LEAST_ROWS_OF_A_CLASS

LEADING_ZERO = re.compile(r"[+-]?0\d")  # 007 is not 7: a number so written is a name


class Refused(DataError):
    """A problem that a choice would mend: the field of Choices that does."""

    def __init__(self, sentence: str, offer: str):
        super().__init__(sentence)
        self.offer = offer


def number_column(table: Table, number: int, decimal: str, left: dict[int, str] | None) -> np.ndarray:
    """The numbers (rows,) of one column. left: takes up rows without one; where it is None they raise DataError."""
    kind = table.kinds[number].kind
    numbers = np.full(len(table.rows), np.nan)
    for row, cell in enumerate(table.cells(number)):
        try:
            numbers[row] = value(cell, kind, decimal)
        except ValueError:
            if left is None:
                raise Refused(f"{where(table, row, number)}: {complaint(cell, kind)}.", "leave_out") from None
            left.setdefault(row, "a cell is missing" if is_missing(cell) else "a cell is not a number")
    for row in np.flatnonzero(~(np.abs(numbers) <= LARGEST)):
        cell, finite = table.rows[row][number], np.isfinite(numbers[row])
        if left is None:
            what = "is too large" if finite else "is not a finite number"
            raise Refused(
                f"{where(table, row, number)}: {clip(cell)!r} {what}; correct the cell or remove the row.", "leave_out"
            )
        left.setdefault(
            int(row),
            "a number is too large" if finite else "a cell is missing" if is_missing(cell) else "a number is infinite",
        )
    return numbers


def complaint(cell: str, kind: str) -> str:
    """What is wrong with a cell that should be a number."""
    if not cell:
        return "the cell is empty; fill it or remove the row"
    if kind == "percent":
        return f"{clip(cell)!r} has no percent sign as the other cells of the column have; correct it"
    return f"{clip(cell)!r} is not a number; correct it, remove the row, or leave the column out"


def find_task(table: Table, label: int, decimal: str) -> str:
    """ "classes" for a label of text or of a few whole numbers, "values" for any other numbers."""
    numbers, all_numbers = set(), True
    if table.kinds[label].kind == "percent":
        return "values"
    for cell in dict.fromkeys(table.cells(label)):
        if is_missing(cell):
            continue
        try:
            numbers.add(to_number(cell, decimal))
        except ValueError:
            all_numbers = False
    if not all_numbers:
        return "values" if len(numbers) > MAX_CLASSES else "classes"
    return "classes" if len(numbers) <= MAX_CLASSES and all(number.is_integer() for number in numbers) else "values"


def class_keys(table: Table, label: int, decimal: str, left: dict[int, str] | None) -> list[str | float]:
    """What names the class of each row: a number where all labels are plain numbers (1 and 1.0 are one), else text."""
    cells = table.cells(label)
    for row, cell in enumerate(cells):
        if not is_missing(cell):
            continue
        if left is None:
            what = complaint("", "") if not cell else f"the label {cell!r} is missing; fill it or remove the row"
            raise Refused(f"{where(table, row, label)}: {what}.", "leave_out")
        left.setdefault(row, "the label is missing")
    there = [cell for cell in cells if not is_missing(cell)]
    if any(LEADING_ZERO.match(cell) for cell in there):
        return cells
    try:
        numbers = {cell: to_number(cell, decimal) for cell in dict.fromkeys(there)}
    except ValueError:
        return cells
    number_column(table, label, decimal, left)  # refuses inf, naming the cell
    return [numbers.get(cell, np.nan) for cell in cells]


def rare_rows(keys: list[str | float], left: dict[int, str]) -> dict[int, str]:
    """The rows whose class is not among the most frequent, or has too few rows to learn from."""
    sizes = Counter(key for row, key in enumerate(keys) if row not in left)
    enough = [key for key in sorted(sizes) if sizes[key] >= LEAST_ROWS_OF_A_CLASS]
    frequent = set(sorted(enough, key=lambda key: -sizes[key])[:MAX_CLASSES])
    return {row: "a rare class" for row, key in enumerate(keys) if row not in left and key not in frequent}


def class_indices(keys: list[str | float], column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class indices (rows,) and class names: numbers in their order, text in the alphabet's."""
    sizes = Counter(keys)
    order = sorted(sizes)
    if len(order) > MAX_CLASSES:
        advice = "choose the task values" if isinstance(order[0], float) else "choose another label column"
        some = sum(size >= LEAST_ROWS_OF_A_CLASS for size in sizes.values()) > 1
        raise Refused(
            f"Column {column!r} holds {len(order):,} different labels; "
            f"the most is {MAX_CLASSES} classes: {advice}{', or use the most frequent' if some else ''}.",
            "frequent_classes" if some else "",
        )
    index = {key: number for number, key in enumerate(order)}
    names = unique([f"{key:.12g}" if isinstance(key, float) else key for key in order])
    return np.array([index[key] for key in keys], dtype=np.int64), names


def where(table: Table, row: int, number: int) -> str:
    """The place of a cell in words."""
    return f"Row {table.numbers[row]:,}, column {table.columns[number]!r}"


def count(cells: int) -> str:
    """A number of cells in words."""
    return "1 cell" if cells == 1 else f"{cells:,} cells"
