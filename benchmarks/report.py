"""Results of a benchmark as a table on the screen and as JSON, and the few statistics that they need."""

import argparse
import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median

import numpy as np
import psutil
from threadpoolctl import threadpool_info

Result = Mapping[str, float | int | str | Mapping]


def table(title: str, rows: Sequence[tuple[str, object, str]]) -> str:
    """Rows of (name, value, what it is and what is wanted) as text under a title."""
    shown = [(name, show(value), text) for name, value, text in rows]
    wide = max(len(name) for name, _, _ in shown)
    high = max(len(value) for _, value, _ in shown)
    lines = [f"{name:<{wide}}  {value:>{high}}  {text}".rstrip() for name, value, text in shown]
    return "\n".join([title, "-" * len(title), *lines])


def show(value: object) -> str:
    """A number in at most four digits."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def parts(parser: argparse.ArgumentParser, given: str, known: Iterable[str]) -> list[str]:
    """What `--only` names, with commas; ends with one sentence where it names what there is not."""
    wanted = given.split(",")
    if unknown := [name for name in wanted if name not in known]:
        parser.error(f"there is no {', '.join(unknown)}; choose from {', '.join(known)}.")
    return wanted


def write_json(path: str | None, result: Result) -> None:
    """Write the result, if a path is given; what is not finite is written as null."""
    if path:
        text = json.dumps(finite(result), indent=2, ensure_ascii=False, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8")


def finite(value):
    """The same, with None for numbers that are not finite and no more than six digits."""
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


def machine() -> str:
    """The machine in general terms, and how busy it was before the benchmark began."""
    cores = os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    busy = psutil.cpu_percent(interval=1.0) / 100 * cores
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}; {busy:.2f} cores were busy before the start"
    )


def arithmetic() -> str:
    """What NumPy multiplies with: its version, its BLAS, and the kernel that OpenBLAS has taken for the processor."""
    found = [info for info in threadpool_info() if info["user_api"] == "blas"]
    named = [
        f"{info['internal_api']} {info['version']}, kernel {info.get('architecture', 'not known')}" for info in found
    ]
    return f"NumPy {np.__version__} with {' and '.join(dict.fromkeys(named)) or 'a BLAS that does not say what it is'}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank); nan where there is none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def middle(values: Sequence[float]) -> float:
    """The median; nan where there is no value."""
    return median(values) if values else math.nan


def jain(values: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all have the same, 1/n when one has all (Jain, Chiu and Hawe, 1984)."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0
