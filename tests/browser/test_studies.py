"""The page of the studies in a real browser: each form is played, checks are measured, all fits the window."""

from itertools import pairwise

import pytest

from playground.experiments.studies import STUDIES
from tests.app.test_studies import SWEEPS
from tests.browser.live import Live
from tests.browser.test_labs import SCROLLS, TO_THE_END, fits, head
from tests.browser.test_pictures import overlaps

SIZES = ((1280, 800), (1920, 1080))
PLAYED = [("B3", 3, "light"), ("C3", 20, "dark"), ("E1", 1, "light"), ("E2", 1, "dark")]  # one of each form
# Of each form that of which there is the most to say.
WORDY = [
    name
    for form in ("wall", "heatmap", "bands", "curves", "bars")
    for name in sorted(
        (name for name in SWEEPS if STUDIES[name].figure == form), key=lambda name: -len(STUDIES[name].look_for)
    )[:1]
]
PARTS = (".st-key-head", ".st-key-study-words", ".st-key-bar", "[data-testid=stage]", ".st-key-study-found")
BROKEN = "Array.from(document.images).filter(i => !(i.complete && i.naturalWidth)).length"


def resized(page: Live, size: tuple[int, int]) -> None:
    """Another size of the window; the stage has been painted for it."""
    page.page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait(lambda: page.page.evaluate("innerWidth") == size[0])
    page.page.wait_for_timeout(400)


def in_order(page: Live) -> None:
    """Head, words, bar and what is below stand one under the other, inside the window; the words fit into theirs."""
    main = page.page.get_by_test_id("stMain")
    found = [main.locator(part) for part in PARTS]
    boxes = [place.first.bounding_box() for place in found if place.count()]
    assert len(boxes) == 4
    assert all(above["y"] + above["height"] <= below["y"] for above, below in pairwise(boxes)), boxes
    assert max(box["x"] + box["width"] for box in boxes) <= page.page.viewport_size["width"]
    (words,) = (place for part, place in zip(PARTS, found, strict=True) if part == ".st-key-study-words")
    texts = words.locator("p").evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())")
    assert len(texts) >= 2
    box = words.bounding_box()
    assert max(text["bottom"] for text in texts) <= box["y"] + box["height"] + 1
    assert overlaps([{"name": text["x"], **text} for text in texts]) == []
    assert main.evaluate(SCROLLS)[1] == 0
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def checked(page: Live, name: str, done: bool = False) -> None:
    """Open the page at a study that is measured, and wait for its button or for what was found."""
    page.page.goto(f"{page.base}/studies?study={name}")
    page.page.get_by_role("button", name="Measured" if done else "Measure", exact=True).wait_for()


@pytest.mark.parametrize(("name", "trials", "scheme"), PLAYED)
def test_a_study_plays_to_its_end_and_is_painted_meanwhile(opened, name, trials, scheme):
    page = opened("studies", f"study={name}&trials={trials}", color_scheme=scheme)
    assert page.look("stage.theme.dark") == (scheme == "dark")
    assert page.state == "ready"
    assert page.link == {"study": name, "trials": str(trials)}
    fits(page)
    still = page.picture()
    page.click("play")
    page.button("pause").wait_for()
    seen, progress = {still}, [0.0]
    while page.state != "finished":
        seen.add(page.picture())
        progress.append(head(page)["progress"])
        page.page.wait_for_timeout(50)
        if len(progress) == 3:
            page.screenshot(f"study-{name}-{scheme}-middle")
            fits(page)
        assert len(progress) < 10 * TO_THE_END, page.describe()
    assert len(seen) > 3
    assert progress == sorted(progress)
    page.button("play").wait_for()
    runs = trials * len(STUDIES[name].cells)
    assert page.step == runs
    assert f"{runs} of {runs} finished in" in page.readings
    assert head(page)["progress"] == 1
    for size in SIZES:
        resized(page, size)
        fits(page)
        in_order(page)
        page.screenshot(f"study-{name}-{scheme}-{size[0]}")


