"""Lines to cells: the separator, quotation marks, comments, and the line by which Excel is told the separator."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nn_core.spec import clip
from playground.datasets.base import DataError
from playground.datasets.numerals import is_number

SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", " ": "space"}  # tried in this order
LINES_LOOKED_AT = 50  # to find the separator
HINT = re.compile(r'"?sep=(.)"?[;,\t ]*(?:\n|$)', re.IGNORECASE)
# Between cells that spaces separate: a no-break space between digits groups them (1 000), all other white space parts.
GAP = re.compile(r"(?:[^\S\u00a0\u202f\u2009]|(?<!\d)[\u00a0\u202f\u2009]|[\u00a0\u202f\u2009](?!\d{3}(?!\d)))+")
QUOTED_OR_NOT = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')


class Cut(NamedTuple):
    """The rows that are not blank, and their numbers; how many comments there were, the last above the first row."""

    rows: list[tuple[str, ...]]
    numbers: list[int]
    comments: int
    comment_above: tuple[str, ...]


def hinted_separator(text: str) -> tuple[str | None, str]:
    """The separator that a first line such as `sep=;` names, else None; and the text without that line."""
    hint = HINT.match(text)
    return (hint[1], text[hint.end() :]) if hint else (None, text)


def find_separator(text: str) -> str:
    """The separator that cuts most of the first lines into equally many cells, more than one.

    Of several that do, one that leaves no cell of several numbers: the space cuts `1,5 2,5 0`, not the comma.
    """
    lines = _lines(text[:1_000_000].split("\n", 4 * LINES_LOOKED_AT)[: 4 * LINES_LOOKED_AT])
    lines = [line for line in lines if line.strip()][:LINES_LOOKED_AT]

    def merit(separator: str) -> tuple[int, bool]:
        try:
            rows = list(cells_of(lines, separator, strict=False))
        except csv.Error:
            return 0, True
        sizes = Counter(len(cells) for cells in rows)
        agreement = max((count for size, count in sizes.items() if size > 1), default=0)
        return agreement, not any(_holds_several(cell) for cells in rows for cell in cells)

    return max(SEPARATORS, key=merit)  # the first of equals


def _holds_several(cell: str) -> bool:
    """Whether a cell is several numbers with spaces between."""
    parts = cell.split()
    return len(parts) > 1 and not is_number(cell.strip()) and all(is_number(part) for part in parts)


def _lines(lines: list[str]) -> list[str]:
    """The lines without comments, where some lines are comments."""
    plain = [line for line in lines if not is_comment(line)]
    return plain if has_comments(lines) else lines


def is_comment(line: str) -> bool:
    """Whether a line looks like a remark rather than a row."""
    return line.lstrip().startswith("#")


def has_comments(lines: Iterable[str]) -> bool:
    """Whether lines that begin with # are remarks: where most lines do, it is how their first cell is written."""
    marked = [is_comment(line) for line in lines if line.strip()]
    return 0 < sum(marked) <= max(len(marked) / 2, len(marked) - 4)


def cells_of(lines: Iterable[str], separator: str, strict: bool = True) -> Iterator[list[str]]:
    """The cells of each row; quotes keep a separator or a line end within a cell. strict: an open quote is an error."""
    if separator == " ":
        return (_parted(line) for line in lines)
    return csv.reader((line + "\n" for line in lines), delimiter=separator, skipinitialspace=True, strict=strict)


def _parted(line: str) -> list[str]:
    if '"' not in line:
        return [cell for cell in GAP.split(line) if cell]
    found = (match.groups() for match in QUOTED_OR_NOT.finditer(line))
    return [bare if quoted is None else quoted.replace('""', '"') for quoted, bare in found]


class _Feed:
    """Hands lines to a reader of rows and keeps comments from it, but not a line within a quoted cell."""

    def __init__(self, lines: list[str]):
        self.lines, self.skips = iter(lines), has_comments(lines)
        self.within = False  # a row: set as its first line is handed out, cleared by who has received the row
        self.comments: list[tuple[int, str]] = []  # how many rows had been read, and the line
        self.rows, self.last = 0, ""

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.last = line
            if self.skips and not self.within and is_comment(line):
                self.comments.append((self.rows, line))
                continue
            self.within = True
            yield line


def cut(text: str, separator: str) -> Cut:
    """The rows of a text that are not blank. Raises DataError that names the row where quotation marks do not fit."""
    feed = _Feed(text.split("\n"))
    rows, numbers = [], []
    try:
        for cells in cells_of(feed, separator):
            feed.within = False
            feed.rows += 1
            row = tuple(cell.strip() for cell in cells)
            if any(row):
                rows.append(row)
                numbers.append(feed.rows + len(feed.comments))
    except csv.Error as error:
        raise DataError(
            f"Row {feed.rows + len(feed.comments) + 1:,} cannot be read: {_why(error, feed.last)}"
        ) from error
    above = [line for before, line in feed.comments if rows and before < numbers[0]]
    names = _names(above[-1], separator, len(rows[0])) if above else ()
    return Cut(rows, numbers, len(feed.comments), names)


def _why(error: csv.Error, line: str) -> str:
    if "expected after" in str(error):
        return (
            f"in {clip(line.strip())!r} something follows a closing quotation mark; take the marks away, "
            "or double those within a cell."
        )
    if "field limit" in str(error):
        return "a cell is longer than 131,072 characters; shorten it, or close a quotation mark that was left open."
    return "a quotation mark is opened and not closed."


def _names(comment: str, separator: str, width: int) -> tuple[str, ...]:
    """The cells of a comment that may name so many columns: `# x,y`, `#x y`, or a first column that is called #."""
    cells = next(iter(cells_of([comment.strip()], separator, strict=False)), [])
    cells = [cell.strip() for cell in cells]
    if len(cells) == width + 1 and cells[0] == "#":
        return tuple(cells[1:])
    return (cells[0].lstrip("# ") or "#", *cells[1:])
