"""Monitoring, as one knows it from TensorBoard: histograms over time, and bands of min, max, mean and deviation.

It only reads (nn_core.monitors), as often as a small share of the time allows, and says what that share was.
"""

import time

import numpy as np

from nn_core.monitors import Monitor, Report, Summary

SHARE = 0.03  # of the time that the page trains may go into looking
LEAST_GAP = 0.25  # seconds between two looks
RIDGES = 8  # histograms that are drawn above each other
BAND_POINTS = 60
QUANTITIES = {"W": "weights", "b": "biases", "z": "pre-activations z", "a": "activations a"}
MOST_LAYERS = 6


class Watch:
    """The monitor of one run, which looks while it may."""

    def __init__(self):
        self.on = True
        self.monitor = Monitor(every=1)
        self._due = 0.0
        self._spent = self._trained = 0.0

    def look(self, trainer, trained: float) -> None:
        """Look at the trainer, if it is time. trained: seconds that were spent on training since the last call."""
        self._trained += trained
        now = time.perf_counter()
        if not self.on or now < self._due or (self.monitor.steps and trainer.step <= self.monitor.steps[-1]):
            return
        self.monitor.look(trainer)
        cost = time.perf_counter() - now
        self._spent += cost
        self._due = now + max(LEAST_GAP, cost / SHARE)

    @property
    def cost(self) -> str:
        """What the looking costs, in words."""
        if not self.on:
            return "off"
        total = self._spent + self._trained
        return f"{100 * self._spent / total:.1f} % of the time" if total > 0.5 else "measured while it plays"

    def layers(self) -> list[tuple[int, str]]:
        """Number and name of each layer that has weights, a mere handful where there are many."""
        if not self.monitor.reports:
            return []
        report = self.monitor.reports[-1]
        found = [(i, layer.label) for i, layer in enumerate(report.layers) if _pick(layer, "W") is not None]
        if len(found) > MOST_LAYERS:
            found = [*found[: MOST_LAYERS - 1], found[-1]]
        return found

    def ridges(self, layer: int, quantity: str) -> tuple[float, np.ndarray] | None:
        """Histograms of one quantity over time, the oldest first: the bound that holds all, heights `(k, bins)`.

        Heights are densities, 1 the highest; None where the layer has no such quantity.
        """
        chosen = [self.monitor.reports[i] for i in _evenly(len(self.monitor.reports), RIDGES)]
        found = [summary for report in chosen if (summary := _pick(report.layers[layer], quantity)) is not None]
        if not found:
            return None
        bound = max(summary.bound for summary in found)
        heights = np.stack([_spread(summary, bound) for summary in found])
        return bound, (heights / max(heights.max(), 1e-12)).astype(np.float32)

    def bands(self, layer: int, quantity: str) -> np.ndarray | None:
        """Step, min, mean - std, mean, mean + std, max over time, `(6, k)`; None where there is no such quantity."""
        rows = _evenly(len(self.monitor.reports), BAND_POINTS)
        points = []
        for i in rows:
            summary = _pick(self.monitor.reports[i].layers[layer], quantity)
            if summary is not None:
                mean, std = summary.mean, summary.std
                points.append((self.monitor.steps[i], summary.min, mean - std, mean, mean + std, summary.max))
        return np.nan_to_num(np.array(points, np.float32).T) if points else None

    @property
    def latest(self) -> Report | None:
        """The newest report, if there is one."""
        return self.monitor.reports[-1] if self.monitor.reports else None


def _pick(layer, quantity: str) -> Summary | None:
    """A quantity of a layer; the weights of a residual block are its W1, a pool's output counts as its activation."""
    names = {"W": ("W", "W1", "gamma"), "b": ("b", "beta"), "z": ("z",), "a": ("a", "p", "y")}[quantity]
    return next((layer.quantities[name] for name in names if name in layer.quantities), None)


def _spread(summary, bound):
    """A histogram on the bins of a larger bound, as a density: counts per unit of value."""
    bins = len(summary.counts)
    factor = max(1, round(bound / summary.bound))
    density = summary.counts / max(1, summary.counts.sum()) / summary.bound
    if factor == 1:
        return density
    wide = np.zeros(bins)
    edges = (np.arange(bins) + 0.5) / bins * 2 - 1  # middles of the narrow bins, as shares of their own bound
    places = np.clip(((edges / factor + 1) * bins / 2).astype(int), 0, bins - 1)
    np.add.at(wide, places, density / factor)
    return wide


def _evenly(count: int, most: int) -> list[int]:
    return sorted(set(np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist())) if count else []