def test_the_studies_with_the_most_words_fit_into_the_window(opened):
    page = opened("studies")
    for name in WORDY:
        page.open(f"study={name}&trials=1")
        for size in SIZES:
            resized(page, size)
            fits(page)
            in_order(page)
        resized(page, SIZES[0])


def test_a_study_is_chosen_in_the_list(opened):
    page = opened("studies")
    box = page.page.locator(".st-key-study input")
    box.click()
    box.fill("C1 ")
    box.press("Enter")
    page.wait_for_link(study="C1", trials="100")
    page.wait(lambda: "models" in head(page))
    assert page.page.get_by_text(STUDIES["C1"].question).count() == 1
    fits(page)
    page.click("play")
    page.wait_for("finished")


def test_a_cell_is_clicked_and_a_bar_tells_what_it_is(opened):
    page = opened("studies", "study=E2&trials=1")
    page.click("play")
    page.wait(lambda: head(page)["progress"] > 0)
    page.wait(lambda: not page.look("stage.fresh"))
    page.click_on("cell", 7)
    page.wait(lambda: head(page)["chosen"] == 7)
    assert head(page)["lines_title"] == "network 2-4-3-2, activation sigmoid"
    page.click("pause")
    page.wait_for("paused")
    page.open("study=E1&trials=1")
    x, y = page.place("cell", 2)
    page.page.mouse.move(x, y)
    page.wait(lambda: "9 tanh: not begun" in page.stage.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_checks_are_measured_and_shown(opened, scheme):
    page = opened("studies", "study=C1&trials=1", color_scheme=scheme)
    for name in ("D1", "A1") if scheme == "light" else ("A1",):
        checked(page, name)
        assert page.page.get_by_test_id("stMain").evaluate(SCROLLS) == [0, 0]
        page.click("play")
        page.page.get_by_test_id("stDataFrame").wait_for()
        page.page.get_by_role("button", name="Measured", exact=True).wait_for()
        found = page.page.locator(".st-key-study-found")
        assert found.locator("img").count() == (name == "A1")
        page.wait(lambda: page.page.evaluate(BROKEN) == 0)
        assert found.get_by_text("Measured in ").count() == 1
        for size in SIZES:
            resized(page, size)
            in_order(page)
            table = page.page.get_by_test_id("stDataFrame").bounding_box()
            assert table["width"] > 300
            assert table["height"] > 100
            page.screenshot(f"study-{name}-{scheme}-{size[0]}")
        resized(page, SIZES[0])
    colour = found.locator("img").evaluate(
        """i => {
            const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
            const ctx = canvas.getContext("2d");
            ctx.drawImage(i, 0, 0);
            return ctx.getImageData(0, 0, 1, 1).data[0];
        }"""
    )
    assert (colour < 60) == (scheme == "dark")  # the figure is on the page's own paper


@pytest.mark.parametrize(("name", "label"), [("C4", "MNIST"), ("D5", "CIFAR-10")])
def test_missing_pictures_are_said_with_the_way_to_them(opened, name, label):
    page = opened("studies", "study=C1&trials=1")
    page.page.goto(f"{page.base}/studies?study={name}")
    page.page.get_by_text(f"Study {name} needs {label}, which is not on this computer").wait_for()
    assert page.page.get_by_test_id("stMain").evaluate(SCROLLS) == [0, 0]
    page.page.get_by_role("link", name=f"Open {label}").click()
    page.page.get_by_role("heading", name=label, exact=True).wait_for()
    page.wait(lambda: page.stage.count() == 1 and page.stage.get_attribute("data-painted"))


def test_from_a_study_to_a_lab_and_back_by_the_list_of_pages(opened):
    page = opened("studies", "study=B1&trials=3")
    for title, kind in (("Grid", "wall"), ("Studies", "bands2"), ("Compare", "bands2"), ("Studies", "bands2")):
        page.page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=title, exact=True).click()
        page.page.get_by_role("heading", name=title, exact=True).wait_for()
        page.wait(lambda: page.stage.count() == 1 and page.stage.get_attribute("data-painted"))
        page.wait(lambda kind=kind: kind in head(page)["panels"])
    page.wait_for_link(study="B1", trials="3")
    assert page.page.get_by_text(STUDIES["B1"].question).count() == 1
    fits(page)
