"""The loss surface: what an optimiser walks on, and the way that each has taken.

Two parameters are a plane by themselves (a straight line through points: weight and bias). With more, the plane is laid
through the paths: it holds their two principal directions, and the paths are seen in projection. The runs are made when
Run is pressed, step by step, and then shown as a film.
"""

import time

import numpy as np

from nn_core import fast
from nn_core.spec import SpecError
from playground.experiments.stacks import Stack
from playground.live.labs.axes import SHAPES
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec
from playground.live.run import locked

SIDE = 64
FILM = 6.0  # seconds
MOST_STEPS = 20_000
MOST_POINTS = 400  # of a path
MARGIN = 0.25  # around the paths, as a share of their extent
SEEN = 200  # training samples that the surface is worked out on


class SurfaceLab(Lab):
    """One run for each value of a setting, all from the same first weights, and the surface under their paths."""

    def apply(self, spec: LabSpec) -> None:
        if spec.across and spec.across[0] in SHAPES:
            raise SpecError("A loss surface needs networks of one shape; vary another setting.")
        super().apply(spec.replace(seeds=1))
        self.shown = 0.0  # share of the film
        self.paths: list[np.ndarray] = []  # thetas of each run, `(points, parameters)`
        self.losses: list[np.ndarray] = []
        self.updates: list[np.ndarray] = []
        self._clock = None

    @property
    def state(self) -> str:
        if self.shown >= 1:
            return "finished"
        return "playing" if self.playing else "paused" if self.paths else "ready"

    @property
    def progress(self) -> float:
        return self.shown

    @property
    def finished(self) -> int:
        return len(self.configs) if self.shown >= 1 else 0

    @property
    def left(self) -> float:
        """Seconds until the film is over."""
        return (1 - self.shown) * FILM if self.playing else 0.0

    @locked
    def pause(self) -> None:
        """Stop the film; what passes meanwhile is no part of it."""
        super().pause()
        self._clock = None

    @locked
    def train(self, seconds: float) -> None:
        """Make the runs, if they are not made yet; then show a little more of them."""
        if not self.playing:
            return
        if not self.paths:
            began = time.perf_counter()
            self._walk()
            self.seconds = time.perf_counter() - began
        now = time.monotonic()
        self.shown = min(1.0, self.shown + (now - self._clock if self._clock else 0.0) / FILM)
        self._clock = now
        if self.shown >= 1:
            self.pause()

    def _walk(self):
        """Train each run, and note where it is after every so many steps."""
        self._stacks = [Stack([config]) for config in self.configs]  # one each: every step is looked at
        self._groups = [[k] for k in range(len(self.configs))]
        self._place = {k: (k, 0) for k in range(len(self.configs))}
        for config, stack in zip(self.configs, self._stacks, strict=True):
            trainer = stack.trainer
            samples = len(trainer.parts["train"][0])
            total = min(MOST_STEPS, config.stop_epochs * -(-samples // (config.batch_size or samples)))
            every = max(1, total // MOST_POINTS)
            thetas, steps = [trainer.theta.astype(np.float64)], [0]
            while trainer.step < total and trainer.state == "running":
                trainer.run(steps=every)
                thetas.append(trainer.theta.astype(np.float64))
                steps.append(trainer.step)
            self.paths.append(np.array(thetas))
            self.updates.append(np.array(steps, np.float32))
        self._lay_plane()
        self._measure()

    def _lay_plane(self):
        """Origin, two directions and ranges of the plane that is drawn."""
        points = np.concatenate(self.paths)
        points = points[np.isfinite(points).all(axis=1)]
        self.is_whole = points.shape[1] == 2
        if self.is_whole:
            self.origin, self.basis = np.zeros(2), np.eye(2)
            self.labels = ("weight", "bias")
        else:
            self.origin = np.median([path[-1] for path in self.paths], axis=0)
            # Every path counts alike, however many points it has.
            kept = np.concatenate([path[np.linspace(0, len(path) - 1, 100).astype(int)] for path in self.paths])
            _, _, directions = np.linalg.svd(kept - self.origin, full_matrices=False)
            self.basis = directions[:2]
            self.labels = ("1st principal direction of the paths", "2nd")
        places = (points - self.origin) @ self.basis.T
        low, high = np.quantile(places, 0.002, axis=0), np.quantile(places, 0.998, axis=0)
        extent = np.maximum(high - low, 1e-3)
        self.low, self.high = low - MARGIN * extent, high + MARGIN * extent

    def _measure(self):
        """The training loss over the plane, and along each path."""
        experiment = self._stacks[0].experiment
        x, targets = experiment.trainer.parts["train"]
        x, targets = x[:SEEN], targets[:SEEN]
        v, u = np.meshgrid(
            np.linspace(self.high[1], self.low[1], SIDE), np.linspace(self.low[0], self.high[0], SIDE), indexing="ij"
        )
        over = self.origin + u.reshape(-1, 1) * self.basis[0] + v.reshape(-1, 1) * self.basis[1]
        self.surface = self._loss(over, x, targets).reshape(SIDE, SIDE)
        self.losses = [self._loss(path, x, targets) for path in self.paths]

    def _loss(self, thetas, x, targets):
        """The loss of many parameter vectors, `(models,)`, worked out as stacks."""
        network, loss = self._stacks[0].experiment.network, self.config.loss
        found = []
        for start in range(0, len(thetas), 512):
            block = np.ascontiguousarray(thetas[start : start + 512], network.dtype)
            with np.errstate(all="ignore"):
                found.append(np.atleast_1d(loss.value(fast.engine(network, loss, block).predict(x), targets)))
        return np.nan_to_num(np.concatenate(found), nan=1e6, posinf=1e6)
