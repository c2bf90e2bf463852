"""The three data sets that come with the project as files, in `data/`; `make.py` is how they were made."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from nn_core.spec import Choice, knob
from playground.datasets.base import DataError, Drawn
from playground.datasets.mat import read_mat

FOLDER = Path(__file__).parents[2] / "data"
FILES = {"swiss_roll": "SwissRollData.mat", "peaks": "PeaksData.mat", "gmm": "GMMData.mat"}


@dataclass(frozen=True)
class Shipped(Choice):
    """A file from `data/`: 20,000 samples to train with, and 5,000 that the split seed halves to validate and test.

    The data seed has no effect here. Raises DataError when the file is missing or damaged.
    """

    label: ClassVar[str] = "File from data/"
    source: ClassVar[str] = "A file in data/ that the project generated itself."
    task: ClassVar[str] = "classes"

    name: str = knob("swiss_roll", "File", "Which of the files in data/ to train on.", choices=tuple(FILES))

    def draw(self, rng: np.random.Generator) -> Drawn:
        path = FOLDER / FILES[self.name]
        if not path.is_file():
            raise DataError(f"{path.name} is missing from data/; make it with: python -m playground.datasets.make")
        return read_mat(path)
