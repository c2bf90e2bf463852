"""A table and choices, read: what was recognised, what is left out and why, and the data set if it can be used.

`read` is a pure function, so that a page can show what a table will be before anything is done with it. Where a choice
is left open it recognises; where two readings are possible it refuses, and says which choice decides. What is wrong is
one sentence at a time, with the row and the column, and with the choice that would help (`offer`).
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import MAX_COLUMNS, MAX_VALUES, DataError, Drawn
from playground.datasets.cells import (
    Refused,
    class_indices,
    class_keys,
    count,
    find_task,
    number_column,
    rare_rows,
    where,
)
from playground.datasets.columns import USABLE, value
from playground.datasets.numerals import DECIMALS, find_decimal
from playground.datasets.table import Table
from playground.datasets.upload import LEAST_ROWS, LEAST_ROWS_OF_A_CLASS, check_classes

TASKS = ("auto", "classes", "values")
ROLES = ("input", "label", "left out")
HEAD = 5  # rows that are shown
UNUSABLE = {"text": "text", "date": "dates", "empty": "empty"}


@dataclass(frozen=True)
class Choices:
    """How a table is to be read; None leaves it to what is recognised.

    separator, header: see `read_table`. decimal: "." or ",", the sign before the decimals; the other groups digits.
    label, inputs: columns by number. task: one of TASKS. leave_out: rows that cannot be used are left out, not refused.
    first_columns: of too many columns, the first are used. frequent_classes: of too many classes, or of classes with
    too few rows, the most frequent are used.
    """

    separator: str | None = None
    header: bool | None = None
    decimal: str | None = None
    label: int | None = None
    inputs: tuple[int, ...] | None = None
    task: str = "auto"
    leave_out: bool = False
    first_columns: bool = False
    frequent_classes: bool = False


@dataclass(frozen=True, eq=False)
class Reading:
    """What came of a table and choices.

    decimal: the sign in use, "" while it is in question. roles: one of ROLES for each column. reasons: why columns are
    left out, by number. rows_left_out: how many rows for each reason. classes: how many rows of each. head: the first
    rows as they are read, text. problem: what is wrong, one sentence, else empty. offer: the field of Choices that
    would mend it, else empty. drawn: the data set, None while there is a problem.
    """

    table: Table
    choices: Choices
    decimal: str
    label: int
    roles: tuple[str, ...]
    reasons: dict[int, str]
    task: str = "classes"
    rows_left_out: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    head: tuple[tuple[str, ...], ...] = ()
    problem: str = ""
    offer: str = ""
    drawn: Drawn | None = None

    def data(self) -> Drawn:
        """The data set; raises DataError, the problem, where there is none."""
        if self.drawn is None:
            raise DataError(self.problem)
        return self.drawn

    @property
    def inputs(self) -> list[int]:
        """The numbers of the columns that are inputs."""
        return [number for number, role in enumerate(self.roles) if role == "input"]


def read(table: Table, choices: Choices | None = None, title: str = "Your table") -> Reading:
    """Read a table as chosen. Raises DataError only for choices that the table does not have."""
    choices = choices or Choices()
    _check(table, choices)
    label = _label(table, choices)
    roles, reasons = _roles(table, choices, label)
    found = Reading(table, choices, choices.decimal or ".", label, roles, reasons)
    used = [number for number in (*found.inputs, label) if table.kinds[number].kind in ("number", "percent")]
    question = ""
    if choices.decimal is None and table.separator:
        cells = ((cell, row, number) for number in used for row, cell in enumerate(table.cells(number)))
        decimal = find_decimal(cells, partial(where, table), points_are_decimal=table.separator == ",")
        question = decimal.question
        found = replace(found, decimal="" if question else decimal.sign)
    found = replace(found, head=_head(found, range(min(HEAD, len(table.rows)))))
    try:
        _check_size(found)
        if question:
            raise Refused(question, "decimal")
        return _drawn(found, title)
    except DataError as error:
        return replace(found, problem=str(error), offer=getattr(error, "offer", ""))


def _check(table: Table, choices: Choices) -> None:
    if choices.task not in TASKS:
        raise DataError(f"The task must be one of {', '.join(TASKS)}, not {clip(choices.task)!r}.")
    if choices.decimal not in (None, *DECIMALS):
        raise DataError(f"The decimal sign must be . or a comma, not {clip(choices.decimal)!r}.")
    named = [number for number in (choices.label, *(choices.inputs or ())) if number is not None]
    for number in named:
        if not -len(table.columns) <= number < len(table.columns):
            raise DataError(f"There is no column {number + 1}; the table has {len(table.columns)}.")


def _label(table: Table, choices: Choices) -> int:
    """The column of the label: the chosen one, else the last that is not empty."""
    last = len(table.columns) - 1
    if choices.label is not None:
        return choices.label % len(table.columns)
    return next((number for number in range(last, -1, -1) if table.kinds[number].kind != "empty"), last)


def _roles(table: Table, choices: Choices, label: int) -> tuple[tuple[str, ...], dict[int, str]]:
    """The role of each column, and why those are left out that are."""
    roles, reasons = [], {}
    for number, column in enumerate(table.kinds):
        if choices.inputs is not None:
            reason = "" if number in choices.inputs else "as chosen"
        elif number >= MAX_COLUMNS:
            reason = "beyond the most"
        elif number in table.unnamed and column.counts:
            reason = "counts the rows"
        else:
            reason = UNUSABLE.get(column.kind, "")
        if number == label:
            roles.append("label")
        elif reason:
            roles.append("left out")
            reasons[number] = reason
        else:
            roles.append("input")
    return tuple(roles), reasons


def _check_size(found: Reading) -> None:
    table, choices = found.table, found.choices
    if table.width > MAX_COLUMNS + 1 and not choices.first_columns:
        raise Refused(
            f"The table has {table.width:,} columns; the most is {MAX_COLUMNS} inputs and a label: "
            f"remove some columns, or use the first {MAX_COLUMNS}.",
            "first_columns",
        )
    if table.ragged and not choices.leave_out:
        number, cells = table.ragged[0]
        written = len(table.columns) + table.trailing if table.width == len(table.columns) else table.width
        raise Refused(
            f"Row {number:,} has {count(cells)}, but row {table.first_number:,} has {written:,}; make them equal.",
            "leave_out",
        )
    if not found.inputs:
        raise DataError("No column is left as an input; choose at least one that holds numbers.")
    if len(table.rows) * len(found.inputs) > MAX_VALUES:
        raise DataError(
            f"The table has {len(table.rows):,} rows of {len(found.inputs)} inputs; the most is {MAX_VALUES:,} "
            "numbers: keep fewer rows or columns."
        )
    _check_rows(len(table.rows))


def _check_rows(rows: int) -> None:
    if rows < LEAST_ROWS:
        raise DataError(f"The table has {'1 row' if rows == 1 else f'{rows:,} rows'}; it needs at least {LEAST_ROWS}.")


def _drawn(found: Reading, title: str) -> Reading:
    """The reading with its data set. Raises DataError where there cannot be one."""
    table, label = found.table, found.label
    task = found.choices.task if found.choices.task != "auto" else find_task(table, label, found.decimal)
    left: dict[int, str] = {}  # rows, and why each is left out
    noted = left if found.choices.leave_out else None
    if table.ragged:
        found.rows_left_out["more or fewer cells than the others"] = len(table.ragged)
    found = replace(found, task=task)
    columns = [number_column(table, number, found.decimal, noted) for number in found.inputs]
    if task == "values":
        answers = number_column(table, label, found.decimal, noted)
    else:
        keys = class_keys(table, label, found.decimal, noted)
        left |= rare_rows(keys, left) if found.choices.frequent_classes else {}
    kept = [row for row in range(len(table.rows)) if row not in left]
    for reason, rows in Counter(left.values()).items():
        found.rows_left_out[reason] = rows
    _check_rows(len(kept))
    x = np.column_stack(columns)[kept]
    names = tuple(table.columns[number] for number in found.inputs)
    column = table.columns[label]
    source = f"A table of {len(kept):,} rows that you brought; its label is the column {column}."
    found = replace(found, head=_head(found, kept[:HEAD]))
    if task == "values":
        y = answers[kept]
        if y.min() == y.max():
            raise DataError(
                f"Column {column!r} holds {y[0]:g} in every row: nothing to predict; choose another label column."
            )
        return replace(found, drawn=Drawn(x, y[:, None], (), names, clip(title), source))
    y, classes = class_indices([keys[row] for row in kept], column)
    sizes = np.bincount(y, minlength=len(classes)).tolist()
    found = replace(found, classes=dict(zip(classes, sizes, strict=True)))
    offer = "frequent_classes" if sum(size >= LEAST_ROWS_OF_A_CLASS for size in sizes) > 1 else ""
    try:
        check_classes(y, classes, "row", f"column {column!r}")
    except DataError as error:
        return replace(found, problem=str(error), offer=offer)
    return replace(found, drawn=Drawn(x, y, classes, names, clip(title), source))


def _head(found: Reading, rows) -> tuple[tuple[str, ...], ...]:
    """Rows as they are read: numbers of the columns in use as plain numbers, all else as it is written."""

    def shown(row: int, number: int) -> str:
        cell, kind = found.table.rows[row][number], found.table.kinds[number].kind
        if kind not in USABLE or not found.decimal or (number == found.label and found.task == "classes"):
            return cell
        try:
            return f"{value(cell, kind, found.decimal):.12g}"
        except ValueError:
            return cell

    return tuple(tuple(shown(row, number) for number in range(len(found.table.columns))) for row in rows)
