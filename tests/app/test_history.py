"""Back, as Streamlit tells it to the page: what the page had before comes back, and nobody's work is lost."""

import pytest

from playground.ui import history, session
from tests.app.opened import Opened


@pytest.fixture
def back(monkeypatch):
    """Go back with a page to one of its links."""

    def go(page: Opened, link: dict[str, str]) -> Opened:
        with monkeypatch.context() as patch:
            for module in (history, session):
                patch.setattr(module, "went_back", lambda: True)
            page.at.query_params = link
            return page.rerun()

    return go


def test_a_change_in_mid_run_is_undone_in_mid_run(back):
    page = Opened("moons").click("play")
    before, run = page.link, page.run
    page.choose("rate", "0.1")
    step = run.trainer.step
    back(page, before)
    assert page.link == before
    assert (page.run, run.playing, run.config.learning_rate) == (run, True, 0.01)
    assert run.trainer.step >= step > 0
    assert page.at.selectbox(key="rate").value == "0.01"


def test_the_plane_that_was_looked_at_is_undone_too(back):
    page = Opened("gaussian_mixture").open("data")
    before = page.link
    page.choose("view", page.run.views[1])
    assert "view" in page.link
    back(page, before)
    assert (page.run.view, page.link) == (page.run.views[0], before)


def test_points_that_were_painted_are_undone_and_done_again(back):
    page = Opened("own_data")
    first = page.link
    page.open("data").click("start-over")
    few, points = page.link, list(page.at.session_state["playground"].points)
    assert (few["data"].startswith("own("), len(points)) == (True, 12)
    back(page, first)
    assert (page.link, page.problems) == (first, [])
    back(page, few)
    assert (page.link, page.problems) == (few, [])
    assert len(page.run.experiment.data.train) + len(page.run.experiment.data.test) > 0
    assert page.at.session_state["playground"].points == points


def test_a_lab_and_the_gradients_go_back(back):
    for view, key, value in (("grid", "lab-seeds", 3), ("gradients", "g-seed", 7)):
        page = Opened(view)
        before = page.link
        widget = page.at.number_input if view == "gradients" else page.at.selectbox
        widget(key=key).set_value(value)
        page.rerun()
        changed = page.link
        assert changed != before
        back(page, before)
        assert page.link == before
        back(page, changed)
        assert page.link == changed


def test_a_study_goes_back(back):
    page = Opened("studies")
    before = page.link
    page.choose("study", "A1")
    assert page.link["study"] == "A1"
    back(page, before)
    assert page.link == before
