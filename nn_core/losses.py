"""Losses: one number per model that says how wrong its outputs are, and the gradient with respect to the outputs.

Shapes: outputs `(..., samples, outputs)`, where the leading axes are separate models. Both methods normalise in the
same way, which each class states. A penalty on the weights is never part of the loss: the trainer adds its gradient.
"""

from dataclasses import dataclass

import numpy as np

from nn_core.spec import Choice, knob


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Choice):
    """The mean over the samples of -log(softmax probability of the true class).

    targets: class indices `(..., samples)`. Works on logits (before the softmax) and never overflows: the largest
    logit is subtracted first.
    """

    label = "Cross-entropy"
    task = "classes"

    def value(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """mean(logsumexp(z) - z[true]), one value per model."""
        shifted = logits - logits.max(axis=-1, keepdims=True)
        true = np.take_along_axis(shifted, _per_model(targets, logits)[..., None], axis=-1)[..., 0]
        return (np.log(np.exp(shifted).sum(axis=-1)) - true).mean(axis=-1)

    def gradient(self, logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """dz = (softmax(z) - onehot) / samples, in the shape of the logits."""
        dz = softmax(logits)
        flat = dz.reshape(-1, dz.shape[-1])
        flat[np.arange(len(flat)), _per_model(targets, logits).reshape(-1)] -= 1
        dz /= logits.shape[-2]
        return dz


@dataclass(frozen=True)
class MeanSquaredError(Choice):
    """The mean of (p - t)^2; over what the mean is taken is the knob `mean_over`.

    targets: values `(..., samples, outputs)`. `samples and outputs` divides by both counts (PyTorch's "mean");
    `samples` sums over the outputs; `half` is half of that, so that the gradient has no 2 in it.
    """

    label = "Squared error"
    task = "values"
    mean_over: str = knob(
        "samples and outputs",
        "Mean over",
        "What the squared errors are divided by.",
        choices=("samples and outputs", "samples", "half"),
    )

    def value(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """One value per model."""
        return self._scale(outputs) * ((outputs - targets) ** 2).sum(axis=(-2, -1))

    def gradient(self, outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """dp = 2 (p - t) / (samples * outputs) for the default mean."""
        return 2 * self._scale(outputs) * (outputs - targets)

    def _scale(self, outputs: np.ndarray) -> float:
        samples, width = outputs.shape[-2:]
        return {"samples and outputs": 1 / (samples * width), "samples": 1 / samples, "half": 0.5 / samples}[
            self.mean_over
        ]


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities over the last axis; the largest logit is subtracted first, so nothing overflows."""
    p = np.subtract(logits, logits.max(axis=-1, keepdims=True), order="C")  # so that its rows can be viewed flat
    np.exp(p, out=p)
    p /= p.sum(axis=-1, keepdims=True)
    return p


def _per_model(targets: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Targets with the leading axes of the outputs: models of a stack may share them."""
    return targets if targets.shape == outputs.shape[:-1] else np.broadcast_to(targets, outputs.shape[:-1])


LOSSES = {"cross_entropy": SoftmaxCrossEntropy, "mse": MeanSquaredError}
