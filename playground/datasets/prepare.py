"""Pictures made ready for a network: split, scaled, turned and shifted, or projected onto principal components.

The pictures stay bytes, which all sessions share; `Prepared` turns those of a batch into numbers when it is asked for
them (nn_core.batches.Samples). Means and components are measured on the training part alone.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from nn_core.random import stream
from nn_core.spec import Choice, SpecError, knob
from playground.datasets.augment import Augment
from playground.datasets.base import DataError, Part, mixed
from playground.datasets.once import once
from playground.datasets.pictures import Album, PictureSet

VALIDATION = 12  # one in so many training pictures is set aside to choose by: 5,000 of MNIST's 60,000
MOST_COMPONENTS = 500
FITTED = 10_000  # pictures at most that principal components are measured on
BLOCK = 2_000  # pictures that are turned into numbers at a time


@dataclass(frozen=True)
class Pixels(Choice):
    """What the network is given of a picture."""

    label = "Pixels"
    scale: str = knob(
        "0-1",
        "Pixel values",
        "0-1: from 0, the ground, to 1, full ink. standardised: minus the mean, divided by the standard deviation of "
        "all pixels (MNIST: .1307 and .3081).",
        choices=("0-1", "standardised"),
    )
    mean_image: bool = knob(
        False,
        "Subtract the mean picture",
        "Each pixel minus its mean over the training pictures, so that it is 0 on average.",
    )
    components: int = knob(
        0,
        "Principal components",
        "Train on the projection onto so many principal components instead of pixels; 0 is off.",
        low=0,
        high=MOST_COMPONENTS,
    )


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components: mean `(pixels,)`, basis `(components, pixels)`, and what share of the variance each has."""

    mean: np.ndarray
    basis: np.ndarray
    shares: np.ndarray

    def needed(self, share: float) -> int | None:
        """How many components hold that share of the variance; None where more are needed than were worked out."""
        together = np.cumsum(self.shares)
        return int(np.searchsorted(together, share)) + 1 if together[-1] >= share else None


