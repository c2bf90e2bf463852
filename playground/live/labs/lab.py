"""The runs of a lab in one session: trained in slices, all at once, stack by stack; what they have come to so far.

A Lab is a Playable like a Run: it plays, pauses, trains a slice, gives pictures.
"""

import threading
import time
import uuid

import numpy as np

from playground.datasets.pictures import holds_pictures
from playground.experiments.config import Config
from playground.experiments.experiment import count_parameters
from playground.experiments.results import RUN_AWAY, Result, least_loss
from playground.experiments.stacks import Stack, groups
from playground.live.frame import Frame, envelope, pack
from playground.live.labs.spec import LabSpec
from playground.live.plane.plane import look, views
from playground.live.run import locked

MOST_POINTS = 120  # of a curve
MAP_SIDE = 32
MAPS_EVERY = 0.25  # seconds between two pictures of the boundaries of a stack that trains


class Lab:
    """All runs of a LabSpec. Raises DataError or SpecError where one cannot be built."""

    projector = False
    buttons = {"play": "play", "pause": "pause"}
    haste = 2.5  # times the slice of a live page, where nobody else plays: a lab is waited for more than it is watched

    def __init__(self, spec: LabSpec, painter):
        self.lock = threading.RLock()
        self.session = uuid.uuid4().hex
        self.painter = painter
        self.frame_number = 0
        self.chosen: tuple[int, int] | None = None  # the cell that was clicked: row, column
        self.show = "epochs"  # what stands under curves
        self.apply(spec)

    @locked
    def apply(self, spec: LabSpec) -> None:
        """Put other runs in place of these, at their first step."""
        configs = spec.configs()
        stacks = self.grouped(configs)
        pictures = holds_pictures(configs[0].data)
        if pictures:  # every cell with its first seed, then every cell with its second
            stacks = sorted(stacks, key=lambda group: (group[0] % spec.seeds, group[0]))
        made = [Stack([configs[i] for i in stacks[0]], spec.own)]  # raises before anything is changed
        self.spec, self.configs = spec, configs
        self._one_by_one = pictures  # networks and work space of a dozen runs would fill a server
        self._groups, self._stacks = stacks, made
        self._place = {i: (s, m) for s, group in enumerate(stacks) for m, i in enumerate(group)}
        self._maps: dict[int, tuple[float, int, np.ndarray]] = {}
        self.playing, self.seconds = False, 0.0
        self.name = uuid.uuid4().hex[:8]
        self.chosen = None
        self._parameters: list[int] | None = None
        self.data = made[0].experiment.data  # that the first runs learn, and mostly all
        self.plane = None if pictures else look(self.data, views(len(self.data.inputs))[0])
        self.grid = None if pictures else made[0].experiment.encode(self.plane.grid(MAP_SIDE))

    def grouped(self, configs: list[Config]) -> list[list[int]]:
        """Which runs train together: lists of their places."""
        return groups(configs)

    # --- what a person does -----------------------------------------------------------------------------------------

    @property
    def config(self):
        """The base of the lab."""
        return self.spec.base

    @property
    def look_of_page(self) -> tuple:
        """All that the widgets around the stage show."""
        return self.spec, self.state, self.show, self.projector

    @property
    def state(self) -> str:
        """ready, playing, paused or finished."""
        if len(self._stacks) == len(self._groups) and all(stack.done for stack in self._stacks):
            return "finished"
        return "playing" if self.playing else "paused" if self.seconds else "ready"

    @locked
    def play(self) -> None:
        """Run all, or go on; when all is done, once more."""
        if self.state == "finished":
            self.apply(self.spec)
        self.playing = True

    @locked
    def pause(self) -> None:
        """Stop: what is done stays, and Run goes on."""
        self.playing = False

    @locked
    def act(self, action: dict) -> None:
        """Do what was done on the stage. Raises ValueError where it cannot be done."""
        match action:
            case {"kind": "cell", "row": int(row), "column": int(column)} if (
                0 <= row < self.spec.rows and 0 <= column < self.spec.columns
            ):
                self.chosen = row, column
            case _:
                raise ValueError("The page and the server do not fit together any more; reload the page.")

    # --- training ---------------------------------------------------------------------------------------------------

    @locked
    def train(self, seconds: float) -> None:
        """A slice: the stack that is furthest behind goes on, so that all cells grow together."""
        if not self.playing:
            return
        began = time.perf_counter()
        while time.perf_counter() - began < seconds and self.state != "finished":
            if len(self._stacks) < len(self._groups) and not (self._one_by_one and not self._stacks[-1].done):
                self._begin()
                continue
            behind = min((stack for stack in self._stacks if not stack.done), key=lambda stack: stack.progress)
            behind.advance(min(0.01, max(0.002, seconds / 4)))
        self.seconds += time.perf_counter() - began
        if self.state == "finished":
            self.pause()

    def _begin(self):
        """Build the next stack; of the one before only what it came to is kept where one trains at a time."""
        if self._one_by_one:
            self._stacks[-1] = self._stacks[-1].finished()
        self._stacks.append(Stack([self.configs[i] for i in self._groups[len(self._stacks)]], self.spec.own))

    @property
    def progress(self) -> float:
        """How much of all training is done, 0 to 1, by its weight in time."""
        weights = [self._steps(group) for group in self._groups]
        done = sum(weight * stack.progress for weight, stack in zip(weights, self._stacks, strict=False))
        return done / sum(weights)

    @property
    def left(self) -> float:
        """About how many seconds it will take; 0 while that is not known."""
        share = self.progress
        return self.seconds / share - self.seconds if share > 0.02 and self.playing else 0.0

    def _steps(self, group) -> float:
        """About how long a stack takes: its steps, and a little for each member."""
        config = self.configs[group[0]]
        if self._one_by_one:
            return config.stop_epochs
        return config.stop_epochs * max(1, len(self.data.train.x) / (config.batch_size or 10**9)) * (10 + len(group))

    # --- what came of it --------------------------------------------------------------------------------------------

    @property
    def finished(self) -> int:
        """How many runs have come to their end."""
        return sum(len(stack.configs) for stack in self._stacks if stack.done)

    def begun(self) -> list[int]:
        """Which runs have begun, and were measured: their places among the configs."""
        pairs = zip(self._stacks, self._groups, strict=False)
        return sorted(i for stack, group in pairs if stack.history.last for i in group)

    @property
    def has_figure(self) -> bool:
        """Whether there is something of every run that a figure shows."""
        return len(self.begun()) == len(self.configs)

    def is_done(self, run: int) -> bool:
        """Whether a run has come to its end."""
        number, _ = self._place[run]
        return number < len(self._stacks) and self._stacks[number].done

    def results(self) -> list[Result]:
        """A result for every run that has begun, in the order of the configs."""
        found = {}
        for stack, group in zip(self._stacks, self._groups, strict=False):
            if stack.history.last:
                found |= dict(zip(group, stack.results(), strict=True))
        return [found[i] for i in sorted(found)]

    def curves(self, name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Epochs and values of one series for every run; empty arrays where nothing is known yet."""
        epochs, values = ([np.empty(0, np.float32)] * len(self.configs) for _ in range(2))
        for stack, group in zip(self._stacks, self._groups, strict=False):
            xs, ys = stack.history.curve(name)
            rows = np.unique(np.linspace(0, len(xs) - 1, min(len(xs), MOST_POINTS)).astype(int))
            taken = np.array([ys[i] for i in rows], np.float32).reshape(len(rows), -1)
            at = np.array([xs[i] for i in rows], np.float32)
            for member, i in enumerate(group):
                epochs[i], values[i] = at, taken[:, member]
        return epochs, values

    def last(self, name: str) -> np.ndarray:
        """The newest value of a series for every run, NaN where there is none.

        Where runs train one by one, one that has only begun counts for nothing beside one of its cell that is done.
        """
        values = np.full(len(self.configs), np.nan)
        for stack, group in zip(self._stacks, self._groups, strict=False):
            values[group] = stack.history.last.get(name, np.nan)
        if self._one_by_one:
            done = np.array([self.is_done(run) for run in range(len(values))]).reshape(-1, self.spec.seeds)
            values[(done.any(axis=1, keepdims=True) & ~done).ravel()] = np.nan
        return values

    def seconds_of(self, run: int) -> float:
        """The share of a run in the training time of its stack."""
        number, _ = self._place[run]
        return self._stacks[number].seconds / len(self._groups[number]) if number < len(self._stacks) else 0.0

    def steps_per_epoch(self, run: int) -> int:
        """Updates in one epoch of a run."""
        samples = len(self.data.train.x)
        return -(-samples // (self.configs[run].batch_size or samples))

    @property
    def parameters(self) -> list[int]:
        """How many each network of the first row has."""
        if self._parameters is None:
            self._parameters = [count_parameters(self.spec.cell(0, column)) for column in range(self.spec.columns)]
        return self._parameters

    def ran_away(self) -> np.ndarray:
        """Which runs have diverged, as Result.diverged says it."""
        away = np.zeros(len(self.configs), bool)
        for stack, group in zip(self._stacks, self._groups, strict=False):
            if not stack.history.last:  # large sets are measured block by block: nothing is known yet
                continue
            first = np.asarray(stack.history.series["train_loss"][0], float)
            last = np.asarray(stack.history.last["train_loss"], float)
            away[group] = stack.lost | ~(last <= RUN_AWAY * np.maximum(first, least_loss(self.configs[group[0]])))
        return away

    def outputs(self, run: int) -> np.ndarray:
        """The network of one run over the grid of the plane, `(cells, outputs)`."""
        stack_number, member = self._place[run]
        if stack_number >= len(self._stacks):
            outputs = self._stacks[0].experiment.network.output_shape
            return np.zeros((len(self.grid), *outputs), np.float32)
        stack = self._stacks[stack_number]
        at, step, known = self._maps.get(stack_number, (0.0, -1, None))
        now, still = time.monotonic(), stack.done or not self.playing
        if step != stack.trainer.step and (known is None or still or now - at > MAPS_EVERY):
            with np.errstate(all="ignore"):
                known = stack.experiment.decode(stack.trainer.predict(self.grid))
            known = known[None] if stack.trainer.models is None else known
            self._maps[stack_number] = (now, stack.trainer.step, known)
        return known[member]

    @locked
    def picture(self, note: str = "", paint: None = None) -> Frame:
        """What the stage shows now; note: the sentence under it."""
        moving = {**envelope(self, note), "pace_ms": 0, "message": "", "epoch": 0.0, "step": self.finished}
        return self.painter(self, moving)

    def frame(self, note: str = "", paint: None = None) -> bytes:
        """The same as bytes, whole."""
        return pack(*self.picture(note, paint))
