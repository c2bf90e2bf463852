"""Config: everything that makes a run what it is, in one frozen dataclass.

Two runs with equal configs give equal numbers, bit for bit on one machine. How fast the page plays, or which theme it
has, is not in here. Each field is a knob (label, help, range), which the widgets, the link and the checks are made of.
"""

import dataclasses
from dataclasses import dataclass

from nn_core.activations import Tanh
from nn_core.initialisers import INITIALISERS, Glorot
from nn_core.layers import AveragePool2D, BatchNorm, Conv2D, Dense, LayerNorm, MaxPool2D, Residual
from nn_core.losses import LOSSES, SoftmaxCrossEntropy
from nn_core.optimisers import OPTIMISERS, SGD
from nn_core.schedules import SCHEDULES, Constant
from nn_core.spec import Choice, SpecError, clip, knob, knobs
from nn_core.trainer import Settings, StopRules
from playground.datasets.augment import Augment
from playground.datasets.base import DataError
from playground.datasets.pictures import PICTURES, holds_pictures
from playground.datasets.plane import Moons
from playground.datasets.prepare import Pixels
from playground.datasets.registry import DATASETS

MOST_LAYERS = 9
MOST_UNITS = 64
MOST_PICTURE_LAYERS = 12
MOST_PICTURE_UNITS = 2048
MOST_PICTURE_BATCH = 2048
PIXELS = ("pixels",)  # the features of every picture set
ON_VECTORS = (Dense, Residual)
ON_PICTURES = (Conv2D, MaxPool2D, AveragePool2D, Dense, Residual, BatchNorm, LayerNorm)
BATCHES = (1, 4, 10, 16, 32, 64, 128, 256)
PICTURE_BATCHES = (1, 16, 32, 50, 64, 128, 200, 256, 512)
HIGHEST_SEED = 2**32 - 1
SEEDS = ("seed_data", "seed_split", "seed_weights", "seed_batches")
LIVE_FIELDS = frozenset(
    ("optimiser", "schedule", "learning_rate", "batch_size", "l1", "l2", "dropout", "stop_epochs", "stop_accuracy",
     "stop_patience", "augment")
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What follows from whether a network learns vectors or images: asked of the data once, by `kind_of`."""

    layers: tuple[type, ...]  # that its hidden layers may be
    most_layers: int
    most_units: int  # in each of them
    batches: tuple[int, ...]  # sizes that the pages offer
    takes_full_batch: bool
    stacks: bool  # whether runs of one shape gain by training in one stack


VECTORS = Kind(ON_VECTORS, MOST_LAYERS, MOST_UNITS, BATCHES, takes_full_batch=True, stacks=True)
IMAGES = Kind(
    ON_PICTURES, MOST_PICTURE_LAYERS, MOST_PICTURE_UNITS, PICTURE_BATCHES, takes_full_batch=False, stacks=False
)


def kind_of(data: Choice) -> Kind:
    """Whether such data are vectors or images."""
    return IMAGES if holds_pictures(data) else VECTORS


@dataclass(frozen=True)
class Own(Choice):
    """Data of the user's own: a link can only name them by their fingerprint, the numbers stay with their owner."""

    label = "Your own data"
    fingerprint: str = knob("none", "Fingerprint", "The first digits of a checksum over the numbers.")

    def draw(self, rng):
        raise DataError(
            f"This link was made with somebody's own data (fingerprint {clip(self.fingerprint)}); "
            "load that file on the page Your own data."
        )


SOURCES = {**DATASETS, **PICTURES, "own": Own}  # every kind of data that a config can name


def _seed(what: str) -> int:
    return knob(0, f"Seed of the {what}", f"Another number gives other {what}; the same gives the same again.",
                low=0, high=HIGHEST_SEED)  # fmt: skip


@dataclass(frozen=True)
class Config(Choice):
    """What a run is made of. Raises SpecError, one sentence, for anything out of its range."""

    data: Choice = knob(Moons(), "Data", "What the network learns.", registry=SOURCES)
    features: tuple[str, ...] = ("x1", "x2")
    standardise: bool = knob(
        False, "Standardise", "Shift and scale each input to mean 0 and spread 1, measured on the training part only."
    )
    standardise_targets: bool = knob(
        False,
        "Standardise targets",
        "Train on values shifted and scaled to mean 0 and spread 1, measured on the training part only; loss, R² and "
        "pictures stay in the values' own units.",
    )
    pixels: Choice = knob(Pixels(), "Pixels", "What the network is given of a picture.", registry={"pixels": Pixels})
    augment: Choice = knob(
        Augment(), "Augmentation", "How training pictures are moved, anew each time.", registry={"augment": Augment}
    )
    hidden: tuple[Choice, ...] = (Dense(8, Tanh()),)
    initialiser: Choice = knob(Glorot(), "First weights", "How the first weights are drawn.", registry=INITIALISERS)
    loss: Choice = knob(SoftmaxCrossEntropy(), "Loss", "What training makes small.", registry=LOSSES)
    optimiser: Choice = knob(SGD(), "Optimiser", "How a gradient becomes a step.", registry=OPTIMISERS)
    schedule: Choice = knob(
        Constant(), "Schedule", "What the learning rate is multiplied by as training goes on.", registry=SCHEDULES
    )
    learning_rate: float = knob(
        0.03, "Learning rate", "How far a step goes. Too small crawls, too large diverges: try both.", low=0, high=1e9
    )
    batch_size: int = knob(
        32, "Batch", "Samples whose mean gradient makes one step; full takes all of them.", low=0, high=1_000_000
    )
    l1: float = knob(
        0.0,
        "L1",
        "Pulls each weight towards 0 by a fixed amount, and no further: many become exactly 0.",
        low=0,
        high=10,
    )
    l2: float = knob(0.0, "L2", "Pulls each weight towards zero in proportion: none grows large.", low=0, high=10)
    dropout: float = knob(
        0.0, "Dropout", "Share of the hidden units that is silenced, by chance, in each step.", low=0, high=0.9
    )
    seed_data: int = _seed("data")
    seed_split: int = _seed("split")
    seed_weights: int = _seed("weights")
    seed_batches: int = _seed("batches")
    validation_share: float = knob(
        0.15, "Validation share", "Share of the samples set aside to choose by.", low=0.05, high=0.4
    )
    test_share: float = knob(0.25, "Test share", "Share of the samples set aside to judge by.", low=0.05, high=0.5)
    stop_epochs: int = knob(0, "Stop after epochs", "0 goes on for ever.", low=0, high=10_000_000)
    stop_accuracy: float = knob(
        0.0, "Stop at test accuracy", "Share of right answers (R² for values); 0 is off.", low=0, high=1
    )
    stop_patience: int = knob(
        0, "Patience (epochs)", "Stop when the validation loss has not improved for so long; 0 is off.", low=0,
        high=1_000_000,
    )  # fmt: skip

    def __post_init__(self):
        self._check_batch()  # first: the knob's range is that of other data
        super().__post_init__()
        if not self.features or len(set(self.features)) != len(self.features):
            raise SpecError("features must name at least one feature, each once.")
        images = self.kind is IMAGES
        if images != (self.features == PIXELS):
            other = "is a picture set, which has a page of its own" if images else "is not a picture set"
            raise SpecError(f"data {self.data.label} {other}; open it on its own page.")
        self._check_hidden()
        if not images and (self.pixels != Pixels() or self.augment != Augment()):
            raise SpecError("pixels and augment are for picture sets; leave them out here.")
        if self.pixels.components and self.augment.is_on:
            raise SpecError("augment must be off while a network trains on principal components: turn one of them off.")
        if self.loss.task != getattr(self.data, "task", self.loss.task):
            raise SpecError(f"loss {self.loss.label} does not fit data that hold {self.data.task}.")

    def _check_batch(self):
        size = self.batch_size
        if self.kind is IMAGES and isinstance(size, int) and not 1 <= size <= MOST_PICTURE_BATCH:
            raise SpecError(
                f"batch must be from 1 to {MOST_PICTURE_BATCH:,} pictures, not {clip(str(size or 'full'))}."
            )

    def _check_hidden(self):
        kind = self.kind
        if len(self.hidden) > kind.most_layers:
            raise SpecError(f"net must have from 0 to {kind.most_layers} hidden layers, not {len(self.hidden)}.")
        for layer in self.hidden:
            if not isinstance(layer, kind.layers):
                raise SpecError(f"net must be made of dense layers and residual blocks, not {clip(layer)}.")
            if isinstance(layer, (BatchNorm, LayerNorm)) and layer != type(layer)():
                raise SpecError("net's normalisations have their usual knobs here.")  # a link could not name others
            units = getattr(layer, "units", getattr(layer, "filters", 1))
            if units > kind.most_units:
                raise SpecError(f"net must have from 1 to {kind.most_units:,} units in each layer, not {units:,}.")

    def replace(self, **changes) -> "Config":
        """This config with some fields changed."""
        return dataclasses.replace(self, **changes)

    @property
    def kind(self) -> Kind:
        """Whether it is of vectors or of images."""
        return kind_of(self.data)

    @property
    def settings(self) -> Settings:
        """The part of it that a trainer takes and that may change in mid-run."""
        return Settings(self.optimiser, self.schedule, self.learning_rate, self.batch_size, self.l1, self.l2)

    @property
    def stop(self) -> StopRules:
        """The part of it that ends a run."""
        return StopRules(self.stop_epochs, self.stop_accuracy, self.stop_patience)


def forces_restart(before: Config, after: Config) -> bool:
    """True where a change cannot be made in mid-run: data, features, shape of the network, first weights, seeds."""
    names = (field.name for field in dataclasses.fields(Config))
    return any(_fixed(before, name) != _fixed(after, name) for name in names if name not in LIVE_FIELDS)


def _fixed(config: Config, name: str):
    """What of a field is fixed once a run has begun: of the hidden layers the kinds and sizes, not the activations."""
    value = getattr(config, name)
    if name != "hidden":
        return value
    return [(type(layer), *(getattr(layer, k.name) for k in knobs(layer) if k.name != "activation")) for layer in value]
