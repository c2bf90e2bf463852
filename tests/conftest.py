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


def pytest_configure():
    """The process that drives the browser goes first: nobody has a page that waits for a processor."""
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0" and hasattr(os, "nice"):
        os.nice(10)


def pytest_unconfigure():
    """The empty cache goes."""
    CACHE.cleanup()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """`-m "not browser"` runs all tests but those. They share one process with its browser, and come first."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
        elif item.path.name == "test_backends.py":  # clusters that are started on this machine
            item.add_marker(pytest.mark.xdist_group("backends"))
    items.sort(key=lambda item: BROWSER not in item.path.parents)
