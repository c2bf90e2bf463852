"""Arrays that are made once and used again.

A new array of some megabytes costs more than filling it: the system hands out its memory page by page. A worker
asks for the same few arrays in every step.
"""

from collections.abc import Hashable, Iterator

import numpy as np
from numpy.typing import DTypeLike


def blocks(rows: slice, most: int) -> Iterator[tuple[int, slice]]:
    """Rows in as few blocks as will do, of at most `most` rows each and of much the same size: number, slice."""
    size = rows.stop - rows.start
    count = -(-size // most)
    for number in range(count):
        yield number, slice(rows.start + size * number // count, rows.start + size * (number + 1) // count)


class Buffers:
    """Room by name. It is zero at first; what is written stays, until an array of that name is asked for again."""

    def __init__(self, dtype: DTypeLike):
        self._dtype = np.dtype(dtype)
        self._room = {}
        self._views = {}

    def take(self, name: Hashable, shape: tuple[int, ...], dtype: DTypeLike | None = None) -> np.ndarray:
        """The array `name` in this shape. A smaller one (a last batch with fewer samples) is the front of a larger."""
        view = self._views.get((name, shape))
        if view is None:
            size = int(np.prod(shape))
            room = self._room.get(name)
            if room is None or room.size < size:
                room = self._room[name] = np.zeros(size, dtype or self._dtype)
                self._views = {key: view for key, view in self._views.items() if key[0] != name}
            view = self._views[name, shape] = room[:size].reshape(shape)
        return view
