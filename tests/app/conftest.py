"""What makes the tests of the pages quick, and what tests of the labs share."""

import functools
import gc

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner

from playground.live import budget


@pytest.fixture(autouse=True, scope="session")
def _packages_are_searched_once():
    """AppTest looks through all installed packages for components, each time anew: a third of a second a test."""
    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(autouse=True)
def _only_the_page_is_collected():
    """The app collects garbage when a page is left, which would look through all that the tests before have made."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def slices(monkeypatch):
    """A tick trains hardly at all, so that a run is not at its end when a test has looked around; see `to_the_end`."""
    monkeypatch.setattr(budget.Budget, "slice_for", lambda self, session: 0.01)


@pytest.fixture
def files(monkeypatch):
    """What the download buttons offer: name -> (text or bytes, kind)."""
    offered, original = {}, st.download_button

    def button(label, data, name, kind, **others):
        offered[name] = data, kind
        return original(label, data, name, kind, **others)

    monkeypatch.setattr(st, "download_button", button)
    return offered
