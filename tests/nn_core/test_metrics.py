"""Metrics by hand, for one model and for a stack; the stack against its members is in test_stacks.py."""

import numpy as np
import pytest
from sklearn.metrics import r2_score

from nn_core.metrics import accuracy, confusion, r_squared

LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 5.0, 1.0], [0.0, 1.0, 3.0], [4.0, 0.0, 1.0]])  # answers 0 1 2 0
TARGETS = np.array([0, 1, 1, 0])


def test_accuracy():
    assert accuracy(LOGITS, TARGETS) == 0.75
    rolled = np.roll(LOGITS, 1, axis=0)  # answers 0 0 1 2
    assert accuracy(np.stack([LOGITS, rolled]), TARGETS).tolist() == [0.75, 0.5]


def test_confusion():
    assert confusion(LOGITS, TARGETS).tolist() == [[2, 0, 0], [0, 1, 1], [0, 0, 0]]  # one 1 was called 2


def test_r_squared():
    targets = np.array([[1.0], [2.0], [3.0], [6.0]])  # mean 3, squares about it 4 + 1 + 0 + 9 = 14
    assert r_squared(targets, targets) == 1
    assert r_squared(np.full((4, 1), 3.0), targets) == 0
    assert r_squared(targets + 1, targets) == pytest.approx(1 - 4 / 14)
    assert r_squared(100 * targets, targets) == -1  # no worse than that
    assert r_squared(np.stack([targets, targets + 1]), targets) == pytest.approx([1, 10 / 14])


def test_r_squared_of_targets_without_variance():
    flat = np.full((3, 1), 2.0)
    assert r_squared(flat, flat) == 1
    assert r_squared(flat + 1, flat) == 0
    assert r_squared(flat.astype(np.float32) + 1, flat.astype(np.float32)) == 0
    assert r_squared(np.stack([flat, flat + 1]), flat).tolist() == [1, 0]
    assert np.isnan(r_squared(np.full((3, 1), np.nan), flat))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-30, 123456.789, 0.5, 1024.0])
@pytest.mark.parametrize("samples", [2, 3, 7, 100])
def test_r_squared_of_a_constant_target_is_scikit_learns(value, samples, dtype):
    flat = np.full((samples, 1), value, dtype)
    for outputs in (flat, np.nextafter(flat, dtype(np.inf)), flat + dtype(1)):
        found = r_squared(outputs, flat)
        assert found == (outputs is flat)
        assert found.dtype == dtype
        if np.var(flat.astype(np.float64)) == 0:  # else rounding hides from scikit-learn that they are all the same
            assert found == r2_score(flat.astype(np.float64), outputs.astype(np.float64))


def test_r_squared_of_one_sample_is_undefined():
    one = np.ones((1, 2), np.float32)
    assert np.isnan(r_squared(one, one))
    assert np.isnan(r_squared(np.stack([one, one + 1]), one)).tolist() == [True, True]


@pytest.mark.parametrize("seed", range(20))
def test_r_squared_is_scikit_learns(seed):
    generator = np.random.default_rng(seed)
    targets = generator.standard_normal((generator.integers(2, 30), 1))
    outputs = targets + generator.standard_normal(targets.shape)
    assert r_squared(outputs, targets) == pytest.approx(max(-1, r2_score(targets, outputs)), abs=1e-12)
