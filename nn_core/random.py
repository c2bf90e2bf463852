"""Random numbers that can be repeated.

There is no global generator anywhere. Whoever needs random numbers names what they are for, and gets a generator of
its own from `stream(seed, name, *counters)`. The rows of a mini-batch depend on (seed, epoch) and nothing else, so a
run can be stopped in mid-epoch and resumed to the same last bit without saving a generator's state.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np


def stream(seed: int, name: str, *counters: int) -> np.random.Generator:
    """A generator for one purpose: the same (seed, name, counters) always gives the same numbers.

    seed: a whole number of at least 0. counters: e.g. the epoch, or the step.
    """
    return np.random.Generator(np.random.PCG64([int(seed), zlib.crc32(name.encode()), *counters]))


def streams(seed: "int | Sequence[int]", name: str, *counters: int) -> "np.random.Generator | Streams":
    """A generator for one seed, or one per model for several."""
    return stream(seed, name, *counters) if isinstance(seed, (int, np.integer)) else Streams(seed, name, *counters)


class Streams:
    """One generator per model of a stack: draws what each model would draw alone, stacked along the first axis."""

    def __init__(self, seeds: Sequence[int], name: str, *counters: int):
        self.generators = [stream(seed, name, *counters) for seed in seeds]

    def random(self, shape: tuple[int, ...], dtype: Any = np.float64) -> np.ndarray:
        """Uniform numbers in [0, 1) of `shape`, whose first axis is the models."""
        return np.stack([generator.random(shape[1:], dtype=dtype) for generator in self.generators])
