"""MATLAB files: reading, with every check on a stranger's file, and writing.

A file with a training and a validation part holds four matrices: `Yt` and `Yv` (features x samples) and their classes
`Ct` and `Cv` (classes x samples, one-hot). In some copies the names differ in case. One without such parts holds X and
y (arrays.py). `matfile.py` takes the bytes apart; here stands what the four matrices must be, and the sentence for each
way in which they are not.
"""

import io
from pathlib import Path

import numpy as np
import scipy.io

from nn_core.spec import clip, show_value
from playground.datasets.arrays import is_pair, pair_to_data, variables_to_table
from playground.datasets.base import (
    LARGEST,
    MAX_BYTES,
    MAX_CLASSES,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_VALUES,
    DataError,
    Drawn,
    input_names,
    numbered,
    size_text,
)
from playground.datasets.matfile import MAX_UNPACKED, FormatError, UnpackError, Variable, variables
from playground.datasets.table import Table

FIELDS = ("Yt", "Ct", "Yv", "Cv")
NOT_ONE = "{} is not a MATLAB file, or it is damaged; save the matrices with save('data.mat', '-v7', ...)."
MEANING = "Yt and Yv are features x samples, Ct and Cv classes x samples"
ROUNDING = 1e-5  # how far from 0 and 1 a one-hot may be: what single precision leaves of a 1 that was computed
HEADER = b"MATLAB 5.0 MAT-file, written by NN Playground"  # scipy's own header holds the date and differs each time
HEADER_BYTES = 116


def read_mat(source: bytes | str | Path, name: str = "") -> Drawn:
    """Read a .mat file from its bytes or its path; the rows of Yt come first, `train_rows` of them.

    name: what the file is called, for its title and for errors; the path's own name when it is left out. Raises
    DataError, in one sentence, for whatever is wrong with the file.
    """
    name = clip(name or ("the file" if isinstance(source, bytes) else Path(source).name))
    found = open_mat(source, name)
    return pair_to_data(found, name) if isinstance(found, Table) else found


def open_mat(source: bytes | str | Path, name: str) -> Drawn | Table:
    """What a .mat file holds: a data set that brings its own split, or a table of X and y. Raises DataError."""
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            f"{name} is too large: {size_text(size)}, and the most is {size_text(MAX_BYTES)}: use fewer samples."
        )
    raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    found = look_inside(raw, name)
    if not any(_field(field, found) for field in FIELDS) and is_pair(found):
        return variables_to_table(found, name)
    arrays = four_matrices(found, name)
    check_shapes(arrays, name)
    y = {field: indices(arrays[field], field, name) for field in ("Ct", "Cv")}
    if len(np.unique(y["Ct"])) < 2:
        raise DataError(f"All samples of Ct in {name} are of one class; a classifier needs at least two.")
    for lost in np.setdiff1d(y["Cv"], y["Ct"])[:1]:
        column = int(np.argmax(y["Cv"] == lost)) + 1
        raise DataError(
            f"Column {column:,} of Cv in {name} is of class {lost + 1}, which no column of Ct has; "
            "move samples of it to Yt and Ct, or take them out of Yv and Cv."
        )
    if arrays["Yv"].shape[1] < 2:
        raise DataError(f"Yv in {name} holds one sample; it needs at least 2, one to validate and one to test.")
    inputs, classes = len(arrays["Yt"]), len(arrays["Ct"])
    return Drawn(
        x=np.concatenate([arrays["Yt"].T, arrays["Yv"].T]),
        y=np.concatenate([y["Ct"], y["Cv"]]),
        classes=numbered("class", classes),
        inputs=input_names(inputs),
        title=name,
        source=f"The MATLAB file {name}: Yt and Ct to train, Yv and Cv halved to validate and to test.",
        train_rows=arrays["Yt"].shape[1],
    )


def look_inside(raw: bytes, name: str) -> dict[str, Variable]:
    """The variables of the file by name."""
    if raw.startswith((b"MATLAB 7.3", b"\x89HDF")):
        raise DataError(
            f"{name} is a MATLAB file of version 7.3 (HDF5), which is not read here; "
            "save it again with save('data.mat', '-v7', ...)."
        )
    try:
        return variables(raw)
    except UnpackError as error:
        raise DataError(f"{name} unpacks to more than {size_text(MAX_UNPACKED)}; use fewer samples.") from error
    except FormatError as error:
        raise DataError(NOT_ONE.format(name)) from error


def _field(field: str, found: dict[str, Variable]) -> Variable | None:
    """The variable of that name, or of one that differs from it in case alone."""
    return found.get(field, next((found[key] for key in reversed(found) if key.lower() == field.lower()), None))


