"""An experiment: a config made real. Data drawn, features computed, network built, trainer ready.

`build(config)` is the one way from a choice to a run, for the live page, a sweep and an exported script alike.
"""

import functools
import hashlib
from dataclasses import dataclass

import numpy as np

from nn_core.layers import Conv2D, Dense, Dropout, Flatten, Residual
from nn_core.losses import LOSSES
from nn_core.network import Network
from nn_core.settings import Looks
from nn_core.spec import SpecError
from nn_core.trainer import Trainer
from playground.datasets.base import Data, Drawn, Standardiser, split
from playground.datasets.prepare import PictureData, load_pictures
from playground.datasets.registry import load
from playground.experiments.config import IMAGES, PIXELS, Config, Own, kind_of
from playground.experiments.features import available, usual
from playground.experiments.link import show_link

MOST_PARAMETERS = 10_000_000
MOST_WORK = 60_000_000  # multiplications for one picture: four times those of the convolutional net of the MNIST page
MOST_WORK_WITHOUT_LOOKS = 4_000_000
MOST_WORK_A_STEP = 8_000_000_000  # and for one mini-batch: what two cores do in a fifth of a second
# A convolutional net takes so long over an epoch that it is looked at in between, by fewer pictures.
LOOKS = {False: Looks(samples=10_000), True: Looks(samples=10_000, per_epoch=5, between=1_000)}


@dataclass(eq=False)
class Experiment:
    """A config with its data, and the trainer that learns them. The config changes with the trainer's settings."""

    config: Config
    data: Data | PictureData
    standardiser: Standardiser | None
    trainer: Trainer
    target_scaling: Standardiser | None = None  # where the network is trained on standardised targets

    @property
    def network(self) -> Network:
        return self.trainer.network

    def encode(self, x: np.ndarray) -> np.ndarray:
        """What the network is shown of raw inputs: `(samples, inputs)` -> `(samples, features)` in its dtype."""
        if isinstance(self.data, PictureData):
            return self.data.encode(x)
        return encode(x, self.config, self.standardiser, self.network.dtype)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs of the network `(..., samples, outputs)` in the units of the data: as they are, or float64."""
        return outputs if self.target_scaling is None else self.target_scaling.invert(outputs)

    def change(self, config: Config) -> None:
        """Take over what may change in mid-run (see config.forces_restart); the weights stay.

        Raises SpecError and changes nothing where a step of it would take too long, or cannot be made.
        """
        network = build_network(config, self.data, self.network.dtype)
        if isinstance(self.data, PictureData):
            _check_work(network, config)
        try:
            self.trainer.settings = config.settings  # refuses, before anything has changed, a batch that cannot be
        except ValueError as error:
            raise SpecError(str(error)) from None
        self.trainer.replace_network(network)
        self.trainer.stop = config.stop
        if config.augment != self.config.augment:
            self.data.train.x.augment = config.augment
        self.config = config

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits: four for what was asked (the config), four for what came of it (step, weights).

        Two laptops whose digits agree have made the same run so far, to the last bit.
        """
        came = hashlib.sha256(np.ascontiguousarray(self.trainer.theta))
        came.update(str(self.trainer.step).encode())
        return f"{self.fingerprint_of_settings}·{came.hexdigest()[:4]}"

    @property
    def fingerprint_of_settings(self) -> str:
        """The first half of the fingerprint, which costs nothing."""
        return fingerprint_of_settings(self.config)


def fingerprint_of_settings(config: Config) -> str:
    """Four hexadecimal digits for what was asked: the first half of a run's fingerprint."""
    return hashlib.sha256(repr(show_link(config)).encode()).hexdigest()[:4]


def build(config: Config, own: Drawn | None = None, dtype=np.float32) -> Experiment:
    """The experiment that `config` describes, at step 0. own: the user's own data, where the config names them.

    Raises DataError or SpecError, one sentence, where the parts do not fit.
    """
    if config.kind is IMAGES:
        return _build_pictures(config, dtype)
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
    values = data.task == "values"
    scaling = Standardiser.fit(data.train.y) if values and config.standardise_targets else None
    network = build_network(config, data, dtype)
    parts = {}
    for name, part in _parts(data).items():
        x = encode(part.x, config, standardiser, dtype)
        _check_features(x, config)
        y = part.y if scaling is None else scaling.apply(part.y)  # in float64, before it becomes float32
        parts[name] = x, y.astype(dtype) if values else y
    unit = {} if scaling is None else {"unit": scaling.std}
    return Experiment(config, data, standardiser, trainer_of(config, network, parts, **unit), scaling)


def _build_pictures(config: Config, dtype) -> Experiment:
    data = load_pictures(config.data, config.seed_split, config.pixels, config.augment, dtype)
    network = build_network(config, data, dtype)
    work = _check_work(network, config)
    parts = {name: (part.x, part.y) for name, part in _parts(data).items()}
    return Experiment(config, data, None, trainer_of(config, network, parts, LOOKS[work > MOST_WORK_WITHOUT_LOOKS]))


