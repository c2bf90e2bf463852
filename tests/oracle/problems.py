"""The questions that are put both to nn_core and to PyTorch: layers, whole networks and whole runs with their numbers.

Everything is float64, small, and drawn from fixed seeds. With these seeds no pre-activation lies within a thousandth
of zero, where ReLU has its corner and differences say nothing about a derivative.
"""

from dataclasses import dataclass

import numpy as np

from nn_core.activations import GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from nn_core.layers import Dense, Dropout, Residual
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from nn_core.random import stream
from nn_core.schedules import Cosine, ExponentialDecay, StepDecay, WarmUpCoolDown
from nn_core.settings import Settings

FEATURES = 3
SAMPLES = 4


@dataclass(frozen=True)
class Problem:
    """A network with its loss and penalties."""

    layers: tuple
    loss: object = SoftmaxCrossEntropy()
    l1: float = 0.0
    l2: float = 0.0
    samples: int = 6


@dataclass(frozen=True)
class Run:
    """A problem's network, trained with all samples in each batch."""

    network: str
    settings: Settings


NETWORKS = {
    "deep": Problem((Dense(5, Tanh()), Dense(4, Sigmoid()), Dense(4, Softplus()), Dense(3))),
    "residual": Problem((Dense(4, Tanh()), Residual(5, Tanh()), Residual(3, GELU()), Dense(3))),
    "penalties": Problem((Dense(5, LeakyReLU()), Residual(3, SiLU()), Dense(3)), l1=0.02, l2=0.1),
    "dropout": Problem((Dense(6, ReLU()), Dropout(0.5), Residual(5, Tanh()), Dropout(0.2), Dense(3)), l2=0.01),
    "regression": Problem((Dense(5, Tanh()), Dense(2)), MeanSquaredError("half"), l2=0.05),
    "small": Problem((Dense(3, Tanh()), Dense(2)), samples=12),
}

RUNS = {
    "sgd, step, L2": Run("small", Settings(SGD(), StepDecay(10, 0.5), 0.3, 0, l2=0.05)),
    "momentum, exponential": Run("small", Settings(Momentum(0.8), ExponentialDecay(0.95), 0.1, 0)),
    "nesterov, warm-up, L2": Run("small", Settings(Nesterov(0.7), WarmUpCoolDown(5, 20, 15, 0.1), 0.1, 0, l2=0.01)),
    "adagrad, L2": Run("small", Settings(AdaGrad(), learning_rate=0.1, batch_size=0, l2=0.1)),
    "rmsprop, residual, L2": Run("residual", Settings(RMSProp(), ExponentialDecay(0.9), 0.01, 0, l2=0.1)),
    "adam, cosine, L2": Run("deep", Settings(Adam(), Cosine(60, 0.1), 0.05, 0, l2=0.02)),
    "adamw, cosine": Run("small", Settings(AdamW(weight_decay=0.2), Cosine(60), 0.05, 0)),
}


def layer_problem(layer) -> tuple[np.ndarray, dict, np.ndarray]:
    """x `(samples, features)`, the layer's parameters by name, and a gradient dy of its output's shape."""
    generator = stream(3, "layer")
    x = generator.standard_normal((SAMPLES, FEATURES))
    p = {name: generator.standard_normal(about.shape) for name, about in layer.parameters((FEATURES,)).items()}
    return x, p, generator.standard_normal((SAMPLES, *layer.output_shape((FEATURES,))))


def network_problem(name: str) -> tuple:
    """network, loss, l1, l2, theta, x, targets of one of NETWORKS."""
    problem = NETWORKS[name]
    network = Network(problem.layers, (FEATURES,), np.float64)
    generator = stream(7, name)
    theta = 0.7 * generator.standard_normal(network.size)  # biases too: a zero would hide a mistake
    x = generator.standard_normal((problem.samples, FEATURES))
    (outputs,) = network.output_shape
    if problem.loss.task == "classes":
        targets = generator.integers(0, outputs, problem.samples)
    else:
        targets = generator.standard_normal((problem.samples, outputs))
    return network, problem.loss, problem.l1, problem.l2, theta, x, targets


def dropout_stream() -> np.random.Generator:
    """The generator that decides what a dropout lets through; made anew, it decides the same."""
    return stream(9, "dropout", 0)


def kept(layer, x: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray | None:
    """Which numbers a dropout lets through, as 0 and 1; None for a layer that lets everything through."""
    if not isinstance(layer, Dropout):
        return None
    scaled, _ = layer.forward(np.ones_like(x), {}, rng or dropout_stream())
    return (scaled != 0).astype(np.float64)
