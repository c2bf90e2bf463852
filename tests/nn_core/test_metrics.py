"""Metrics by hand, for one model and for a stack; the stack against its members is in test_stacks.py."""

import numpy as np
import pytest

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
    assert r_squared(flat + 1, flat) == -1
    assert r_squared(flat.astype(np.float32) + 1, flat.astype(np.float32)) == -1
