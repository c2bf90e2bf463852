"""What lies on the pad: a digit that somebody draws, or a test picture that was turned, shifted, made noisy."""

from dataclasses import dataclass, field, replace

import numpy as np

from nn_core.random import stream
from nn_core.spec import Choice, knob
from playground.datasets.augment import moved, noisy
from playground.datasets.prepare import PictureData
from playground.datasets.strokes import ink


@dataclass(frozen=True)
class Change(Choice):
    """What is done to the test picture on the pad, to see when the answer changes."""

    turn: int = knob(0, "Turn (degrees)", "Turns the picture to the left.", low=-180, high=180)
    right: int = knob(0, "Shift right (pixels)", "Moves the picture to the right.", low=-14, high=14)
    down: int = knob(0, "Shift down (pixels)", "Moves the picture down.", low=-14, high=14)
    noise: float = knob(
        0.0, "Noise", "Standard deviation of what is added to each pixel, as a share of full ink.", low=0, high=1
    )


@dataclass(frozen=True)
class Pad:
    """A test picture by its number, or, where `strokes` are given, a drawing. change: acts on the test picture."""

    index: int = 0
    strokes: tuple | None = None
    change: Change = field(default_factory=Change)

    @property
    def is_drawing(self) -> bool:
        """Whether a person draws; else it is a test picture."""
        return self.strokes is not None

    def picture(self, data: PictureData) -> np.ndarray:
        """What the network is shown, uint8 `(height, width, channels)`."""
        if self.is_drawing:
            return ink(self.strokes, data.album.shape[0], data.album.highest)
        picture = data.album.test[self.index : self.index + 1]
        change = self.change
        picture = moved(picture, np.array([change.turn]), np.array([[change.right, change.down]]))
        if change.noise:
            picture = noisy(picture, change.noise, stream(self.index, "pad"), data.album.highest)
        return picture[0]

    def drawn(self, strokes, data: PictureData) -> "Pad":
        """The pad with a drawing on it. Raises ValueError, one sentence, for what is none."""
        if not data.can_be_drawn:
            raise ValueError("Only digits can be drawn; choose a test picture instead.")
        if not isinstance(strokes, (list, tuple)):
            raise ValueError("The drawing did not arrive whole; draw it again.")
        ink(strokes, data.album.shape[0])  # raises for what cannot be drawn
        return replace(self, strokes=tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in strokes))

    def showing(self, index: int, data: PictureData) -> "Pad":
        """The pad with a test picture on it, unchanged. Raises ValueError where there is no such picture."""
        if type(index) is not int or not 0 <= index < len(data.album.test):
            raise ValueError(f"The number of a test picture must be from 0 to {len(data.album.test) - 1:,}.")
        return Pad(index)
