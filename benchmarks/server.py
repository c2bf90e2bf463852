"""Starts the app for a benchmark, and measures what its process uses.

The app runs in a process of its own, with the project's own configuration, on a port that is free. psutil reads the
process's CPU time and memory, because nothing in the standard library does so for another process on every system.
"""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
START_TIMEOUT = 60.0  # seconds


class App:
    """The app in a process of its own, as a context manager: `with App() as app: ... app.url`.

    Raises RuntimeError where the app ends at once or does not answer within a minute.
    """

    def __init__(self, port: int | None = None):
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"

    def __enter__(self) -> "App":
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "playground" / "app.py")]
        options = [f"--server.port={self.port}", f"--server.address={HOST}", "--server.headless=true"]
        self._popen = subprocess.Popen(
            [*command, *options, "--server.fileWatcherType=none"],
            cwd=ROOT,  # where .streamlit/config.toml is found
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.process = psutil.Process(self._popen.pid)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(10)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        self._log.close()

    def _wait_until_it_answers(self):
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            if self._popen.poll() is not None:
                raise RuntimeError(f"The app ended while it started:\n{self.log()}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)  # not listening yet
        raise RuntimeError(f"The app did not answer within {START_TIMEOUT:.0f} s:\n{self.log()}")

    def log(self) -> str:
        """What the app has printed so far."""
        self._log.flush()
        self._log.seek(0)
        return self._log.read()

    def tracebacks(self) -> int:
        """How many exceptions the app has printed."""
        return self.log().count("Traceback (most recent call last)")

    def cpu_seconds(self) -> float:
        """Processor time that the process has used since it started, in seconds."""
        times = self.process.cpu_times()
        return times.user + times.system

    def megabytes(self) -> float:
        """Memory that the process holds (resident), in MB of 10^6 bytes."""
        return self.process.memory_info().rss / 1e6


class CpuMeter:
    """Cores that an app uses, on the average since the meter was made or last read."""

    def __init__(self, app: App):
        self._app = app
        self.cores()

    def cores(self) -> float:
        """Cores since the last call; 1 is one core all the time."""
        now, used = time.perf_counter(), self._app.cpu_seconds()
        before = getattr(self, "_last", None)
        self._last = now, used
        return (used - before[1]) / max(now - before[0], 1e-9) if before else 0.0


def seconds_until_idle(app: App, limit: float = 0.05, watch: float = 5.0, window: float = 0.5) -> float:
    """Seconds until the process stays under `limit` cores; infinity if it still works at the end of `watch` seconds.

    CPU time is counted in windows of `window` seconds, so the answer is a multiple of it: the end of the last busy one.
    """
    start = time.perf_counter()
    meter, last_busy, cores = CpuMeter(app), 0.0, 0.0
    while time.perf_counter() - start < watch:
        time.sleep(window)
        cores = meter.cores()
        if cores >= limit:
            last_busy = time.perf_counter() - start
    return last_busy if cores < limit else float("inf")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
