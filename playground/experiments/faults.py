"""Well-known mistakes in a backward pass, planted on purpose: the gradient lab shows that the test finds each of them.

Each fault takes a network and its loss and gives them back with one line of one backward pass wrong. The forward pass
stays as it is, so the network still answers; it only learns badly, which is why such mistakes live long.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nn_core.activations import Tanh
from nn_core.layers import Dense, Residual
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network


@dataclass(frozen=True)
class Fault:
    """label, what the line should be, what stands there instead, and `plant(network, loss) -> (network, loss)`."""

    label: str
    right: str
    wrong: str
    plant: Callable


class LossWithoutMean(SoftmaxCrossEntropy):
    """The gradient of the sum instead of the mean."""

    def gradient(self, logits, targets):
        return super().gradient(logits, targets) * logits.shape[-2]


class DenseWithWrongSlope(Dense):
    """Takes the derivative of tanh at the sum as if that were the output: 1 - z² instead of 1 - tanh(z)²."""

    def backward(self, dy, cache, p, g, need_dx=True):
        dz = dy * (1 - cache.z * cache.z)
        g["W"][...] = cache.x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dz @ p["W"].mT if need_dx else None


class ResidualWithWrongSlope(Residual):
    """The same in a block."""

    def backward(self, dy, cache, p, g, need_dx=True):
        dz = (dy @ p["W2"].mT) * (1 - cache.z * cache.z)
        g["W2"][...] = cache.a.mT @ dy
        g["W1"][...] = cache.x.mT @ dz
        g["b"][...] = dz.sum(axis=-2)
        return dy + dz @ p["W1"].mT if need_dx else None


class DenseWithoutTranspose(Dense):
    """Sends the gradient back through W instead of its transpose; runs only where W is square."""

    def backward(self, dy, cache, p, g, need_dx=True):
        super().backward(dy, cache, p, g, need_dx=False)
        dz = dy * self.activation.derivative(cache.z, cache.a)
        return dz @ p["W"] if need_dx else None


class DenseWithoutBias(Dense):
    """Forgets that the bias of each sample adds up."""

    def backward(self, dy, cache, p, g, need_dx=True):
        dx = super().backward(dy, cache, p, g, need_dx)
        g["b"] /= len(dy)
        return dx


class ResidualWithoutSkip(Residual):
    """Forgets the way past the block."""

    def backward(self, dy, cache, p, g, need_dx=True):
        dx = super().backward(dy, cache, p, g, need_dx)
        return dx - dy if need_dx else None


def _as_it_is(network, loss):
    return network, loss


def _with(network, change) -> Network:
    layers = list(network.layers)
    for number, layer in enumerate(layers):
        changed = change(layer, number)
        if changed is not None:
            layers[number] = changed
            break
    return Network(layers, network.input_shape, network.dtype)


def _first_bend(network, loss):
    kinds = {Dense: DenseWithWrongSlope, Residual: ResidualWithWrongSlope}

    def change(layer, number):
        bent = isinstance(getattr(layer, "activation", None), Tanh)
        return kinds[type(layer)](layer.units, layer.activation) if bent else None

    return _with(network, change), loss


def _no_transpose(network, loss):
    def change(layer, number):
        square = type(layer) is Dense and number and _inputs(network, number) == layer.units
        return DenseWithoutTranspose(layer.units, layer.activation) if square else None

    return _with(network, change), loss


def _no_sum(network, loss):
    def change(layer, number):
        return DenseWithoutBias(layer.units, layer.activation) if type(layer) is Dense else None

    return _with(network, change), loss


def _no_skip(network, loss):
    def change(layer, number):
        return ResidualWithoutSkip(layer.units, layer.activation) if type(layer) is Residual and number else None

    return _with(network, change), loss


def _inputs(network, number):
    (shape,) = (parameter.shape for name, (_, parameter) in network.places[number].items() if name == "W")
    return shape[0]


FAULTS: dict[str, Fault] = {
    "none": Fault("none: as it is in nn_core", "", "", _as_it_is),
    "factor": Fault(
        "a forgotten factor",
        "dz = (softmax(z) - onehot) / N",
        "dz = softmax(z) - onehot",
        lambda net, loss: (net, LossWithoutMean()),
    ),
    "derivative": Fault("a wrong derivative", "dz = dy * (1 - tanh(z)²)", "dz = dy * (1 - z²)", _first_bend),
    "transpose": Fault("a missing transpose", "dx = dz Wᵀ", "dx = dz W", _no_transpose),
    "sum": Fault("a bias that takes the mean", "db = sum of dz over the samples", "db = mean of dz", _no_sum),
    "skip": Fault("a forgotten skip", "dx = dy + dz W1ᵀ", "dx = dz W1ᵀ", _no_skip),
}
NEEDS = {
    "derivative": "a tanh layer",
    "transpose": "two dense layers of one width, one behind the other",
    "skip": "a residual block that is not the first layer",
}


def planted(name: str, network: Network, loss) -> tuple[Network, object]:
    """The network and its loss with a fault in them. Raises ValueError, one sentence, where it has no place there."""
    faulty, faulty_loss = FAULTS[name].plant(network, loss)
    if name != "none" and faulty_loss is loss and [*map(repr, faulty.layers)] == [*map(repr, network.layers)]:
        raise ValueError(f"This network has no place for {FAULTS[name].label}: it needs {NEEDS.get(name, 'a layer')}.")
    return faulty, faulty_loss
