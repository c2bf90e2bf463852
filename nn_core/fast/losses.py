"""The gradient of a loss with respect to outputs that lie feature by feature, `(..., outputs, samples)`."""

import numpy as np

from nn_core.kinds import Loss
from nn_core.losses import SoftmaxCrossEntropy


class Softmax:
    """dz = (softmax(z) - onehot) / samples, classes being the outermost axis: to add over them is to add arrays."""

    def __init__(self, z: np.ndarray, dz: np.ndarray):
        self._z, self._p = np.moveaxis(z, -2, 0), np.moveaxis(dz, -2, 0)
        self._one_class = np.empty(self._z.shape[1:], z.dtype)  # the largest logit, then the sum
        self._classes = np.arange(len(self._z)).reshape(-1, *[1] * self._one_class.ndim)
        self._true = np.empty(self._z.shape, bool)
        self._share = np.asarray(1 / z.shape[-1], z.dtype)

    def gradient(self, targets: np.ndarray) -> None:
        """Fill dz. targets: class indices `(..., samples)`."""
        p, one_class = self._p, self._one_class
        np.maximum.reduce(self._z, axis=0, out=one_class)
        np.subtract(self._z, one_class, out=p)
        np.exp(p, out=p)
        np.add.reduce(p, axis=0, out=one_class)
        np.divide(p, one_class, out=p)
        np.equal(self._classes, targets, out=self._true)
        np.subtract(p, self._true, out=p)
        np.multiply(p, self._share, out=p)


class AnyLoss:
    """Whatever else there is, by its plain form."""

    def __init__(self, loss: Loss, z: np.ndarray, dz: np.ndarray):
        self._loss, self._z, self._dz = loss, z, dz

    def gradient(self, targets: np.ndarray) -> None:
        """Fill dz. targets as the loss takes them."""
        self._dz[...] = self._loss.gradient(self._z.mT, targets).mT


def loss_on(loss: Loss, z: np.ndarray, dz: np.ndarray) -> Softmax | AnyLoss:
    """What turns outputs `z` into their gradient `dz`, given the targets."""
    return Softmax(z, dz) if type(loss) is SoftmaxCrossEntropy else AnyLoss(loss, z, dz)
