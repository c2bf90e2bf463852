"""The loss surface: what an optimiser walks on, and the way that each has taken.

Two parameters are a plane by themselves (a straight line through points: weight and bias). With more, the plane is laid
through the paths: it holds their two principal directions, and the paths are seen in projection. When Run is pressed
the runs are made and the surface is measured, a little in each slice as all training is; then they are shown as a film.
"""

import time
from collections.abc import Callable, Generator, Iterator

import numpy as np

from nn_core.spec import SpecError
from nn_core.trainer import predictor
from playground.experiments.config import Config
from playground.experiments.experiment import count_parameters
from playground.experiments.stacks import Stack
from playground.live.labs.axes import SHAPES
from playground.live.labs.lab import Lab
from playground.live.labs.spec import LabSpec

SIDE = 64
FILM = 6.0  # seconds
WALKED = 0.25  # the share of all progress that is made when the film begins
MOST_STEPS = 20_000
MOST_POINTS = 400  # of a path, or less than twice as many
MOST_NUMBERS = 8_000_000  # in all paths: 64 MB, and to find the directions of more would take over half a second
MARGIN = 0.25  # around the paths, as a share of their extent
SEEN = 200  # training samples that the surface is worked out on
AT_ONCE = 2_000_000  # numbers of the networks that are measured at once, and of what they answer


