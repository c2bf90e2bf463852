"""What a column of a table holds: numbers, true or false, dates, text, or nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.datasets.numerals import is_number, to_number

MISSING = {"", "?", "na", "n/a", "nan", "null", "<na>", "#n/a", "#na", "#value!", "#div/0!", "#ref!", "#num!", "nil"}
TRUTHS = {"true": 1.0, "false": 0.0}
DATE = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}\.\d{1,2}\.\d{2,4})"
    r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)?( ?[AaPp][Mm]| ?Z| ?[+-]\d{2}:?\d{2})?"
)
KINDS = ("number", "percent", "true or false", "date", "text", "empty")
USABLE = ("number", "percent", "true or false")  # as an input


@dataclass(frozen=True)
class Column:
    """What a column holds: one of KINDS. same: every cell is the same. counts: it numbers the rows from 0 or 1."""

    kind: str
    same: bool = False
    counts: bool = False


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.lower() in MISSING


def look_at(cells: Sequence[str]) -> Column:
    """What a column holds: what more than half of its cells are, those that are missing not counted."""
    different = dict.fromkeys(cells)
    there = [cell for cell in cells if not is_missing(cell)]
    if not there:
        return Column("empty")
    numbers = {cell: is_number(cell) for cell in different}
    same = len(different) == 1
    if 2 * sum(numbers[cell] for cell in there) > len(there):
        written = [cell.endswith("%") for cell in there if numbers[cell]]
        percent = 2 * sum(written) > len(written)
        return Column("percent" if percent else "number", same, not percent and counts_rows(cells))
    if 2 * sum(cell.lower() in TRUTHS for cell in there) > len(there):
        return Column("true or false", same)
    dates = {cell: bool(DATE.fullmatch(cell)) for cell in different}
    return Column("date" if 2 * sum(dates[cell] for cell in there) > len(there) else "text", same)


def counts_rows(cells: Sequence[str]) -> bool:
    """Whether the cells count from 0 or 1, one further in each row."""
    try:
        first = int(cells[0])
        return first in (0, 1) and all(int(cell) == number for number, cell in enumerate(cells, start=first))
    except ValueError:
        return False


def value(cell: str, kind: str, decimal: str) -> float:
    """The number that a cell of a column of that kind stands for. Raises ValueError."""
    if kind == "true or false":
        if cell.lower() not in TRUTHS:
            raise ValueError(cell)
        return TRUTHS[cell.lower()]
    if kind == "percent":
        if not cell.endswith("%"):
            raise ValueError(cell)
        return to_number(cell[:-1].rstrip(), decimal) / 100
    return to_number(cell, decimal)
