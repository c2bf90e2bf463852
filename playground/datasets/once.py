"""A cache for a server: what several threads ask for at the same time is worked out once, and they all get the same."""

import functools
import threading
from collections.abc import Callable


def once(most: int | None = None) -> Callable:
    """Decorator: keeps what the function gave for the `most` last arguments (None: for all).

    functools.lru_cache alone would load the same pictures once for each student of a class that arrives together.
    """

    def decorate(function: Callable) -> Callable:
        cached, lock = functools.lru_cache(most)(function), threading.RLock()

        @functools.wraps(function)
        def call(*arguments):
            with lock:
                return cached(*arguments)

        call.cache_clear = cached.cache_clear
        return call

    return decorate
