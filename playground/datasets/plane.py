"""Generated data sets with classes: spirals, bands, mixtures, moons, circles and other patterns of the plane.

Each is a frozen dataclass whose knobs are what a person can turn and whose `draw` makes the samples from a generator.
Classes are drawn in equal numbers. A new set is one class here and one line in `registry.py`.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nn_core.spec import Choice, knob
from playground.datasets.base import Drawn, input_names, numbered

MOST_SAMPLES = 25_000
GRID = 2.0**20  # coordinates are multiples of 1/GRID
REACH = 3.0  # the patterns lie in [-REACH, REACH] on both axes


def samples_knob(default: int):
    """The knob that every generated set has."""
    text = "Points drawn in all, before they are split into training, validation and test."
    return knob(default, "Samples", text, low=20, high=MOST_SAMPLES)


def noise_knob(default: float, high: float):
    """The knob for how far points stray from their pattern."""
    text = "How far points stray from the pattern (standard deviation); more makes the classes overlap."
    return knob(default, "Noise", text, low=0, high=high)


def classes_knob(default: int, high: int):
    """The knob for the number of classes."""
    return knob(default, "Classes", "How many classes the network has to tell apart.", low=2, high=high)


def on_grid(x: np.ndarray) -> np.ndarray:
    """Round coordinates to multiples of 1/GRID.

    Sine and exponential differ in the last bit from one processor to the next; rounded, the same seed gives the same
    data everywhere, and float32 holds the numbers exactly.
    """
    return np.round(np.asarray(x, dtype=np.float64) * GRID) / GRID


def even_labels(samples: int, classes: int) -> np.ndarray:
    """Class indices (samples,) in equal numbers (they differ by one where `samples` does not divide)."""
    return np.arange(samples) % classes


class Generated(Choice):
    """What the generated sets with classes share: turning their arrays into `Drawn`."""

    label: ClassVar[str]
    source: ClassVar[str]
    task: ClassVar[str] = "classes"

    def drawn(self, x: np.ndarray, y: np.ndarray, classes: tuple[str, ...]) -> Drawn:
        """`x` (samples, inputs) and class indices `y` (samples,) as a data set."""
        return Drawn(on_grid(x), y.astype(np.int64), classes, input_names(x.shape[1]), self.label, self.source)


@dataclass(frozen=True)
class SwissRoll(Generated):
    """Interleaved spirals, one for each class, with points spread evenly along the roll."""

    label: ClassVar[str] = "Swiss Roll"
    source: ClassVar[str] = "Interleaved Archimedean spirals, drawn here from a seed."

    samples: int = samples_knob(450)
    noise: float = noise_knob(0.035, high=0.3)
    classes: int = classes_knob(2, high=5)
    turns: float = knob(
        1.2, "Turns", "How often each spiral winds; more turns need a larger network.", low=0.25, high=3
    )

    inner: ClassVar[float] = 0.2
    outer: ClassVar[float] = 1.1

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, self.classes)
        # Dough of even thickness has as much length in each ring as the ring has area: the squared radius is uniform.
        radius = np.sqrt(rng.uniform(self.inner**2, self.outer**2, self.samples))
        wound = (radius - self.inner) / (self.outer - self.inner)
        angle = 2 * np.pi * (self.turns * wound + y / self.classes + 1 / 8)
        x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, numbered("spiral", self.classes))


@dataclass(frozen=True)
class Peaks(Generated):
    """The hills and hollows of MATLAB's peaks surface, cut into bands of equal height that hold equally many points."""

    label: ClassVar[str] = "Peaks"
    source: ClassVar[str] = "Bands of MATLAB's peaks surface over [-3, 3]², equally many points in each, from a seed."

    samples: int = samples_knob(500)
    noise: float = noise_knob(0.0, high=1)
    classes: int = classes_knob(5, high=8)

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, self.classes)
        x = np.empty((self.samples, 2))
        empty = np.ones(self.samples, dtype=bool)
        while empty.any():  # draw over the whole square, and fill the places of each band with what falls into it
            points = rng.uniform(-REACH, REACH, (20_000, 2))
            band = ((peaks(points) - LOWEST) / (HIGHEST - LOWEST) * self.classes).astype(np.int64)
            for label in range(self.classes):
                places = np.flatnonzero(empty & (y == label))
                found = points[band == label][: len(places)]
                x[places[: len(found)]] = found
                empty[places[: len(found)]] = False
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, numbered("band", self.classes))


