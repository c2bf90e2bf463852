"""Text to table: finds out how a CSV file or a pasted piece of text is written, and cuts it into cells.

Separator and header are recognised, and can be chosen. What a cell means is for `reading.py` to say. Size is checked
before anything is cut, so that a file of a million rows is turned away at once.
"""

from dataclasses import dataclass
from functools import cached_property

from nn_core.spec import clip
from playground.datasets.base import MAX_COLUMNS, MAX_ROWS, DataError
from playground.datasets.columns import Column, look_at
from playground.datasets.cut import SEPARATORS, Cut, cut, find_separator, hinted_separator
from playground.datasets.numerals import is_number
from playground.datasets.text import decode

LONGEST_NAME = 60  # characters of a column's or a class's name
EMPTY = "The table is empty; it needs a row for each sample, with its inputs and its label."
INDEX_NAMES = ("", "Unnamed: 0")  # how an index is headed by the libraries that write one


@dataclass(frozen=True, eq=False)
class Table:
    """Cells of text: `rows` (rows, columns) under the names `columns`.

    numbers: the row number of each row as a spreadsheet shows it, counted from 1 with header and blank rows.
    separator: "" for numbers that came as an array. width: how many columns there are in all; of more than MAX_COLUMNS
    beside the label only the first and the last are here. unnamed: columns that the header gives no name. ragged: rows
    that have more or fewer cells than the others (number, cells); they are not in `rows`. comments: how many lines that
    begin with # are left out. trailing: how many columns without a name and without a cell were left out at the end.
    first_number: the number of the first row of all, which says how wide the table is.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    has_header: bool
    separator: str
    width: int = 0
    unnamed: frozenset[int] = frozenset()
    ragged: tuple[tuple[int, int], ...] = ()
    comments: int = 0
    trailing: int = 0
    first_number: int = 1

    def cells(self, column: int) -> list[str]:
        """All cells of a column."""
        return [row[column] for row in self.rows]

    @cached_property
    def kinds(self) -> tuple[Column, ...]:
        """What each column holds."""
        return tuple(look_at(self.cells(column)) for column in range(len(self.columns)))


def read_table(raw: bytes | str, header: bool | None = None, separator: str | None = None) -> Table:
    """Cut the bytes of a file, or pasted text, into a table.

    header: whether the first row holds names; None finds out. separator: one of SEPARATORS; None finds out. Raises
    DataError, in one sentence that names the row, for an empty, too large or binary file, or one that cannot be cut.
    """
    text = decode(raw)
    lines = text.count("\n") + 1
    if lines > MAX_ROWS + 100:  # some blank rows are forgiven
        raise DataError(
            f"The table has about {lines:,} rows; the most is {MAX_ROWS:,}: keep a random part of the rows."
        )
    hint, text = hinted_separator(text)
    if not text.strip():
        raise DataError(EMPTY)
    separator = separator or hint or find_separator(text)
    if separator not in SEPARATORS:
        raise DataError(f"The separator must be one of {', '.join(SEPARATORS.values())}, not {clip(separator)!r}.")
    found = cut(text, separator)
    rows = found.rows
    if not rows:
        raise DataError(EMPTY)
    if len(rows) > MAX_ROWS + 1:
        raise DataError(f"The table has {len(rows):,} rows; the most is {MAX_ROWS:,}: keep a random part of the rows.")
    if header is not False and not looks_like_header(rows) and (names := names_in_comment(found)):
        found = found._replace(
            rows=[names, *rows], numbers=[found.numbers[0], *found.numbers], comments=found.comments - 1
        )
        rows, header = found.rows, True
    header = looks_like_header(rows) if header is None else header
    if header and len(rows) == 1:
        raise DataError("The table holds a header and no rows beneath it; add a row for each sample.")
    if header and len(rows[0]) > 1 and all(len(row) == len(rows[0]) + 1 and row[-1] for row in rows[1:]):
        rows[0] = ("", *rows[0])  # as R writes it: the names of the rows have no name
    return _in_columns(rows, found, header, separator)


def _in_columns(rows: list[tuple[str, ...]], found: Cut, header: bool, separator: str) -> Table:
    """The table of rows that may differ in how many empty cells stand at their end."""
    numbers, written = found.numbers, len(rows[0])
    filled = [_filled(row) for row in rows]
    width = max(last for last in filled if last <= written)
    kept, where, ragged = [], [], []
    for row, number, last in zip(rows, numbers, filled, strict=True):
        if last <= width <= len(row):
            kept.append(row[:width])
            where.append(number)
        else:
            ragged.append((number, len(row)))
    if width < 2 and not ragged:
        raise DataError(
            "The table has one column; it needs at least one input and a label, "
            "separated by comma, semicolon, tab or space."
        )
    chosen = [*range(min(width, MAX_COLUMNS)), *([width - 1] if width > MAX_COLUMNS else [])]
    if len(chosen) < width:
        kept = [tuple(row[column] for column in chosen) for row in kept]
    names = kept[0] if header else [""] * len(chosen)
    return Table(
        columns=unique([name or f"column {column + 1}" for name, column in zip(names, chosen, strict=True)]),
        rows=tuple(kept[header:]),
        numbers=tuple(where[header:]),
        has_header=header,
        separator=separator,
        width=width,
        unnamed=frozenset(place for place, name in enumerate(names) if header and name in INDEX_NAMES),
        ragged=tuple(ragged),
        comments=found.comments,
        trailing=written - width,
        first_number=numbers[0],
    )


def _filled(row: tuple[str, ...]) -> int:
    """How many cells a row has up to its last that is not empty."""
    return next((column + 1 for column in reversed(range(len(row))) if row[column]), 0)


def names_in_comment(found: Cut) -> tuple[str, ...] | None:
    """The names in a comment above the first row, as NumPy writes them; None where there are none."""
    names = found.comment_above
    fits = len(names) == len(found.rows[0]) > 1 and all(names)
    return names if fits and not any(is_number(name) for name in names) else None


def looks_like_header(rows: list[tuple[str, ...]]) -> bool:
    """Whether the first row holds names: none of its cells is a number, though a later row has some, or is alone."""
    if any(is_number(cell) for cell in rows[0]):
        return False
    return len(rows) == 1 or any(is_number(cell) for row in rows[1:] for cell in row)


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
