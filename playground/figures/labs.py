"""Figures of the labs, fit for a report: a heat map with its curves, a band over many seeds, lanes side by side."""

import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from nn_core.ensemble import Ensemble
from nn_core.spec import counted
from playground.experiments.experiment import count_parameters
from playground.experiments.results import Result, metric_name

FORMATS = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#8c6bb1",
    "#999933",
    "#882255",
    "#7f7f7f",
    "#332288",
    "#aa4466",
)


def drawn(figure: Figure, kind: str) -> bytes:
    """A figure as the bytes of a file: png, svg or pdf."""
    out = io.BytesIO()
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[kind]  # the same bytes every time
    with matplotlib.rc_context({"svg.hashsalt": "nn-playground"}):  # names of the parts of an SVG
        figure.savefig(out, format=kind, dpi=160, metadata=metadata)
    return out.getvalue()


def grid_figure(title: str, spec, results: list[Result]) -> Figure:
    """A heat map of the test accuracy over the two settings, and the test loss of every cell's first run."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    heat, lines = figure.subplots(1, 2)
    score = np.full(spec.rows * spec.columns, np.nan)
    runs_of = [results[cell * spec.seeds : (cell + 1) * spec.seeds] for cell in range(len(score))]
    for cell, members in enumerate(runs_of):
        if runs := [run for run in members if not run.diverged and run.final]:
            score[cell] = np.median([run.final["test_metric"] for run in runs])
    table = score.reshape(spec.rows, spec.columns)
    heat.imshow(table, cmap="Blues", aspect="auto")
    classes = spec.base.loss.task == "classes"
    middle = np.nanmean(table) if np.isfinite(table).any() else 0
    for (row, column), value in np.ndenumerate(table):
        words = f"{100 * value:.0f}" if classes else f"{value:.2f}"
        if not np.isfinite(value):  # an R² of a single sample is undefined
            words = "–" if any(run.final and not run.diverged for run in runs_of[row * spec.columns + column]) else "×"
        heat.text(
            column, row, words, ha="center", va="center", color="white" if value > middle else "black", fontsize=9
        )
    heat.set_xticks(range(spec.columns), [spec.label(spec.across, c) for c in range(spec.columns)])
    heat.set_yticks(range(spec.rows), [spec.label(spec.down, r) for r in range(spec.rows)])
    heat.set_xlabel(spec.name(spec.across))
    heat.set_ylabel(spec.name(spec.down))
    heat.set_title(
        ("Test accuracy in %" if classes else "Test R²")
        + (f", median of {spec.seeds} seeds" if spec.seeds > 1 else "")
        + "; ×: diverged"
    )
    for cell, run in enumerate(results[:: spec.seeds]):
        column = cell % spec.columns
        name = spec.label(spec.across, column) if cell < spec.columns else None  # a colour for each column
        colour = COLOURS[column % len(COLOURS)]
        lines.plot(run.history["epochs"], run.history["test_loss"], lw=1, color=colour, label=name or None)
    _losses(lines, results, "test_loss")
    if spec.across:
        lines.legend(frameon=False, title=spec.name(spec.across), fontsize=8)
    lines.set_title("Test loss of each cell" + ("'s first run" if spec.seeds > 1 else ""))
    figure.suptitle(title)
    return figure


def seeds_figure(title: str, spec, results: list[Result]) -> Figure:
    """The interquartile mean of training and test loss with the band of the quartiles, and where the runs end."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    lines, ends = figure.subplots(1, 2, width_ratios=(1.4, 1))
    for number, name in enumerate(("train_loss", "test_loss")):
        _band(lines, results, name, COLOURS[number], metric_name(name, spec.base.loss.task))
    _losses(lines, results, "train_loss")
    lines.set_ylabel("loss")
    lines.legend(frameon=False)
    lines.set_title("Interquartile mean, first to third quartile")
    finals = [run.final["test_metric"] for run in results if not run.diverged and run.final]
    ends.hist([value for value in finals if np.isfinite(value)], bins=20, color=COLOURS[0])
    ends.set_xlabel(spec.metric)
    ends.set_ylabel("number of runs")
    ends.set_title(
        f"Where {counted(len(results), 'run ends', 'runs end')}"
        + (f"; {len(results) - len(finals)} diverged" * (len(finals) < len(results)))
    )
    figure.suptitle(title)
    return figure


