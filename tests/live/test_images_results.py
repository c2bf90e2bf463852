"""What became of the test part: confusion, mistakes, precision and recall, against NumPy by hand and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from nn_core import metrics
from playground.live.images.results import Results, softmax

RNG = np.random.default_rng(5)
LOGITS = RNG.normal(0, 2, (300, 4)).astype(np.float32)
LABELS = RNG.integers(4, size=300)


def test_softmax_is_exponentials_over_their_sum():
    np.testing.assert_allclose(softmax(LOGITS), np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(softmax(LOGITS).sum(axis=1), 1)
    np.testing.assert_allclose(softmax(LOGITS + np.float32(64)), softmax(LOGITS), atol=1e-4)
    assert softmax(np.array([[0.0, np.log(3)]])) == pytest.approx(np.array([[0.25, 0.75]]))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([np.inf, 0, 0], [1, 0, 0]),
        ([-np.inf, 0, 0], [0, 0.5, 0.5]),
        ([np.nan, 0, 0], [1 / 3, 1 / 3, 1 / 3]),
        ([np.nan, np.inf, -np.inf], [0, 1, 0]),
        ([3e38, -3e38, 0], [1, 0, 0]),
        ([1e5, 1e5, -1e5], [0.5, 0.5, 0]),
    ],
    ids=str,
)
def test_softmax_of_what_has_overflowed(row, expected):
    assert softmax(np.array([row], np.float32))[0].tolist() == pytest.approx(expected)


def test_confusion_and_mistakes():
    results = Results.of(LOGITS, LABELS)
    answers = LOGITS.argmax(axis=1)
    assert np.array_equal(results.counts, metrics.confusion(LOGITS, LABELS))
    by_hand = [[np.sum((true == LABELS) & (answers == answer)) for answer in range(4)] for true in range(4)]
    assert results.counts.tolist() == by_hand
    assert np.array_equal(results.answers, answers)
    assert set(results.mistakes.tolist()) == set(np.flatnonzero(answers != LABELS).tolist())
    sure = results.probabilities[results.mistakes, answers[results.mistakes]]
    assert np.all(np.diff(sure) <= 0)
    assert results.counts.trace() + len(results.mistakes) == len(LABELS)
    np.testing.assert_array_equal(results.probabilities, softmax(LOGITS))


def test_among_equally_sure_mistakes_the_first_comes_first():
    logits = np.array([[1, 0], [1, 0], [3, 0], [1, 0], [0, 1]], np.float32)
    assert Results.of(logits, np.array([1, 0, 1, 1, 1])).mistakes.tolist() == [2, 0, 3]


def test_precision_recall_and_f1_by_hand():
    answers = np.repeat([0, 0, 1, 1, 2], [6, 2, 3, 1, 4])
    labels = np.repeat([0, 1, 1, 2, 1], [6, 2, 3, 1, 4])
    found = Results.of(np.eye(4, dtype=np.float32)[answers], labels).per_class()
    assert found.tolist() == [
        pytest.approx([6 / 8, 1, 6 / 7]),
        pytest.approx([3 / 4, 3 / 9, 6 / 13]),
        pytest.approx([0, 0, 0]),  # four answers, none of them right
        pytest.approx([0, 0, 0]),  # never answered, never there
    ]


@pytest.mark.parametrize("seed", range(20))
def test_precision_recall_and_f1_are_those_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    classes, count = int(rng.integers(2, 12)), int(rng.integers(1, 80))
    labels = rng.integers(rng.integers(1, classes + 1), size=count)  # often some classes are missing
    logits = rng.normal(0, 1, (count, classes)).astype(np.float32)
    logits[:, rng.integers(classes)] -= 9  # and one is never answered
    expected = precision_recall_fscore_support(
        labels, logits.argmax(axis=1), labels=np.arange(classes), zero_division=0
    )
    np.testing.assert_allclose(Results.of(logits, labels).per_class(), np.stack(expected[:3], axis=1), atol=1e-12)


def test_all_right():
    labels = np.arange(30) % 3
    results = Results.of(np.eye(3, dtype=np.float32)[labels], labels)
    assert results.mistakes.shape == (0,)
    assert results.counts.tolist() == [[10, 0, 0], [0, 10, 0], [0, 0, 10]]
    assert np.array_equal(results.per_class(), np.ones((3, 3)))


def test_all_wrong():
    labels = np.arange(30) % 3
    results = Results.of(np.eye(3, dtype=np.float32)[(labels + 1) % 3], labels)
    assert results.mistakes.tolist() == list(range(30))
    assert results.counts.trace() == 0
    assert np.array_equal(results.per_class(), np.zeros((3, 3)))


def test_only_the_measured_part_counts():
    results = Results.of(LOGITS[:50], LABELS)
    assert results.counts.sum() == len(results.answers) == len(results.probabilities) == 50
    assert results.mistakes.max() < 50


@pytest.mark.parametrize(
    "logits",
    [
        np.zeros((4, 3), np.float32),
        np.full((4, 3), np.nan, np.float32),
        np.array([[np.nan, -1, 1], [np.inf, np.inf, 0], [-np.inf, 0, np.nan], [np.nan, np.inf, -np.inf]], np.float32),
        np.array([[1e-20, 2e-20, 3e-20], [0, 1e-30, 0], [-1e-18, -2e-18, 0], [0, 0, 1e-38]], np.float32),
        np.array([[2e38, 1e38, 0], [1e32, 2e32, 0], [np.inf, 3e38, 0], [-3e38, -np.inf, -np.inf]], np.float32),
    ],
    ids=["zeros", "nan", "mixed", "tiny", "huge"],
)
def test_confusion_and_mistakes_agree_whatever_the_numbers_are(logits):
    labels = np.array([2, 1, 0, 2])
    results = Results.of(logits, labels)
    assert np.all(np.isfinite(results.probabilities))
    assert np.array_equal(results.counts, np.histogram2d(labels, results.answers, bins=[range(4), range(4)])[0])
    assert results.counts.trace() + len(results.mistakes) == 4
