"""Picture data sets: the 8x8 digits that come with scikit-learn, MNIST, Fashion-MNIST, CIFAR-10.

An `Album` holds the pictures as bytes, once per process however many students look at them. The files of the large sets
are looked for by places.py and fetched by fetch.py; without them there are still the 8x8 digits.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_core.spec import Choice, knob
from playground.datasets import cifar, places
from playground.datasets.base import DataError
from playground.datasets.idx import read_pair
from playground.datasets.once import once

DIGITS_TEST = 360  # the last of the 8x8 digits, by writers of whom few others are among the first
FASHION = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


@dataclass(frozen=True, eq=False)
class Album:
    """Pictures as they are stored: uint8 `(samples, height, width, channels)`, labels int64 `(samples,)`.

    highest: the value of full ink. mean, std: of the pixels of the training pictures, on a scale of 0 to 1.
    """

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    classes: tuple[str, ...]
    title: str
    source: str
    mean: float
    std: float
    highest: int = 255

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.train.shape[1:]


class PictureSet(Choice):
    """What the picture sets share. `album()` raises DataError where the files are missing or damaged."""

    label: ClassVar[str]
    source: ClassVar[str]
    task: ClassVar[str] = "classes"
    pictures: ClassVar[bool] = True
    can_be_drawn: ClassVar[bool] = False  # whether a person can draw one on the pad
    files: ClassVar[str] = ""  # the name in places.SETS; empty where nothing has to be fetched

    @classmethod
    def is_here(cls) -> bool:
        """Whether it can be had without a download."""
        return not cls.files or places.find(cls.files) is not None

    def album(self) -> Album:
        """All pictures of the set."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator):
        raise DataError(f"{self.label} is a picture set; it has a page of its own, under Pictures.")


def samples_knob(most: int):
    """The knob for a quick demonstration with fewer pictures."""
    text = (
        "Pictures to train and validate with, in equal shares of the classes; fewer is quicker. All test pictures stay."
    )
    return knob(most, "Samples", text, low=100, high=most)


@dataclass(frozen=True)
class Digits(PictureSet):
    """Handwritten digits of 8x8 pixels, which come with scikit-learn."""

    label: ClassVar[str] = "Digits 8×8"
    source: ClassVar[str] = "1,797 handwritten digits of 8×8 pixels (UCI, 1998), which come with scikit-learn."
    can_be_drawn: ClassVar[bool] = True

    samples: int = samples_knob(1437)

    def album(self) -> Album:
        return _digits()


@dataclass(frozen=True)
class Mnist(PictureSet):
    """70,000 handwritten digits of 28x28 pixels (LeCun, Cortes and Burges, 1998)."""

    label: ClassVar[str] = "MNIST"
    source: ClassVar[str] = "MNIST: 70,000 handwritten digits of 28×28 pixels (LeCun, Cortes, Burges, 1998)."
    files: ClassVar[str] = "mnist"
    can_be_drawn: ClassVar[bool] = True

    samples: int = samples_knob(60_000)

    def album(self) -> Album:
        return _idx_album("mnist", tuple("0123456789"), self.label, self.source, 0.1307, 0.3081)


@dataclass(frozen=True)
class FashionMnist(PictureSet):
    """70,000 pictures of clothes in the form of MNIST (Xiao, Rasul and Vollgraf, 2017)."""

    label: ClassVar[str] = "Fashion-MNIST"
    source: ClassVar[str] = "Fashion-MNIST: 70,000 pictures of clothes of 28×28 pixels (Zalando Research, 2017)."
    files: ClassVar[str] = "fashion_mnist"

    samples: int = samples_knob(60_000)

    def album(self) -> Album:
        return _idx_album("fashion_mnist", FASHION, self.label, self.source, 0.2860, 0.3530)


@dataclass(frozen=True)
class Cifar10(PictureSet):
    """60,000 colour pictures of 32x32 pixels in ten classes (Krizhevsky, 2009)."""

    label: ClassVar[str] = "CIFAR-10"
    source: ClassVar[str] = "CIFAR-10: colour pictures of 32×32 pixels (Krizhevsky, 2009)."
    files: ClassVar[str] = "cifar10"

    samples: int = samples_knob(50_000)

    def album(self) -> Album:
        return _cifar_album()


PICTURES: dict[str, type[PictureSet]] = {
    "digits": Digits,
    "mnist": Mnist,
    "fashion_mnist": FashionMnist,
    "cifar10": Cifar10,
}


def holds_pictures(data) -> bool:
    """Whether a choice of data is one of the picture sets."""
    return getattr(data, "pictures", False)


@once()
def _digits() -> Album:
    from sklearn.datasets import load_digits  # takes a second, which only this set needs

    loaded = load_digits()
    pictures = _kept(loaded.images.astype(np.uint8)[..., None])
    labels = _kept(loaded.target.astype(np.int64))
    parts = pictures[:-DIGITS_TEST], labels[:-DIGITS_TEST], pictures[-DIGITS_TEST:], labels[-DIGITS_TEST:]
    return Album(*parts, tuple("0123456789"), Digits.label, Digits.source, 0.3053, 0.3760, highest=16)


@once()
def _idx_album(name, classes, title, source, mean, std) -> Album:
    files = _found(name)
    train = read_pair(files["train_images"], files["train_labels"])
    test = read_pair(files["test_images"], files["test_labels"])
    if train[0].shape[1:] != test[0].shape[1:]:
        raise DataError(
            f"{title}'s training pictures have the shape {train[0].shape[1:]}, its test pictures {test[0].shape[1:]}; "
            "replace its files."
        )
    _check_labels((*train[1:], *test[1:]), classes, title)
    return Album(*train, *test, classes, title, source, mean, std)


@once()
def _cifar_album() -> Album:
    files = _found("cifar10")
    batches = [cifar.read_batch(path) for name, path in sorted(files.items()) if name != "test_batch"]
    train = [_kept(np.concatenate(part)) for part in zip(*batches, strict=True)]
    test = [_kept(part) for part in cifar.read_batch(files["test_batch"])]
    return Album(*train, *test, cifar.CLASSES, Cifar10.label, Cifar10.source, 0.4734, 0.2516)


def _found(name):
    files = places.find(name)
    if files is None:
        about = places.SETS[name]
        raise DataError(
            f"{about.title} is not on this computer; fetch it with Download on its page, or put {about.by_hand}."
        )
    return files


def _check_labels(parts, classes, title):
    for labels in parts:
        if labels.max() >= len(classes):
            raise DataError(
                f"{title} holds a label of {labels.max()}, but has {len(classes)} classes; replace its files."
            )


def _kept(array):
    array.flags.writeable = False
    return array
