"""What a person wants to know of a model beside its loss: the share of right answers, or of explained variance."""

import numpy as np


def accuracy(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of samples, 0 to 1, whose largest logit is the true class; one value per model.

    logits `(..., samples, classes)`, targets class indices `(..., samples)`.
    """
    return (logits.argmax(axis=-1) == targets).mean(axis=-1)


def r_squared(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Share of the targets' variance that the outputs explain: 1 is perfect, 0 is no better than their mean.

    Both `(..., samples, outputs)`; one value per model, at least -1 (a model that is worse than that is just bad, and
    a curve that reaches minus thousands hides what comes after). As in scikit-learn's r2_score, targets that are all
    the same give 1 where they are met, else 0, and of a single sample it is undefined, NaN.
    """
    residual = ((outputs - targets) ** 2).sum(axis=(-2, -1))
    if targets.shape[-2] < 2:
        return np.full_like(residual, np.nan)
    constant = (targets == targets[..., :1, :]).all(axis=(-2, -1))  # not by `total`, which rounding makes a little more
    total = ((targets - targets.mean(axis=-2, keepdims=True)) ** 2).sum(axis=(-2, -1))
    total = np.where(constant, 1, np.maximum(total, np.finfo(outputs.dtype).tiny))
    found = np.maximum(1 - residual / total, -1)
    met = (outputs == targets).all(axis=(-2, -1))
    return np.where(constant, np.where(met, 1, 0 * residual), found)[()]


def confusion(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Counts `(classes, classes)` for one model: row the true class, column the answer."""
    classes = logits.shape[-1]
    return np.bincount(targets * classes + logits.argmax(axis=-1), minlength=classes**2).reshape(classes, classes)
