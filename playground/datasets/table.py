"""Text to table: finds out how a CSV file or a pasted piece of text is written, and cuts it into cells.

Separator, header and encoding are guessed from the text itself; what a cell means is for `upload.py` to say. Size is
checked before anything is cut, so that a file of a million rows is turned away at once.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nn_core.spec import clip
from playground.datasets.base import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, DataError, size_text

SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", " ": "space"}  # tried in this order
LINES_LOOKED_AT = 50  # to find the separator
LONGEST_NAME = 60  # characters of a column's or a class's name
CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")  # characters that no text holds
EMPTY = "The table is empty; it needs a row for each sample, with its inputs and its label."
NOT_TEXT = "This is not a text file; save the table as CSV (comma separated values) and upload that."


@dataclass(frozen=True)
class Table:
    """Cells of text: `rows` (rows, columns) under the names `columns`.

    numbers: the row number of each row as a spreadsheet shows it, counted from 1 with header and blank rows.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    has_header: bool
    separator: str


def read_table(raw: bytes | str, header: bool | None = None, separator: str | None = None) -> Table:
    """Cut the bytes of a file, or pasted text, into a table.

    header: whether the first row holds names; None finds out. separator: one of SEPARATORS; None finds out. Raises
    DataError, in one sentence that names the row, for an empty, too large, ragged or binary file.
    """
    text = decode(raw)
    lines = text.count("\n") + 1
    if lines > MAX_ROWS + 100:  # some blank rows are forgiven
        raise DataError(
            f"The table has about {lines:,} rows; the most is {MAX_ROWS:,}: keep a random part of the rows."
        )
    if not text.strip():
        raise DataError(EMPTY)
    separator = separator or find_separator(text)
    if separator not in SEPARATORS:
        raise DataError(f"The separator must be one of {', '.join(SEPARATORS.values())}, not {clip(separator)!r}.")
    rows, numbers = cut(text, separator)
    check_rows(rows, numbers)
    if header is None:
        header = looks_like_header(rows)
    names = rows[0] if header else [""] * len(rows[0])
    table = Table(
        columns=unique([name or f"column {number}" for number, name in enumerate(names, start=1)]),
        rows=tuple(rows),
        numbers=tuple(numbers),
        has_header=header,
        separator=separator,
    )
    if not header:
        return table
    if len(rows) == 1:
        raise DataError("The table holds a header and no rows beneath it; add a row for each sample.")
    return replace(table, rows=table.rows[1:], numbers=table.numbers[1:])


def decode(raw: bytes | str) -> str:
    """The text of a file: UTF-8 or UTF-16 where a mark says so, else UTF-8, else Latin-1; line ends become newlines."""
    if len(raw) > MAX_BYTES:
        raise DataError(
            f"The table is too large: {size_text(len(raw))}; the most is {size_text(MAX_BYTES)} and {MAX_ROWS:,} rows."
        )
    if isinstance(raw, str):
        text = raw
    elif raw.startswith(b"PK\x03\x04"):
        raise DataError("This looks like an Excel workbook or a zip file; save the table as CSV and upload that.")
    else:
        utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
        try:
            text = raw.decode("utf-16" if utf16 else "utf-8")
        except UnicodeDecodeError as error:
            if utf16:
                raise DataError(NOT_TEXT) from error
            text = raw.decode("latin-1")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if CONTROL.search(text):
        raise DataError(NOT_TEXT)
    return text


def find_separator(text: str) -> str:
    """The separator that cuts most of the first lines into equally many cells, more than one."""
    lines = [line for line in text[:1_000_000].split("\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT] if line.strip()]

    def agreement(separator: str) -> int:
        try:
            sizes = Counter(len(cells) for cells in cells_of(lines, separator, strict=False))
        except csv.Error:
            return 0
        return max((count for size, count in sizes.items() if size > 1), default=0)

    return max(SEPARATORS, key=agreement)  # the first of equals


def cells_of(lines: list[str], separator: str, strict: bool = True) -> Iterator[list[str]]:
    """The cells of each row; quotes keep a separator or a line end within a cell. strict: an open quote is an error."""
    if separator == " ":
        return (line.split() for line in lines)
    return csv.reader((line + "\n" for line in lines), delimiter=separator, skipinitialspace=True, strict=strict)


def cut(text: str, separator: str) -> tuple[list[tuple[str, ...]], list[int]]:
    """The rows that are not blank, and their numbers."""
    rows, numbers, number = [], [], 0
    try:
        for number, cells in enumerate(cells_of(text.split("\n"), separator), start=1):
            row = tuple(cell.strip() for cell in cells)
            if any(row):
                rows.append(row)
                numbers.append(number)
    except csv.Error as error:
        raise DataError(f"Row {number + 1:,} cannot be read: a quotation mark is opened and not closed.") from error
    return rows, numbers


def check_rows(rows: list[tuple[str, ...]], numbers: list[int]) -> None:
    """Raise DataError when the rows do not make a table of sensible size."""
    if not rows:
        raise DataError(EMPTY)
    width = len(rows[0])
    if len(rows) > MAX_ROWS + 1:
        raise DataError(f"The table has {len(rows):,} rows; the most is {MAX_ROWS:,}: keep a random part of the rows.")
    if width > MAX_COLUMNS:
        raise DataError(f"The table has {width:,} columns; the most is {MAX_COLUMNS}: remove some columns.")
    for row, number in zip(rows, numbers, strict=True):
        if len(row) != width:
            raise DataError(
                f"Row {number:,} has {count(len(row))}, but row {numbers[0]:,} has {width:,}; make them equal."
            )
    if width < 2:
        raise DataError(
            "The table has one column; it needs at least one input and a label, "
            "separated by comma, semicolon, tab or space."
        )


def count(cells: int) -> str:
    """A number of cells in words."""
    return "1 cell" if cells == 1 else f"{cells:,} cells"


def looks_like_header(rows: list[tuple[str, ...]]) -> bool:
    """Whether the first row holds names: none of its cells is a number, though a later row has some, or is alone."""
    if any(is_number(cell) for cell in rows[0]):
        return False
    return len(rows) == 1 or any(is_number(cell) for row in rows[1:] for cell in row)


def is_number(cell: str) -> bool:
    """Whether `cell` reads as a number, with a decimal point or comma."""
    try:
        to_number(cell, ";")
    except ValueError:
        return False
    return True


def to_number(cell: str, separator: str) -> float:
    """The number that `cell` stands for; a decimal comma is read where commas do not separate. Raises ValueError."""
    if "_" in cell:
        raise ValueError(cell)  # Python would read 1_000 as a number; no table means it so
    if separator != "," and "." not in cell:
        cell = cell.replace(",", ".")
    return float(cell)


def unique(names: list[str]) -> tuple[str, ...]:
    """Names cut to a sensible length and told apart: a name that was there before gets a number."""
    taken: dict[str, None] = {}
    for name in names:
        short = fresh = clip(name, LONGEST_NAME)
        again = 2
        while fresh in taken:
            fresh, again = f"{short} ({again})", again + 1
        taken[fresh] = None
    return tuple(taken)
