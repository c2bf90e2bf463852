"""Turns: one thread computes for the whole process, one job at a time, and who has had least comes first.

Thirty sessions that fought over two cores would train a quarter of what they train in turn. A turn is short: a slice
of training and a picture. Who asks for dear pictures (a convolutional net) comes less often, so a round over all who
play stays short whatever the pages are: each session's time is added up, and the next turn is that of whoever has used
least. What a person has just done goes before all of it, within bounds.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from playground.live.budget import hold_blas

CREDIT = 0.25  # seconds that a session may have used beyond the others and still be urgent


Job = tuple[Future, Callable[[], object]]


class Turns:
    """The queue and its thread, which starts with the first job. `clock` gives seconds; tests pass one of their own."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        self._clock = clock
        self._lock = threading.Condition()
        self._waiting: dict[str, tuple[deque[Job], deque[Job]]] = {}  # of each session: what is urgent, and the rest
        self._used: dict[str, float] = {}  # seconds, of those that were served since all was quiet
        self._now = 0.0  # the least that any of those had used who wait: who comes back from a rest is not owed for it
        self._thread: threading.Thread | None = None

    def submit(self, who: str, job: Callable[[], object], urgent: bool = False) -> Future:
        """Have `job` done in a turn of `who`; urgent: before what is not. The future holds its result."""
        future: Future = Future()
        with self._lock:
            self._waiting.setdefault(who, (deque(), deque()))[not urgent].append((future, job))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="turns", daemon=True)
                self._thread.start()
            self._lock.notify()
        return future

    def _work(self):
        hold_blas()
        while True:
            who, (future, job) = self._next()
            if not future.set_running_or_notify_cancel():
                continue
            began = self._clock()
            try:
                future.set_result(job())
            except BaseException as error:  # whoever asked hears of it; the thread serves all the others
                future.set_exception(error)
            with self._lock:
                self._used[who] = max(self._used.get(who, 0.0), self._now) + self._clock() - began
            del future, job  # else what was done last would be kept until somebody asks again

    def _next(self) -> tuple[str, Job]:
        with self._lock:
            while not self._waiting:
                self._used.clear()
                self._now = 0.0
                self._lock.wait()
            who = min(self._waiting, key=self._rank)
            is_by_share, used = self._rank(who)
            if is_by_share:  # what is urgent is served whatever its session has used, which says nothing of the others
                self._now = max(self._now, used)
            urgent, rest = self._waiting[who]
            job = (urgent or rest).popleft()
            if not (urgent or rest):
                del self._waiting[who]
            return who, job

    def _rank(self, who: str) -> tuple[bool, float]:
        """Who comes first: what is urgent, unless its session has been so urgent that it took from the others."""
        used = self._used.get(who, 0.0)
        urgent = bool(self._waiting[who][0]) and used < self._now + CREDIT
        return not urgent, used


TURNS = Turns()