def four_matrices(found: dict[str, Variable], name: str) -> dict[str, np.ndarray]:
    """The four matrices of the file, float64."""
    by_field = {field: variable for field in FIELDS if (variable := _field(field, found))}
    missing = [field for field in FIELDS if field not in by_field]
    if missing:
        there = clip(", ".join(filter(None, found)), 80) or "nothing"
        raise DataError(
            f"{name} has no field {' and no field '.join(missing)} ({MEANING}), nor X and y; it holds {there}."
        )
    for field, variable in by_field.items():
        check_kind(variable, field, name)
    try:
        arrays = {field: by_field[field].numbers() for field in FIELDS}
    except FormatError as error:
        raise DataError(NOT_ONE.format(name)) from error
    for field, array in arrays.items():
        check_numbers(array, field, name)
    return arrays


def check_kind(variable: Variable, field: str, name: str) -> None:
    """Raise DataError unless a variable is a matrix of real numbers of sensible size."""
    if variable.kind != "numbers":
        advice = f"; save full({field})" if variable.kind == "sparse matrix" else ""
        raise DataError(f"{field} in {name} is a {variable.kind}; it must be a plain matrix of real numbers{advice}.")
    if len(variable.shape) != 2:
        raise DataError(f"{field} in {name} has {len(variable.shape)} dimensions; it must be a matrix: {MEANING}.")
    rows, columns = variable.shape
    if columns > MAX_ROWS or rows > MAX_COLUMNS:
        raise DataError(
            f"{field} in {name} is {rows:,} x {columns:,}; "
            f"the most is {MAX_COLUMNS} rows (features or classes) and {MAX_ROWS:,} columns (samples)."
        )
    if rows * columns > MAX_VALUES:
        raise DataError(
            f"{field} in {name} is {rows:,} x {columns:,}; the most is {MAX_VALUES:,} numbers: use fewer samples."
        )


def check_numbers(array: np.ndarray, field: str, name: str) -> None:
    """Raise DataError where a matrix holds something that is not a finite number of sensible size."""
    bad = np.argwhere(~(np.abs(array) <= LARGEST))
    if len(bad):
        row, column = bad[0] + 1
        raise DataError(
            f"{field} in {name} holds {array[row - 1, column - 1]:g} at row {row}, column {column}; "
            "every value must be a finite number of sensible size."
        )


def check_shapes(arrays: dict[str, np.ndarray], name: str) -> None:
    """Raise DataError where two of the four matrices do not belong together."""
    shape = {field: f"{field} is {array.shape[0]:,} x {array.shape[1]:,}" for field, array in arrays.items()}
    for field, array in arrays.items():
        if array.size == 0:
            raise DataError(f"{shape[field]} in {name}: it is empty; {MEANING}.")
    for axis, what, pairs in ((1, "samples (columns)", ("YtCt", "YvCv")), (0, "rows", ("YtYv", "CtCv"))):
        for first, second in ((pair[:2], pair[2:]) for pair in pairs):
            if arrays[first].shape[axis] != arrays[second].shape[axis]:
                raise DataError(
                    f"{shape[first]} but {shape[second]} in {name}: they must have equally many {what}; {MEANING}."
                )
    if not 2 <= len(arrays["Ct"]) <= MAX_CLASSES:
        raise DataError(f"{shape['Ct']} in {name}: it must have a row for each class, from 2 to {MAX_CLASSES}.")


def indices(one_hot: np.ndarray, field: str, name: str) -> np.ndarray:
    """Class indices (samples,) int64 of a one-hot matrix (classes, samples)."""
    rounded = np.round(one_hot)
    plain = (np.abs(one_hot - rounded) <= ROUNDING) & ((rounded == 0) | (rounded == 1))
    wrong = ~(plain.all(axis=0) & (rounded.sum(axis=0) == 1))
    if wrong.any():
        column = int(np.argmax(wrong))
        values = clip(", ".join(show_value(value) for value in one_hot[:, column].tolist()))
        raise DataError(
            f"Column {column + 1:,} of {field} in {name} is ({values}); "
            "it must hold a single 1, for the class, and 0 else."
        )
    return np.argmax(one_hot, axis=0).astype(np.int64)


def fields(drawn: Drawn, train_rows: int) -> dict[str, np.ndarray]:
    """The four matrices of a data set with classes, its first `train_rows` samples being for training."""
    one_hot = np.eye(len(drawn.classes))[drawn.y]
    cut = {
        "Yt": drawn.x[:train_rows],
        "Ct": one_hot[:train_rows],
        "Yv": drawn.x[train_rows:],
        "Cv": one_hot[train_rows:],
    }
    return {field: np.ascontiguousarray(array.T) for field, array in cut.items()}


def write_mat(arrays: dict[str, np.ndarray]) -> bytes:
    """The bytes of a compressed MATLAB file (version 7) that are the same whenever they are made."""
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, arrays, do_compression=True)
    return HEADER.ljust(HEADER_BYTES) + buffer.getvalue()[HEADER_BYTES:]
