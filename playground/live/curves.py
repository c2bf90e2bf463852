"""The curves of loss and accuracy, as every live page draws them: titles with the last values, and the series."""

import math
from collections.abc import Sequence

import numpy as np

from nn_core.history import History
from playground.experiments.config import Config

MOST_POINTS = 240
LOSS_HELP = "How wrong the answers are, without any penalty, after each epoch; lower is better."
SCORE_HELP = {
    "Accuracy": "Share of right answers after each epoch.",
    "Error": "Share of wrong answers after each epoch; on a log scale small ones are told apart.",
    "R²": "Share of the variance that is explained after each epoch: 1 is perfect, 0 is the mean; – where a part has "
    "a single sample, whose variance is undefined.",
}


def titles(
    history: History, config: Config, parts: Sequence[str], log: bool, error: bool = False, settled: bool = False
) -> list[dict]:
    """The headers of the two charts, as docs/frame.md describes them.

    error: the share of wrong answers instead of right ones. settled: the axes need not show where the run began.
    """
    last = {name: float(value) for name, value in history.last.items()}
    classes = config.loss.task == "classes"
    score = "R²" if not classes else "Error" if error else "Accuracy"
    losses, scores = {}, {}
    for part in parts:
        value = last[f"{part}_metric"]
        losses[part] = f"{part} {three(last[f'{part}_loss'])}"
        scores[part] = f"{part} {100 * (1 - value if error else value):.1f} %" if classes else f"{part} {three(value)}"
    return [
        {
            "title": f"Loss ({config.loss.label.lower()})",
            **losses,
            "percent": False,
            "settled": settled,
            "log": log,
            "help": LOSS_HELP,
        },
        {
            "title": score,
            **scores,
            "percent": classes and not error,
            "settled": settled,
            "log": error and log,
            "help": SCORE_HELP[score],
        },
    ]


def arrays(history: History, parts: Sequence[str], error: bool = False) -> dict[str, np.ndarray]:
    """`curve_x` and, for loss and score of each part, `curve{0,1}_{part}`, all float32 `(points,)`."""
    found = {}
    for i, what in enumerate(("loss", "metric")):
        for part in parts:
            epochs, values = history.curve(f"{part}_{what}")
            chosen = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), MOST_POINTS)).astype(int))
            drawn = np.array([values[k] for k in chosen], np.float32)
            found[f"curve{i}_{part}"] = 1 - drawn if error and i == 1 else drawn
    found["curve_x"] = np.array([epochs[k] for k in chosen], np.float32)
    return found


def three(value: float) -> str:
    """Three decimals; large numbers short; a dash for what is undefined."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:.1e}"
