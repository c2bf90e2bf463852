"""Splitting, standardising and the fingerprint, on small data that can be checked by eye."""

import numpy as np
import pytest

from playground.datasets.base import DataError, Drawn, Standardiser, fingerprint, input_names, mixed, split


def drawn(counts, train_rows=0):
    y = np.repeat(np.arange(len(counts)), counts)
    return Drawn(
        np.arange(len(y), dtype=float)[:, None], y, tuple("abcdef"[: len(counts)]), ("x",), "t", "s.", train_rows
    )


def test_a_file_keeps_its_training_part_and_the_rest_is_halved_by_the_seed():
    data = split(drawn([10, 10, 10], train_rows=25), seed=1)
    assert data.train.x[:, 0].tolist() == list(range(25))
    held_out = np.concatenate([data.validation.x, data.test.x])[:, 0]
    assert sorted(held_out) == list(range(25, 30))
    assert abs(len(data.validation) - len(data.test)) == 1


def test_a_rare_class_still_reaches_the_training_part():
    for seed in range(20):
        data = split(drawn([60, 2]), seed)
        assert (data.train.y == 1).sum() == 1


def test_order_holds_the_classes_in_proportion_everywhere():
    labels = np.repeat([0, 1], [30, 60])
    order = mixed(labels, np.random.default_rng(0))
    assert sorted(order) == list(range(90))
    assert all(9 <= (labels[order[start : start + 30]] == 0).sum() <= 11 for start in (0, 30, 60))


@pytest.mark.parametrize(("validation", "test"), [(0, 0.25), (0.15, 0), (-0.1, 0.2), (0.5, 0.5), (float("nan"), 0.2)])
def test_shares_that_cannot_be_are_refused(validation, test):
    with pytest.raises(DataError, match=r"leave at least 10% of the samples for training"):
        split(drawn([10, 10]), 0, validation, test)


def test_an_empty_part_is_refused():
    with pytest.raises(DataError, match=r"3 samples are too few: none is left for the validation part; add samples."):
        split(drawn([2, 1]))


def test_a_class_missing_from_the_training_part_is_refused_by_name():
    with pytest.raises(DataError, match=r"No sample of class 'b' falls into the training part"):
        split(drawn([20, 1]), validation=0.3, test=0.55)


def test_standardiser_is_fitted_on_its_samples_alone_and_inverts():
    x = np.random.default_rng(0).normal(5, 3, (50, 3))
    x[:, 1] = 0.1  # constant: its standard deviation comes out as 1e-17, not as 0
    standardiser = Standardiser.fit(x)
    moved = standardiser.apply(x)
    assert moved.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert moved.std(axis=0) == pytest.approx([1, 0, 1])
    assert standardiser.std[1] == 1
    assert standardiser.invert(standardiser.apply(x + 7)) == pytest.approx(x + 7)


def test_fingerprint_tells_data_apart():
    one, other = drawn([3, 3]), drawn([3, 3])
    assert fingerprint(one) == fingerprint(other)
    assert len(fingerprint(one)) == 8
    other.x[0, 0] += 1e-9
    assert len({fingerprint(one), fingerprint(other), fingerprint(drawn([2, 4])), fingerprint(drawn([3, 3], 4))}) == 4


def test_fingerprint_is_the_same_on_every_machine():
    assert fingerprint(drawn([3, 3])) == "9a7e6b32"


def test_input_names():
    assert input_names(3) == ("x₁", "x₂", "x₃")
    assert input_names(12)[-1] == "x₁₂"
