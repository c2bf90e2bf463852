"""The labs in a real browser: each plays to its end in light and dark, is painted meanwhile, and fits the window."""

import itertools
import time
from itertools import combinations

import pytest

from playground.live.labs.forms import FORMS
from playground.live.labs.spec import show_lab
from tests.browser.live import Live
from tests.browser.test_pictures import overlaps, texts
from tests.pages import LABS

# The loss surface takes its time, to be looked at.
MANY = [view for view, page in LABS.items() if page.form is not FORMS["surface"]]
GRIDS = [view for view, page in LABS.items() if page.form is FORMS["grid"]]
TO_THE_END = 60.0  # seconds, on a machine that is busy
# Cells of the wall in which more than the first, even map of untrained weights is to be seen.
COLOURS = """(() => {
    const { width, height } = stage.canvas;
    return new Set(new Uint32Array(stage.ctx.getImageData(0, 0, width, height).data.buffer)).size;
})()"""
SCROLLS = "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
each_lab = pytest.mark.parametrize("view", MANY)


def head(page: Live) -> dict:
    """The header of the frame that is on the canvas."""
    return page.look("stage.view.header")


def link_of(view: str, **changes: str) -> str:
    """The link of a lab's first recipe, with some parts changed."""
    link = show_lab(LABS[view].recipes[0].spec) | changes
    return "&".join(f"{key}={value}" for key, value in link.items())


LONGER = {"seeds": link_of("seeds", stop_epochs="500")}  # its first recipe is over in half a second


def fits(page: Live) -> None:
    """The page has no scrollbar, and no two texts on the canvas overlap."""
    assert page.page.get_by_test_id("stMain").evaluate(SCROLLS) == [0, 0]
    assert page.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    found = texts(page)
    assert len(found) > 5
    assert overlaps(found) == []
    width, height = page.look("[stage.width, stage.height]")
    assert [text for text in found if text["x"] < -1 or text["x"] + text["width"] > width + 1] == []
    assert [text for text in found if text["y"] < -1 or text["y"] + text["height"] > height + 1] == []


@pytest.mark.parametrize(("view", "scheme"), list(zip(MANY, itertools.cycle(["light", "dark"]), strict=False)))
def test_it_plays_to_its_end_and_is_painted_meanwhile(opened, view, scheme):
    page = opened(view, LONGER.get(view, ""), color_scheme=scheme)
    assert page.look("stage.theme.dark") == (scheme == "dark")
    assert page.state == "ready"
    fits(page)
    page.screenshot(f"lab-{view}-{scheme}-ready")
    still, began = page.picture(), time.monotonic()
    page.film()
    page.click("play")
    page.wait(lambda: page.picture() != still)
    print(f"{view}, {scheme}: first picture {time.monotonic() - began:.2f} s after Run")
    page.button("pause").wait_for()
    progress, middle = [0.0], False
    end = time.monotonic() + TO_THE_END
    while page.state != "finished":
        progress.append(head(page)["progress"])
        if page.state == "playing" and progress[-1] > 0.3 and not middle:
            page.screenshot(f"lab-{view}-{scheme}-middle")
            fits(page)
            middle = True
        assert time.monotonic() < end, page.describe()
    assert page.filmed > 5
    assert progress == sorted(progress)
    page.button("play").wait_for()
    assert head(page)["progress"] == 1
    runs = len(LABS[view].recipes[0].spec.configs())
    assert page.step == runs
    assert f"{runs} of {runs} finished in" in page.readings
    fits(page)
    page.screenshot(f"lab-{view}-{scheme}-end")
    assert "The lab is finished." in page.describe()


@each_lab
def test_every_recipe_fits_into_the_window(opened, view):
    page = opened(view)
    for recipe in LABS[view].recipes:
        page.page.get_by_role("radio", name=recipe.label, exact=True).or_(
            page.page.get_by_role("button", name=recipe.label, exact=True)
        ).first.click()
        page.wait_for_link(
            **{
                key: value
                for key, value in show_lab(recipe.spec).items()
                if key in ("across", "down", "rate", "net", "data")
            }
        )
        page.wait(lambda: page.state == "ready")
        page.wait(lambda why=recipe.why: page.stage.locator("[data-testid=stage-note]").inner_text() == why)
        fits(page)
        page.click("play")
        page.wait(lambda: head(page)["progress"] > 0.05)
        if page.button("pause").count():
            page.click("pause")
        page.button("play").wait_for()
        fits(page)
        page.screenshot(f"lab-{view}-{LABS[view].recipes.index(recipe)}")


