"""What a data set is, once it is drawn: parts to learn from and to judge by, the names of its inputs and classes.

A generator, a file or a painted picture gives `Drawn`: all samples in one piece. `split` cuts that, by a seed, into
the three parts of `Data`: the training part moves the weights, the validation part helps to choose settings, the test
part is looked at only to report. `Standardiser` is fitted on the training part alone, since anything else would let
the test part leak into the training.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from nn_core.random import stream
from nn_core.spec import clip, counted

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LEAST_TRAINING_SHARE = 0.1

# The most that data of one's own may be: what a page still trains on smoothly and a shared server still bears.
MAX_BYTES = 20_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 100
MAX_VALUES = 5_000_000  # numbers in one table
MAX_CLASSES = 20
LARGEST = 1e30  # a greater number overflows float32 as soon as it is squared or multiplied by a weight


class DataError(ValueError):
    """Data that cannot be used; its text is one sentence that says what is wrong and what to do."""


@dataclass(frozen=True, eq=False)
class Part:
    """Samples for one use.

    x: float64 (samples, inputs). y: class indices, int64 (samples,), or values, float64 (samples, 1).
    """

    x: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A data set before it is split: `x` (samples, inputs), `y` as in `Part`.

    classes: their names, empty when `y` holds values. inputs: their names. title, source: what to call it and one
    sentence on where it comes from. train_rows: how many rows, counted from the first, a file set aside for training
    itself; 0 when it is for the seed to split.
    """

    x: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    title: str = ""
    source: str = ""
    train_rows: int = 0

    @property
    def task(self) -> str:
        """ "classes" (tell apart) or "values" (predict a number)."""
        return "classes" if self.classes else "values"


@dataclass(frozen=True, eq=False)
class Data:
    """A data set that is ready for training; the fields are those of `Drawn`, cut into three parts."""

    train: Part
    validation: Part
    test: Part
    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    title: str = ""
    source: str = ""

    @property
    def task(self) -> str:
        """ "classes" (tell apart) or "values" (predict a number)."""
        return "classes" if self.classes else "values"


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Moves each input to mean 0 and standard deviation 1 over the samples that it was fitted on."""

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, x: np.ndarray) -> "Standardiser":
        """Measure `x` (samples, inputs), the training part; a constant input is only moved, never divided by 0."""
        mean, std = x.mean(axis=0), x.std(axis=0)
        constant = x.max(axis=0) == x.min(axis=0)  # rounding can leave such a column a tiny std instead of 0
        return cls(np.where(constant, x[0], mean), np.where(constant | (std == 0), 1.0, std))

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Standardise `x` (..., inputs)."""
        return (x - self.mean) / self.std

    def invert(self, x: np.ndarray) -> np.ndarray:
        """Return standardised `x` (..., inputs) to the units of the data."""
        return x * self.std + self.mean


def split(drawn: Drawn, seed: int = 0, validation: float = 0.15, test: float = 0.25) -> Data:
    """Cut `drawn` into training, validation and test part by `seed`, classes in equal proportion in each part.

    validation, test: shares of all samples. A set with `train_rows` keeps its training part, and the rest is halved
    into validation and test. Raises DataError when a part would be empty or a class missing from the training part.
    """
    if not (validation > 0 and test > 0 and validation + test <= 1 - LEAST_TRAINING_SHARE):
        raise DataError(
            f"The validation share ({validation:g}) and the test share ({test:g}) must both be above 0 "
            f"and leave at least {LEAST_TRAINING_SHARE:.0%} of the samples for training."
        )
    labels = drawn.y if drawn.classes else np.zeros(len(drawn.y), dtype=np.int64)
    held_out = mixed(labels[drawn.train_rows :], stream(seed, "split")) + drawn.train_rows
    if drawn.train_rows:
        test_rows, validation_rows = np.array_split(held_out, 2)
        train_rows = np.arange(drawn.train_rows)
    else:
        first, second = int(len(held_out) * test + 0.5), int(len(held_out) * validation + 0.5)
        test_rows, validation_rows, train_rows = np.split(held_out, [first, first + second])
    for name, rows in (("training", train_rows), ("validation", validation_rows), ("test", test_rows)):
        if len(rows) == 0:
            few = counted(len(labels), "sample is", "samples are")
            raise DataError(f"{few} too few: none is left for the {name} part; add samples.")
    for lost in np.setdiff1d(labels, labels[train_rows])[:1]:
        remedy = "add samples or make the validation and test shares smaller"
        if drawn.train_rows:  # no share is of any use there
            remedy = "add some to that part of the file, or take the class out of the file"
        raise DataError(f"No sample of class {clip(drawn.classes[lost])!r} falls into the training part; {remedy}.")
    train, validation_part, test_part = (
        Part(drawn.x[rows], drawn.y[rows]) for rows in (train_rows, validation_rows, test_rows)
    )
    return Data(train, validation_part, test_part, drawn.classes, drawn.inputs, drawn.title, drawn.source)


def mixed(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All row numbers in an order whose every stretch holds the classes in about the proportion of the whole."""
    order = rng.permutation(len(labels))
    place = np.empty(len(labels))
    for label in np.unique(labels):
        rows = order[labels[order] == label]
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return order[np.argsort(place[order], kind="stable")]  # stable: equal places keep the random order


def input_names(count: int) -> tuple[str, ...]:
    """The names x₁, x₂, ... of `count` inputs."""
    return tuple("x" + str(number).translate(SUBSCRIPTS) for number in range(1, count + 1))


def numbered(word: str, count: int) -> tuple[str, ...]:
    """Names such as class 1, class 2, ..."""
    return tuple(f"{word} {number}" for number in range(1, count + 1))


def size_text(size: int) -> str:
    """A number of bytes in words, e.g. 20 MB."""
    return f"{size / 1e6:,.0f} MB" if size >= 10e6 else f"{size / 1e6:.1f} MB"


def fingerprint(drawn: Drawn) -> str:
    """Eight hexadecimal digits that tell one data set from another: the start of SHA-256 over its numbers."""
    digest = hashlib.sha256(f"{drawn.x.shape} {drawn.y.dtype.kind} {drawn.train_rows}".encode())
    digest.update(np.ascontiguousarray(drawn.x, dtype="<f8").tobytes())
    digest.update(np.ascontiguousarray(drawn.y, dtype="<i8" if drawn.classes else "<f8").tobytes())
    return digest.hexdigest()[:8]
