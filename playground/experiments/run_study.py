"""Running a study: its configs through a sweep, and what came of them as a table.

The three calls are the same for every study: `results = list(run_study(study))`, `rows = summary(study, results)`, and
the figure of playground.figures.studies. A check has no runs; its summary is its measurement.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from nn_core.ensemble import Ensemble
from nn_core.spec import SpecError
from playground.datasets.base import DataError, Drawn, fingerprint
from playground.datasets.mat import read_mat
from playground.datasets.shipped import Shipped
from playground.experiments.config import Config, Own
from playground.experiments.features import usual
from playground.experiments.results import Result
from playground.experiments.studies import Study, check_data
from playground.experiments.sweep import sweep


def run_study(
    study: Study,
    *,
    seeds: int | None = None,
    backend: str = "local",
    workers: int | None = None,
    scheduler: str | None = None,
    out: Path | str | None = None,
    resume: bool = False,
    data: Path | str | None = None,
) -> Iterator[Result]:
    """The results of a study's runs as they come; none for a check, which `summary` measures.

    seeds: how many for each cell; None is the study's own number. data: a .mat file (mat.py) in the place of the files
    of group A. The rest as for `sweep`. Raises DataError or SpecError, one sentence, at once where the study
    cannot be run.
    """
    check_data(study)
    if seeds is not None and seeds < 1:
        raise SpecError(f"seeds must be at least 1, not {seeds}.")
    own = study.own
    configs = study.configs(seeds)
    if data is not None:
        configs, own = on_file(study, configs, data)
    if not configs:
        return iter(())
    return sweep(configs, backend=backend, workers=workers, scheduler=scheduler, out=out, resume=resume, own=own)


def on_file(study: Study, configs: Sequence[Config], path: Path | str) -> tuple[list[Config], Drawn]:
    """The configs with the data of a .mat file in the place of the project's files, and these data."""
    if not any(isinstance(cell.config.data, Shipped) for cell in study.cells):
        raise SpecError(f"Study {study.id} does not train on a file from data/, so no other file can take its place.")
    if not Path(path).is_file():
        raise DataError(f"There is no file {Path(path).name}; give the path of a .mat file with Yt, Ct, Yv and Cv.")
    drawn = read_mat(Path(path))
    changes = {"data": Own(fingerprint(drawn)), "features": usual(len(drawn.inputs))}
    return [config.replace(**changes) for config in configs], drawn


def summary(study: Study, results: Iterable[Result], metric: str | None = None) -> list[dict]:
    """One row for each cell that has results, in the study's order; for a check, the rows that it measures.

    A row of a sweep holds label, n, the statistics of the last value of the metric (the study's own unless another is
    named) over the runs that did not run away, NaN where all did, how many did, and the seconds of all runs together.
    A row of a check holds label, value, report and verdict.
    """
    if study.kind == "check":
        return study.measured().rows
    metric = metric or study.metric
    return [row_of(label, members, metric) for label, members in by_label(study, results).items()]


def by_label(study: Study, results: Iterable[Result]) -> dict[str, list[Result]]:
    """The results of each cell, in the study's order, those of a cell by their seed; cells without any are left out."""
    found: dict[str, list[Result]] = {cell.label: [] for cell in study.cells}
    for result in results:
        found[study.label(result.config)].append(result)
    for members in found.values():
        members.sort(key=lambda result: result.config.seed_weights)
    return {label: members for label, members in found.items() if members}


def ensemble(members: Sequence[Result], metrics: Sequence[str]) -> Ensemble:
    """Runs of one cell as an ensemble of some of their series; NaN from where a run ended early."""
    longest = max(members, key=lambda result: len(result.history["epochs"]))
    epochs = longest.history["epochs"]
    series = {name: np.full((len(epochs), len(members)), np.nan) for name in metrics}
    for name, values in series.items():
        for column, result in enumerate(members):
            own = result.history.get(name, [])
            values[: len(own), column] = own
    return Ensemble(epochs, series, [result.diverged for result in members])


def row_of(label: str, members: Sequence[Result], metric: str = "test_metric") -> dict:
    """One row of `summary`: what the runs of one setting came to."""
    final = np.array([[_last(result, metric) for result in members]])
    diverged = [result.diverged for result in members]
    spread = Ensemble([0], {metric: final}, diverged).spread(metric)
    least, most = float(spread.least[0]), float(spread.greatest[0])
    loss = metric.endswith("loss")
    return {
        "label": label,
        "n": len(members),
        "median": float(spread.median[0]),
        "q1": float(spread.first_quartile[0]),
        "q3": float(spread.third_quartile[0]),
        "iqm": float(spread.interquartile_mean[0]),
        "best": least if loss else most,
        "worst": most if loss else least,
        "diverged": sum(diverged),
        "seconds": sum(result.seconds for result in members),
    }


def _last(result: Result, metric: str) -> float:
    final: Mapping[str, float] = result.final
    return final.get(metric, np.nan)
