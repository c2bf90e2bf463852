"""The truth table: how far nn_core is from PyTorch, from finite differences and from numbers worked out otherwise.

    python -m benchmarks.truth [--json FILE] [--docs docs/truth.md]

One row for each layer, activation, loss, optimiser, schedule, initialiser, whole network and run of 200 steps: the
worst error of all its cases beside its bound. What is measured stands in tests/oracle/checks.py, and the tests hold
the same errors to the same bounds. The exit code is 1 if a row is above its bound.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from benchmarks.report import machine, write_json
from tests.oracle import LIVE, oracle
from tests.oracle.checks import Check, against_pytorch, without_pytorch
from tests.oracle.errors import worst

HEAD = ("what", "which", "against PyTorch", "bound", "other witness", "error", "bound", "")
PAGE = """# How true nn_core is

Each row is the worst error of all variants of one thing, in float64: against PyTorch, the largest of
`|ours - theirs| / max(1, |theirs|)` over outputs, gradients and parameters; against the other witness, as said below.
`python -m benchmarks.truth --docs docs/truth.md` makes this page anew, and the tests hold every row to its bound
(`tests/nn_core/test_torch.py`, `tests/nn_core/test_truth.py`).

- **finite differences**: relative error of every derivative, central differences of fourth order.
- **steps by hand**, **values by hand**: numbers worked out on paper; they stand in the tests.
- **L1 penalty**: each optimiser's steps with it. PyTorch has no rule by which a weight stops at 0 (the gradient of
  `l1 * |W|` carries it across and back), so that its numbers are worked out by hand: after the step that the loss asks
  for, a weight is pulled towards 0 as far as the optimiser would carry it for a steady gradient of `l1`, and no further
  than 0. With SGD that is the clipped penalty of Tsuruoka, Tsujii and Ananiadou (2009); with momentum the pull is that
  of the whole velocity; where each parameter has a rate of its own it is the proximal step in that measure (Duchi,
  Hazan and Singer, 2011; Yun, Lozano and Yang, 2021), at most twice the learning rate.
- **the exact law**: Kolmogorov's distance of 60,000 first weights from the law of the paper's formula. The column of
  PyTorch then holds the relative error of that law's standard deviation or bound.
- **printed digits**: distance from published numbers in units of their last printed digit.
- **runs**: 200 steps of `Trainer` with the same data, first weights and mini-batches; all parameters after steps 10
  and 200.

{about}

{table}
"""


def measure(first: list[Check], others: list[Check], source: str) -> list[dict]:
    """One row per thing: worst error against PyTorch (source "live" or "record") and against the other witness."""
    rows: dict[tuple[str, str], dict] = {}
    for check in (*first, *others):
        pytorch = check.witness == "PyTorch"
        for name, case in check.cases.values():
            row = rows.setdefault((check.topic, name), {"what": check.topic, "which": name})
            key = "against_pytorch" if pytorch else "error"
            error = check.measure(case, source) if pytorch else check.measure(case)
            row[key] = worst([row.get(key, 0.0), error])
            row["bound_pytorch" if pytorch else "bound"] = check.bound
            if not pytorch:
                row["witness"] = check.witness
    for row in rows.values():
        row["ok"] = all(
            row[error] <= row[bound]  # false for NaN too
            for error, bound in (("against_pytorch", "bound_pytorch"), ("error", "bound"))
            if error in row
        )
    topics = list(dict.fromkeys(row["what"] for row in rows.values()))
    return sorted(rows.values(), key=lambda row: topics.index(row["what"]))


def lines(rows: list[dict]) -> list[tuple[str, ...]]:
    """The cells of the table as text."""
    columns = ("what", "which", "against_pytorch", "bound_pytorch", "witness", "error", "bound")
    return [(*(_cell(row.get(column)) for column in columns), "ok" if row["ok"] else "WORSE") for row in rows]


def finish(rows: list[dict], json: str | None, docs: str | None, about: str = "") -> int:
    """Print the table, write what was asked for, and return the exit code."""
    table = [HEAD, *lines(rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
    for line in table:
        print("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
    worse = sum(not row["ok"] for row in rows)
    print(f"\n{len(rows)} rows, {worse} above their bound.", about)
    write_json(json, {f"{row['what']}: {row['which']}": row for row in rows} | {"about": about})
    if docs:
        ruled = [table[0], tuple("---" for _ in HEAD), *table[1:]]
        text = "\n".join(f"| {' | '.join(line)} |" for line in ruled)
        Path(docs).write_text(PAGE.format(about=about, table=text), encoding="utf-8", newline="\n")
    return int(worse > 0)


def _cell(value) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.1e}" if value else "0"


def main() -> int:
    """Measure everything; PyTorch is asked live where it is installed, else its recorded answers are taken."""
    parser = argparse.ArgumentParser(prog="benchmarks.truth", description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write the table as JSON too")
    parser.add_argument("--docs", metavar="FILE", help="write it as a page too: docs/truth.md")
    options = parser.parse_args()
    source = "live" if LIVE else "record"
    rows = measure(against_pytorch(), without_pytorch(), source)
    asked = f"{oracle(source)}, {'asked live' if LIVE else 'its recorded answers'}"
    about = f"{asked}; NumPy {np.__version__}; {machine().split(';')[0]}."
    return finish(rows, options.json, options.docs, about)


if __name__ == "__main__":
    sys.exit(main())
