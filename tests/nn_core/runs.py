"""Small runs for the tests: a data set drawn in an instant, a trainer on it, and a strict comparison."""

import numpy as np

from nn_core.activations import Tanh
from nn_core.layers import Dense, Dropout
from nn_core.losses import MeanSquaredError, SoftmaxCrossEntropy
from nn_core.network import Network
from nn_core.optimisers import Adam
from nn_core.schedules import Cosine
from nn_core.settings import Settings
from nn_core.trainer import Trainer

# Two hidden layers and a dropout, 37 samples in batches of 8 (the last has 5): all that makes resuming hard.
LAYERS = (Dense(6, Tanh()), Dropout(0.3), Dense(5, Tanh()), Dense(3))
SETTINGS = Settings(Adam(), Cosine(20), 0.02, 8, l1=0.001, l2=0.01)


def parts(samples: int = 37, dtype=np.float32, values: bool = False) -> dict:
    """Train, validation and test part of a plane with three classes in sectors, or with two values."""
    generator = np.random.default_rng(0)
    made = {}
    for name, size in {"train": samples, "validation": 20, "test": 30}.items():
        x = generator.standard_normal((size, 2)).astype(dtype)
        classes = (np.arctan2(x[:, 1], x[:, 0]) // (2 * np.pi / 3) % 3).astype(int)
        made[name] = (x, np.stack([np.sin(x[:, 0]), x[:, 1] ** 2], axis=-1).astype(dtype) if values else classes)
    return made


def trainer(layers=LAYERS, settings: Settings = SETTINGS, *, dtype=np.float32, values=False, samples=37, **kwargs):
    """A trainer on `parts`; the same arguments make the same trainer."""
    if values:
        layers = (*layers[:-1], Dense(2))
    loss = MeanSquaredError() if values else SoftmaxCrossEntropy()
    return Trainer(Network(layers, (2,), dtype), parts(samples, dtype, values), loss, settings, **kwargs)


def same_bits(a, b) -> bool:
    """Whether two arrays have the same shape, dtype and bits: -0.0 differs from 0.0, and NaN equals NaN."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def assert_same_run(a: Trainer, b: Trainer) -> None:
    """The same parameters, counts, state and history, to the last bit."""
    assert same_bits(a.theta, b.theta)
    assert (a.step, a.epoch, a.row, a.state, a.message) == (b.step, b.epoch, b.row, b.state, b.message)
    assert a.history.epochs == b.history.epochs
    assert a.history.series.keys() == b.history.series.keys()
    for name, values in a.history.series.items():
        assert same_bits(values, b.history.series[name]), name


def is_one_sentence(text: str) -> bool:
    """Whether a message can be shown to a person: one line, one full stop at its end, of bearable length."""
    return text.endswith(".") and text[:1].isupper() and "\n" not in text and ". " not in text and len(text) < 400
