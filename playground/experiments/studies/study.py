"""What a study is: a question, the figure that a report printed, and the runs or the measurement that answer it.

A study of kind "sweep" has cells: labelled configs that are trained with several seeds each. One of kind "check" has a
function that measures something and returns rows.
"""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn
from playground.datasets.pictures import PICTURES
from playground.experiments.config import SEEDS, Config, Own
from playground.experiments.sweep import seeds as with_seeds

FIGURES = ("bars", "curves", "bands", "heatmap", "wall", "tables", "slopes", "cost", "table", "pictures", "variance")
RIGHT, WRONG = "as it should be", "not as it should be"
KNOWN: dict[Callable, "Measured"] = {}  # what was measured, by what measures it


@dataclass(frozen=True)
class Cell:
    """One line, bar or cell of a study's figure. report: what the report printed for it, in the metric's unit.

    row, column: its place in a heat map or a wall.
    """

    label: str
    config: Config
    report: float | None = None
    row: str = ""
    column: str = ""


@dataclass(frozen=True, eq=False)
class Measured:
    """What a check has found. rows: dicts of text, with label, value, report and verdict.

    evidence: what its figure draws; slope tests, costs, or arrays by name. seconds: that it took.
    """

    rows: list[dict]
    evidence: object = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Study:
    """One row of the table of studies. report: the report's figure in words; look_for: what to see in ours.

    metric: which final measure counts; also: another that is told beside it, or "". needs: the picture set without
    which it cannot run, or "". axes: what the rows and the columns of its cells are. seeds: how many each cell is
    trained with by default. own: the samples, where no data set of the project has them.
    """

    id: str
    title: str
    question: str
    report: str
    look_for: str
    figure: str
    cells: tuple[Cell, ...] = ()
    measure: Callable[[], Measured] | None = field(default=None, repr=False)
    metric: str = "test_metric"
    also: str = ""
    axes: tuple[str, str] = ("", "")
    needs: str = ""
    seeds: int = 10
    own: Drawn | None = field(default=None, repr=False)

    def __post_init__(self):
        if bool(self.cells) == bool(self.measure) or self.figure not in FIGURES:
            raise SpecError(f"study {self.id} must have cells or a measurement, and one of the figures.")

    @property
    def kind(self) -> str:
        """ "sweep" (runs with several seeds) or "check" (one measurement)."""
        return "sweep" if self.cells else "check"

    @property
    def task(self) -> str:
        """ "classes" or "values": what its runs learn."""
        return self.cells[0].config.loss.task if self.cells else "classes"

    def configs(self, seeds: int | None = None) -> list[Config]:
        """Every cell with so many seeds of the first weights and of the order of the samples; none for a check."""
        return with_seeds([cell.config for cell in self.cells], seeds or self.seeds) if self.cells else []

    def cell(self, config: Config) -> Cell:
        """The cell that a config belongs to, whatever its seeds, and also on data of the reader's own.

        Raises SpecError for a config of another study.
        """
        own = isinstance(config.data, Own)
        found = self._cells(own).get(_bare(config, own))
        if found is None:
            raise SpecError(f"No cell of study {self.id} has these settings; the run belongs to another study.")
        return found

    def label(self, config: Config) -> str:
        """The label of the cell that a config belongs to."""
        return self.cell(config).label

    def measured(self) -> Measured:
        """What a check finds, measured once in a process. Raises DataError where its data are missing."""
        check_data(self)
        if self.known is None:
            began = time.perf_counter()
            found = self.measure()
            self.keep(dataclasses.replace(found, seconds=time.perf_counter() - began))
        return self.known

    @property
    def known(self) -> Measured | None:
        """What a check has found, if it was measured before."""
        return KNOWN.get(self.measure)

    def keep(self, found: Measured) -> None:
        """Take what was found, in another process perhaps, for `measured`."""
        KNOWN[self.measure] = found

    def _cells(self, own: bool) -> dict[Config, Cell]:
        return {_bare(cell.config, own): cell for cell in self.cells}


def missing(study: Study) -> str:
    """One sentence where the data of a study are not on this computer; else an empty text."""
    if not study.needs or PICTURES[study.needs].is_here():
        return ""
    label = PICTURES[study.needs].label
    return f"Study {study.id} needs {label}, which is not on this computer; fetch it with Download on its page."


def check_data(study: Study) -> None:
    """Raise DataError where the data of a study are missing."""
    if text := missing(study):
        raise DataError(text)


def row(label: str, value: str, report: str, right: bool) -> dict:
    """A row of a check."""
    return {"label": label, "value": value, "report": report, "verdict": RIGHT if right else WRONG}


def over(base: Config, name: str, values: Sequence, show: Callable = str, reports: Sequence = ()) -> tuple[Cell, ...]:
    """A cell for each value of one field."""
    known = [*reports, *[None] * len(values)]
    return tuple(Cell(show(v), base.replace(**{name: v}), report) for v, report in zip(values, known, strict=False))


def _bare(config: Config, own: bool) -> Config:
    """A config without its seeds; on data of the reader's own without data and features too."""
    bare = config.replace(**dict.fromkeys(SEEDS, 0))
    return bare.replace(data=Own(), features=("x1",)) if own else bare
