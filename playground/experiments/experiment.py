"""An experiment: a config made real. Data drawn, features computed, network built, trainer ready.

`build(config)` is the one way from a choice to a run, for the live page, a sweep and an exported script alike.
"""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

from nn_core.layers import Dense, Dropout
from nn_core.losses import LOSSES
from nn_core.network import Network
from nn_core.spec import SpecError
from nn_core.trainer import Trainer
from playground.datasets.base import Data, Drawn, Standardiser, split
from playground.datasets.registry import load
from playground.experiments.config import Config
from playground.experiments.features import available, usual
from playground.experiments.link import show_link


@dataclass(eq=False)
class Experiment:
    """A config with its data, and the trainer that learns them. The config changes with the trainer's settings."""

    config: Config
    data: Data
    standardiser: Standardiser | None
    trainer: Trainer

    @property
    def network(self) -> Network:
        return self.trainer.network

    def encode(self, x: np.ndarray) -> np.ndarray:
        """What the network is shown of raw inputs: `(samples, inputs)` -> `(samples, features)` in its dtype."""
        return encode(x, self.config, self.standardiser, self.network.dtype)

    def change(self, config: Config) -> None:
        """Take over what may change in mid-run (see config.forces_restart); the weights stay."""
        self.trainer.replace_network(build_network(config, self.data, self.network.dtype))
        self.trainer.settings, self.trainer.stop = config.settings, config.stop
        self.config = config

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits: four for what was asked (the config), four for what came of it (step, weights).

        Two laptops whose digits agree have made the same run so far, to the last bit.
        """
        asked = hashlib.sha256(repr(show_link(self.config)).encode()).hexdigest()[:4]
        weights = np.ascontiguousarray(self.trainer.theta).tobytes()
        came = hashlib.sha256(weights + str(self.trainer.step).encode()).hexdigest()[:4]
        return f"{asked}·{came}"


def build(config: Config, own: Drawn | None = None, dtype=np.float32) -> Experiment:
    """The experiment that `config` describes, at step 0. own: the user's own data, where the config names them.

    Raises DataError or SpecError, one sentence, where the parts do not fit.
    """
    if own is not None:
        data = split(own, config.seed_split, *_shares(config))
    else:
        data = _loaded(config.data, config.seed_data, config.seed_split, *_shares(config))
    unknown = [key for key in config.features if key not in available(len(data.inputs))]
    if unknown:
        raise SpecError(f"features must be among {', '.join(available(len(data.inputs)))}, not {unknown[0]!r}.")
    if config.loss.task != data.task:
        raise SpecError(f"loss {config.loss.label} does not fit data that hold {data.task}.")
    standardiser = Standardiser.fit(data.train.x) if config.standardise else None
    network = build_network(config, data, dtype)
    parts = {
        name: (encode(part.x, config, standardiser, dtype), part.y if data.task == "classes" else part.y.astype(dtype))
        for name, part in (("train", data.train), ("validation", data.validation), ("test", data.test))
    }
    trainer = Trainer(
        network,
        parts,
        config.loss,
        config.settings,
        initialiser=config.initialiser,
        weights_seed=config.seed_weights,
        batches_seed=config.seed_batches,
        stop=config.stop,
    )
    return Experiment(config, data, standardiser, trainer)


def build_network(config: Config, data: Data, dtype=np.float32) -> Network:
    """Hidden layers, each followed by dropout (which does nothing at rate 0), and a linear layer to the outputs."""
    layers = []
    for hidden in config.hidden:
        layers += [hidden, Dropout(config.dropout)]
    outputs = len(data.classes) if data.task == "classes" else data.train.y.shape[1]
    return Network([*layers, Dense(outputs)], (len(config.features),), dtype)


def encode(x: np.ndarray, config: Config, standardiser: Standardiser | None, dtype) -> np.ndarray:
    """Raw inputs `(samples, inputs)` as the network's features `(samples, features)`."""
    if standardiser is not None:
        x = standardiser.apply(x)
    features = available(x.shape[1])
    return np.stack([features[key].compute(x) for key in config.features], axis=1).astype(dtype)


def with_data(config: Config, data, own: Drawn | None = None, inputs_before: int = 2) -> Config:
    """The config on other data, with features and a loss that fit them. inputs_before: how many inputs there were.

    Raises DataError where the data cannot be drawn.
    """
    drawn = own if own is not None else _loaded(data, config.seed_data, config.seed_split, *_shares(config))
    loss = config.loss if config.loss.task == drawn.task else next(c() for c in LOSSES.values() if c.task == drawn.task)
    features = fit_features(config.features, inputs_before, len(drawn.inputs))
    return config.replace(data=data, loss=loss, features=features)


def fit_features(features: tuple[str, ...], before: int, now: int) -> tuple[str, ...]:
    """Features for data with `now` inputs where there were `before`: the same if they are to be had, else the usual."""
    offered = available(now)
    if features == usual(before) or any(key not in offered for key in features):
        return usual(now)
    return features


def _shares(config: Config) -> tuple[float, float]:
    return config.validation_share, config.test_share


@functools.lru_cache(maxsize=24)
def _loaded(data, data_seed, split_seed, validation, test) -> Data:
    """Data drawn once per process, not once per student; the arrays are made read-only."""
    loaded = load(data, data_seed, split_seed, validation, test)
    for part in (loaded.train, loaded.validation, loaded.test):
        part.x.flags.writeable = part.y.flags.writeable = False
    return loaded
