"""What the command line is made of: configs from its words, the table of a sweep, and the lines that it prints."""

import csv
import io
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nn_core.activations import ReLU
from nn_core.layers import Dense
from nn_core.optimisers import Adam
from nn_core.spec import SpecError, clip, counted, split
from playground.datasets.base import DataError
from playground.experiments.address import parts_of
from playground.experiments.config import IMAGES, Config
from playground.experiments.link import page_for, show_link
from playground.experiments.opening import open_link
from playground.experiments.results import Result, ResultsFile
from playground.experiments.run_study import row_of
from playground.experiments.sweep import MOST_RUNS, seeds

SEEDS = "seeds"
SHOWN = ("test_metric", "test_loss")
RESULTS, TABLE_CSV, TABLE_JSON = "results.jsonl", "table.csv", "table.json"
Row = dict[str, object]  # one line of a table: column -> text, number or None


def config_of(query: Mapping[str, str]) -> Config:
    """The config that a link's parts stand for; what they leave out is as a new page has it.

    Raises SpecError, one sentence, for the first part that is wrong, where a page would only leave it out.
    """
    page = page_for(query, Config())
    if page.kind is IMAGES:
        page = page.replace(hidden=(Dense(64, ReLU()),), optimiser=Adam(), learning_rate=0.001, batch_size=128)
    config, problems = open_link(query, page)
    if problems:
        raise SpecError(problems[0].removeprefix("The link's ").replace(" was left out:", ":", 1))
    return config


def values_of(texts: Iterable[str]) -> dict[str, list[str]]:
    """`["rate=0.1,0.5", "optimiser=adam(beta1=0.8,beta2=0.99)"]` as key -> its values.

    Commas inside brackets do not split; a value in brackets of its own is a list: `features=(x1,x2),(x1,x2,x1x2)`.
    """
    values = {}
    for text in texts:
        key, equals, listed = text.partition("=")
        if not equals or not key or key in values:
            raise SpecError(f"--set {clip(text)!r} must be KEY=V1,V2 with each KEY once, such as rate=0.1,0.5.")
        values[key] = [_unwrapped(value.strip()) for value in split(listed)]
        if not all(values[key]):
            raise SpecError(f"--set {key} has an empty value.")
    return values


def grid_of(link: str, texts: Iterable[str], count: int | None) -> list[Config]:
    """Every combination of the values, each with `count` seeds; the last key changes fastest."""
    query, values = parts_of(link), values_of(texts)
    if math.prod(len(listed) for listed in values.values()) * (count or 1) > MOST_RUNS:
        raise SpecError(f"A sweep may have at most {MOST_RUNS:,} runs.")
    chosen = (dict(zip(values, listed, strict=True)) for listed in itertools.product(*values.values()))
    configs = [config_of({**query, **choice}) for choice in chosen]
    return configs if count is None else seeds(configs, count)


def labels_of(configs: Sequence[Config], with_seeds: bool = True) -> list[str]:
    """What tells each config from the others, as parts of its link; "one setting" where nothing does."""
    queries = [show_link(config) for config in configs]
    for query in queries:
        query.setdefault("activation", "")  # a net without hidden layers has none: that alone tells nothing
    keys = dict.fromkeys(key for query in queries for key in query)
    found = {key: {query.get(key) for query in queries} for key in keys}
    found.get("activation", set()).discard("")
    differ = [key for key, values in found.items() if len(values) > 1 and (with_seeds or key != SEEDS)]
    return [" ".join(f"{key}={query.get(key) or '-'}" for key in differ) or "one setting" for query in queries]


def rows_of(results: Sequence[Result]) -> list[Row]:
    """One row for the runs that differ in seeds alone, in the order of the first of each.

    median and so on: of the test metric over the runs that have not diverged; NaN where all have.
    """
    together: dict[str, list[Result]] = {}
    for result, label in zip(results, labels_of([result.config for result in results], False), strict=True):
        together.setdefault(label, []).append(result)
    return [row_of(label, members) for label, members in together.items()]


def table(rows: Sequence[Row]) -> str:
    """Rows as text, in columns: text to the left, numbers to the right."""
    columns = _columns(rows)
    cells = [columns, *([_cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(columns))]
    numeric = [all(not isinstance(row.get(column), str) for row in rows) for column in columns]
    aligned = (
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        for line in cells
    )
    return "\n".join(line.rstrip() for line in aligned)


def write_table(rows: Sequence[Row], folder: Path) -> None:
    """table.csv and table.json; what is missing or not finite is empty, or null. Raises DataError."""
    plain = [{column: _plain(row.get(column)) for column in _columns(rows)} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, _columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain)
    write(folder / TABLE_CSV, text.getvalue().encode())
    write(folder / TABLE_JSON, json.dumps(plain, indent=1, allow_nan=False, ensure_ascii=False).encode() + b"\n")


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders above it. Raises DataError, one sentence, where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from None


def kept(path: Path) -> list[Result]:
    """The results of a file, whatever data they are of; one that stands there twice counts once."""
    return list({result.key: result for result in ResultsFile(path).read()}.values())


def line_of(result: Result, label: str, shown: Sequence[str] = SHOWN) -> str:
    """A result in one line. shown: which of its last measures."""
    what = "diverged"
    if not result.diverged:
        what = ", ".join(f"{name.replace('_', ' ')} {_cell(float(result.final[name]))}" for name in shown)
    return f"{label}: {what}, {counted(result.steps, 'step')}, {result.seconds:.2g} s, {result.fingerprint}"


def _unwrapped(value):
    return value[1:-1] if value.startswith("(") and value.endswith(")") else value


def _columns(rows):
    return list(dict.fromkeys(column for row in rows for column in row))


def _plain(value):
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (float, int, np.number)):
        number = value.item() if isinstance(value, np.number) else value
        return number if math.isfinite(number) else None
    return None if value is None else str(value)


def _cell(value):
    value = _plain(value)
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else str(value)
