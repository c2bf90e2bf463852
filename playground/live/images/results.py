"""What became of the test part when it was last measured: confusion, mistakes, precision and recall."""

from dataclasses import dataclass

import numpy as np

from nn_core.metrics import confusion


@dataclass(frozen=True, eq=False)
class Results:
    """The test part as it was last measured. counts `(classes, classes)`: row the true class, column the answer.

    mistakes: the test samples that were answered wrong, the surest first. probabilities `(samples, classes)`.
    """

    counts: np.ndarray
    mistakes: np.ndarray
    probabilities: np.ndarray
    answers: np.ndarray

    @classmethod
    def of(cls, logits: np.ndarray, labels: np.ndarray) -> "Results":
        """Results for logits `(samples, classes)` of the first samples, whose true classes are `labels`."""
        labels = labels[: len(logits)]
        logits = np.nan_to_num(logits)
        probabilities, answers = softmax(logits), logits.argmax(axis=1)
        wrong = np.flatnonzero(answers != labels)
        surest = np.argsort(-probabilities[wrong, answers[wrong]], kind="stable")
        return cls(confusion(logits, labels), wrong[surest], probabilities, answers)

    def per_class(self) -> np.ndarray:
        """Precision, recall and F1 of each class, `(classes, 3)`; 0 where a class was never answered or never there."""
        hits = np.diagonal(self.counts).astype(np.float64)
        precision = hits / np.maximum(self.counts.sum(axis=0), 1)
        recall = hits / np.maximum(self.counts.sum(axis=1), 1)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        return np.stack([precision, recall, f1], axis=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities `(samples, classes)`; what is not finite counts as 0 before."""
    logits = np.nan_to_num(np.asarray(logits, np.float64), posinf=1e30, neginf=-1e30)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
