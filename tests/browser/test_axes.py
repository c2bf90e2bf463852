"""Axes in the stage's own code: over many ranges no two labels of an axis read the same, and each says its tick."""

import json
import re
import urllib.parse
from pathlib import Path

import numpy as np
import pytest

from playground.live.plane.plane import ticks

SOURCE = Path(__file__).parents[2] / "playground" / "static" / "stage" / "base" / "axes.js"
DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")

BY_HAND = [
    ([0.0, 0.5, 1.0], ["0.0", "0.5", "1.0"]),
    ([-0.2, -0.1, -1e-18, 0.1], ["−0.2", "−0.1", "0.0", "0.1"]),
    ([0, 2.5, 5, 7.5], ["0.0", "2.5", "5.0", "7.5"]),
    ([0, 20000, 40000], ["0", "20,000", "40,000"]),
    ([1e6, 1.05e6, 1.1e6, 1.15e6, 1.2e6], ["1,000,000", "1,050,000", "1,100,000", "1,150,000", "1,200,000"]),
    ([960_000, 980_000, 1_000_000, 1_020_000], ["960,000", "980,000", "1,000,000", "1,020,000"]),
    ([0, 1e7, 2e7], ["0", "10⁷", "2·10⁷"]),
    ([-1e6, 0, 1e6], ["−10⁶", "0", "10⁶"]),
    ([0, 5e6, 1e7], ["0", "0.5·10⁷", "1.0·10⁷"]),
    ([-1e-13, -5e-14, 0, 5e-14, 1e-13], ["−1.0·10⁻¹³", "−0.5·10⁻¹³", "0", "0.5·10⁻¹³", "1.0·10⁻¹³"]),
    ([1_700_000_000, 1_700_020_000], ["1,700,000,000", "1,700,020,000"]),
    ([1.6e9, 1.65e9, 1.7e9], ["1.60·10⁹", "1.65·10⁹", "1.70·10⁹"]),
    ([0.5, 0.5 + 1e-10], ["0.5000000000", "0.5000000001"]),
    ([3.0], ["3"]),
    ([0.0], ["0"]),
]


@pytest.fixture(scope="module")
def labels(browser):
    """Calls a function of axes.js in the browser: `labels("tickLabels", [[0, 1], ...])` gives one answer for each."""
    page = browser.new_page()
    address = "data:text/javascript," + urllib.parse.quote(SOURCE.read_text(encoding="utf-8"))

    def call(name, given):
        script = "async ([address, name, given]) => { const m = await import(address); return given.map((g) => "
        script += "name === 'tickLabels' ? m[name](g) : m[name](...g)); }"
        return page.evaluate(script, [address, name, json.loads(json.dumps(given))])

    yield call
    page.close()


def ranges() -> list[tuple[float, float]]:
    """Ranges of every size and place: around 0, far from it, tiny and huge."""
    generator = np.random.default_rng(0)
    found = [(1e6, 1.2e6), (960_000, 1_040_000), (-1e-13, 1e-13), (0, 1e-30), (1e30, 1.1e30), (0.1 + 0.2, 0.3)]
    found += [(1.0, 1.0 + 2.0**-52), (1e15, 1e15 + 1), (-5e-324, 1.0), (1.7e9, 1.7e9 + 1e-6)]
    for _ in range(3000):
        middle = generator.choice([0.0, 1.0, -1.0]) * 10.0 ** generator.uniform(-15, 15)
        size = 10.0 ** generator.uniform(-20, 20)
        found.append((middle - size * generator.uniform(0, 1), middle + size))
    return [(float(min(pair)), float(max(pair))) for pair in found if pair[0] != pair[1]]


def number(text: str) -> float:
    """What a label says."""
    power = re.fullmatch("(−?)([0-9.]*)·?10([⁻⁰¹²³⁴-⁹]+)", text)
    sign, front, exponent = power.groups() if power else ("", text.replace(",", ""), "0")
    return float(f"{sign}{front or 1}e{exponent}".translate(DIGITS))


def check(all_ticks, all_labels):
    for at, found in zip(all_ticks, all_labels, strict=True):
        assert len(set(found)) == len(at), (at, found)
        at = np.array(at, np.float64)  # the browser's whole numbers come as int, however large
        gap = min(np.diff(at), default=abs(at[0]) or 1)
        np.testing.assert_allclose([number(text) for text in found], at, rtol=1e-15, atol=0.51 * gap)


@pytest.mark.parametrize(("given", "expected"), BY_HAND, ids=lambda value: str(value[:2]))
def test_labels_by_hand(labels, given, expected):
    assert labels("tickLabels", [given]) == [expected]


@pytest.mark.parametrize("most", [2, 4, 6])
def test_ticks_of_the_stage(labels, most):
    given = [(low, high, most) for low, high in ranges()]
    found = labels("linearTicks", given)
    for (low, high, _), at in zip(given, found, strict=True):
        assert 1 <= len(at) <= most + 2
        rounding = 1e-5 * (high - low) + np.spacing(max(abs(low), abs(high)))
        assert low - rounding <= at[0]
        assert at[-1] <= high + rounding
    check(found, labels("tickLabels", found))


def test_ticks_of_the_plane(labels):
    found = [ticks(*pair) for pair in ranges()]
    check(found, labels("tickLabels", found))


def test_quarters(labels):
    found = [[low + share * (high - low) for share in (0, 0.25, 0.5, 0.75, 1)] for low, high in ranges()]
    found = [at for at in found if np.diff(at).min() > 4 * np.spacing(np.abs(at).max())]
    same = [(at, text) for at, text in zip(found, labels("tickLabels", found), strict=True) if len(set(text)) < 5]
    assert not same


def test_log_axes(labels):
    generator = np.random.default_rng(1)
    pairs = [(low, low * 10 ** generator.uniform(0.3, 12), 4) for low in 10 ** generator.uniform(-12, 8, 500)]
    for at in labels("logTicks", pairs):
        texts = labels("logLabel", [[tick] for tick in at])
        assert len(set(texts)) == len(at), texts