def compare_figure(title: str, spec, results: list[Result]) -> Figure:
    """For each value of one setting the median test loss and accuracy over epochs, with quartiles."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number in range(spec.columns):
        runs = results[number * spec.seeds : (number + 1) * spec.seeds]
        colour, label = COLOURS[number % len(COLOURS)], spec.label(spec.across, number)
        _band(left, runs, "test_loss", colour, label)
        _band(right, runs, "test_metric", colour, label)
    _losses(left, results, "test_loss")
    left.set_title("Test loss")
    right.set_title(spec.metric.capitalize())
    right.set_xlabel("epoch")
    right.set_ylabel(spec.metric)
    right.legend(frameon=False, title=spec.name(spec.across))
    figure.suptitle(
        f"{title}: {spec.name(spec.across)}, {counted(spec.seeds, 'seed')} each, interquartile mean and quartiles"
    )
    return figure


def depth_figure(title: str, spec, results: list[Result]) -> Figure:
    """Test accuracy of each network, median and quartiles over its seeds, and the parameters that it has."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    score, cost = figure.subplots(1, 2, width_ratios=(1.3, 1))
    names = [spec.label(spec.across, k) for k in range(spec.columns)]
    rows = []
    for k in range(spec.columns):
        finals = [
            run.final["test_metric"] for run in results[k * spec.seeds : (k + 1) * spec.seeds] if not run.diverged
        ]
        rows.append(np.quantile(finals, (0.25, 0.5, 0.75)) if finals else [np.nan] * 3)
    low, middle, high = np.array(rows).T
    score.errorbar(range(len(names)), middle, [middle - low, high - middle], fmt="o-", color=COLOURS[0], capsize=4)
    score.set_xticks(range(len(names)), names, rotation=30, ha="right")
    score.set_xlabel(spec.name(spec.across))
    score.set_ylabel(spec.metric)
    score.set_title(f"Median and quartiles of {counted(spec.seeds, 'seed')}")
    counts = [count_parameters(run.config) for run in results[:: spec.seeds]]
    cost.barh(range(len(names)), counts, color=COLOURS[5])
    cost.set_yticks(range(len(names)), names)
    cost.invert_yaxis()
    cost.set_xlabel("parameters")
    if spec.budget:
        cost.axvline(spec.budget, color=COLOURS[1], ls="--", label=f"budget {spec.budget:,}")
        cost.legend(frameon=False)
    cost.set_title("What each network costs")
    figure.suptitle(title)
    return figure


def surface_figure(title: str, names: list[str], lab) -> Figure:
    """The loss over a plane with the paths on it, and the loss along each. lab: has surface, low, high, paths, losses.

    surface `(side, side)`, its first row the highest; paths: `(points, parameters)` each; origin, basis: the plane.
    """
    figure = Figure(figsize=(9, 4.4), layout="constrained")
    over, along = figure.subplots(1, 2, width_ratios=(1.4, 1))
    u, v = (np.linspace(lab.low[k], lab.high[k], len(lab.surface)) for k in (0, 1))
    low = lab.surface.min()
    heights = np.sqrt(np.sqrt((lab.surface[::-1] - low) / max(lab.surface.max() - low, 1e-12)))
    over.contourf(u, v, heights, levels=16, cmap="Blues_r")
    for k, (name, path) in enumerate(zip(names, lab.paths, strict=True)):
        places = (path - lab.origin) @ lab.basis.T
        colour = COLOURS[1:][k % (len(COLOURS) - 1)]
        over.plot(*places.T, color=colour, lw=1.4, label=name)
        over.plot(*places[-1], "o", color=colour, ms=5)
        along.plot(lab.updates[k], lab.losses[k], color=colour, lw=1.2, label=name)
    over.plot(*((lab.paths[0][0] - lab.origin) @ lab.basis.T), "ko", ms=4)
    over.set_xlim(lab.low[0], lab.high[0])
    over.set_ylim(lab.low[1], lab.high[1])
    over.set_xlabel(lab.labels[0])
    over.set_ylabel(lab.labels[1])
    over.set_title("Training loss, dark where it is low, and the paths")
    along.set_xlabel("update")
    along.set_ylabel("training loss")
    finite = [losses[0] for losses in lab.losses]
    along.set_ylim(0, 1.2 * max(finite))
    along.legend(frameon=False)
    along.set_title("Along the way")
    figure.suptitle(title)
    return figure


def _band(axes, runs, name, colour, label):
    runs = [run for run in runs if not run.diverged and len(run.history["epochs"]) > 1]
    if not runs:
        axes.plot([], [], color=colour, label=f"{label} (diverged)")
        return
    length = min(len(run.history["epochs"]) for run in runs)
    table = np.array([run.history[name][:length] for run in runs]).T
    epochs = runs[0].history["epochs"][:length]
    spread = Ensemble(epochs, {name: table}).spread(name)
    axes.fill_between(epochs, spread.first_quartile, spread.third_quartile, color=colour, alpha=0.2, lw=0)
    axes.plot(epochs, spread.interquartile_mean, color=colour, lw=1.6, label=label)


def _losses(axes, runs, name):
    """Axes for losses: one that ran away does not flatten all the others."""
    axes.set_xlabel("epoch")
    axes.set_ylabel(metric_name(name, "classes"))
    firsts = [run.history[name][0] for run in runs if run.history[name] and np.isfinite(run.history[name][0])]
    if firsts:
        axes.set_ylim(0, min(axes.get_ylim()[1], 2.5 * max(firsts)))
