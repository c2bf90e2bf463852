"""Pictures moved a little: turned and shifted, so that a network meets each picture in another place every time.

Bilinear: a pixel of the result is a mean of the four pixels that it falls between. What comes in from outside is 0,
the ground of written digits.
"""

from dataclasses import dataclass

import numpy as np

from nn_core.spec import Choice, knob


@dataclass(frozen=True)
class Augment(Choice):
    """Each training picture is turned and shifted by chance, anew in each epoch; the others stay as they are."""

    label = "Augmentation"
    shift: int = knob(
        0, "Shift (pixels)", "Each training picture is moved by up to so many pixels, anew each time.", low=0, high=6
    )
    turn: float = knob(
        0.0,
        "Turn (degrees)",
        "Each training picture is turned by up to so many degrees, anew each time.",
        low=0,
        high=45,
    )

    @property
    def is_on(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.shift or self.turn)

    def apply(self, pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Another version of each of the pictures, uint8 `(samples, height, width, channels)`."""
        count = len(pictures)
        shifts = rng.integers(-self.shift, self.shift + 1, (count, 2)) if self.shift else np.zeros((count, 2))
        angles = rng.uniform(-self.turn, self.turn, count) if self.turn else np.zeros(count)
        return moved(pictures, angles, shifts)


def moved(pictures: np.ndarray, degrees: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Pictures uint8 `(samples, height, width, channels)`, turned to the left about their middle, then shifted.

    degrees `(samples,)`; shifts `(samples, 2)`: pixels to the right and down.
    """
    count, height, width, channels = pictures.shape
    shifts = np.asarray(shifts, np.float32)
    if not np.any(degrees) and np.array_equal(shifts, np.rint(shifts)):
        return _shifted(pictures, shifts.astype(np.intp))
    radians = np.radians(np.asarray(degrees, np.float32))[:, None, None]
    cos, sin = np.cos(radians), np.sin(radians)
    middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
    y = np.arange(height, dtype=np.float32)[None, :, None] - middle_y - shifts[:, 1, None, None]
    x = np.arange(width, dtype=np.float32)[None, None, :] - middle_x - shifts[:, 0, None, None]
    from_x = cos * x - sin * y + (middle_x + 1)  # where a pixel comes from, in pictures with a border of one pixel
    from_y = sin * x + cos * y + (middle_y + 1)
    from_x, from_y = np.clip(from_x, 0, width + 0.999), np.clip(from_y, 0, height + 0.999)
    left, top = from_x.astype(np.int32), from_y.astype(np.int32)
    right_share, low_share = (from_x - left)[..., None], (from_y - top)[..., None]
    framed = np.pad(pictures, ((0, 0), (1, 2), (1, 2), (0, 0))).reshape(-1, channels)
    row = width + 3
    place = (np.arange(count, dtype=np.int32)[:, None, None] * (height + 3) + top) * row + left
    upper = framed[place] * (1 - right_share) + framed[place + 1] * right_share
    lower = framed[place + row] * (1 - right_share) + framed[place + row + 1] * right_share
    return np.rint(upper * (1 - low_share) + lower * low_share).astype(np.uint8)


def _shifted(pictures, shifts):
    """Whole pixels: copied, never blurred."""
    _, height, width, _ = pictures.shape
    framed = np.pad(pictures, ((0, 0), (height, height), (width, width), (0, 0)))
    rows = np.arange(height) + (height - np.clip(shifts[:, 1], -height, height))[:, None]
    columns = np.arange(width) + (width - np.clip(shifts[:, 0], -width, width))[:, None]
    samples = np.arange(len(pictures))[:, None, None]
    return framed[samples, rows[:, :, None], columns[:, None, :]]


def noisy(pictures: np.ndarray, amount: float, rng: np.random.Generator, highest: int = 255) -> np.ndarray:
    """Pictures with normal noise on each pixel; amount: its standard deviation as a share of the highest value."""
    noise = rng.normal(0, amount * highest, pictures.shape)
    return np.clip(np.rint(pictures + noise), 0, highest).astype(np.uint8)
