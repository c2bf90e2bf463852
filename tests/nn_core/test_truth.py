"""nn_core against everything but PyTorch: finite differences, steps and values by hand, exact laws, published numbers.

The cases stand in tests/oracle/checks.py. docs/truth.md, the table that `python -m benchmarks.truth` makes of them,
must list every member of every registry.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks import truth
from nn_core.activations import ReLU
from nn_core.initialisers import He
from nn_core.layers import Dense
from tests.nn_core.members import REGISTRIES
from tests.oracle import differences
from tests.oracle.checks import DIFFERENCES, EXACT_LAW, FANS, Check, distance_from_law, without_pytorch
from tests.oracle.errors import drawn
from tests.oracle.problems import DRAWN, NETWORKS
from tests.oracle.runs import RUNS

PAGE = Path(__file__).parents[2] / "docs" / "truth.md"
CHECKS = [
    pytest.param(check, case, id=f"{check.topic}-{check.witness}-{text}")
    for check in without_pytorch()
    for text, (_, case) in check.cases.items()
]


@pytest.mark.parametrize(("check", "case"), CHECKS)
def test_agrees_with_its_witness(check, case):
    assert check.measure(case) <= check.bound


@pytest.mark.parametrize("where", DRAWN)
def test_fans_by_hand(where):
    _, about = drawn(He(), where)
    assert (about.fan_in, about.fan_out) == FANS[where]


def test_a_spread_that_is_wrong_by_a_twentieth_part_is_seen(monkeypatch):
    assert distance_from_law(He()) <= EXACT_LAW
    right = He.variance
    monkeypatch.setattr(He, "variance", lambda *args: 1.1 * right(*args))
    assert distance_from_law(He()) > EXACT_LAW


def test_a_slope_that_is_wrong_by_a_hundred_thousandth_part_is_seen(monkeypatch):
    right = ReLU.derivative
    monkeypatch.setattr(ReLU, "derivative", lambda *args: right(*args) * (1 + 1e-5))
    assert differences.activation(ReLU()) > DIFFERENCES
    assert differences.layer(Dense(5, ReLU())) > DIFFERENCES
    assert differences.network("mlp") > DIFFERENCES


def test_a_row_that_is_worse_than_its_bound_or_not_a_number_says_so(capsys):
    cases = {"case": ("row", 3.0)}

    def run(first, second):
        rows = truth.measure(
            [Check("t", "PyTorch", 1.0, cases, first)], [Check("t", "by hand", 1.0, cases, second)], "record"
        )
        return truth.finish(rows, None, None)

    def give(error):
        return lambda case, *source: error

    assert run(give(1.0), give(0.5)) == 0
    assert capsys.readouterr().out.count("ok") == 1
    for first, second in ((1.1, 0.5), (0.5, 1.1), (np.nan, 0.5), (0.5, np.nan)):
        assert run(give(first), give(second)) == 1
        assert "WORSE" in capsys.readouterr().out


def test_the_worst_of_several_cases_is_shown():
    cases = {f"case {error}": ("row", error) for error in (0.1, 0.7, 0.3)}
    (row,) = truth.measure([Check("t", "PyTorch", 1.0, cases, lambda case, source: case)], [], "record")
    assert row["against_pytorch"] == 0.7


def test_the_page_lists_every_member_and_no_row_is_worse():
    text = PAGE.read_text(encoding="utf-8")
    listed = {tuple(cells) for cells in re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", text, re.MULTILINE)}
    advice = "run python -m benchmarks.truth --docs docs/truth.md"
    for topic, registry in REGISTRIES.items():
        assert {(topic, name) for name in registry} <= listed, advice
    assert {("networks", name) for name in NETWORKS} | {("runs", name) for name in RUNS} <= listed, advice
    assert "WORSE" not in text
