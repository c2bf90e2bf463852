"""The runs of a lab in one session: trained in slices, stack by stack; what they have come to so far.

A Lab is Staged like a Run: it plays, pauses, trains a slice, gives pictures. In which order its runs go on is for
its way to say (ways.py).
"""

import threading
import time
import uuid
from collections.abc import Callable

import numpy as np

from playground.experiments.config import IMAGES
from playground.experiments.experiment import count_parameters
from playground.experiments.results import RUN_AWAY, Result, least_loss
from playground.experiments.stacks import Stack
from playground.live.frame import Frame, envelope, pack
from playground.live.labs.spec import LabSpec
from playground.live.labs.ways import Together, Way
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

    def __init__(self, spec: LabSpec, painter: Callable[["Lab", dict], Frame], way: type[Way] = Together):
        """way: how the runs are gone through."""
        self.lock = threading.RLock()
        self.session = uuid.uuid4().hex
        self.painter = painter
        self._kind_of_way = way
        self.frame_number = 0
        self.chosen: tuple[int, int] | None = None  # the cell that was clicked: row, column
        self.show = "epochs"  # what stands under curves
        self.apply(spec)

    @locked
    def apply(self, spec: LabSpec) -> None:
        """Put other runs in place of these, at their first step."""
        spec = self._kind_of_way.checked(spec)
        configs = spec.configs()
        groups = self._kind_of_way.grouped(configs)
        images = configs[0].kind is IMAGES
        if images:  # every cell with its first seed, then every cell with its second
            groups = sorted(groups, key=lambda group: (group[0] % spec.seeds, group[0]))
        made = [Stack([configs[i] for i in groups[0]], spec.own)]  # raises before anything is changed
        self.spec, self.configs = spec, configs
        self.one_by_one = images  # networks and work space of a dozen runs would fill a server
        self.groups = groups  # which runs train together: lists of their places among the configs
        self.stacks = made  # those that have begun, in the order of the groups
        self._place = {i: (s, m) for s, group in enumerate(groups) for m, i in enumerate(group)}
        self._maps: dict[int, tuple[float, int, np.ndarray]] = {}
        self.playing, self.seconds = False, 0.0
        self.name = uuid.uuid4().hex[:8]
        self.chosen = None
        self._parameters: list[int] | None = None
        self.data = made[0].experiment.data  # that the first runs learn, and mostly all
        self.plane = None if images else look(self.data, views(len(self.data.inputs))[0])
        self.grid = None if images else made[0].experiment.encode(self.plane.grid(MAP_SIDE))
        self.way = self._kind_of_way(self)

    def begin(self) -> None:
        """Build the next stack; of the one before only what it came to is kept where one trains at a time."""
        if self.one_by_one:
            self.stacks[-1] = self.stacks[-1].finished()
        self.stacks.append(Stack([self.configs[i] for i in self.groups[len(self.stacks)]], self.spec.own))

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
        if self.way.is_over:
            return "finished"
        return "playing" if self.playing else "paused" if self.seconds else "ready"

    def change(self, **changes) -> None:
        """Change some of what the lab is made of, as `apply` does."""
        self.apply(self.spec.replace(**changes))

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
        self.way.rest()

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
        """A slice, if it plays; at its end it pauses."""
        if not self.playing:
            return
        self.seconds += self.way.advance(seconds)
        if self.way.is_over:
            self.pause()

    @property
    def progress(self) -> float:
        """How much of all is done, 0 to 1, by its weight in time."""
        return self.way.progress

    @property
    def left(self) -> float:
        """About how many seconds it will take; 0 while that is not known."""
        return self.way.left if self.playing else 0.0

    # --- what came of it --------------------------------------------------------------------------------------------

    @property
    def finished(self) -> int:
        """How many runs have come to their end."""
        return self.way.finished

    def begun(self) -> list[int]:
        """Which runs have begun, and were measured: their places among the configs."""
        pairs = zip(self.stacks, self.groups, strict=False)
        return sorted(i for stack, group in pairs if stack.history.last for i in group)

    @property
    def has_figure(self) -> bool:
        """Whether there is something of every run that a figure shows."""
        return self.way.has_figure

    def is_done(self, run: int) -> bool:
        """Whether a run has come to its end."""
        number, _ = self._place[run]
        return number < len(self.stacks) and self.stacks[number].done

    def results(self) -> list[Result]:
        """A result for every run that has begun, in the order of the configs."""
        found = {}
        for stack, group in zip(self.stacks, self.groups, strict=False):
            if stack.history.last:
                found |= dict(zip(group, stack.results(), strict=True))
        return [found[i] for i in sorted(found)]

    def curves(self, name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Epochs and values of one series for every run; empty arrays where nothing is known yet."""
        epochs, values = ([np.empty(0, np.float32)] * len(self.configs) for _ in range(2))
        for stack, group in zip(self.stacks, self.groups, strict=False):
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
        for stack, group in zip(self.stacks, self.groups, strict=False):
            values[group] = stack.history.last.get(name, np.nan)
        if self.one_by_one:
            done = np.array([self.is_done(run) for run in range(len(values))]).reshape(-1, self.spec.seeds)
            values[(done.any(axis=1, keepdims=True) & ~done).ravel()] = np.nan
        return values

    def seconds_of(self, run: int) -> float:
        """The share of a run in the training time of its stack."""
        number, _ = self._place[run]
        return self.stacks[number].seconds / len(self.groups[number]) if number < len(self.stacks) else 0.0

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
        for stack, group in zip(self.stacks, self.groups, strict=False):
            if not stack.history.last:  # large sets are measured block by block: nothing is known yet
                continue
            first = np.asarray(stack.history.series["train_loss"][0], float)
            last = np.asarray(stack.history.last["train_loss"], float)
            away[group] = stack.lost | ~(last <= RUN_AWAY * np.maximum(first, least_loss(self.configs[group[0]])))
        return away

    def outputs(self, run: int) -> np.ndarray:
        """The network of one run over the grid of the plane, `(cells, outputs)`."""
        stack_number, member = self._place[run]
        if stack_number >= len(self.stacks):
            outputs = self.stacks[0].experiment.network.output_shape
            return np.zeros((len(self.grid), *outputs), np.float32)
        stack = self.stacks[stack_number]
        at, step, known = self._maps.get(stack_number, (0.0, -1, None))
        now, still = time.monotonic(), stack.done or not self.playing
        if step != stack.trainer.step and (known is None or still or now - at > MAPS_EVERY):
            with np.errstate(all="ignore"):
                known = stack.experiment.decode(stack.trainer.predict(self.grid))
            known = known[None] if stack.trainer.models is None else known
            self._maps[stack_number] = (now, stack.trainer.step, known)
        return known[member]

    @locked
    def picture(self, note: str = "", paint: int | None = None) -> Frame:
        """What the stage shows now; note: the sentence under it."""
        moving = {**envelope(self, note), "pace_ms": 0, "message": "", "epoch": 0.0, "step": self.finished}
        return self.painter(self, moving)

    def frame(self, note: str = "", paint: int | None = None) -> bytes:
        """The same as bytes, whole."""
        return pack(*self.picture(note, paint))