def trainer_of(config: Config, network: Network, parts, looks: Looks = Looks(), **stacked) -> Trainer:
    """The trainer of a config. stacked: settings, weights_seed, batches_seed of a stack, instead of its own."""
    seeds = {"weights_seed": config.seed_weights, "batches_seed": config.seed_batches}
    given = {"settings": config.settings, **seeds} | stacked
    try:
        return Trainer(
            network, parts, config.loss, initialiser=config.initialiser, stop=config.stop, looks=looks, **given
        )
    except ValueError as error:
        raise SpecError(str(error)) from None


def _parts(data):
    return {"train": data.train, "validation": data.validation, "test": data.test}


def build_network(config: Config, data: Data | PictureData, dtype=np.float32) -> Network:
    """Hidden layers and a linear layer to the outputs. Dropout (which does nothing at rate 0) follows each layer of
    units; a Flatten stands where pictures meet the first of them. Raises SpecError where the layers do not fit.
    """
    inputs = data.train.x.shape[1:] if config.kind is IMAGES else (len(config.features),)
    layers, shape = [], inputs
    outputs = Dense(len(data.classes) if data.task == "classes" else data.train.y.shape[1])
    try:
        for layer in (*config.hidden, outputs):
            if isinstance(layer, (Dense, Residual)) and len(shape) > 1:
                layers.append(Flatten())
                shape = layers[-1].output_shape(shape)
            layers.append(layer)
            shape = layer.output_shape(shape)
            if isinstance(layer, (Dense, Residual)) and layer is not outputs:
                layers.append(Dropout(config.dropout))
        network = Network(layers, inputs, dtype)
    except ValueError as error:
        raise SpecError(f"net does not fit the data: {error}") from None
    if network.size > MOST_PARAMETERS:
        raise SpecError(f"net may have at most {MOST_PARAMETERS:,} parameters here, not {network.size:,}.")
    return network


def _check_work(network: Network, config: Config) -> int:
    """Multiplications that one picture takes on its way forward; raises SpecError for more than a server can bear."""
    work = _work(network)
    if work > MOST_WORK or work * config.batch_size > MOST_WORK_A_STEP:
        raise SpecError(
            f"net asks for {work / 1e6:,.0f} million multiplications a picture with a batch of {config.batch_size:,}; "
            f"{MOST_WORK / 1e6:,.0f} million a picture and {MOST_WORK_A_STEP / 1e9:,.0f} billion a batch are the most."
        )
    return work


def count_parameters(config: Config) -> int:
    """How many parameters the network of a config has. Raises DataError or SpecError where it cannot be built."""
    if config.kind is IMAGES:
        data = load_pictures(config.data, config.seed_split, config.pixels, config.augment)
    else:
        data = _loaded(config.data, config.seed_data, config.seed_split, *_shares(config))
    return build_network(config, data).size


def _work(network: Network) -> int:
    work, shape = 0, network.input_shape
    for layer, places in zip(network.layers, network.places, strict=True):
        shape = layer.output_shape(shape)
        windows = shape[0] * shape[1] if isinstance(layer, Conv2D) else 1
        work += windows * sum(int(np.prod(parameter.shape)) for _, parameter in places.values())
    return work


def encode(x: np.ndarray, config: Config, standardiser: Standardiser | None, dtype) -> np.ndarray:
    """Raw inputs `(samples, inputs)` as the network's features `(samples, features)`.

    They are moved and scaled in float64 before they become `dtype`; what that cannot hold becomes its largest number.
    """
    if standardiser is not None:
        x = standardiser.apply(x)
    features, largest = available(x.shape[1]), float(np.finfo(dtype).max)
    with np.errstate(over="ignore"):
        found = np.stack([features[key].compute(x) for key in config.features], axis=1)
    return np.clip(found, -largest, largest).astype(dtype)


def _check_features(x: np.ndarray, config: Config) -> None:
    """Raise SpecError for a feature that grows beyond what its dtype can hold, such as the square of 1e20."""
    beyond = np.abs(x).max(axis=0, initial=0) >= np.finfo(x.dtype).max
    if beyond.any():
        key = config.features[int(beyond.argmax())]
        remedy = f"leave {key} out" if config.standardise else f"standardise the inputs, or leave {key} out"
        raise SpecError(f"features: {key} grows beyond what {x.dtype} can hold on these data; {remedy}.")


def with_data(config: Config, data, own: Drawn | None = None, inputs_before: int = 2) -> Config:
    """The config on other data, with features and a loss that fit them. inputs_before: how many inputs there were.

    Raises DataError where the data cannot be drawn.
    """
    if kind_of(data) is IMAGES:
        data.album()
        return config.replace(data=data, features=PIXELS, standardise_targets=False)
    drawn = own if own is not None else _loaded(data, config.seed_data, config.seed_split, *_shares(config))
    loss = config.loss if config.loss.task == drawn.task else next(c() for c in LOSSES.values() if c.task == drawn.task)
    features = fit_features(config.features, inputs_before, len(drawn.inputs))
    targets = config.standardise_targets
    if data != config.data:  # a table may hold values of any size; those of the project's own sets are about 1
        targets = drawn.task == "values" if own is not None else targets and not isinstance(config.data, Own)
    return config.replace(data=data, loss=loss, features=features, standardise_targets=targets)


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
