"""The page docs/studies.md: for every study the report's figure beside ours, with the spread over seeds."""

import os
import platform
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from playground.datasets.pictures import PICTURES
from playground.experiments.results import Result, metric_name
from playground.experiments.run_study import summary
from playground.experiments.studies import STUDIES, Study, missing

HEAD = """# The studies: what the reports printed, and what we measure

Made by `python -m playground.experiments report --docs docs/studies.md` from kept runs; every number of ours comes from
a run, and none is edited. Each study is one command, `python -m playground.experiments run A10`, and one click
on the page Studies.

Every setting is trained with several seeds of the first weights and of the order of the samples (n; the data stay the
same). A cell tells the median of the last epoch, in brackets the first to the third quartile. Runs that ran away are
counted as diverged and left out of the statistics. A figure of a report is one run on its author's own data files,
which are not ours: differences of a few percent mean nothing. Where a report prints a range, the tables hold its
middle. Seconds are those of all runs of a setting together, on a machine that others used too.
"""
GROUPS = {
    "A": "A classifier, its optimiser, a network and a residual network",
    "B": "A two-layer net derived by hand",
    "C": "A framework from first principles",
    "D": "A two-layer net on pictures",
    "E": "Nets of n layers on moons, and a convolutional net",
}
NOT_RUN = "Not run yet."
WIDTH = 120


def page(results: Mapping[str, Sequence]) -> str:
    """The page as Markdown. results: study id -> its results, or the rows of its summary; a check may have none.

    A study that is not in `results` is on the page as not run yet, with what it needs.
    """
    parts = [HEAD, _machine(results)]
    for study in STUDIES.values():
        if study.id[1:] == "1":
            parts.append(f"## {study.id[0]}. {GROUPS[study.id[0]]}\n")
        parts.append(_section(study, results.get(study.id)))
    return "\n".join(parts)


def _machine(results):
    lines = [
        f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, {os.cpu_count()} cores."
    ]
    for name in dict.fromkeys(STUDIES[key].needs for key in results if STUDIES[key].needs):
        if PICTURES[name].is_here():
            album = PICTURES[name]().album()
            lines.append(
                f"{PICTURES[name].label}: {len(album.train):,} pictures to train and validate with and "
                f"{len(album.test):,} to test with were on the computer that ran this."
            )
    return "\n".join(lines) + "\n"


def _section(study: Study, found) -> str:
    lines = [f"### {study.id}. {study.title}\n", f"{study.question}\n", _filled(f"**The report:** {study.report}.")]
    nothing = study.cells or missing(study)  # but a check whose data are here is measured on the spot
    if found is None or (nothing and not found):
        lines.append(f"**Ours:** {f'Not run: {missing(study)}' if missing(study) else NOT_RUN}\n")
    elif study.kind == "check":
        lines.append(_check(study, found))
    else:
        rows = list(found) if isinstance(found[0], dict) else summary(study, found)
        lines.append(_sweep(study, rows, _also(study, found)))
    lines.append(_filled(f"**What to see:** {study.look_for}"))
    return "\n".join(lines)


def _also(study, found) -> dict[str, dict]:
    """The rows of the study's second metric by their label."""
    if not study.also or not isinstance(found[0], Result):
        return {}
    return {row["label"]: row for row in summary(study, found, study.also)}


def _filled(text):
    return textwrap.fill(text, WIDTH, break_on_hyphens=False) + "\n"


def _check(study, found):
    rows = found or study.measured().rows
    head = ("what", "report", "ours", "verdict")
    table = _table(head, [(row["label"], row["report"], row["value"], row["verdict"]) for row in rows])
    return table if found else f"{table}\nMeasured in {study.measured().seconds:.1f} s.\n"


def _sweep(study, rows, also):
    placed = {cell.label: cell for cell in study.cells if cell.row}
    left = [row for row in rows if row["label"] not in placed]
    parts = [f"**Ours:** {metric_name(study.metric, study.task)}.\n"]
    if inside := [row for row in rows if row["label"] in placed]:
        parts.append(_matrix(study, placed, inside))
    if left:
        parts.append(_list(study, left, also))
    return "\n".join(parts)


def _matrix(study, placed, rows):
    columns = list(dict.fromkeys(cell.column for cell in placed.values()))
    found = {(placed[row["label"]].row, placed[row["label"]].column): row for row in rows}
    lines = []
    for name in dict.fromkeys(cell.row for cell in placed.values()):
        cells = [found.get((name, column)) for column in columns]
        lines.append((name, *(_cell(study, row) if row else "–" for row in cells)))
    counts = sorted({row["n"] for row in rows})
    n = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return (
        _table((" \\ ".join(study.axes), *columns), lines)
        + f"\nn = {n} in each cell; {sum(r['seconds'] for r in rows):.1f} s in all.\n"
    )


def _cell(study, row):
    show = _shower(study, study.metric)
    if row["diverged"] == row["n"]:
        return f"all {row['n']} diverged"
    diverged = f"; {row['diverged']} diverged" if row["diverged"] else ""
    return f"{show(row['median'])} ({show(row['q1'])}–{show(row['q3'])}){diverged}"


def _list(study, rows, also):
    show, extra = _shower(study, study.metric), _shower(study, study.also or study.metric)
    reports = {cell.label: cell.report for cell in study.cells}
    head = ["setting", "report", "median (quartiles)", "best", "worst", "n", "seconds"]
    lines = []
    for row in rows:
        report = reports[row["label"]]
        printed = "–" if report is None else show(report)
        line = [row["label"], printed, _cell(study, row), show(row["best"]), show(row["worst"]), str(row["n"])]
        line.append(f"{row['seconds']:.1f}")
        if also:
            line.append(extra(also[row["label"]]["median"]))
        lines.append(tuple(line))
    if also:
        head.append(f"median {metric_name(study.also, study.task)}")
    return _table(head, lines)


def _shower(study, metric):
    """How a metric's value is written: shares as percent, losses with three digits."""
    share = metric_name(metric, study.task).endswith("accuracy")

    def show(value):
        if not np.isfinite(value):
            return "–"
        return f"{100 * value:.1f} %" if share else f"{value:.3g}"

    return show


def _table(head, lines):
    rows = [tuple(head), tuple("---" for _ in head), *lines]
    return "\n".join("| " + " | ".join(text.replace("|", "\\|") for text in row) + " |" for row in rows) + "\n"
