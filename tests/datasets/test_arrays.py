"""Files of X and y: the layouts of courses are read as tables, and each unusable one gets its sentence."""

import io

import numpy as np
import pytest
import scipy.io

from playground.datasets.arrays import read_pair
from playground.datasets.base import DataError
from playground.datasets.mat import open_mat, read_mat
from playground.datasets.reading import Choices, read
from playground.datasets.table import Table

X = np.random.default_rng(0).normal(size=(12, 3)) * np.array([1e-12, 1.0, 1e6])
LABELS = np.arange(12) % 3


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def mat(**arrays) -> bytes:
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, arrays)
    return buffer.getvalue()


def data_of(raw, kind):
    table = read_pair(raw, "mine.npz") if kind is npz else open_mat(raw, "mine.mat")
    return read(table).data()


@pytest.mark.parametrize("kind", [npz, mat])
@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("shape", [(12,), (12, 1), (1, 12)])
@pytest.mark.parametrize("names", ["Xy", "xY"])
def test_labels_from_0_or_1_in_a_row_or_a_column(kind, first, shape, names):
    drawn = data_of(kind(**{names[0]: X, names[1]: (LABELS + first).reshape(shape)}), kind)
    np.testing.assert_array_equal(drawn.x, X)  # to the last bit
    assert drawn.y.tolist() == LABELS.tolist()
    assert drawn.classes == tuple(str(number + first) for number in range(3))
    assert drawn.inputs == ("x₁", "x₂", "x₃")


@pytest.mark.parametrize("kind", [npz, mat])
def test_values_to_predict(kind):
    y = np.linspace(0, 1, 12)
    drawn = data_of(kind(X=X[:, 0], y=y) if kind is npz else kind(X=X[:, :1], y=y), kind)
    assert (drawn.task, drawn.x.shape) == ("values", (12, 1))
    np.testing.assert_array_equal(drawn.y[:, 0], y)


def test_whole_numbers_and_single_precision():
    drawn = data_of(npz(X=np.arange(24, dtype=np.int64).reshape(12, 2), y=LABELS.astype(np.uint8)), npz)
    assert drawn.x[-1].tolist() == [22.0, 23.0]
    assert data_of(npz(X=X.astype(np.float32), y=LABELS), npz).x[0, 1] == np.float32(X[0, 1])


def test_other_variables_are_let_lie():
    assert len(data_of(mat(X=X, y=LABELS, Xval=X, yval=LABELS, note="text"), mat).x) == 12
    assert len(data_of(npz(X=X, y=LABELS, X_test=X), npz).x) == 12


def test_a_file_that_brings_its_own_split_is_used_as_it_is():
    one_hot = np.eye(2)[:, [0, 1] * 4]
    found = open_mat(mat(Yt=np.ones((2, 8)), Ct=one_hot, Yv=np.ones((2, 8)), Cv=one_hot, X=X, y=LABELS), "mine.mat")
    assert not isinstance(found, Table)
    assert found.train_rows == 8


def test_read_mat_takes_x_and_y_where_nobody_is_asked():
    drawn = read_mat(mat(X=X, y=LABELS), "mine.mat")
    assert (drawn.title, drawn.train_rows, len(drawn.x)) == ("mine.mat", 0, 12)


def test_of_too_many_features_the_first_are_offered():
    table = open_mat(mat(X=np.random.default_rng(0).normal(size=(12, 400)), y=LABELS), "digits.mat")
    assert "The table has 401 columns; the most is 100 inputs and a label" in read(table).problem
    assert len(read(table, Choices(first_columns=True)).data().inputs) == 100


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"X": X.T, "y": LABELS}, "X in mine.npz is 3 x 12 and y 12; X must be samples x features and y hold the"),
        ({"X": X.T, "y": LABELS}, ": save the transpose of X."),
        ({"X": X[:5], "y": LABELS}, "X in mine.npz is 5 x 3 and y 12; X must be samples x features"),
        ({"X": X, "y": np.eye(12)}, "and y 12 x 12; X must be samples x features and y hold the label of each"),
        ({"X": X[:, :, None], "y": LABELS}, "X in mine.npz is 12 x 3 x 1"),
        ({"X": X[:0], "y": LABELS[:0]}, "X in mine.npz is 0 x 3"),
        ({"X": X}, "mine.npz must hold X and y, and holds X; X must be samples x features"),
        ({"X": np.array(["a"]), "y": LABELS}, "holds 'X', which is no array of plain numbers"),
        ({"X": np.where(X > 0, np.nan, X), "y": LABELS}, "'nan' is not a finite number"),
    ],
)  # fmt: skip
def test_each_fault_has_its_sentence(arrays, sentence):
    with pytest.raises(DataError) as caught:
        data_of(npz(**arrays), npz)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_faults_of_files():
    for raw, words in [(b"no zip", "is no .npz file"), (b"0" * 20_000_001, "is too large: 20 MB")]:
        with pytest.raises(DataError, match=words):
            read_pair(raw, "mine.npz")
    with pytest.raises(DataError, match=r"X in mine\.mat is a text; it must be a plain matrix"):
        open_mat(mat(X="text", y=LABELS), "mine.mat")
