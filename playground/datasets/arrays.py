"""Files of arrays with `X` (samples x features) and `y` (labels), as the best-known courses hand them out.

`.mat` or `.npz`; they become a `Table`, so that what is read of them is shown, chosen and refused like any other table.
Files that bring their own split (Yt, Ct, Yv, Cv) are `mat.py`'s.
"""

import io

import numpy as np

from nn_core.formats.npz import FileError, read_npz
from nn_core.spec import clip
from playground.datasets.base import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_VALUES,
    DataError,
    Drawn,
    input_names,
    size_text,
)
from playground.datasets.matfile import FormatError, Variable
from playground.datasets.reading import read
from playground.datasets.table import Table

NAMES = ("X", "y")
MEANING = "X must be samples x features and y hold the label of each sample"


def is_pair(names) -> bool:
    """Whether a file with variables of these names holds X and y."""
    return None not in (_named("X", names), _named("y", names))


def _named(wanted: str, names) -> str | None:
    """The name as it is written in the file: as wanted, or in the other case."""
    return next((name for name in (wanted, wanted.swapcase()) if name in names), None)


def variables_to_table(found: dict[str, Variable], name: str) -> Table:
    """X and y of a MATLAB file as a table."""
    pair = {}
    for wanted in NAMES:
        variable = found[_named(wanted, found)]
        if variable.kind != "numbers":
            raise DataError(f"{wanted} in {name} is a {variable.kind}; it must be a plain matrix of real numbers.")
        try:
            pair[wanted] = variable.numbers()
        except FormatError as error:
            raise DataError(f"{name} is damaged; save it again with save('data.mat', '-v7', ...).") from error
    return to_table(*pair.values(), name)


def read_pair(raw: bytes, name: str) -> Table:
    """X and y of an .npz file as a table. Raises DataError, in one sentence, for whatever is wrong with the file."""
    name = clip(name)
    if len(raw) > MAX_BYTES:
        raise DataError(f"{name} is too large: {size_text(len(raw))}, and the most is {size_text(MAX_BYTES)}.")
    try:
        arrays = read_npz(io.BytesIO(raw), f"file {name}")
    except FileError as error:
        raise DataError(str(error)) from error
    if not is_pair(arrays):
        there = clip(", ".join(arrays), 80) or "nothing"
        raise DataError(f"{name} must hold X and y, and holds {there}; {MEANING}.")
    return to_table(*(arrays[_named(wanted, arrays)] for wanted in NAMES), name)


def to_table(x: np.ndarray, y: np.ndarray, name: str) -> Table:
    """Numbers X (samples, features) and y (samples,), (samples, 1) or (1, samples) as a table, its label last."""
    if x.ndim == 1:
        x = x[:, None]
    shapes = f"X in {name} is {' x '.join(f'{n:,}' for n in x.shape)} and y {' x '.join(f'{n:,}' for n in y.shape)}"
    if x.ndim != 2 or x.size == 0 or y.size != max(y.shape, default=0):
        raise DataError(f"{shapes}; {MEANING}, in one row or column.")
    if len(y := y.ravel()) != len(x):
        advice = "save the transpose of X" if len(y) == x.shape[1] else "make them equally many"
        raise DataError(f"{shapes}; {MEANING}: {advice}.")
    if len(y) > MAX_ROWS:
        raise DataError(f"{shapes}; the most is {MAX_ROWS:,} samples: use fewer.")
    if len(y) * min(x.shape[1], MAX_COLUMNS) > MAX_VALUES:
        raise DataError(f"{shapes}; the most is {MAX_VALUES:,} numbers: use fewer samples.")
    columns = [*x.T[:MAX_COLUMNS], y]
    cells = zip(*(map(repr, column.astype(np.float64).tolist()) for column in columns), strict=True)
    return Table(
        columns=(*input_names(len(columns) - 1), "y"),
        rows=tuple(cells),
        numbers=tuple(range(1, len(y) + 1)),
        has_header=True,
        separator="",
        width=x.shape[1] + 1,
    )


def pair_to_data(table: Table, name: str) -> Drawn:
    """The data set of X and y where nobody is asked. Raises DataError where a choice would have to be made."""
    return read(table, title=name).data()
