"""Starts the app for a benchmark, and measures what its process uses.

The app runs in a process of its own, with the project's own configuration, on a port that is free, as
`streamlit run` starts it or served by uvicorn. psutil reads the
process's CPU time and memory, because nothing in the standard library does so for another process on every system.
"""

import os
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


def _by_streamlit(port: int, base_path: str) -> list[str]:
    options = [f"--server.port={port}", f"--server.address={HOST}", "--server.headless=true"]
    options += ["--server.fileWatcherType=none", *([f"--server.baseUrlPath={base_path}"] if base_path else [])]
    return ["streamlit", "run", str(ROOT / "playground" / "app.py"), *options]


def _by_uvicorn(port: int, _: str) -> list[str]:
    return ["uvicorn", "playground.app:app", f"--port={port}", f"--host={HOST}"]


COMMANDS = {"streamlit": _by_streamlit, "uvicorn": _by_uvicorn}


class App:
    """The app in a process of its own, as a context manager: `with App() as app: ... app.url`.

    Raises RuntimeError where the app ends at once or does not answer within a minute.
    """

    def __init__(self, port: int | None = None, base_path: str = "", folder: Path = ROOT, by: str = "streamlit"):
        """base_path: of the address that it is served under. folder: where it is started. by: streamlit or uvicorn."""
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}" + (f"/{base_path}" if base_path else "")
        self._command, self._folder = COMMANDS[by](self.port, base_path), folder

    def __enter__(self) -> "App":
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")
        self._popen = subprocess.Popen(
            [sys.executable, "-m", *self._command],
            cwd=self._folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
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
