"""What need not be made anew for each of 45 pictures a second: curves, and images of many weights."""

import time
from collections.abc import Callable, Hashable


class Seldom:
    """Keeps what was made for `every` seconds while a run plays; when it stands still, all is as it is now."""

    def __init__(self, every: float = 0.1):
        self.every = every
        self._kept: dict[Hashable, tuple[float, Hashable, object]] = {}

    def get(self, name: Hashable, run: Hashable, playing: bool, make: Callable[[], object]):
        """What `make` gives, or gave lately for the same name while the same run played."""
        now = time.monotonic()
        at, of, made = self._kept.get(name, (0.0, None, None))
        if playing and of == run and now - at < self.every:
            return made
        made = make()
        self._kept[name] = (now, run if playing else None, made)
        return made
