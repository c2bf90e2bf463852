"""What concerns all tests: those under tests/browser/ open a real browser, and are marked so."""

from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items):
    """`-m "not browser"` runs all tests but those."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker(pytest.mark.browser)
