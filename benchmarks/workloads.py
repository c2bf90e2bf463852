"""The workloads of the benchmarks of training: seven networks with a batch size and an optimiser, as data.

Each is one training step (forward, backward, update) in float32 on batches of one data set that lies in memory; W7 is a
forward pass alone, that of the map which the live page paints. Nothing depends on the values, so the data are noise.
"""

from dataclasses import dataclass

import numpy as np

from nn_core.activations import ReLU, Tanh
from nn_core.layers import Conv2D, Dense, Flatten, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import SGD, Adam
from nn_core.settings import Settings
from nn_core.trainer import Trainer


@dataclass(frozen=True)
class Workload:
    """What is trained. block: steps that are timed at a stretch. goal: how much faster than PyTorch we want to be."""

    text: str
    layers: tuple
    input_shape: tuple[int, ...]
    batch: int
    settings: Settings
    block: int
    goal: float
    forward_only: bool = False

    @property
    def classes(self) -> int:
        return self.layers[-1].units

    @property
    def wide(self) -> bool:
        """Whether batches are gathered one by one, because shuffling all data once an epoch would copy too much."""
        return np.prod(self.input_shape) > 64

    @property
    def samples(self) -> int:
        """As many as a timed block takes and a step before and after it, so that no epoch ends inside of one."""
        return self.batch if self.forward_only else self.batch * (self.block + 2)

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """x in float32 and class indices."""
        generator = np.random.default_rng(0)
        x = generator.standard_normal((self.samples, *self.input_shape), dtype=np.float32)
        return x, generator.integers(0, self.classes, self.samples)

    def trainer(self, x: np.ndarray, targets: np.ndarray, models: int | None = None) -> Trainer:
        """nn_core's trainer on the data; a stack of so many models where asked for."""
        seeds = 0 if models is None else range(models)
        return Trainer(
            Network(self.layers, self.input_shape),
            {"train": (x, targets)},
            SoftmaxCrossEntropy(),
            self.settings,
            weights_seed=seeds,
            batches_seed=seeds,
        )


def _settings(optimiser, rate, batch, l2=0.0):
    return Settings(optimiser, learning_rate=rate, batch_size=batch, l2=l2)


_PEAKS = (Dense(20, ReLU()), Dense(20, ReLU()), Dense(5))
_CONVOLUTIONAL = (
    Conv2D(32, 5, activation=ReLU()),
    MaxPool2D(2),
    Conv2D(64, 5, activation=ReLU()),
    MaxPool2D(2),
    Flatten(),
    Dense(1024, ReLU()),
    Dense(10),
)
WORKLOADS = {
    "W1": Workload(
        "2-16-16-2 tanh, SGD",
        (Dense(16, Tanh()), Dense(16, Tanh()), Dense(2)),
        (2,),
        32,
        _settings(SGD(), 0.01, 32),
        500,
        10,
    ),
    "W2": Workload("2-20-20-5 relu, SGD", _PEAKS, (2,), 128, _settings(SGD(), 0.01, 128), 500, 8),
    "W3": Workload("5-24-5 relu, SGD", (Dense(24, ReLU()), Dense(5)), (5,), 256, _settings(SGD(), 0.01, 256), 500, 7),
    "W4": Workload(
        "784-64-32-10 relu, Adam",
        (Dense(64, ReLU()), Dense(32, ReLU()), Dense(10)),
        (784,),
        128,
        _settings(Adam(), 0.001, 128),
        100,
        1.6,
    ),
    "W5": Workload(
        "conv 32, pool, conv 64, pool, 1024, 10, Adam",
        _CONVOLUTIONAL,
        (28, 28, 1),
        64,
        _settings(Adam(), 0.001, 64),
        6,
        0.8,
    ),
    "W6": Workload(
        "3072-100-10 relu, SGD + L2",
        (Dense(100, ReLU()), Dense(10)),
        (3072,),
        200,
        _settings(SGD(), 0.001, 200, 0.25),
        30,
        1.4,
    ),
    "W7": Workload("2-20-20-5 relu, 100 x 100 map", _PEAKS, (2,), 10_000, _settings(SGD(), 0.01, 128), 100, 1.8, True),
}
