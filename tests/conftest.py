"""What concerns all tests: no data set from elsewhere is seen; those under tests/browser/ open a real browser."""

import os
import tempfile
from pathlib import Path

import pytest

BROWSER = Path(__file__).parent / "browser"
# The same on every machine: no MNIST and no CIFAR-10. Set before anything imports playground; the app in a process of
# its own inherits it.
CACHE = tempfile.TemporaryDirectory(prefix="nn-playground-tests-")
os.environ.pop("PLAYGROUND_DATA", None)
os.environ["PLAYGROUND_CACHE"] = CACHE.name


def pytest_unconfigure():
    """The empty cache goes."""
    CACHE.cleanup()


def pytest_collection_modifyitems(items):
    """`-m "not browser"` runs all tests but those."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker(pytest.mark.browser)
