"""The page around the stage: clicks are never lost, keyboard, themes, links, projector, other pages, a closed tab."""

import random

from benchmarks.server import seconds_until_idle

SMALLEST_ON_A_PROJECTOR = 18


def test_play_and_pause_obey_every_click(opened):
    """A click in the moment in which the stage asks for its next frame is handed over together with that request."""
    page, rng = opened("moons"), random.Random(0)
    for _ in range(10):
        page.click("play")
        page.button("pause").wait_for()
        page.page.wait_for_timeout(rng.uniform(0, 250))
        page.click("pause")
        page.button("play").wait_for()
        page.wait_for("paused")
    step = page.step
    page.page.wait_for_timeout(300)
    assert page.step == step


def test_the_end_of_a_run_is_told_beside_the_readings(opened):
    """The stage stays where it is when the page around it is drawn anew, and the message hides nothing."""
    page = opened("moons", "stop_epochs=3")
    page.look("root.mine = true")
    page.click("play")
    page.wait_for("finished")
    page.button("play").wait_for()
    assert page.look("root.mine")
    banner = page.page.locator("[data-testid=stage-banner]")
    assert "Finished" in banner.inner_text()
    box = banner.bounding_box()
    canvas = page.page.locator("[data-testid=stage-canvas]").bounding_box()
    last = page.page.locator("[data-testid=stage-status] .reading").last.bounding_box()
    assert box["y"] >= canvas["y"] + canvas["height"]
    assert box["x"] > last["x"] + last["width"]
    assert box["y"] + box["height"] <= 800


def test_controls_obey_while_it_plays(opened):
    page = opened("moons").play()
    box = page.page.get_by_role("combobox", name="Learning rate")
    box.click()
    page.page.get_by_role("option", name="0.003", exact=True).click()
    page.wait_for_link(rate="0.003")
    step = page.step
    page.wait(lambda: page.step > step)
    assert page.state == "playing"
    page.click("weights")
    page.wait_for_link(seeds="0-0-1-0")
    page.click("rewind").pause()


def test_the_keyboard_alone(opened):
    page = opened("moons")
    keys = page.page.keyboard
    keys.press("Space")
    page.wait(lambda: page.state == "playing" and page.step > 0)
    keys.press("Space")
    page.wait_for("paused")
    keys.press("Home")
    page.wait(lambda: page.step == 0)
    keys.press("ArrowRight")
    page.wait(lambda: page.step == 1)
    keys.press("Shift+ArrowRight")
    page.wait(lambda: page.readings["Epoch"] == "000,001")
    keys.press("w")
    page.wait_for_link(seeds="0-0-1-0")
    page.wait(lambda: page.step == 0)
    for _ in range(60):
        keys.press("Tab")
        if page.page.evaluate("document.activeElement.closest('.st-key-play') !== null"):
            break
    assert page.page.evaluate("document.activeElement.closest('.st-key-play') !== null")
    keys.press("Enter")
    page.wait(lambda: page.state == "playing" and page.step > 0)
    keys.press("Space")  # whatever has the focus now, one press is one click
    page.wait_for("paused")
    step = page.step
    page.page.wait_for_timeout(500)
    assert (page.state, page.step) == ("paused", step)


def test_space_plays_and_pauses_however_fast_it_follows(opened):
    """The page draws Pause in place of Play when the run plays already: Space means what the stage knows."""
    page = opened("moons")
    for gap in (0, 20, 60, 120, 200):
        page.page.keyboard.press("Space")
        page.wait(lambda: page.state == "playing")
        page.page.wait_for_timeout(gap)
        page.page.keyboard.press("Space")
        page.wait_for("paused")
    for _ in range(5):
        page.page.keyboard.press("Space")  # an odd number at one go
    page.wait_for("playing")
    page.button("pause").wait_for()
    assert page.state == "playing"


def test_dark(opened):
    page = opened("moons", color_scheme="dark").play().pause()
    assert page.look("stage.theme.dark")
    assert page.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor") == "rgb(18, 21, 28)"
    page.screenshot("moons-dark")
    assert not opened("moons", color_scheme="light").look("stage.theme.dark")


def test_a_copied_link_is_the_same_run_for_another_person(opened):
    first = opened("moons", permissions=["clipboard-read", "clipboard-write"])
    first.click_on("button", "units", 1, 1)
    first.wait_for_link(net="6-7")
    first.page.get_by_role("button", name="Copy link").click()
    first.page.get_by_role("button", name="Copied").wait_for()
    copied = first.page.evaluate("navigator.clipboard.readText()")
    assert copied == first.page.url
    second = opened("moons", copied.split("?")[1].replace("%2C", ",").replace("%5E", "^"))
    assert second.link == first.link
    first.steps(4)
    assert second.readings["Run"].split("·")[0] == first.readings["Run"].split("·")[0]
    assert second.readings["Run"] != first.readings["Run"]
    second.steps(4)
    assert second.readings["Run"] == first.readings["Run"]


def test_the_projector_setting(opened):
    page = opened("moons")
    page.page.get_by_role("button", name="Settings").click()
    page.page.get_by_role("tab", name="View").click()
    page.page.get_by_text("Projector text").click()
    page.wait(lambda: page.look("root.classList.contains('projector')"))
    assert min(page.look("Object.values(stage.view.layout.fonts.px)")) >= SMALLEST_ON_A_PROJECTOR
    sizes = page.stage.evaluate(
        "root => [...root.querySelectorAll('.status *, .note')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= SMALLEST_ON_A_PROJECTOR
    page.page.keyboard.press("Escape")
    page.screenshot("projector")


def test_a_page_is_left_in_mid_play_and_found_again(opened):
    page = opened("moons").play()
    for name, title in (("XOR and more", "XOR and more"), ("Circles", "Circles"), ("Moons", "Moons")):
        page.page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=name, exact=True).click()
        page.page.get_by_role("heading", name=title, exact=True).wait_for()
        page.wait(lambda: page.stage.count() == 1 and page.state in ("ready", "paused"))
    assert page.state == "paused"  # as it was left
    step = page.step
    page.play()
    assert page.step > step


def test_a_bad_link_says_what_is_wrong(opened):
    page = opened("moons", "rate=abc&optimiser=x<img src=x onerror=alert(1)>x&batch=8")
    toasts = page.page.get_by_test_id("stToast")
    toasts.nth(1).wait_for()
    words = " ".join(toasts.all_inner_texts())
    assert "The link's rate was left out: learning_rate must be a number from 0 to 1,000,000,000, not 'abc'." in words
    assert "<img src=x onerror=alert(1)>" in words  # as text
    assert page.page.locator("img[src=x]").count() == 0
    assert page.link["batch"] == "8"


def test_closing_the_tab_stops_the_training(opened, app):
    page = opened("peaks").play()
    page.page.wait_for_timeout(500)
    page.page.close()
    assert seconds_until_idle(app, watch=4) <= 3
