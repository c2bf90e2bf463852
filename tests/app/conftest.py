"""What makes the tests of the pages quick."""

import functools
import gc

import pytest
from streamlit.components.v2 import component_manager


@pytest.fixture(autouse=True, scope="session")
def _packages_are_searched_once():
    """AppTest looks through all installed packages for components, each time anew: a third of a second a test."""
    with pytest.MonkeyPatch.context() as patch:
        if hasattr(component_manager, "scan_component_manifests"):
            found = functools.cache(component_manager.scan_component_manifests)
            patch.setattr(component_manager, "scan_component_manifests", found)
        yield


@pytest.fixture(autouse=True)
def _only_the_page_is_collected():
    """The app collects garbage when a page is left, which would look through all that the tests before have made."""
    gc.freeze()
    yield
    gc.unfreeze()
