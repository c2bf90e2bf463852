"""The one table of data sets, and the function that turns a choice from it into data."""

from nn_core.random import stream
from nn_core.spec import Choice
from playground.datasets import plane, values
from playground.datasets.base import Data, split
from playground.datasets.shipped import Shipped

DATASETS: dict[str, type[Choice]] = {
    "swiss_roll": plane.SwissRoll,
    "peaks": plane.Peaks,
    "gmm": plane.GaussianMixture,
    "moons": plane.Moons,
    "circles": plane.Circles,
    "xor": plane.Xor,
    "blobs": plane.Blobs,
    "checkerboard": plane.Checkerboard,
    "curve": plane.Curve,
    "line": values.Line,
    "sine": values.Sine,
    "peaks_height": values.PeaksHeight,
    "shipped": Shipped,
}


def load(spec: Choice, data_seed: int = 0, split_seed: int = 0, validation: float = 0.15, test: float = 0.25) -> Data:
    """Draw the data set `spec` (an instance of a class in DATASETS) and split it, each by its own seed.

    validation, test: shares of all samples, see `base.split`. Raises DataError when a part would be empty.
    """
    return split(spec.draw(stream(data_seed, "data")), split_seed, validation, test)
