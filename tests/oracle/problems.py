"""What is put both to nn_core and to PyTorch: layers, whole networks and first weights, with their numbers.

Everything is float64, small, and drawn from fixed seeds. With these seeds no pre-activation lies so near to zero, where
ReLU has its corner, and no two numbers of a pool so near to each other, that a finite difference would step across.
Inputs are rounded to three digits, which keeps the records short.
"""

from dataclasses import dataclass

import numpy as np

from nn_core.activations import GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerNorm,
    MaxPool2D,
    Residual,
)
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.random import stream
from tests.nn_core.members import sample_shape

SAMPLES, PICTURES = 4, 2  # that a layer is tested on
PICTURE = (8, 8, 1)


@dataclass(frozen=True)
class Problem:
    """A network with its loss and its L2 penalty, and the data that it is given."""

    layers: tuple
    loss: object = SoftmaxCrossEntropy()
    l2: float = 0.0
    samples: int = 6
    spread: float = 0.7  # of the first parameters
    shape: tuple[int, ...] = (3,)


NETWORKS = {
    "deep": Problem((Dense(5, Tanh()), Dense(4, Sigmoid()), Dense(4, Softplus()), Dense(3))),
    "residual": Problem((Dense(4, Tanh()), Residual(5, Tanh()), Residual(3, GELU()), Dense(3))),
    "penalties": Problem((Dense(5, LeakyReLU()), Residual(3, SiLU()), Dense(3)), l2=0.1),
    "dropout": Problem((Dense(6, ReLU()), Dropout(0.5), Residual(5, Tanh()), Dropout(0.2), Dense(3)), l2=0.01),
    "regression": Problem((Dense(5, Tanh()), Dense(2)), MeanSquaredError("half"), l2=0.05),
    "strides": Problem(
        (Conv2D(4, 3, stride=2, activation=Tanh()), LayerNorm(), Conv2D(3, 2, padding="valid"), Flatten(), Dense(2)),
        MeanSquaredError(),
        shape=(6, 5, 2),
    ),
    # All below are trained for 200 steps. The trainer has ways of its own for inputs of more than 64 features, and for
    # convolutions of 3x3 and of 5x5 pixels between at least four channels: they must be met, too.
    "small": Problem((Dense(3, Tanh()), Dense(2)), samples=12),
    "wide": Problem((Dense(3, ReLU()), Dense(2)), l2=0.01, samples=21, shape=(70,)),
    "mlp": Problem((Dense(6, Tanh()), Dense(5, ReLU()), Dense(3)), l2=0.01, samples=21),
    "resnet": Problem(
        (Dense(5, Tanh()), Residual(6, ReLU()), Dropout(0.2), Residual(4, Tanh()), Dense(2)),
        MeanSquaredError(),
        l2=0.01,
        samples=21,
    ),
    "normalised": Problem((Dense(5, Tanh()), BatchNorm(), Dense(4, GELU()), LayerNorm(), Dense(3)), samples=21),
    "5x5 filters": Problem(
        (Conv2D(4, 3, activation=Tanh()), Conv2D(4, 5, activation=ReLU()), MaxPool2D(4), Flatten(), Dense(2)),
        MeanSquaredError(),
        samples=12,
        spread=0.2,
        shape=PICTURE,
    ),
    "conv net": Problem(
        (
            Conv2D(4, 3, activation=ReLU()),
            MaxPool2D(2),
            Conv2D(4, 3, activation=Tanh()),
            AveragePool2D(2),
            Flatten(),
            Dense(4, ReLU()),
            Dense(3),
        ),
        l2=0.01,
        samples=21,
        shape=PICTURE,
    ),
    # The bias of a convolution right before a BatchNorm has a gradient of exactly 0; computed, it is rounding noise,
    # which optimisers that divide by its size make large. With a bend in between it is a gradient like any other.
    "conv net with batch norm": Problem(
        (
            Conv2D(2, 3, activation=Tanh()),
            BatchNorm(),
            MaxPool2D(2),
            Conv2D(3, 2, padding="valid", activation=SiLU()),
            BatchNorm(0.3),
            Flatten(),
            Dense(3),
        ),
        l2=0.01,
        samples=21,
        shape=PICTURE,
    ),
}

# Where first weights are drawn: name -> layer, shape of a sample. Both have 60,000 weights, and other fans.
DRAWN = {"dense": (Dense(200), (300,)), "conv2d": (Conv2D(120, kernel=5), (6, 6, 20))}


def layer_problem(layer) -> tuple[np.ndarray, dict, np.ndarray]:
    """x `(samples, *features)`, the layer's parameters by name, and a gradient dy of its output's shape."""
    generator, shape = stream(3, "layer"), sample_shape(layer)
    samples = PICTURES if len(shape) == 3 else SAMPLES
    x = _rounded(generator, (samples, *shape))
    p = {name: first_value(name, _rounded(generator, about.shape)) for name, about in layer.parameters(shape).items()}
    return x, p, _rounded(generator, (samples, *layer.output_shape(shape)))


def later_batches(x: np.ndarray) -> list[np.ndarray]:
    """Two more batches, other in mean and spread, for a layer that remembers what went through it."""
    return [2 * x + 1, x[::-1] * x - 3]


def tied(layer, x: np.ndarray) -> np.ndarray | None:
    """x in whole numbers, so that several pixels of a window are its largest; None for a layer that does not choose."""
    return np.round(x) if isinstance(layer, MaxPool2D) else None


def network_problem(name: str) -> tuple:
    """network, loss, l2, theta, x, targets of one of NETWORKS."""
    problem = NETWORKS[name]
    network = Network(problem.layers, problem.shape, np.float64)
    generator = stream(7, name)
    theta = np.round(
        problem.spread * _rounded(generator, (network.size,)), 3
    )  # biases too: a zero would hide a mistake
    for views in network.views(theta):
        for key, values in views.items():
            values[...] = first_value(key, values)
    x = _rounded(generator, (problem.samples, *problem.shape))
    (outputs,) = network.output_shape
    if problem.loss.task == "classes":
        targets = generator.integers(0, outputs, problem.samples)
    else:
        targets = _rounded(generator, (problem.samples, outputs))
    return network, problem.loss, problem.l2, theta, x, targets


def first_value(name: str, drawn: np.ndarray) -> np.ndarray:
    """What was drawn, except that a variance is made positive."""
    return 0.5 + drawn**2 if name == "variance" else drawn


def dropout_stream() -> np.random.Generator:
    """The generator that decides what a dropout lets through; made anew, it decides the same."""
    return stream(9, "dropout", 0)


def kept(layer, x: np.ndarray, rng: np.random.Generator | None) -> np.ndarray | None:
    """Which numbers a dropout lets through, as 0 and 1; None for a layer that lets everything through."""
    if not isinstance(layer, Dropout) or rng is None:
        return None
    scaled, _ = layer.forward(np.ones_like(x), {}, rng)
    return (scaled != 0).astype(np.float64)


def _rounded(generator, shape):
    return np.round(generator.standard_normal(shape), 3)
