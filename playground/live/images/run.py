"""A run on pictures: what lies on its pad, its monitor, and which view is open below."""

import time

from playground.datasets.base import Drawn
from playground.experiments.config import Config
from playground.live.frame import Frame
from playground.live.images.monitoring import Watch
from playground.live.images.pad import Change, Pad
from playground.live.images.painter import VIEWS, PicturePainter
from playground.live.images.readings import readings
from playground.live.run import STEPS, Run, locked


class PictureRun(Run):
    """One experiment on pictures in one session."""

    def __init__(self, config: Config, own: Drawn | None = None):
        self.pad = Pad()
        self.watch = Watch()
        self.show_error = False
        super().__init__(config, own)

    def _start(self, config: Config, own: Drawn | None):
        before = getattr(self, "experiment", None)
        super()._start(config, own)
        if before is not None and before.data.album is not self.experiment.data.album:
            self.pad = Pad()  # a picture of another set
        self._watch_anew()

    def _watch_anew(self):
        self.watch, on = Watch(), self.watch.on
        self.watch.on = on
        self.watch.look(self.trainer, 0)

    def _paint_anew(self):
        self._painter, self._seen = PicturePainter(self.experiment), None

    @property
    def views(self) -> list[str]:
        return list(VIEWS)

    @property
    def columns(self) -> list:
        """There is no diagram here."""
        return []

    @property
    def look_of_page(self) -> tuple:
        # The pad is on the stage alone: a run of the whole page for each piece of a stroke would come too late.
        return (*super().look_of_page, self.watch.on, self.show_error)

    @property
    def results(self):
        """What became of the test part when it was last measured."""
        return self._painter.results

    @locked
    def look(self, view: str) -> None:
        self.view = view

    @locked
    def rewind(self) -> None:
        super().rewind()
        self._watch_anew()

    @locked
    def watching(self, on: bool) -> None:
        """Switch the monitor on or off."""
        self.watch.on = on

    @locked
    def put(self, pad: Pad) -> None:
        """Lay another picture on the pad."""
        self.pad = pad

    @locked
    def change_picture(self, change: Change) -> None:
        """Turn, shift or roughen the test picture; it takes the place of a drawing."""
        self.pad = Pad(self.pad.index, change=change)

    def act(self, action: dict) -> None:
        """Do what was done on the stage (docs/frame.md). Raises ValueError where it cannot be done."""
        data = self.experiment.data
        match action:
            case {"kind": "ink", "strokes": strokes}:
                self.put(self.pad.drawn(strokes, data))
            case {"kind": "picture", "index": index}:
                self.put(self.pad.showing(index, data))
            case {"kind": "view", "view": str(view)} if view in VIEWS:
                self.look(view)
            case _:
                raise ValueError("The page and the server do not fit together any more; reload the page.")

    def _train_slice(self, seconds: float):
        began = time.perf_counter()
        self._seen = self.trainer.run(seconds=seconds, **STEPS.get(self.speed, {}))
        self.watch.look(self.trainer, time.perf_counter() - began)

    def _readings(self) -> list[dict]:
        return readings(self)

    def _paint(self, moving: dict) -> Frame:
        seen, self._seen = self._seen, None  # of the slice just trained: a copy of large weights takes a while
        if seen is not None and seen.step != self.trainer.step:
            seen = None
        return self._painter.frame(moving, self.pad, self.watch, self.view, self.log_loss, self.show_error, seen)
