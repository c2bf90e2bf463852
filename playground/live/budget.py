"""The budget: how much each playing session may train for a picture, so that a class on one server is served evenly.

Two rules, both measured to be needed. The slice of a turn shrinks with the number of sessions that play, so that a
round over all of them stays short. And BLAS is held to one thread for as long as the process lives: on products this
small a second thread costs up to twenty times more than it gives, and to set the number anew for each slice cost a
twelfth of the server's time.
"""

import sys
import threading
import time

from threadpoolctl import threadpool_limits

# A thread that wants to run waits so many seconds before it asks the running one to let go. With Python's own 0.005 the
# server's event loop waits behind the training: 30 sessions got 3.4 pictures/s each then, and 4.4 with this.
sys.setswitchinterval(0.001)

FULL_SLICE = 0.007  # seconds of training for one picture when the server has little to do
FULL_FOR = 4  # so many playing sessions get full slices
FORGOTTEN_AFTER = 3.0  # seconds without a picture, after which a session counts as gone (a closed tab)

_blas = None


def hold_blas() -> None:
    """Hold BLAS to one thread from now on; called when the libraries are loaded."""
    global _blas
    if _blas is None:
        _blas = threadpool_limits(limits=1, user_api="blas")


class Budget:
    """Shared by all sessions of one process. `now` gives the time in seconds (tests pass a clock of their own)."""

    def __init__(self, now=time.monotonic):
        self._now = now
        self._last_seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def playing(self) -> int:
        """How many sessions have asked for a picture lately."""
        now = self._now()
        with self._lock:
            self._last_seen = {key: seen for key, seen in self._last_seen.items() if now - seen < FORGOTTEN_AFTER}
            return len(self._last_seen)

    def slice_for(self, session: str) -> float:
        """Seconds that this session may train for its next picture."""
        with self._lock:
            self._last_seen[session] = self._now()
        return FULL_SLICE * min(1, FULL_FOR / self.playing())

    def ahead(self) -> int:
        """How many requests a stage may send ahead of the pictures that have come: one, while there is time for it."""
        return int(self.playing() <= FULL_FOR)

    def leave(self, session: str) -> None:
        """This session has paused."""
        with self._lock:
            self._last_seen.pop(session, None)


BUDGET = Budget()
