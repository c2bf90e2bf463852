"""The figure of a study, fit for a report: curves with bands, bars, heat maps, walls, slopes, pictures and tables."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nn_core.spec import SpecError
from playground.experiments.results import Result, metric_name
from playground.experiments.run_study import by_label, ensemble, summary
from playground.experiments.studies import Study
from playground.figures.checks import cost_figure, slope_figure
from playground.figures.grids import picture_figure, table_figure
from playground.figures.models import COLOURS, can_draw, draw_model

STYLES = ("-", "--", "-.", ":")  # a line is never told by its colour alone
REPORT = "#000000"


def figure(study: Study, results: Sequence[Result] | Sequence[dict]) -> Figure:
    """The figure of a study from its results, or from the rows of its summary (then bars in the place of curves).

    Raises SpecError where there is nothing to draw, and DataError where a check needs data that are missing.
    """
    if study.kind == "check":
        return _checked(study)
    if not results:
        raise SpecError(f"Study {study.id} has no results to draw yet; run it first.")
    rows_only = isinstance(results[0], dict)
    rows = list(results) if rows_only else summary(study, results)
    drawn = {"heatmap": _heatmap, "tables": _tables}.get(study.figure)
    if drawn is not None:
        return drawn(study, rows)
    if rows_only or study.figure == "bars":
        return _bars(study, rows)
    return {"curves": _curves, "bands": _bands, "wall": _wall}[study.figure](study, by_label(study, results))


def _metric(study):
    return metric_name(study.metric, study.task)


def _title(study):
    return f"{study.id}  {study.title}"


def _bars(study, rows):
    figure = Figure(figsize=(7.2, 1.5 + 0.42 * len(rows)), layout="constrained")
    axes = figure.subplots()
    reports = {cell.label: cell.report for cell in study.cells if cell.report is not None}
    _dots(axes, rows, reports)
    axes.set(title=_title(study), xlabel=_metric(study), ylabel="setting")
    axes.legend(loc="best", fontsize="small", frameon=False)
    return figure


def _dots(axes, rows, reports=None):
    """The median of each row with its quartiles (thick) and range (thin); what the report printed as a diamond."""
    places = np.arange(len(rows))
    low, high = (np.array([[min(r["best"], r["worst"]), max(r["best"], r["worst"])] for r in rows]).T)  # fmt: skip
    axes.hlines(places, low, high, color=COLOURS[0], linewidth=1, label="best to worst")
    axes.hlines(places, [r["q1"] for r in rows], [r["q3"] for r in rows], color=COLOURS[5], linewidth=6,
                label="first to third quartile")  # fmt: skip
    axes.plot([r["median"] for r in rows], places, "o", color=COLOURS[0], markersize=5, label="median over seeds")
    known = [
        (reports[r["label"]], place) for r, place in zip(rows, places, strict=True) if r["label"] in (reports or ())
    ]
    if known:
        axes.plot(*zip(*known, strict=True), "D", color=REPORT, markersize=5, fillstyle="none", label="report")
    axes.set_yticks(places, [r["label"] + (f" ({r['diverged']} diverged)" if r["diverged"] else "") for r in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(axis="x", alpha=0.3)


def _curves(study, members):
    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots()
    for number, (label, results) in enumerate(members.items()):
        _band(axes, results, study.metric, label, number)
    for number, cell in enumerate(study.cells):
        if cell.report is not None and cell.label in members:
            colour = REPORT if len(study.cells) == 1 else COLOURS[number % len(COLOURS)]
            axes.axhline(cell.report, color=colour, linewidth=0.9, linestyle=(0, (1, 3)))
            axes.annotate(
                "report", (0.01, cell.report), xycoords=("axes fraction", "data"), fontsize="small", va="bottom"
            )
    axes.set(title=_title(study), xlabel="epoch", ylabel=_metric(study))
    if study.metric.endswith("loss") and study.task == "values":
        axes.set_yscale("log")  # which shows the start and the end alike
    else:
        _leave_out_the_start(axes)
    axes.legend(title="interquartile mean and quartiles", fontsize="small", title_fontsize="small", frameon=False)
    axes.grid(alpha=0.3)
    return figure


def _leave_out_the_start(axes):
    """Fit the vertical axis to what comes after the first look, which is before training and would press it flat."""
    later = np.concatenate([line.get_ydata()[1:] for line in axes.lines if len(line.get_ydata()) > 3] or [[]])
    later = np.concatenate([later, *[line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 2]])
    later = later[np.isfinite(later)]
    if len(later) and np.ptp(later) > 0:
        margin = 0.08 * np.ptp(later)
        axes.set_ylim(later.min() - margin, later.max() + margin)


def _band(axes, results, metric, label, number=0):
    spread = ensemble(results, [metric]).spread(metric)
    colour = COLOURS[number % len(COLOURS)]
    axes.plot(spread.epochs, spread.interquartile_mean, STYLES[number % 4], color=colour,
              label=f"{label} (n = {len(results)})")  # fmt: skip
    axes.fill_between(spread.epochs, spread.first_quartile, spread.third_quartile, color=colour, alpha=0.2, linewidth=0)


def _bands(study, members):
    """The training loss of all trials, and the median and the worst model with their data."""
    label, results = next(iter(members.items()))
    figure = Figure(figsize=(11, 3.8), layout="constrained")
    left, *panels = figure.subplots(1, 3)
    _band(left, results, "train_loss", label)
    left.set(title="Training loss: interquartile mean, quartiles", xlabel="epoch", ylabel="training loss")
    left.set_yscale("log")
    left.legend(fontsize="small", frameon=False)
    order = ensemble(results, [study.metric]).order(study.metric)
    for panel, name, place in zip(panels, ("Median", "Worst"), ((len(order) - 1) // 2, -1), strict=True):
        result = results[order[place]]
        if can_draw(result):
            draw_model(panel, result, study.own)
        value = result.final.get(study.metric, np.nan)
        panel.set_title(f"{name} model: {_metric(study)} {value:.3f}")
        panel.set(xlabel="x₁", ylabel="x₂" if "x2" in result.config.features else "y")
    figure.suptitle(_title(study))
    return figure


def _wall(study, members):
    rows, columns = _sides(study)
    figure = Figure(figsize=(1.5 * len(columns) + 0.8, 1.5 * len(rows) + 0.9), layout="constrained")
    panels = figure.subplots(len(rows), len(columns), squeeze=False)
    for panel in panels.flat:
        panel.set(xticks=(), yticks=())
    for cell in study.cells:
        panel = panels[rows.index(cell.row)][columns.index(cell.column)]
        if results := members.get(cell.label):
            middle = results[ensemble(results, [study.metric]).median(study.metric)]
            if can_draw(middle):
                draw_model(panel, middle, study.own, size=2)
            text = "" if middle.diverged else f"{middle.final.get(study.metric, np.nan):.1%}"
            panel.text(0.03, 0.03, text, transform=panel.transAxes, fontsize="x-small")
    for panel, name in zip(panels[:, 0], rows, strict=True):
        panel.set_ylabel(name)
    for panel, name in zip(panels[0], columns, strict=True):
        panel.set_title(name, fontsize="medium")
    figure.suptitle(f"{_title(study)}: median model, {_metric(study)}")
    figure.supylabel(study.axes[0])
    figure.supxlabel(study.axes[1])
    return figure


def _heatmap(study, rows):
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    _map(figure, figure.subplots(), study, rows)
    figure.axes[0].set_title(_title(study))
    return figure


def _map(figure, axes, study, rows):
    names, columns = _sides(study)
    medians = {row["label"]: row["median"] for row in rows}
    values = np.full((len(names), len(columns)), np.nan)
    for cell in study.cells:
        if cell.row:
            values[names.index(cell.row), columns.index(cell.column)] = medians.get(cell.label, np.nan)
    image = axes.imshow(values, cmap="cividis", aspect="auto")
    image.set_clim(*(np.nanmin(values), np.nanmax(values)) if np.isfinite(values).any() else (0, 1))
    for (i, j), value in np.ndenumerate(values):
        shade = image.norm(value) if np.isfinite(value) else 0
        text = f"{value:.3f}" if np.isfinite(value) else "–"
        axes.text(j, i, text, ha="center", va="center", color="black" if shade > 0.6 else "white", fontsize="small")
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel=study.axes[1], ylabel=study.axes[0])
    figure.colorbar(image, ax=axes, label=f"median {_metric(study)}")


def _tables(study, rows):
    """The heat map of the cells that have a place in it, and the other cells, which vary one setting each."""
    figure = Figure(figsize=(11, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    _map(figure, left, study, rows)
    left.set_title("Learning rate and hidden units")
    placed = {cell.label for cell in study.cells if cell.row}
    single = [row for row in rows if row["label"] not in placed]
    if single:
        _dots(right, single)
        right.legend(fontsize="small", frameon=False)
    right.set(title="One setting at a time", xlabel=_metric(study), ylabel="setting")
    figure.suptitle(_title(study))
    return figure


def _sides(study):
    """The names of the rows and of the columns, in the order of the cells."""
    placed = [cell for cell in study.cells if cell.row]
    return list(dict.fromkeys(c.row for c in placed)), list(dict.fromkeys(c.column for c in placed))


def _checked(study):
    measured = study.measured()
    if study.figure == "slopes":
        return slope_figure(measured.evidence, _title(study))
    if study.figure == "cost":
        return cost_figure(measured.evidence)
    if study.figure == "pictures":
        return picture_figure(measured.evidence, _title(study))
    return _variance(study, measured) if study.figure == "variance" else table_figure(measured.rows, _title(study))


def _variance(study, measured):
    together = measured.evidence["share of the variance"]
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(np.arange(1, len(together) + 1), together, color=COLOURS[0])
    axes.axhline(0.95, color=COLOURS[3], linestyle="--", linewidth=1, label="95 %")
    axes.set(title=_title(study), xlabel="principal components", ylabel="share of the variance", ylim=(0, 1.02))
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return figure