LOWEST, HIGHEST = -6.5511, 8.1062  # heights of the deepest hollow and the highest hill


def peaks(x: np.ndarray) -> np.ndarray:
    """MATLAB's sample surface `peaks` at `x` (..., 2); its values lie between LOWEST and HIGHEST."""
    a, b = x[..., 0], x[..., 1]
    return (
        3 * (1 - a) ** 2 * np.exp(-(a**2) - (b + 1) ** 2)
        - 10 * (a / 5 - a**3 - b**5) * np.exp(-(a**2) - b**2)
        - np.exp(-((a + 1) ** 2) - b**2) / 3
    )


@dataclass(frozen=True)
class GaussianMixture(Generated):
    """Clouds in several dimensions; each class owns a few of them, scattered between those of the others."""

    label: ClassVar[str] = "Gaussian mixture"
    source: ClassVar[str] = (
        "A mixture of Gaussian clouds with centres of its own for each class, drawn here from a seed."
    )

    samples: int = samples_knob(500)
    dimensions: int = knob(5, "Dimensions", "Number of inputs; two of them are looked at, at a time.", low=2, high=10)
    classes: int = classes_knob(5, high=8)
    components: int = knob(
        3, "Clouds per class", "With 1 straight lines separate well; with more they cannot.", low=1, high=8
    )
    spread: float = knob(0.6, "Spread", "Standard deviation of a cloud; the centres lie in -3 to 3.", low=0.01, high=2)

    def draw(self, rng: np.random.Generator) -> Drawn:
        centres = scattered(rng, self.classes * self.components, self.dimensions)
        y = even_labels(self.samples, self.classes)
        cloud = y * self.components + rng.integers(self.components, size=self.samples)
        x = centres[cloud] + rng.normal(0, self.spread, (self.samples, self.dimensions))
        return self.drawn(x, y, numbered("class", self.classes))


def scattered(rng: np.random.Generator, count: int, dimensions: int) -> np.ndarray:
    """Points (count, dimensions) in [-REACH, REACH], each the farthest from those before it among 20 candidates.

    Mitchell's best-candidate sampling (1991): clouds that land on each other by chance would be a riddle, not a lesson.
    """
    points = rng.uniform(-REACH, REACH, (1, dimensions))
    while len(points) < count:
        candidates = rng.uniform(-REACH, REACH, (20, dimensions))
        distances = np.linalg.norm(candidates[:, None] - points, axis=2).min(axis=1)
        points = np.vstack([points, candidates[np.argmax(distances)]])
    return points


@dataclass(frozen=True)
class Blobs(Generated):
    """One round cloud for each class, set on a circle: the first thing that a softmax layer can learn."""

    label: ClassVar[str] = "Blobs"
    source: ClassVar[str] = "Gaussian blobs with their centres on a circle, drawn here from a seed."

    samples: int = samples_knob(400)
    noise: float = noise_knob(0.45, high=2)
    classes: int = classes_knob(3, high=8)

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, self.classes)
        angle = 2 * np.pi * (y / self.classes + rng.random())
        x = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, numbered("blob", self.classes))


@dataclass(frozen=True)
class Moons(Generated):
    """Two half circles that reach into each other; no straight line parts them."""

    label: ClassVar[str] = "Moons"
    source: ClassVar[str] = "Two moons, drawn from a seed by scikit-learn's make_moons."

    samples: int = samples_knob(400)
    noise: float = noise_knob(0.1, high=1)

    def draw(self, rng: np.random.Generator) -> Drawn:
        from sklearn.datasets import make_moons  # slow to import, and only two of the sets need it

        x, y = make_moons(self.samples, noise=self.noise, random_state=sklearn_seed(rng))
        return self.drawn(x, y, ("upper moon", "lower moon"))


