"""Small runs on pictures for the tests: a data set drawn in an instant, and networks with any layer in their midst."""

import numpy as np

from nn_core.activations import ReLU, Tanh
from nn_core.layers import AveragePool2D, Conv2D, Dense, Dropout, Flatten, MaxPool2D
from nn_core.losses import SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam
from nn_core.schedules import Cosine
from nn_core.settings import Settings
from nn_core.trainer import Trainer
from tests.nn_core.members import sample_shape

CONV_NET = (
    Conv2D(3, 3, activation=Tanh()),
    MaxPool2D(),
    Conv2D(4, 3, padding="valid", activation=ReLU()),
    AveragePool2D(2, 1),
    Flatten(),
    Dense(6, Tanh()),
    Dropout(0.3),
    Dense(3),
)
PICTURE = (9, 8, 2)
SETTINGS = Settings(Adam(), Cosine(20), 0.02, 8, l1=0.001, l2=0.01)


def pictures(samples: int, dtype=np.float32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise with a bright bar that lies, stands, or leans: three classes, `(samples, *PICTURE)`."""
    generator = np.random.default_rng(seed)
    x = 0.3 * generator.standard_normal((samples, *PICTURE))
    classes = generator.integers(0, 3, samples)
    steps = np.arange(5)
    for picture, kind in zip(x, classes, strict=True):
        row, column = generator.integers(0, (PICTURE[0] - 4, PICTURE[1] - 4))
        picture[row + steps * (kind != 0), column + steps * (kind != 1)] += 1
    return x.astype(dtype), classes


def trainer(layers=CONV_NET, settings: Settings = SETTINGS, *, dtype=np.float32, **kwargs) -> Trainer:
    """A trainer on pictures; the same arguments make the same trainer. Batches of 8, 8, 8, 8 and 5."""
    parts = {"train": pictures(37, dtype), "test": pictures(20, dtype, seed=1)}
    return Trainer(Network(layers, PICTURE, dtype), parts, SoftmaxCrossEntropy(), settings, **kwargs)


def run_around(layer, settings: Settings = SETTINGS, *, dtype=np.float32, **kwargs) -> Trainer:
    """A trainer on noise of three classes whose network has this layer in its midst."""
    shape = sample_shape(layer)
    if len(shape) == 1:
        layers, shape = (Dense(shape[0]), layer, Dense(3)), (2,)
    elif isinstance(layer, Flatten):
        layers = (Conv2D(shape[-1]), layer, Dense(3))
    else:
        layers = (Conv2D(shape[-1]), layer, Flatten(), Dense(3))
    generator = np.random.default_rng(2)
    train = generator.standard_normal((37, *shape)).astype(dtype), generator.integers(0, 3, 37)
    return Trainer(Network(layers, shape, dtype), {"train": train}, SoftmaxCrossEntropy(), settings, **kwargs)
