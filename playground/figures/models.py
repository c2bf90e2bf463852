"""What one trained model makes of its data: the boundary of a classifier on the plane, the curve of a regression."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from playground.datasets.base import Drawn
from playground.experiments.experiment import Experiment, build
from playground.experiments.results import Result

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6bb1", "#999933", "#882255", "#7f7f7f")
MARKERS = ("o", "^", "s", "D", "P", "v", "X", "<", ">", "*")  # a class is never told by its colour alone
GRID = 90  # points along one side of a map
MOST_POINTS = 400  # of the training part that are drawn
MARGIN = 0.08  # around the data, as a share of their extent
PALE = 0.62  # how far the ground is mixed with white where a model is sure; where it is not, more


def can_draw(result: Result) -> bool:
    """Whether the model is there and has one input and a value, or two inputs and classes."""
    inputs = {feature for feature in result.config.features if feature in ("x1", "x2")}
    plane = inputs == {"x1", "x2"} if result.config.loss.task == "classes" else inputs == {"x1"}
    return result.theta is not None and plane and len(result.config.features) == len(inputs)


def draw_model(axes: Axes, result: Result, own: Drawn | None = None, size: float = 9) -> None:
    """Draw a model over the plane or the line of its training data; a run that ran away is only said to have.

    size: of the points. Check with can_draw before.
    """
    experiment = build(result.config, own)
    x, y = (values[:MOST_POINTS] for values in (experiment.data.train.x, experiment.data.train.y))
    if result.config.loss.task == "classes":
        _plane(axes, result, experiment, x, y, size)
    else:
        _line(axes, result, experiment, x, y, size)
    if result.diverged:
        style = {"boxstyle": "round", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes.text(0.5, 0.5, "diverged", transform=axes.transAxes, ha="center", va="center", bbox=style)


def _plane(axes, result, experiment, x, y, size):
    low, high = x.min(axis=0), x.max(axis=0)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    if not result.diverged:
        sides = [np.linspace(low[axis], high[axis], GRID) for axis in (0, 1)]
        points = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
        axes.imshow(
            _ground(experiment, result, points).reshape(GRID, GRID, 3),
            extent=(low[0], high[0], low[1], high[1]),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
        )
    for label in range(len(experiment.data.classes)):
        chosen = x[y == label]
        axes.scatter(*chosen.T, s=size, marker=MARKERS[label % 10], color=COLOURS[label % 10], edgecolors="white",
                     linewidths=0.3)  # fmt: skip
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def _ground(experiment: Experiment, result: Result, points: np.ndarray) -> np.ndarray:
    """Colours `(points, 3)`: that of the class, the paler the less sure the model is."""
    logits = experiment.network.predict(experiment.encode(points), result.theta)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    winner, sure = logits.argmax(axis=1), 1 / shifted.sum(axis=1)
    least = 1 / logits.shape[1]
    strength = (1 - PALE) * (0.25 + 0.75 * (sure - least) / (1 - least))[:, None]
    colours = np.array([to_rgb(colour) for colour in COLOURS])[winner % len(COLOURS)]
    return 1 - strength * (1 - colours)


def _line(axes, result, experiment, x, y, size):
    axes.scatter(x[:, 0], y[:, 0], s=size, color=COLOURS[9], linewidths=0)
    if not result.diverged:
        points = np.linspace(x.min(), x.max(), 300)[:, None]
        values = experiment.decode(experiment.network.predict(experiment.encode(points), result.theta))
        axes.plot(points[:, 0], values[:, 0], color=COLOURS[3], linewidth=2)