@dataclass(frozen=True)
class Circles(Generated):
    """A ring inside a ring: the boundary must close."""

    label: ClassVar[str] = "Circles"
    source: ClassVar[str] = "Two circles, drawn from a seed by scikit-learn's make_circles."

    samples: int = samples_knob(400)
    noise: float = noise_knob(0.08, high=1)
    factor: float = knob(0.5, "Inner radius", "Radius of the inner ring; that of the outer is 1.", low=0.05, high=0.95)

    def draw(self, rng: np.random.Generator) -> Drawn:
        from sklearn.datasets import make_circles  # slow to import, and only two of the sets need it

        x, y = make_circles(self.samples, noise=self.noise, factor=self.factor, random_state=sklearn_seed(rng))
        return self.drawn(x, y, ("outer ring", "inner ring"))


def sklearn_seed(rng: np.random.Generator) -> int:
    """A seed for scikit-learn, which takes whole numbers below 2³²."""
    return int(rng.integers(2**32))


@dataclass(frozen=True)
class Xor(Generated):
    """Exclusive or: opposite corners share a class, which no straight line can respect."""

    label: ClassVar[str] = "XOR"
    source: ClassVar[str] = "Points in the four quadrants of the plane, drawn here from a seed."

    samples: int = samples_knob(400)
    noise: float = noise_knob(0.1, high=2)
    gap: float = knob(0.3, "Gap", "Half the width of the empty strip along the axes.", low=0, high=1)

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, 2)
        size = rng.uniform(self.gap, REACH, (self.samples, 2))
        first = rng.choice([-1.0, 1.0], self.samples)
        x = size * np.column_stack([first, np.where(y == 0, first, -first)])
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, ("same sign", "opposite signs"))


@dataclass(frozen=True)
class Checkerboard(Generated):
    """The squares of a chessboard: XOR many times over, and hard for a small network."""

    label: ClassVar[str] = "Checkerboard"
    source: ClassVar[str] = "Points on the squares of a board over [-3, 3]², drawn here from a seed."

    samples: int = samples_knob(500)
    noise: float = noise_knob(0.05, high=1)
    cells: int = knob(4, "Cells", "Squares along one side of the board.", low=2, high=8)

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, 2)
        board = np.add.outer(np.arange(self.cells), np.arange(self.cells)) % 2
        squares = [np.argwhere(board == colour) for colour in (0, 1)]
        pick = [rng.integers(len(squares[colour]), size=self.samples) for colour in (0, 1)]
        corner = np.where((y == 0)[:, None], squares[0][pick[0]], squares[1][pick[1]])
        x = REACH * (2 * (corner + rng.random(corner.shape)) / self.cells - 1)
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, ("dark", "light"))


CURVES = {
    "sine": lambda x: 1.5 * np.sin(1.5 * x),
    "cubic": lambda x: x**3 / 6 - x,
    "abs": lambda x: np.abs(x) - 1.5,
}


@dataclass(frozen=True)
class Curve(Generated):
    """Points above and below a curve of one's choice: the network has to find the curve."""

    label: ClassVar[str] = "Above or below a curve"
    source: ClassVar[str] = "Points above and below a curve over [-3, 3]², drawn here from a seed."

    samples: int = samples_knob(400)
    shape: str = knob(
        "sine",
        "Curve",
        "The curve that parts the classes: 1.5 sin 1.5x, x³/6 - x, or |x| - 1.5.",
        choices=tuple(CURVES),
    )
    margin: float = knob(0.15, "Margin", "Empty strip on either side of the curve, measured upright.", low=0, high=1)
    noise: float = noise_knob(0.05, high=1)

    def draw(self, rng: np.random.Generator) -> Drawn:
        y = even_labels(self.samples, 2)
        across = rng.uniform(-REACH, REACH, self.samples)
        curve = CURVES[self.shape](across)
        edge = np.where(y == 1, REACH, -REACH)
        start = curve + np.where(y == 1, self.margin, -self.margin)
        x = np.column_stack([across, start + (edge - start) * rng.random(self.samples)])
        return self.drawn(x + rng.normal(0, self.noise, x.shape), y, ("below", "above"))
