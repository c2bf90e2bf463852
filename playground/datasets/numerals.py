"""How numbers are written: with a decimal point or a decimal comma, and with signs between groups of three digits.

The decimal sign is a choice for a whole file. The other of the two signs can then only group digits (1,234.5 or
1.234,5), as apostrophes and spaces always can. `475,962` alone can be read in two ways a factor of 1000 apart; such a
file is not guessed at: `find_decimal` says what would have to be known.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nn_core.spec import clip

DECIMALS = {".": "point", ",": "comma"}
OTHER = {".": ",", ",": "."}
SPACES = "\u00a0\u202f\u2009"  # no-break, narrow no-break and thin space
_GROUPED = {
    decimal: re.compile(rf"([+-]?[1-9]\d{{0,2}})(([{other}'’ {SPACES}])\d{{3}}(?:\3\d{{3}})*)([{decimal}]\d*)?")
    for decimal, other in OTHER.items()
}
_GROUP_SIGN = re.compile(rf"[.,'’ {SPACES}]")


def to_number(cell: str, decimal: str = ".") -> float:
    """The number that `cell` stands for, written with that decimal sign; ValueError where it is none.

    inf and nan are numbers here; whether they can be used is for others to say.
    """
    if "_" in cell:
        raise ValueError(cell)  # Python would read 1_000 as a number; no table means it so
    if decimal == "." or "." not in cell:
        try:
            return float(cell if decimal == "." else cell.replace(",", "."))
        except ValueError:
            pass  # it may have groups of digits
    text = cell.replace("\u2212", "-")  # the minus of typesetters
    if grouped := _GROUPED[decimal].fullmatch(text):
        whole, groups, _, rest = grouped.groups()
        text = whole + _GROUP_SIGN.sub("", groups) + (rest or "")
    elif OTHER[decimal] in text:
        raise ValueError(cell)
    return float(text.replace(",", "."))


def is_number(cell: str) -> bool:
    """Whether `cell` reads as a number, with a decimal point or a decimal comma."""
    try:
        to_number(cell)
    except ValueError:
        return bool(readings(cell))
    return True


def readings(cell: str) -> dict[str, float]:
    """What a cell reads as under each decimal sign under which it is a number; a percent sign may follow."""
    cell, found = without_percent(cell), {}
    for decimal in DECIMALS:
        try:
            found[decimal] = to_number(cell, decimal)
        except ValueError:
            continue
    return found


def without_percent(cell: str) -> str:
    """A cell without its percent sign."""
    return cell[:-1].rstrip() if cell.endswith("%") else cell


@dataclass(frozen=True)
class Decimal:
    """The decimal sign of a file: `sign`, and where it cannot be told, the question in one sentence (else empty)."""

    sign: str
    question: str = ""


def find_decimal(
    cells: Iterable[tuple[str, int, int]], where: Callable[[int, int], str], points_are_decimal: bool
) -> Decimal:
    """The decimal sign of a file from the cells of its columns of numbers, each with its row and column.

    where: the words for a row and a column. points_are_decimal: whether a lone point is no question, as in a file whose
    cells are separated by commas.
    """
    shown: dict[str, tuple[str, str]] = {}  # by decimal sign: the first cell that is a number with that sign alone
    unclear: dict[str, tuple[str, str]] = {}  # by the sign in them: the first cell that is a number either way
    grouping = set()  # signs that have been seen to group digits, beyond doubt
    for cell, row, column in cells:
        points, commas = cell.count("."), cell.count(",")
        if not points and not commas:
            continue
        if (points, commas) in ((1, 0), (0, 1)) and ("." if points else ",") in shown:
            continue  # a single one of a sign that is known to be decimal says nothing new
        found, place = readings(cell), where(row, column)
        if len(found) == 1:
            (decimal,) = found
            shown.setdefault(decimal, (cell, place))
            if OTHER[decimal] in cell:
                grouping.add(OTHER[decimal])
        elif len(set(found.values())) > 1:
            unclear.setdefault("." if "." in cell else ",", (cell, place))
    if len(shown) == 2:
        (comma, there), (point, here) = shown[","], shown["."]
        return Decimal(
            "." if points_are_decimal else ",",
            f"{here} holds {clip(point)!r} and {there.lower()} {clip(comma)!r}, but a file has one decimal sign; "
            "choose it, and correct the other cells.",
        )
    if shown:
        (sign,) = shown
        doubtful = unclear.get(OTHER[sign]) if OTHER[sign] not in grouping else None
        return Decimal(sign, _question(*doubtful, shown[sign]) if doubtful else "")
    if "," in unclear:
        return Decimal(".", _question(*unclear[","]))
    return Decimal(".", "" if points_are_decimal or not unclear else _question(*unclear["."]))


def _question(cell: str, place: str, beside: tuple[str, str] | None = None) -> str:
    values = readings(cell)
    other = f" (in {beside[1].lower()} stands {clip(beside[0])!r})" if beside else ""
    return f"{place}: {cell!r} can mean {values['.']:.12g} or {values[',']:.12g}{other}; choose the decimal sign."
