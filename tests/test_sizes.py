"""A file past 300 lines wants splitting, and a page past 60 hides a component."""

from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "playground"
FILES = sorted(APP.rglob("*.py"))
MOST, MOST_OF_A_VIEW = 300, 60


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(APP).as_posix())
def test_it_can_be_read_at_one_sitting(path):
    most = MOST_OF_A_VIEW if path.parent.name == "views" else MOST
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


def test_views_are_among_them():
    assert APP / "views" / "moons.py" in FILES
