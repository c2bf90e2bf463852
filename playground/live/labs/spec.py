"""What a lab is made of: a base config, up to two settings with their values, how many seeds. A link says it all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nn_core.spec import SpecError, name_of
from playground.experiments.config import SOURCES, Config
from playground.experiments.experiment import count_parameters
from playground.experiments.link import QUIET, page_for, show_link
from playground.experiments.opening import open_link
from playground.experiments.results import metric_name
from playground.live.labs.axes import AXES, KNOBS, MOST_EPOCHS, SHAPES, read_values, show_values

MOST_SEEDS = 200
MOST_RUNS = 600
MOST_BUDGET = 100_000
IN_A_LINK = {"seeds": "trials", "base": "data"}
OWN = ("across", "down", "trials", "budget")  # the parts of a link that are the lab's own


@dataclass(frozen=True)
class LabSpec:
    """across, down: (key, values) of an axis, or None. seeds: runs of each cell, with the seeds 0, 1, ..

    Raises SpecError, one sentence, for what would be too much or has no end.
    """

    base: Config
    across: tuple[str, tuple] | None = None
    down: tuple[str, tuple] | None = None
    seeds: int = 1
    budget: int = 0  # the most parameters that a network may have; 0 is no limit

    own = None  # samples that no data set of the project has: a lab has none, a study may
    part = "test"  # what the runs are judged by

    def __post_init__(self):
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise SpecError(f"seeds must be from 1 to {MOST_SEEDS}, not {self.seeds}.")
        if self.across and self.down and self.across[0] == self.down[0]:
            raise SpecError(f"across and down are both {AXES[self.across[0]].label}; choose two settings.")
        if not 1 <= self.base.stop_epochs <= MOST_EPOCHS:
            raise SpecError(f"epochs must be from 1 to {MOST_EPOCHS:,}, not {self.base.stop_epochs:,}.")
        if self.columns * self.rows * self.seeds > MOST_RUNS:
            raise SpecError(
                f"{self.columns * self.rows * self.seeds:,} runs are too many for one page ({MOST_RUNS:,} at most); "
                "take fewer values or seeds, or the command line."
            )
        for place in range(self.columns):
            self.cell(0, place)  # a value that no config takes is refused here
        for place in range(self.rows):
            self.cell(place, 0)
        self._keep_to_budget()

    def _keep_to_budget(self):
        if not 0 <= self.budget <= MOST_BUDGET:
            raise SpecError(f"budget must be from 0 to {MOST_BUDGET:,} parameters, not {self.budget:,}.")
        for row in range(self.rows if self.budget else 0):
            for column in range(self.columns):
                config = self.cell(row, column)
                count = count_parameters(config)
                if count > self.budget:
                    net = show_link(config)["net"]
                    raise SpecError(f"net {net} has {count:,} parameters, over the budget of {self.budget:,}.")

    @property
    def columns(self) -> int:
        return len(self.across[1]) if self.across else 1

    @property
    def rows(self) -> int:
        return len(self.down[1]) if self.down else 1

    def cell(self, row: int, column: int) -> Config:
        """The config of one cell, with its first seed."""
        config = self.base
        chosen = {axis[0]: axis[1][place] for axis, place in ((self.across, column), (self.down, row)) if axis}
        for key in sorted(chosen, key=lambda key: SHAPES.index(key) if key in SHAPES else len(SHAPES)):
            config = AXES[key].put(config, chosen[key])
        return config

    def configs(self) -> list[Config]:
        """Every run: cell by cell, row by row, its seeds one after the other."""
        found = []
        for row in range(self.rows):
            for column in range(self.columns):
                config = self.cell(row, column)
                first = (config.seed_weights, config.seed_batches)
                found += [
                    config.replace(seed_weights=first[0] + k, seed_batches=first[1] + k) for k in range(self.seeds)
                ]
        return found

    def label(self, axis: tuple[str, tuple] | None, place: int) -> str:
        """The value of an axis at a place, as text."""
        return AXES[axis[0]].show(axis[1][place]) if axis else ""

    def name(self, axis: tuple[str, tuple] | None) -> str:
        """What an axis varies."""
        return AXES[axis[0]].label if axis else ""

    @property
    def metric(self) -> str:
        """What the runs are judged by, in words."""
        return metric_name(f"{self.part}_metric", self.base.loss.task)

    def report(self, cell: int) -> float | None:
        """What a report printed for a cell: nothing, but for a study."""
        return None

    def replace(self, **changes) -> "LabSpec":
        """This lab with some of it changed."""
        return replace(self, **changes)


def show_lab(spec: LabSpec) -> dict[str, str]:
    """The query of the link that reproduces a lab."""
    query = show_link(spec.base)
    for name in QUIET:  # a lab may have by itself what a live page has off
        if name not in ("pixels", "augment"):
            query.setdefault(name, KNOBS[name].show(getattr(spec.base, name)))
    for name, axis in (("across", spec.across), ("down", spec.down)):
        query[name] = f"{axis[0]}:{show_values(*axis)}" if axis else "none"
    return query | {"trials": str(spec.seeds), "budget": str(spec.budget)}


def read_lab(query: Mapping[str, str], default: LabSpec) -> tuple[LabSpec, list[str]]:
    """The lab that a link stands for, and one sentence for each part of it that is wrong."""
    page = page_for(query, default.base)
    base, problems = open_link({key: value for key, value in query.items() if key not in OWN}, page)
    if page is not default.base and name_of(base.data, SOURCES) != query["data"].partition("(")[0].strip():
        return default, problems  # the pictures that were asked for are not here: nothing else of the link fits
    if page is not default.base and "stop_epochs" not in query:
        base = base.replace(stop_epochs=default.base.stop_epochs)
    if not 1 <= base.stop_epochs <= MOST_EPOCHS:
        problems.append(
            f"The link's stop_epochs was left out: epochs must be from 1 to {MOST_EPOCHS:,}, not {base.stop_epochs:,}."
        )
        base = base.replace(stop_epochs=default.base.stop_epochs)
    parts = {"base": base}
    for name in OWN:
        try:
            parts |= _read(name, query[name]) if name in query else {}
        except SpecError as error:
            problems.append(f"The link's {name} was left out: {error}")
    try:
        return default.replace(**parts), problems  # all at once: a part may need another to be allowed
    except ValueError:
        spec = default
    if not {"across", "down"} & parts.keys():  # what this lab varies by itself may be what does not fit
        try:
            spec = default.replace(**parts, across=None, down=None)
            return spec, [*problems, "The link's settings do not go with what this lab varies; choose a setting anew."]
        except ValueError:
            pass
    for name, value in parts.items():
        try:
            spec = spec.replace(**{name: value})
        except ValueError as error:  # DataError too: the budget looks at the data
            problems.append(f"The link's {IN_A_LINK.get(name, name)} was left out: {error}")
    return spec, problems


def _read(name, value) -> dict:
    if name in ("trials", "budget"):
        most = MOST_SEEDS if name == "trials" else MOST_BUDGET
        if not (value.isascii() and value.isdigit() and len(value) < 7):
            raise SpecError(f"it must be a whole number of at most {most:,}.")
        return {"seeds" if name == "trials" else "budget": int(value)}
    if value == "none":
        return {name: None}
    key, colon, text = value.partition(":")
    if not colon:
        raise SpecError("it looks like rate:0.01,0.1.")
    return {name: (key, read_values(key, text))}