class Walk:
    """The way of a lab with one run for each value of a setting, all from the same first weights: every step of a run
    is noted, the surface under the paths is measured, and both are shown as a film."""

    def __init__(self, lab: Lab):
        self.lab = lab
        self.shown = 0.0  # share of the film
        self.is_measured = False  # whether there is all that the film shows
        self.paths: list[np.ndarray] = []  # thetas of each run, `(points, parameters)`
        self.losses: list[np.ndarray] = []
        self.updates: list[np.ndarray] = []
        self._work = self._walk()
        self._end = 0.0  # of the slice that is under way
        self._clock = None

    @staticmethod
    def checked(spec: LabSpec) -> LabSpec:
        """The spec with one seed. Raises SpecError for networks of several shapes, or of too many parameters."""
        if spec.across and spec.across[0] in SHAPES:
            raise SpecError("A loss surface needs networks of one shape; vary another setting.")
        spec = spec.replace(seeds=1)
        parameters, most = count_parameters(spec.base), MOST_NUMBERS // (2 * MOST_POINTS * spec.columns)
        if parameters > most:
            raise SpecError(
                f"A loss surface of {spec.columns} runs takes networks of at most {most:,} parameters, and this one "
                f"has {parameters:,}; take fewer units or fewer values."
            )
        return spec

    @staticmethod
    def grouped(configs: list[Config]) -> list[list[int]]:
        """One each: every step is looked at."""
        return [[k] for k in range(len(configs))]

    @property
    def is_over(self) -> bool:
        return self.shown >= 1

    @property
    def progress(self) -> float:
        return WALKED * self._walked + (1 - WALKED) * self.shown

    @property
    def finished(self) -> int:
        return len(self.paths)

    @property
    def has_figure(self) -> bool:
        return self.is_measured

    @property
    def left(self) -> float:
        """Seconds until the film is over, once that can be told."""
        if self._walked < 0.02:
            return 0.0
        return self.lab.seconds / self._walked - self.lab.seconds + (1 - self.shown) * FILM

    @property
    def _walked(self) -> float:
        """The share of all updates that are made."""
        if self.is_measured:
            return 1.0
        configs = self.lab.configs
        made = sum(stack.trainer.step for stack in self.lab.stacks[len(self.paths) :])
        made += sum(self.updates_of(config) for config in configs[: len(self.paths)])  # one that diverged, too
        return made / sum(map(self.updates_of, configs))

    def updates_of(self, config: Config) -> int:
        """How many updates a run is given."""
        samples = len(self.lab.data.train.x)
        return min(MOST_STEPS, config.stop_epochs * -(-samples // (config.batch_size or samples)))

    def rest(self) -> None:
        """What passes while the lab pauses is no part of the film."""
        self._clock = None

    def advance(self, seconds: float) -> float:
        """Make a little more of the runs and of the surface; when all is there, show a little more of it."""
        if self.is_measured:
            now = time.monotonic()
            self.shown = min(1.0, self.shown + (now - self._clock if self._clock else 0.0) / FILM)
            self._clock = now
            return 0.0
        began = time.perf_counter()
        self._end = began + seconds
        try:
            for _ in self._work:
                if time.perf_counter() >= self._end:
                    break
        except Exception:
            self.lab.apply(self.lab.spec)  # what went wrong is said; Run begins anew
            raise
        return time.perf_counter() - began

    def _walk(self) -> Iterator[None]:
        """Train each run, note where it is after every so many steps, and measure; a yield wherever it may rest."""
        for number, config in enumerate(self.lab.configs):
            if number == len(self.lab.stacks):
                self.lab.begin()
            path, updates = yield from self._path(self.lab.stacks[number], self.updates_of(config))
            self.paths.append(path)
            self.updates.append(updates)
        yield from self._lay_plane()
        yield from self._measure()
        self.is_measured = True

    def _path(self, stack: Stack, total: int) -> Generator[None, None, tuple[np.ndarray, np.ndarray]]:
        """Train a run for `total` updates; gives its thetas, and after how many updates each was its own."""
        trainer = stack.trainer
        every = max(1, total // MOST_POINTS)
        thetas, steps = [trainer.theta.astype(np.float64)], [0]
        while trainer.step < total and trainer.state == "running":
            mark = trainer.step + every
            while trainer.step < mark and trainer.state == "running":
                trainer.run(steps=mark - trainer.step, seconds=max(0.0, self._end - time.perf_counter()))
                yield
            thetas.append(trainer.theta.astype(np.float64))
            steps.append(trainer.step)
        trainer.run(steps=0)  # what is left of measuring
        return np.array(thetas), np.array(steps, np.float32)

    def _lay_plane(self) -> Iterator[None]:
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
            yield
            _, _, directions = np.linalg.svd(kept - self.origin, full_matrices=False)
            self.basis = directions[:2]
            self.labels = ("1st principal direction of the paths", "2nd")
        yield
        places = (points - self.origin) @ self.basis.T
        low, high = np.quantile(places, 0.002, axis=0), np.quantile(places, 0.998, axis=0)
        extent = np.maximum(high - low, 1e-3)
        self.low, self.high = low - MARGIN * extent, high + MARGIN * extent
        yield

    def _measure(self) -> Iterator[None]:
        """The training loss over the plane, and along each path."""
        experiment = self.lab.stacks[0].experiment
        x, targets = experiment.trainer.parts["train"]
        x, targets = x[:SEEN], targets[:SEEN]
        v, u = np.meshgrid(
            np.linspace(self.high[1], self.low[1], SIDE), np.linspace(self.low[0], self.high[0], SIDE), indexing="ij"
        )
        u, v = u.reshape(-1, 1), v.reshape(-1, 1)

        def over(rows: slice) -> np.ndarray:
            return self.origin + u[rows] * self.basis[0] + v[rows] * self.basis[1]

        surface = yield from self._loss(over, len(u), x, targets)
        self.surface = surface.reshape(SIDE, SIDE)
        for path in self.paths:
            losses = yield from self._loss(path.__getitem__, len(path), x, targets)
            self.losses.append(losses)

    def _loss(self, thetas: Callable[[slice], np.ndarray], count: int, x, targets) -> Generator[None, None, np.ndarray]:
        """The loss of so many parameter vectors, `(count,)`, worked out as stacks of what `thetas` gives."""
        network, loss = self.lab.stacks[0].experiment.network, self.lab.config.loss
        units = network.size // network.input_shape[0]  # about
        many = int(np.clip(AT_ONCE // (network.size + SEEN * units), 1, 512))
        found = []
        for start in range(0, count, many):
            block = np.ascontiguousarray(thetas(slice(start, start + many)), network.dtype)
            with np.errstate(all="ignore"):
                outputs = predictor(network, loss, block).predict(x)
                found.append(np.atleast_1d(self.lab.stacks[0].trainer.told(outputs, targets)))
            yield
        return np.nan_to_num(np.concatenate(found), nan=1e6, posinf=1e6)
