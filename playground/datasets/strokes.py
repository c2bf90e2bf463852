"""A digit that somebody draws, made into a picture as the data sets made theirs.

MNIST put each digit, its proportions kept, into a box of 20 x 20 pixels, and that box into 28 x 28 pixels so that the
centre of mass of the ink lies in the middle. The 8 x 8 digits are the counts of ink in blocks of 4 x 4 pixels. Here the
lines are scaled before they are drawn, so that the pen is as thick as theirs however large somebody draws.
"""

import itertools
from collections.abc import Sequence

import numpy as np

MOST_POINTS = 2000
MNIST_BOX, MNIST_PEN = 20 / 28, 2.4 / 28  # share of the side
DIGITS_BOX, DIGITS_PEN = 1.0, 4.4 / 32
FINE = 4  # each pixel is drawn as FINE x FINE points
SOFT = 0.5  # points over which the edge of the pen fades


def ink(strokes: Sequence, side: int, highest: int = 255) -> np.ndarray:
    """The picture uint8 `(side, side, 1)` of what was drawn; all zeros where nothing was.

    strokes: lists of points (x, y) in any unit, y downwards. side: 28 for MNIST; 8 for the 8 x 8 digits, whose box is
    the whole picture. highest: the value of full ink. Raises ValueError, one sentence, for what is no drawing.
    """
    lines = _checked(strokes)
    if not lines:
        return np.zeros((side, side, 1), np.uint8)
    box, pen = (DIGITS_BOX, DIGITS_PEN) if side < 16 else (MNIST_BOX, MNIST_PEN)
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    fine = side * FINE
    scale = fine * (box - pen) / extent if extent > 1e-6 else 0.0  # a dot stays a dot
    radius = fine * pen / 2
    centre = np.array([fine, fine]) / 2
    placed = [(line - (low + high) / 2) * scale + centre for line in lines]
    if box < 1:  # the lines alone tell the centre of mass well enough to draw them once, where they belong
        placed = [line + centre - _centre_of_mass(_drawn(placed, fine, radius)) for line in placed]
    drawn = _drawn(placed, fine, radius)
    counts = drawn.reshape(side, FINE, side, FINE).mean(axis=(1, 3))
    return np.rint(counts * highest).astype(np.uint8)[..., None]


def _checked(strokes):
    try:
        lines = [np.array([(float(x), float(y)) for x, y in stroke]).reshape(-1, 2) for stroke in strokes]
    except (TypeError, ValueError, OverflowError):
        raise ValueError("The drawing did not arrive whole; draw it again.") from None
    lines = [line for line in lines if len(line)]
    if sum(map(len, lines)) > MOST_POINTS:
        raise ValueError(f"The drawing has more than {MOST_POINTS:,} points; clear it and draw with fewer strokes.")
    if not all(np.isfinite(line).all() and np.abs(line).max() < 1e6 for line in lines):
        raise ValueError("The drawing did not arrive whole; draw it again.")
    return lines


def _drawn(lines, size, radius):
    """Ink, 0 to 1, at each of size x size points: how near the nearest line is."""
    picture = np.zeros((size, size), np.float32)
    reach = radius + SOFT
    for line in lines:
        ends = itertools.pairwise(line) if len(line) > 1 else [(line[0], line[0])]
        for start, end in ends:
            low = np.clip(np.floor(np.minimum(start, end) - reach).astype(int), 0, size)
            high = np.clip(np.ceil(np.maximum(start, end) + reach).astype(int) + 1, 0, size)
            y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
            along = end - start
            length = along @ along
            share = np.clip(((x - start[0]) * along[0] + (y - start[1]) * along[1]) / (length or 1), 0, 1)
            distance = np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
            near = np.clip((reach - distance) / (2 * SOFT), 0, 1)
            part = picture[low[1] : high[1], low[0] : high[0]]
            np.maximum(part, near, out=part)
    return picture


def _centre_of_mass(picture):
    total = picture.sum() or 1
    places = np.arange(len(picture)) + 0.5
    return np.array([(picture.sum(axis=0) @ places) / total, (picture.sum(axis=1) @ places) / total])
