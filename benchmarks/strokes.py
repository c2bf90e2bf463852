"""The ten digits as somebody might write them, for tests and benchmarks that draw on the pad.

Each is a list of strokes, each stroke a list of points (x, y) in a unit square, x to the right and y downwards. They
are made of a few places that the pen passes; between these it moves on a smooth curve or straight on.
"""

from itertools import pairwise

import numpy as np

Stroke = list[tuple[float, float]]
STEPS = np.arange(3)[:, None] / 3  # shares of the way from one place to the next


def curve(*places: tuple[float, float]) -> Stroke:
    """Smoothly through all places (Catmull and Rom, 1974: each tangent is parallel to the chord of the neighbours)."""
    p, t = np.array([places[0], *places, places[-1]]), STEPS
    ways = zip(p, p[1:], p[2:], p[3:], strict=False)
    parts = [
        (2 * b + t * (c - a) + t**2 * (2 * a - 5 * b + 4 * c - d) + t**3 * (3 * b - a - 3 * c + d)) / 2
        for a, b, c, d in ways
    ]
    return rounded([*np.concatenate(parts), p[-1]])


def lines(*corners: tuple[float, float]) -> Stroke:
    """Straight from corner to corner."""
    p = np.array(corners)
    return rounded([*np.concatenate([a + STEPS * (b - a) for a, b in pairwise(p)]), p[-1]])


def rounded(points) -> Stroke:
    """Points as a browser sends them."""
    return [(round(float(x), 4), round(float(y), 4)) for x, y in points]


def joined(first: Stroke, second: Stroke) -> Stroke:
    """One stroke that goes on where the first one ended."""
    return [*first, *second[1:]]


DIGITS: dict[str, list[Stroke]] = {
    "0": [curve((0.52, 0.10), (0.36, 0.20), (0.28, 0.42), (0.29, 0.66), (0.40, 0.87), (0.56, 0.88), (0.69, 0.70),
                (0.73, 0.44), (0.66, 0.20), (0.52, 0.10))],
    "1": [lines((0.54, 0.10), (0.50, 0.50), (0.47, 0.90))],
    "2": [joined(curve((0.30, 0.27), (0.40, 0.14), (0.55, 0.11), (0.68, 0.22), (0.65, 0.42), (0.50, 0.64),
                       (0.30, 0.87)), lines((0.30, 0.87), (0.74, 0.86)))],
    "3": [joined(curve((0.32, 0.17), (0.47, 0.10), (0.63, 0.16), (0.65, 0.31), (0.56, 0.43), (0.44, 0.48)),
                 curve((0.44, 0.48), (0.61, 0.52), (0.69, 0.66), (0.63, 0.82), (0.48, 0.90), (0.30, 0.85)))],
    "4": [joined(curve((0.50, 0.10), (0.40, 0.30), (0.26, 0.56)), lines((0.26, 0.56), (0.76, 0.54))),
          lines((0.64, 0.34), (0.60, 0.62), (0.56, 0.90))],
    "5": [joined(lines((0.38, 0.14), (0.35, 0.45)),
                 curve((0.35, 0.45), (0.52, 0.42), (0.66, 0.52), (0.68, 0.70), (0.55, 0.86), (0.40, 0.89),
                       (0.28, 0.82))),
          lines((0.38, 0.14), (0.70, 0.12))],
    "6": [curve((0.60, 0.10), (0.45, 0.26), (0.35, 0.48), (0.32, 0.70), (0.40, 0.86), (0.55, 0.88), (0.66, 0.76),
                (0.63, 0.61), (0.50, 0.56), (0.36, 0.66))],
    "7": [joined(curve((0.32, 0.19), (0.42, 0.13), (0.54, 0.16), (0.67, 0.12)),
                 curve((0.67, 0.12), (0.62, 0.34), (0.51, 0.60), (0.43, 0.90)))],
    "8": [curve((0.64, 0.20), (0.50, 0.10), (0.36, 0.20), (0.40, 0.36), (0.55, 0.50), (0.66, 0.68), (0.60, 0.86),
                (0.46, 0.90), (0.35, 0.78), (0.40, 0.60), (0.54, 0.46), (0.66, 0.30), (0.64, 0.20))],
    "9": [curve((0.66, 0.26), (0.52, 0.12), (0.38, 0.22), (0.35, 0.38), (0.44, 0.50), (0.58, 0.46), (0.66, 0.28)),
          curve((0.66, 0.26), (0.66, 0.50), (0.61, 0.72), (0.54, 0.90))],
}  # fmt: skip