@dataclass(frozen=True, eq=False)
class Scaling:
    """Bytes to numbers: `bytes * factor + offset`, where offset is a number, or one for each pixel of a picture."""

    factor: float
    offset: float | np.ndarray
    dtype: type = np.float32

    def apply(self, pictures: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Pictures uint8 `(..., height, width, channels)` as numbers, into `out` where it is given."""
        out = np.empty(pictures.shape, self.dtype) if out is None else out
        np.multiply(pictures, self.dtype(self.factor), out=out)
        if np.any(self.offset):
            out += self.offset
        return out


class Prepared:
    """Pictures as a trainer takes them (nn_core.batches.Samples); `augment` may be changed while it trains."""

    def __init__(self, pictures: np.ndarray, rows: np.ndarray, scaling: Scaling, augment: Augment | None = None):
        self.pictures, self.rows, self.scaling = pictures, rows, scaling
        self.augment = augment or Augment()
        self.shape, self.dtype, self.ndim = (len(rows), *pictures.shape[1:]), np.dtype(scaling.dtype), pictures.ndim

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.scaling.apply(self.pictures[self.rows[rows]])

    @property
    def varies(self) -> bool:
        """Whether a picture looks different each time that it is trained with."""
        return self.augment.is_on

    def gather(self, rows: np.ndarray, out: np.ndarray, rng: np.random.Generator | None) -> None:
        """Write the pictures of these rows into `out`, as training is to see them."""
        pictures = self.pictures[self.rows[rows]]
        if rng is not None:
            pictures = self.augment.apply(pictures, rng)
        self.scaling.apply(pictures, out)


@dataclass(frozen=True, eq=False)
class PictureData:
    """A picture set that is ready for training: what `base.Data` is for points.

    x of the parts: Prepared, or the projections `(samples, components)`. test_rows: which pictures of the album's test
    part each test sample is.
    """

    train: Part
    validation: Part
    test: Part
    album: Album
    scaling: Scaling
    components: Components | None
    can_be_drawn: bool
    task: str = "classes"
    inputs: tuple[str, ...] = ("pixels",)

    @property
    def classes(self) -> tuple[str, ...]:
        return self.album.classes

    @property
    def title(self) -> str:
        return self.album.title

    @property
    def source(self) -> str:
        return self.album.source

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """What the network is shown of pictures uint8 `(samples, height, width, channels)`."""
        return _encoded(pictures, self.scaling, self.components)


def load_pictures(data: PictureSet, split_seed: int, pixels: Pixels, augment: Augment, dtype=np.float32) -> PictureData:
    """The data set, split by the seed and prepared. Raises DataError or SpecError, one sentence, where that cannot be.

    5,000 of 60,000 training pictures become the validation part (one in twelve), classes in equal proportion.
    """
    if pixels.components and augment.is_on:
        raise SpecError(
            "augment must be off while the network trains on principal components, which are fixed numbers."
        )
    album = data.album()
    train_rows, validation_rows = _rows(data, split_seed)
    scaling = _scaling(data, split_seed, pixels.scale, pixels.mean_image, np.dtype(dtype).type)
    test_rows = np.arange(len(album.test))
    if pixels.components:
        components = _cut(components_of(data, split_seed, pixels), pixels.components, np.prod(album.shape))
        parts = _projected(data, split_seed, pixels, np.dtype(dtype).type)
    else:
        components = None
        parts = (
            Prepared(album.train, train_rows, scaling, augment),
            Prepared(album.train, validation_rows, scaling),
            Prepared(album.test, test_rows, scaling),
        )
    can_be_drawn = data.can_be_drawn and album.shape[0] == album.shape[1]  # the pad is a square
    labels = album.train_labels[train_rows], album.train_labels[validation_rows], album.test_labels
    train, validation, test = (Part(x, y) for x, y in zip(parts, labels, strict=True))
    return PictureData(train, validation, test, album, scaling, components, can_be_drawn)


def components_of(data: PictureSet, split_seed: int, pixels: Pixels) -> Components:
    """The principal components of the training pictures, scaled as `pixels` says; its own `components` do not count.

    Measured on at most FITTED pictures; worked out once per process. At most MOST_COMPONENTS.
    """
    return _components(data, split_seed, pixels.scale, pixels.mean_image)


@once(2)
def _components(data, split_seed, scale, mean_image) -> Components:
    album = data.album()
    rows = _rows(data, split_seed)[0][:FITTED]
    x = _scaling(data, split_seed, scale, mean_image, np.float32).apply(album.train[rows]).reshape(len(rows), -1)
    count = min(MOST_COMPONENTS, x.shape[1], len(rows))
    quick = x.shape[1] > 1000  # all components of so many inputs would take half a minute
    solver = {"svd_solver": "randomized", "random_state": 0, "iterated_power": 3} if quick else {}
    fitted = PCA(count, **({"svd_solver": "covariance_eigh"} | solver)).fit(x)
    return Components(fitted.mean_, fitted.components_, fitted.explained_variance_ratio_)


@once(4)
def _rows(data, split_seed):
    """Rows of the training and of the validation part, in an order that mixes the classes evenly."""
    album = data.album()
    rows = mixed(album.train_labels, stream(split_seed, "split"))[: data.samples]
    validation = max(1, round(len(rows) / VALIDATION))
    train = rows[validation:]
    lost = np.setdiff1d(np.arange(len(album.classes)), album.train_labels[train])
    if len(lost):
        there = lost[0] in album.train_labels
        remedy = "is left; use more samples" if there else f"is in {album.title}; replace its files"
        raise DataError(f"No training picture of class {album.classes[lost[0]]!r} {remedy}.")
    return train, rows[:validation]


@once(8)
def _scaling(data, split_seed, scale, mean_image, dtype) -> Scaling:
    album = data.album()
    std, mean = (album.std, album.mean) if scale == "standardised" else (1.0, 0.0)
    factor = 1 / (album.highest * std)
    offset = dtype(-mean / std)
    if mean_image:
        rows = _rows(data, split_seed)[0]
        total = sum(album.train[rows[i : i + BLOCK]].sum(axis=0, dtype=np.float64) for i in range(0, len(rows), BLOCK))
        offset = (-factor * total / len(rows)).astype(dtype)  # the mean of all pixels goes with that of each
    return Scaling(factor, offset, dtype)


@once(4)
def _projected(data, split_seed, pixels, dtype):
    """The three parts projected onto the components, `(samples, components)` each."""
    album = data.album()
    scaling = _scaling(data, split_seed, pixels.scale, pixels.mean_image, dtype)
    components = _cut(components_of(data, split_seed, pixels), pixels.components, np.prod(album.shape))
    train, validation = _rows(data, split_seed)
    parts = []
    for pictures, rows in ((album.train, train), (album.train, validation), (album.test, np.arange(len(album.test)))):
        blocks = [_encoded(pictures[rows[i : i + BLOCK]], scaling, components) for i in range(0, len(rows), BLOCK)]
        parts.append(np.concatenate(blocks))
        parts[-1].flags.writeable = False
    return tuple(parts)


def _encoded(pictures, scaling, components):
    x = scaling.apply(pictures)
    if components is None:
        return x
    return ((x.reshape(len(x), -1) - components.mean) @ components.basis.T).astype(x.dtype)


def _cut(components, count, pixels):
    if count > len(components.shares):
        few = len(components.shares) < min(pixels, MOST_COMPONENTS)
        pictures = "so few training pictures" if few else f"pictures of {pixels:,} numbers"
        raise SpecError(f"components must be from 1 to {len(components.shares)} for {pictures}, not {count}.")
    return Components(components.mean, components.basis[:count], components.shares[:count])
