"""A run as one page of one session sees it: an experiment, whether it plays, how fast, and how it is looked at.

All that a person can do to a run is a method here, so that a button, a shortcut, the canvas and a test do the same.
A click starts a script run while the one before may still be training a slice, so every method takes the lock.
"""

import collections
import functools
import math
import threading
import time
import uuid

from playground.datasets.base import Drawn
from playground.experiments.config import Config, forces_restart
from playground.experiments.experiment import Experiment, build
from playground.live.frame import Frame, envelope, pack
from playground.live.plane import diagram, plane
from playground.live.plane.changes import toggled, with_layer, with_layers
from playground.live.plane.painter import Painter
from playground.live.plane.readings import readings

SPEEDS = {
    "Full speed": "As many steps as there is time for between two pictures.",
    "1 epoch a picture": "Each picture shows the network one epoch later.",
    "10 steps a picture": "Ten mini-batches between two pictures.",
    "1 step a picture": "Slow motion: one mini-batch between two pictures.",
}
STEPS = {"10 steps a picture": {"steps": 10}, "1 step a picture": {"steps": 1}, "1 epoch a picture": {"epochs": 1}}
SLOWLY = 50  # ms between two pictures at these speeds; at full speed they come as fast as they can be painted
RATE_WINDOW = 1.5  # seconds over which steps per second are counted


def locked(method):
    """The method, called while nobody else touches the run."""

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        with self.lock:
            return method(self, *args, **kwargs)

    return wrapper


