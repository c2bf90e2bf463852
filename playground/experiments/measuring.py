"""Measurements in a process of their own, so that whoever trains on the same server hardly notices.

`apart("study", "D1")` measures a check and `apart("costs")` what a gradient costs: in another process, with a low
priority and one BLAS thread. A `Measurement` waits for it behind a page, one at a time for the whole server. The
process is Python itself with this module, so that nothing depends on how the server was started; it answers with JSON,
which is read back as plain numbers, arrays and three dataclasses, and it ends when its server ends.
"""

import base64
import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nn_core.derivatives.naive import Cost, naive_cost
from nn_core.derivatives.slopes import SlopeTest
from playground.datasets.base import DataError
from playground.experiments.studies import Measured, find

ROOT = Path(__file__).parents[2]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from playground.experiments.measuring import main; main()"
LONGEST = 900.0  # seconds; on a full server a measurement of a minute may well take ten
NICE = 10
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ONE_AT_A_TIME = threading.Lock()
TYPES = {kind.__name__: kind for kind in (Measured, SlopeTest, Cost)}  # that an answer may hold


class EndedError(RuntimeError):
    """The process ended before it had an answer."""


class Measurement:
    """Something that is measured behind a page. what: it in words, such as "Study D1"; measure: gives what is found.

    `measure` is called in a thread, one at a time for the whole server; the work belongs into `apart`.
    """

    _latest: dict[str, tuple[float, object]] = {}  # when each was found last, and what

    def __init__(self, what: str, measure: Callable[[], object]):
        self.what, self.measure = what, measure
        self.found = None
        self.problem = ""
        self._thread: threading.Thread | None = None
        self._began = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it is being measured."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def seconds(self) -> float:
        """How long ago it was begun."""
        return time.monotonic() - self._began

    def begin(self) -> None:
        """Measure, unless that is under way."""
        if not self.is_running:
            self._began = time.monotonic()
            self._thread = threading.Thread(target=self._run, daemon=True)  # never holds up the server's exit
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until it is done, at most so long."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self):
        try:
            with ONE_AT_A_TIME:
                at, found = self._latest.get(self.what, (-np.inf, None))
                if at < self._began:  # else it was measured while this one waited for its turn
                    found = self.measure()
                    self._latest[self.what] = time.monotonic(), found
            self.found, self.problem = found, ""
        except DataError as error:
            self.problem = str(error)
        except MemoryError:
            self.problem = "The server has not enough memory for this measurement; try again later."
        except TimeoutError:
            self.problem = f"{self.what} took over {LONGEST / 60:.0f} minutes; try again when fewer are at work."
        except EndedError:
            self.problem = (
                f"{self.what} was not measured: its process ended before it had an answer, perhaps for want of "
                "memory; press Measure again."
            )
        except OSError:
            self.problem = f"{self.what} cannot be measured here: this server cannot start a process for it."
        except Exception:  # a fault of ours: whoever waits must hear of it, and the log has the rest
            self.problem = f"{self.what} could not be measured; the server's log says why."
            logging.getLogger(__name__).exception(self.what)


def apart(*job: str):
    """What a job finds (see `perform`), measured in a process of its own.

    Raises DataError and MemoryError as the job does, RuntimeError with the traceback for all else that the job raises,
    EndedError where the process ended without an answer, TimeoutError after LONGEST, OSError where none can be started.
    """
    late = threading.Event()

    def end():
        late.set()
        process.kill()

    with _started(job) as process:
        timer = threading.Timer(LONGEST, end)
        timer.daemon = True
        timer.start()
        try:
            text = process.stdout.read()
        finally:
            timer.cancel()
            process.kill()  # where this thread was interrupted; one that has answered is at its end
    if late.is_set():
        raise TimeoutError
    try:
        answer = json.loads(text)
    except ValueError:
        raise EndedError from None
    match answer:
        case {"found": found}:
            return decoded(found)
        case {"wrong": sentence}:
            raise DataError(sentence)
        case {"memory": _}:
            raise MemoryError
    raise RuntimeError(answer["failed"])


def perform(job: str, *arguments: str):
    """Do a job, in this process: "study" and its id gives a check's `Measured`; "costs" a list of `Cost`."""
    if job == "study":
        return find(*arguments).measured()
    if job == "costs":
        return naive_cost()
    raise ValueError(f"There is no job {job!r}.")


def _started(job) -> subprocess.Popen:
    if not sys.executable:
        raise OSError("There is no Python to start.")
    # -P: what lies in the folder where the server was started is not imported.
    return subprocess.Popen(
        [sys.executable, "-P", "-c", START, *job],
        stdin=subprocess.PIPE,  # it ends when this end of it closes
        stdout=subprocess.PIPE,
        bufsize=0,
        env=os.environ | dict.fromkeys(ONE_THREAD, "1"),
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),  # Windows
    )


# --- in the process -------------------------------------------------------------------------------------------------


def main() -> None:
    """Do the job that the arguments name, and write the answer to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the server, and with it this ends
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    with open(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # whatever else is printed goes to the server's log
        if hasattr(os, "nice"):
            os.nice(NICE)
        try:
            answer = {"found": encoded(perform(*sys.argv[1:]))}
        except DataError as error:
            answer = {"wrong": str(error)}
        except MemoryError:
            answer = {"memory": True}
        except Exception:
            answer = {"failed": traceback.format_exc()}
        out.write(json.dumps(answer).encode())


def _end_with_the_server():
    os.read(0, 1)  # nothing is ever sent: it returns when the other end is closed
    os._exit(1)


def encoded(thing):
    """Numbers, texts, lists, dicts, arrays and TYPES as what JSON holds; raises TypeError for anything else."""
    if type(thing).__name__ in TYPES:
        fields = {field.name: encoded(getattr(thing, field.name)) for field in dataclasses.fields(thing)}
        return {"type": type(thing).__name__, "fields": fields}
    if isinstance(thing, dict):
        return {"type": "dict", "fields": {key: encoded(value) for key, value in thing.items()}}
    if isinstance(thing, (list, tuple)):
        return [encoded(value) for value in thing]
    if isinstance(thing, np.ndarray) and not thing.dtype.hasobject:
        text = base64.b64encode(np.ascontiguousarray(thing)).decode()
        return {"type": "array", "dtype": thing.dtype.str, "shape": thing.shape, "bytes": text}
    if isinstance(thing, np.generic):
        return thing.item()
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    raise TypeError(f"An answer cannot hold {type(thing).__name__}.")


def decoded(thing):
    """What `encoded` was given; tuples come back as lists."""
    if isinstance(thing, list):
        return [decoded(value) for value in thing]
    match thing:
        case {"type": "array", "dtype": dtype, "shape": shape, "bytes": text}:
            return np.frombuffer(base64.b64decode(text), dtype).reshape(shape).copy()
        case {"type": "dict", "fields": fields}:
            return {key: decoded(value) for key, value in fields.items()}
        case {"type": name, "fields": fields}:
            return TYPES[name](**{key: decoded(value) for key, value in fields.items()})
    return thing
