"""What a run cannot take is told before its first step, in one sentence that names the part."""

import numpy as np
import pytest

from nn_core.layers import Dense
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.settings import Settings
from nn_core.trainer import Trainer
from tests.nn_core.runs import is_one_sentence, parts


def with_part(name="train", x=None, targets=None, loss=None, dtype=np.float32):
    """Make a trainer with one part changed."""
    given = parts()
    given[name] = (given[name][0] if x is None else x, given[name][1] if targets is None else targets)
    return Trainer(Network((Dense(3),), (2,), dtype), given, loss or SoftmaxCrossEntropy())


X = np.zeros((37, 2), np.float32)
BAD = {
    "empty": lambda: with_part("test", X[:0], np.zeros(0, int)),
    "wrong width": lambda: with_part(x=np.zeros((37, 3), np.float32)),
    "fewer targets": lambda: with_part(targets=np.zeros(36, int)),
    "dtype": lambda: with_part(x=X.astype(np.float64)),
    "nan": lambda: with_part("validation", np.full((20, 2), np.nan, np.float32)),
    "infinity": lambda: with_part(x=np.full_like(X, np.inf)),
    "class too high": lambda: with_part(targets=np.full(37, 3)),
    "class below zero": lambda: with_part(targets=np.full(37, -1)),
    "classes as fractions": lambda: with_part(targets=np.zeros(37)),
    "classes in columns": lambda: with_part(targets=np.zeros((37, 3), int)),
    "values in one row": lambda: with_part(targets=np.zeros(37), loss=MeanSquaredError()),
    "values nan": lambda: with_part(targets=np.full((37, 3), np.nan), loss=MeanSquaredError()),
    "no train part": lambda: Trainer(Network((Dense(3),), (2,)), {"test": parts()["test"]}, SoftmaxCrossEntropy()),
    "layer takes vectors": lambda: Network((Dense(3),), (28, 28)),
    "learning rate nan": lambda: Settings(learning_rate=float("nan")),
    "learning rate below zero": lambda: Settings(learning_rate=[0.1, -0.1]),
    "penalty infinite": lambda: Settings(l2=float("inf")),
    "batch below zero": lambda: Settings(batch_size=-1),
    "batch fraction": lambda: Settings(batch_size=2.5),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_bad_input_is_told_in_one_sentence(make):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is looked at below
        make()
    text = str(caught.value)
    assert is_one_sentence(text[0].upper() + text[1:])