class Run:
    """One experiment in one session. Raises DataError or SpecError where the config cannot be built."""

    haste = 1  # times the slice that a picture has for training
    buttons = {  # of the page's transport, by their keys there: the methods that they call
        "play": "play",
        "pause": "pause",
        "step": "step_batch",
        "epoch": "step_epoch",
        "rewind": "rewind",
        "weights": "new_weights",
    }

    def __init__(self, config: Config, own: Drawn | None = None):
        self.lock = threading.RLock()
        self.session = uuid.uuid4().hex
        self.playing = False
        self.speed = "Full speed"
        self.view = ""
        self.log_loss = False
        self.projector = False
        self.frame_number = 0
        self.message = ""
        self._start(config, own)

    def _start(self, config: Config, own: Drawn | None):
        self.experiment: Experiment = build(config, own)
        self.own = own
        self.changed_at = None  # the step at which the settings were first changed in mid-run
        self.name = uuid.uuid4().hex[:8]  # tells the stage that this is another run
        self._clock = collections.deque()
        self.view = self.view if self.view in self.views else self.views[0]
        self._paint_anew()

    def _paint_anew(self):
        self._painter = Painter(self.experiment, self.view)

    @property
    def views(self) -> list[str]:
        """What can be looked at; the first is the usual one."""
        return plane.views(len(self.experiment.data.inputs))

    # --- what a person does -----------------------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        """What the run is made of, now."""
        return self.experiment.config

    @property
    def trainer(self):
        """The trainer of the experiment."""
        return self.experiment.trainer

    @property
    def look_of_page(self) -> tuple:
        """All that the widgets around the stage show but Play; when it changes they have to be drawn anew."""
        return self.config, self.speed, self.view, self.log_loss, self.projector

    @property
    def state(self) -> str:
        """ready, playing, paused, finished or diverged."""
        if self.trainer.state != "running":
            return self.trainer.state
        return "playing" if self.playing else "paused" if self.trainer.step else "ready"

    @locked
    def apply(self, config: Config, own: Drawn | None = None) -> bool:
        """Change the config, in mid-run where that is possible; returns whether the run had to start afresh.

        Raises DataError or SpecError and changes nothing where the new config cannot be built.
        """
        self.message = ""
        if own is None and config.data == self.config.data:
            own = self.own
        if config == self.config and own is self.own:
            return False
        if own is not self.own or forces_restart(self.config, config):
            self._start(config, own)
            return True
        if self.trainer.step and self.changed_at is None:
            self.changed_at = self.trainer.step
        self.experiment.change(config)
        self._paint_anew()
        return False

    def change(self, **changes) -> bool:
        """Change fields of the config, as `apply` does."""
        return self.apply(self.config.replace(**changes))

    @locked
    def play(self) -> None:
        """Go on; at the end of a run, like any player, from the start again."""
        if self.trainer.state != "running":
            self.trainer.run(steps=0)  # a stop rule may have been lifted meanwhile
        if self.trainer.state != "running":
            self.rewind()
        self.message = ""
        self.playing = True

    @locked
    def pause(self) -> None:
        """Stand still."""
        self.playing = False
        self._clock.clear()

    @locked
    def step_batch(self) -> None:
        """One mini-batch."""
        self.pause()
        self.trainer.run(steps=1)

    @locked
    def step_epoch(self) -> None:
        """To the end of this epoch."""
        self.pause()
        self.trainer.run(epochs=1)

    @locked
    def rewind(self) -> None:
        """Back to step 0 with the same first weights."""
        self.trainer.rewind()
        self.message, self.changed_at = "", None
        self.name = uuid.uuid4().hex[:8]
        self._clock.clear()

    @locked
    def new_weights(self) -> None:
        """Back to step 0 with the weights of the next seed."""
        self.change(seed_weights=(self.config.seed_weights + 1) % 2**32)

    @locked
    def look(self, view: str) -> None:
        """Another plane to look at."""
        if view != self.view:
            self.view = view
            self._paint_anew()

    @locked
    def set_number(self, column: int, unit: int, source: int | None, value: float) -> None:
        """Set the weight from `source` to `unit` of a column of the diagram, or the unit's bias (no source).

        Raises ValueError, one sentence, for a number that is not there or not finite.
        """
        try:
            value = float(value)
        except (TypeError, ValueError):
            value = math.nan
        if not abs(value) <= 1e6:
            raise ValueError("A weight must be a number from -1,000,000 to 1,000,000.")
        where = diagram.place(self.experiment.network, self._painter.columns, column, unit, source)
        self.trainer.set_parameter(where, value)
        if self.changed_at is None:
            self.changed_at = self.trainer.step

    @property
    def columns(self) -> list[diagram.Column]:
        """The columns of the diagram."""
        return self._painter.columns

    # --- what the canvas asks for -----------------------------------------------------------------------------------

    def act(self, action: dict) -> None:
        """Do what a click on the stage asks for (docs/frame.md). Raises ValueError where it cannot be done."""
        config = self.config
        try:
            match action:
                case {"kind": "weight", "column": int(column), "from": int(source), "to": int(unit), "value": value}:
                    self.set_number(column, unit, source, value)
                case {"kind": "bias", "column": int(column), "to": int(unit), "value": value}:
                    self.set_number(column, unit, None, value)
                case {"kind": "feature", "key": key}:
                    self.change(features=toggled(config.features, key, self.experiment))
                case {"kind": "units", "layer": int(layer), "by": int(by)} if layer >= 0 and by in (1, -1):
                    self.apply(with_layer(config, layer, units=config.hidden[layer].units + by))
                case {"kind": "layer", "by": int(by)} if by in (1, -1):
                    self.apply(with_layers(config, len(config.hidden) + by))
                case _:
                    raise TypeError
        except (TypeError, IndexError):
            raise ValueError("The page and the server do not fit together any more; reload the page.") from None

    # --- pictures ---------------------------------------------------------------------------------------------------

    @locked
    def train(self, seconds: float) -> None:
        """One slice, if the run plays; at its end it pauses."""
        if not self.playing:
            return
        self._clock.append((time.monotonic(), self.trainer.step))
        self._train_slice(seconds)
        while self._clock and self._clock[0][0] < time.monotonic() - RATE_WINDOW:
            self._clock.popleft()
        if self.trainer.state != "running":
            self.pause()

    def _train_slice(self, seconds: float):
        self.trainer.run(seconds=seconds, **STEPS.get(self.speed, {}))

    @locked
    def picture(self, note: str = "", paint: int | None = None) -> Frame:
        """What the stage shows now; note: the sentence under it, paint: the class that a stroke adds points of."""
        moving = {
            **envelope(self, note),
            "pace_ms": SLOWLY if self.speed in STEPS else 0,
            "message": self.trainer.message or self.message,
            "readings": self._readings(),
            "paint": paint,
            "epoch": self.trainer.epoch,
            "step": self.trainer.step,
        }
        return self._paint(moving)

    def frame(self, note: str = "", paint: int | None = None) -> bytes:
        """The same as bytes, whole."""
        return pack(*self.picture(note, paint))

    def _readings(self) -> list[dict]:
        return readings(self)

    def _paint(self, moving: dict) -> Frame:
        return self._painter.frame(moving, log=self.log_loss)

    @property
    def steps_per_second(self) -> float:
        """Updates made in a second, counted over the last pictures; 0 when there is nothing to count."""
        if len(self._clock) < 2:
            return 0.0
        (start, first), now = self._clock[0], time.monotonic()
        return (self.trainer.step - first) / max(now - start, 1e-3)
