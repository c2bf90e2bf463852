"""One test in a real browser for each page: it opens from a link, plays, moves, pauses, stands still, has no error."""

import pytest

from playground.experiments.experiment import build
from playground.experiments.link import show_link
from tests.browser.live import Live
from tests.pages import PAGES, PICTURES, VIEWS


@pytest.mark.parametrize("view", VIEWS)
def test_it_opens_from_a_link_plays_and_pauses(opened, view):
    config = PAGES[view].default.replace(learning_rate=0.004, seed_data=3)
    if view in PICTURES:
        config = config.replace(
            stop_epochs=1_000_000
        )  # so small pictures are learned before the test has looked around
    page: Live = opened(view, "&".join(f"{key}={value}" for key, value in show_link(config).items()))
    assert page.link == show_link(config)
    assert page.readings["Run"] == build(config).fingerprint
    assert (page.step, page.state) == (0, "ready")
    still = page.picture()

    page.play()
    seen = {still}
    for _ in range(3):
        step = page.step
        page.wait(lambda step=step: page.step > step)
        page.wait(lambda: page.picture() not in seen)
        seen.add(page.picture())
    assert len(seen) == 4

    if view == "moons":
        page.page.keyboard.press("Space")
        page.wait_for("paused")
    else:
        page.pause()
    page.page.wait_for_timeout(400)  # the last movement ends
    step, picture = page.step, page.picture()
    page.page.wait_for_timeout(500)
    assert (page.step, page.picture(), page.state) == (step, picture, "paused")
    page.screenshot(view)


@pytest.mark.parametrize("view", ["moons", "circles", "xor"])
def test_the_defaults_are_solved_within_ten_seconds(opened, view):
    page = opened(view)
    page.click("play")
    page.wait(lambda: page.accuracy > 97, seconds=10)
