"""A study as a lab: its cells in the place of settings that are varied, and the form that its figure asks for."""

from dataclasses import dataclass, replace

from nn_core.spec import SpecError
from playground.datasets.base import Drawn
from playground.experiments.config import Config
from playground.experiments.results import metric_name
from playground.experiments.studies import Study, check_data
from playground.live.labs.forms import FORMS, Form
from playground.live.labs.spec import MOST_RUNS, MOST_SEEDS

# How a study of runs is shown: the form of a lab for each kind of figure.
FORM_OF = {
    "wall": FORMS["grid"],
    "heatmap": FORMS["grid"],
    "bands": FORMS["seeds"],
    "curves": FORMS["compare"],
    "bars": FORMS["bars"],
    "tables": FORMS["bars"],
}


@dataclass(frozen=True)
class StudySpec:
    """A study of runs with so many seeds for each cell; it has the face of a LabSpec.

    Raises SpecError or DataError, one sentence, where it cannot be run here.
    """

    study: Study
    seeds: int

    budget = 0

    def __post_init__(self):
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise SpecError(f"seeds must be from 1 to {MOST_SEEDS}, not {self.seeds}.")
        runs = len(self.study.cells) * self.seeds
        if runs > MOST_RUNS:
            raise SpecError(
                f"{runs:,} runs are too many for one page ({MOST_RUNS:,} at most); take fewer seeds, or the command "
                f"line: python -m playground.experiments run {self.study.id} --seeds {self.seeds}."
            )
        check_data(self.study)

    @property
    def form(self) -> Form:
        """Which lab's stage shows it."""
        return FORM_OF[self.study.figure]

    @property
    def base(self) -> Config:
        """The first cell's config."""
        return self.study.cells[0].config

    @property
    def own(self) -> Drawn | None:
        """The samples, where no data set of the project has them."""
        return self.study.own

    @property
    def part(self) -> str:
        """The part of the data by which the runs are judged."""
        return self.study.metric.split("_")[0]

    @property
    def metric(self) -> str:
        """What the runs are judged by, in words."""
        return metric_name(f"{self.part}_metric", self.study.task)

    @property
    def across(self) -> tuple[str, tuple]:
        """What stands side by side, and its labels."""
        if "down" in self.form.axes:
            return self.study.axes[1], tuple(dict.fromkeys(cell.column for cell in self.study.cells))
        return "setting", tuple(cell.label for cell in self.study.cells)

    @property
    def down(self) -> tuple[str, tuple] | None:
        """What stands one below the other, and its labels."""
        if "down" in self.form.axes:
            return self.study.axes[0], tuple(dict.fromkeys(cell.row for cell in self.study.cells))
        return None

    @property
    def columns(self) -> int:
        return len(self.across[1])

    @property
    def rows(self) -> int:
        return len(self.down[1]) if self.down else 1

    def cell(self, row: int, column: int) -> Config:
        """The config of one cell, with its first seed."""
        return self.study.cells[row * self.columns + column].config

    def configs(self) -> list[Config]:
        """Every run: cell by cell, the seeds of a cell one after the other."""
        return self.study.configs(self.seeds)

    def label(self, axis: tuple[str, tuple] | None, place: int) -> str:
        """The value of an axis at a place, as text."""
        return axis[1][place] if axis else ""

    def name(self, axis: tuple[str, tuple] | None) -> str:
        """What an axis varies."""
        return axis[0] if axis else ""

    def report(self, cell: int) -> float | None:
        """What the report printed for a cell."""
        return self.study.cells[cell].report

    def replace(self, **changes) -> "StudySpec":
        """This study with another number of seeds."""
        return replace(self, **changes)
