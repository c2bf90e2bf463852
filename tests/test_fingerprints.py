"""Every recipe comes to the numbers that it came to before, to the last bit, also where a page trains it in slices."""

import numpy as np
import pytest

from playground.live.labs.forms import FORMS
from tests.oracle import fingerprints
from tests.pages import LAB_RECIPES, LABS, RECIPES

NAMES = [f"{view}: {label}" for view, label in RECIPES]
NAMES += [
    f"{view}: {label}"
    for view, label in LAB_RECIPES
    if LABS[view].form is FORMS["surface"] or label == LABS[view].recipes[0].label
]
ADVICE = "on a commit that is known to be right, run: python -m tests.oracle.fingerprints"


@pytest.fixture(scope="module")
def now() -> dict:
    """What the recipes come to on this machine, in one go and in slices."""
    return fingerprints.measured()


@pytest.fixture(scope="module")
def before(now) -> dict:
    """What they came to on a machine of this kind when that was recorded."""
    for record in fingerprints.records():
        if now["machine"] in record["machines"]:
            return record["runs"]
    return pytest.skip(f"Nothing is recorded for {now['machine']}; {ADVICE}.")


def test_every_recipe_is_recorded():
    records = fingerprints.records()
    lacking = set(NAMES) - {name for record in records for name in record["runs"]}
    assert not lacking, ADVICE
    machines = [machine for record in records for machine in record["machines"]]
    assert len(machines) == len(set(machines))
    assert all(record["machines"] and len(record["commit"]) == 40 for record in records)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_comes_to_what_it_came_to_before(name, now, before):
    if name not in before:
        pytest.skip(f"This recipe is not recorded for {now['machine']}; {ADVICE}.")
    assert now["straight"][name] == before[name]


@pytest.mark.parametrize("name", NAMES)
def test_in_slices_with_frames_between_it_comes_to_the_same(name, now):
    assert now["slices"][name] == now["straight"][name]


def test_a_bit_more_or_less_is_seen():
    array = np.linspace(0, 1, 5, dtype=np.float32)
    other = np.nextafter(array, np.float32(2))
    assert fingerprints.digest(array) == fingerprints.digest(array.copy())
    assert fingerprints.digest(array) != fingerprints.digest(other)
    assert fingerprints.digest(array) != fingerprints.digest(array.astype(np.float64))
