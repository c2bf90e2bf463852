"""The figures of the gradient lab: errors over the size of the step, and what the naive gradient costs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from nn_core.derivatives.naive import Cost
from nn_core.derivatives.slopes import SlopeTest

ZERO, FIRST, GUIDE = "#0072b2", "#d55e00", "#8c8c8c"  # told apart by those who see no red and green, too
COLUMNS = 4
PANEL = 2.7  # inches
GAP = 0.3  # how far below the errors their guide lies, as a factor


def slope_figure(tests: Sequence[SlopeTest], title: str) -> Figure:
    """One log-log panel per test: both errors over eps, with dashed lines of slope 1 and 2 below them.

    Above each panel stand the fitted slopes; a wrong gradient is in bold. Where steps were made smaller because of
    kinks, a panel begins further to the left. Raises ValueError where there is no test.
    """
    if not tests:
        raise ValueError("tests must hold at least one test, or there is nothing to draw.")
    columns = min(COLUMNS, len(tests))
    rows = -(-len(tests) // columns)
    figure = Figure(figsize=(max(2, columns) * PANEL, rows * PANEL + 0.9), layout="constrained")
    panels = list(figure.subplots(rows, columns, sharey=True, squeeze=False).flat)
    for panel, test in zip(panels, tests, strict=False):
        _panel(panel, test)
    for panel in panels[len(tests) :]:
        panel.set_visible(False)
    for panel in panels[::columns]:
        panel.set_ylabel("error")
    for panel in panels[max(0, len(tests) - columns) : len(tests)]:
        panel.set_xlabel("step size ε")
    legend = {label: line for panel in panels for line, label in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(legend.values(), legend.keys(), loc="outside lower center", ncols=4, frameon=False, fontsize="small")
    figure.suptitle(title)
    return figure


def cost_figure(costs: Sequence[Cost]) -> Figure:
    """Seconds for one gradient over the number of parameters, the naive way and by backpropagation.

    Raises ValueError where there is no network.
    """
    if not costs:
        raise ValueError("costs must hold at least one network, or there is nothing to draw.")
    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    parameters = [cost.parameters for cost in costs]
    axes.loglog(parameters, [cost.naive_seconds for cost in costs], "o-", color=FIRST, label="one step per parameter")
    axes.loglog(parameters, [cost.backprop_seconds for cost in costs], "s-", color=ZERO, label="backpropagation")
    last = costs[-1]
    axes.plot([last.parameters] * 2, [last.backprop_seconds, last.naive_seconds], ":", color=GUIDE)
    axes.annotate(
        f"{last.ratio:,.0f} times",
        (last.parameters, (last.naive_seconds * last.backprop_seconds) ** 0.5),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
    )
    axes.set(title="What one gradient costs", xlabel="parameters of the network", ylabel="seconds for one gradient")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    return figure


def _panel(panel, test):
    for errors, colour, mark, label in (
        (test.zero_order, ZERO, "o-", "zero order"),
        (test.first_order, FIRST, "s-", "first order"),
    ):
        shown = np.where(errors > 0, errors, np.nan)  # an error of 0 has no place on a logarithmic axis
        panel.loglog(test.epsilons, shown, mark, color=colour, markersize=3.5, label=label)
    for power, errors, style in ((1, test.zero_order, "--"), (2, test.first_order, ":")):
        if test.verdict != "linear" or power == 1:  # where all is noise, no line can lie beside it
            line = _below(test.epsilons, errors, power)
            panel.loglog(test.epsilons, line, style, color=GUIDE, linewidth=1, label=f"slope {power}")
    panel.set_xlim(test.epsilons.min() / 1.5, test.epsilons.max() * 1.5)  # where nothing is drawn, too
    panel.set_title(f"{test.name}\n{_found(test)}", fontsize="small", fontweight="normal" if test.passed else "bold")
    panel.grid(alpha=0.3)


def _below(epsilons, errors, power):
    """A line of this slope, a factor below the errors at both ends, so that it does not run over them."""
    ends = [k for k in (np.argmin(epsilons), np.argmax(epsilons)) if errors[k] > 0]
    scale = min((errors[k] / epsilons[k] ** power for k in ends), default=np.nan)
    return GAP * scale * epsilons**power


def _found(test):
    if test.verdict == "linear" and np.isnan(test.zero_slope):
        return "no effect"
    zero = "no effect" if np.isnan(test.zero_slope) else f"slopes {test.zero_slope:.2f}"
    first = "linear" if test.verdict == "linear" else f"{test.first_slope:.2f}"
    return f"{zero} and {first}" + (f": {test.verdict}" if test.verdict in ("wrong", "unclear") else "")