@each_lab
def test_text_for_the_projector(opened, view):
    page = opened(view)
    page.page.get_by_role("button", name="Settings").click()
    page.page.get_by_text("Projector text", exact=True).click()
    page.wait(lambda: head(page)["projector"])
    page.page.keyboard.press("Escape")
    page.page.get_by_text("Projector text", exact=True).wait_for(state="hidden")
    fits(page)
    page.click("play")
    page.wait_for("finished")
    page.button("play").wait_for()
    fits(page)
    page.screenshot(f"lab-{view}-projector")


@pytest.mark.parametrize("view", GRIDS)
def test_cells_are_painted_while_it_runs(opened, view):
    page = opened(view, link_of(view, stop_epochs="2000"))
    before = page.look(COLOURS)
    page.click("play")
    page.wait(lambda: 0.01 < head(page)["progress"] < 1)
    assert page.state == "playing"
    assert page.look(COLOURS) > max(20, before // 2)
    words = head(page)["texts"]
    page.wait(lambda: head(page)["texts"] != words)
    assert page.state == "playing"
    page.click("pause")
    page.wait_for("paused")


@pytest.mark.parametrize("view", GRIDS)
def test_a_click_on_a_cell_chooses_it_also_while_it_runs(opened, view):
    page = opened(view, link_of(view, stop_epochs="1000"))
    page.click("play")
    page.wait(lambda: head(page)["progress"] > 0)
    for number in (7, 0, 29, 12):
        page.wait(lambda: not page.look("stage.fresh"))
        page.click_on("cell", number)
        page.wait(lambda number=number: head(page)["chosen"] == number)
        columns = head(page)["columns"]
        assert columns[number % len(columns)] in head(page)["lines_title"]
    assert page.state == "playing"
    page.click("pause")
    page.wait_for("paused")
    page.click_on("cell", 5)
    page.wait(lambda: head(page)["chosen"] == 5)
    x, y = page.place("cell", 8)
    page.page.mouse.move(x, y)
    assert "Click to see its curve." in page.stage.inner_text()
    fits(page)


@pytest.mark.parametrize("view", GRIDS)
def test_the_chosen_cell_is_opened_in_the_live_page(opened, view):
    page = opened(view, link_of(view, stop_epochs="20"))
    page.click("play")
    page.wait_for("finished")
    page.button("play").wait_for()
    page.click_on("cell", 9)
    page.wait(lambda: head(page)["chosen"] == 9)
    columns, rows = head(page)["columns"], head(page)["rows"]
    page.page.get_by_role("button", name="Download").click()
    page.click("open-live")
    page.page.get_by_role("heading", name="Circles", exact=True).wait_for()
    page.wait_for_link(batch=rows[9 // len(columns)], rate=columns[9 % len(columns)], stop_epochs="20")
    page.wait(lambda: page.state == "ready" and "Test accuracy" in page.readings)
    page.click("play")
    page.wait_for("finished")


@each_lab
def test_stop_stops_and_run_goes_on(opened, view):
    page = opened(view, link_of(view, stop_epochs="4000"))
    page.click("play")
    page.wait(lambda: head(page)["progress"] > 0)
    page.click("pause")
    page.wait_for("paused")
    page.button("play").wait_for()
    assert page.button("play").inner_text().startswith("Go on")
    progress, picture = head(page)["progress"], page.picture()
    page.page.wait_for_timeout(500)
    assert (page.state, head(page)["progress"], page.picture()) == ("paused", progress, picture)
    page.page.keyboard.press("Space")
    page.wait(lambda: head(page)["progress"] > progress)
    page.page.keyboard.press("Space")
    page.wait_for("paused")


def test_from_lab_to_lab_by_the_list_of_pages(opened):
    """Each has a stage of its own kind of frame; none is left over from the page before."""
    page = opened(MANY[0])
    for view in [*MANY, *MANY][1:]:
        page.page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=LABS[view].title, exact=True).click()
        page.page.get_by_role("heading", name=LABS[view].title, exact=True).wait_for()
        page.wait(lambda: page.stage.count() == 1 and page.stage.get_attribute("data-painted"))
        page.wait(
            lambda view=view: page.stage.locator("[data-testid=stage-note]").inner_text() == LABS[view].recipes[0].why
        )
        fits(page)


@each_lab
def test_buttons_and_fields_do_not_overlap(opened, view):
    page = opened(view)
    fields = (".st-key-head button", ".st-key-bar button", ".st-key-bar [data-testid=stTextInputRootElement]")
    boxes = page.page.get_by_test_id("stMain").locator(", ".join(fields))
    found = boxes.evaluate_all(
        "all => all.map(e => ({ name: e.innerText, ...e.getBoundingClientRect().toJSON() })).filter(box => box.width)"
    )
    assert len(found) > 5
    assert overlaps(found) == []
    assert max(box["right"] for box in found) <= 1280
    assert not any(a == b for a, b in combinations(found, 2))
