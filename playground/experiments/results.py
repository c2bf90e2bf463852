"""What became of one run of a sweep, and the file that results are appended to.

A file holds one result a line, as JSON, in the order in which they came; nothing is ever rewritten. A sweep that was
interrupted reads it and does what is missing; a last line that was torn is left out and done again.
"""

import base64
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nn_core.spec import clip
from playground.datasets.base import DataError
from playground.experiments.config import Config
from playground.experiments.experiment import fingerprint_of_settings
from playground.experiments.link import page_for, read_link, show_link

FORMAT = 1
LARGEST_KEPT = 20_000  # parameters of a network that are kept in the file; larger ones are trained again when wanted
RUN_AWAY = 5.0  # times its first loss, from where on a run counts as one that ran away
LONGEST_LINE = 50_000_000  # bytes
PARTS = {"train": "training", "validation": "validation", "test": "test"}


def least_loss(config: Config) -> float:
    """What a first loss counts at least, so that a run that began all but solved has not run away at once.

    A loss in the units of somebody's own data may be of any size.
    """
    return 0.0 if config.standardise_targets else 0.1


def metric_name(metric: str, task: str) -> str:
    """A series of a history in words: `metric_name("test_metric", "classes")` is "test accuracy"."""
    part, kind = metric.rsplit("_", 1)
    return f"{PARTS[part]} {'loss' if kind == 'loss' else 'accuracy' if task == 'classes' else 'R²'}"


@dataclass(frozen=True)
class Result:
    """One run. history: "epochs" and each series, as lists. final: the last measures. theta: float32 or None.

    state: "finished", or "diverged" with the last finite parameters. seconds: its share of the time of its stack.
    fingerprint: as the live page shows it for the same run at the same step.
    """

    config: Config
    history: dict[str, list[float]] = field(repr=False)
    final: dict[str, float]
    state: str
    steps: int
    seconds: float
    fingerprint: str
    theta: np.ndarray | None = field(default=None, repr=False, compare=False)

    @property
    def diverged(self) -> bool:
        """Whether it ran away: numbers that overflowed, or a training loss that ended far above where it began.

        The softmax here is computed so that it never overflows: a rate that is far too large gives a loss that
        wanders at ten times its first value where a naive softmax gives NaN. Both are the same failure.
        """
        losses = self.history["train_loss"]
        return self.state == "diverged" or not losses or losses[-1] > RUN_AWAY * max(losses[0], least_loss(self.config))

    @property
    def key(self) -> str:
        """What the run is found by: its config, letter by letter."""
        return key_of(self.config)

    def same_as(self, other: "Result") -> bool:
        """Whether both hold the same numbers to the last bit; the time does not count."""
        names = ("config", "history", "final", "state", "steps", "fingerprint")
        return all(_bits(getattr(self, name)) == _bits(getattr(other, name)) for name in names)


def key_of(config: Config) -> str:
    """A config as one line of text."""
    return "&".join(f"{name}={value}" for name, value in show_link(config).items())


def to_line(result: Result) -> str:
    """A result as one line of JSON; numbers that are not finite are written as text."""
    theta = result.theta if result.theta is not None and result.theta.size <= LARGEST_KEPT else None
    return json.dumps(
        {
            "format": FORMAT,
            "config": show_link(result.config),
            "state": result.state,
            "steps": result.steps,
            "seconds": result.seconds,
            "fingerprint": result.fingerprint,
            "final": {name: _to_plain(value) for name, value in result.final.items()},
            "history": {name: [_to_plain(value) for value in values] for name, values in result.history.items()},
            "theta": None if theta is None else base64.b64encode(theta.astype("<f4").tobytes()).decode(),
        },
        allow_nan=False,
        separators=(",", ":"),
    )


def from_line(line: str) -> Result:
    """The result that a line stands for. Raises ValueError where it is none."""
    kept = json.loads(line)
    if not isinstance(kept, dict) or kept.get("format") != FORMAT:
        raise ValueError("it was not written by this version")
    query = {str(k): str(v) for k, v in kept["config"].items()}
    config, problems = read_link(query, page_for(query, Config()))  # what a link leaves out has its default
    if problems:
        raise ValueError(problems[0])
    if str(kept["fingerprint"]).split("·")[0] != fingerprint_of_settings(config):
        raise ValueError("its settings are not those that its fingerprint was made of")
    if "train_loss" not in kept["history"]:
        raise ValueError("it has no history")
    theta = None if kept["theta"] is None else np.frombuffer(base64.b64decode(kept["theta"], validate=True), "<f4")
    return Result(
        config,
        {str(name): [_from_plain(v) for v in values] for name, values in kept["history"].items()},
        {str(name): _from_plain(value) for name, value in kept["final"].items()},
        str(kept["state"]),
        int(kept["steps"]),
        float(kept["seconds"]),
        str(kept["fingerprint"]),
        theta,
    )


class ResultsFile:
    """A file of results. Raises DataError, one sentence, where it cannot be read or written."""

    def __init__(self, path: Path | str):
        self.path = Path(path)

    def read(self) -> Iterator[Result]:
        """The results that the file holds whole; none where there is no file yet."""
        try:
            if not self.path.exists():
                return
            with self.path.open("rb") as lines:
                for number, raw in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), start=1):
                    if not raw.endswith(b"\n"):
                        return  # torn: it is done again
                    try:
                        yield from_line(raw.decode())
                    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                        raise DataError(
                            f"Line {number} of {self.path.name} is no result ({clip(str(error), 80)}); "
                            "take it out, or choose another file."
                        ) from None
        except OSError as error:
            raise DataError(f"{self.path.name} cannot be read: {error.strerror or error}.") from None

    def append(self, result: Result) -> None:
        """Write one result behind the others, so that a power cut loses nothing that was done before."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as out:
                out.write(to_line(result).encode() + b"\n")
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise DataError(f"{self.path.name} cannot be written: {error.strerror or error}.") from None

    def has_begun(self) -> bool:
        """Whether there is anything in it."""
        try:
            return self.path.exists() and self.path.stat().st_size > 0
        except OSError as error:
            raise DataError(f"{clip(self.path.name)} cannot be read: {error.strerror or error}.") from None

    def prepare(self) -> None:
        """Make ready to append: its folder, and no torn last line. Tells what cannot be written before the work."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.open("ab").close()
            self._drop_torn_line()
        except OSError as error:
            raise DataError(f"{self.path.name} cannot be written: {error.strerror or error}.") from None

    def _drop_torn_line(self):
        """Cut off a last line that was not written whole."""
        if self._ends_whole():
            return
        raw = self.path.read_bytes()
        with self.path.open("r+b") as out:
            out.truncate(raw.rfind(b"\n") + 1)

    def _ends_whole(self) -> bool:
        if not self.path.stat().st_size:
            return True
        with self.path.open("rb") as lines:
            lines.seek(-1, os.SEEK_END)
            return lines.read(1) == b"\n"


def _to_plain(value):
    value = float(value)
    return value if np.isfinite(value) else str(value)  # "nan", "inf"


def _from_plain(value) -> float:
    return float(value)


def _bits(value):
    """Numbers as bytes, so that NaN equals NaN and 0 does not equal -0."""
    if isinstance(value, float):
        return np.float64(value).tobytes()
    if isinstance(value, Mapping):
        return {name: _bits(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_bits(inner) for inner in value]
    return value
