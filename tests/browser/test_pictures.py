"""The picture pages in a real browser: drawing with mouse and finger, the tabs, the mistakes, how the stage looks."""

import json
from itertools import combinations, cycle

import numpy as np
import pytest

from benchmarks.strokes import DIGITS
from playground.datasets.pictures import Digits
from playground.datasets.strokes import ink
from playground.live.images.painter import VIEWS
from tests.browser.live import Live
from tests.browser.test_page import SMALLEST_ON_A_PROJECTOR
from tests.pages import PAGES, PICTURES

COUNT = len(Digits().album().test)
BOXES = "all => all.map(e => ({ name: e.innerText, ...e.getBoundingClientRect().toJSON() })).filter(box => box.width)"
SIZES = "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
SCROLLED = "() => [scrollY, ...[...document.querySelectorAll('*')].map(e => e.scrollTop)].filter(top => top > 0)"
ENDLESS = "stop_epochs=0&schedule=constant"


@pytest.fixture
def digits(opened):
    return opened("digits")


def pad(page: Live) -> dict:
    """What the frame that is shown says about the pad."""
    return page.look("stage.view.header.pad")


def shows(page: Live, strokes) -> bool:
    """Whether the network sees what was drawn, which is sent with four decimals."""
    sent = [(np.floor(1e4 * np.array(stroke) + 0.5) / 1e4).tolist() for stroke in strokes]
    seen = np.array(page.look("Array.from(stage.view.arrays.pad)"))
    return pad(page)["drawing"] and np.array_equal(seen, ink(sent, 8, 16).ravel().astype(int) * 255 // 16)


def inner(strokes) -> list:
    """The same drawing, not quite as large as the pad."""
    return [[(0.1 + 0.8 * x, 0.1 + 0.8 * y) for x, y in stroke] for stroke in strokes]


def draw(page: Live, strokes) -> None:
    """Draw with the mouse, and wait until all of it has come to the network."""
    (left, top), (right, bottom) = page.place("pad", 0, 0), page.place("pad", 1, 1)
    mouse = page.page.mouse
    for stroke in inner(strokes):
        (x, y), *others = [(left + x * (right - left), top + y * (bottom - top)) for x, y in stroke]
        mouse.move(x, y)
        mouse.down()
        for x, y in others:
            mouse.move(x, y)
        mouse.up()
    drawn = page.look("stage.pad.strokes")
    assert len(drawn) == len(strokes)
    page.wait(lambda: shows(page, page.look("stage.pad.strokes")))


def click_on(page: Live, *what) -> None:
    """Click on a thing on the canvas, once the newest frame is there to be seen."""
    page.wait(lambda: not page.look("stage.fresh"))
    page.click_on(*what)


def clear(page: Live) -> None:
    click_on(page, "clear")
    page.wait(lambda: pad(page)["empty"])


def answer(page: Live) -> str:
    """The class that the network takes the picture on the pad for."""
    return str(np.argmax(page.look("Array.from(stage.view.arrays.answer)")))


def tab(page: Live, view: str):
    return page.stage.locator(f".tabs button[data-view={view}]")


def show(page: Live, view: str) -> None:
    """Click on a tab, and wait for its view."""
    tab(page, view).click()
    page.wait(lambda: page.look("stage.view.header.view") == view)


def overlaps(boxes: list[dict]) -> list:
    """Pairs of boxes that share more than an edge."""

    def apart(a, b, at, size):
        return a[at] + a[size] <= b[at] + 1 or b[at] + b[size] <= a[at] + 1

    return [
        (a["name"], b["name"])
        for a, b in combinations(boxes, 2)
        if not apart(a, b, "x", "width") and not apart(a, b, "y", "height")
    ]


def colours_below(page: Live) -> int:
    """How many colours there are on the canvas below the tabs."""
    return page.look(
        """(() => {
            const { x, y, width, height } = stage.layout.lower;
            const at = [x, y, width, height].map((v) => Math.round(v * stage.ratio));
            return new Set(new Uint32Array(stage.ctx.getImageData(...at).data.buffer)).size;
        })()"""
    )


def texts(page: Live) -> list[dict]:
    """All texts that are painted on the canvas: where they stand, and how large."""
    return page.look(
        """(() => {
            const found = [];
            const { ctx } = stage;
            ctx.fillText = (name, x, y) => {
                const px = parseFloat(ctx.font.match(/([\\d.]+)px/)[1]);
                const { width } = ctx.measureText(name);
                const left = x - width * ({ right: 1, end: 1, center: 0.5 }[ctx.textAlign] ?? 0);
                found.push({ name, px, x: left, y: y - px * 0.35, width, height: px * 0.7 });
            };
            stage.paint(1);
            delete ctx.fillText;
            stage.paint(1);
            return found;
        })()"""
    )


# --- the pad --------------------------------------------------------------------------------------------------------


def test_digits_that_are_drawn_with_the_mouse_are_recognised(digits):
    digits.play()
    digits.wait_for("finished")
    assert digits.accuracy > 90
    known = []
    for digit, strokes in DIGITS.items():
        draw(digits, strokes)
        known.append(answer(digits) == digit)
        assert f"a drawing, which the network takes for {answer(digits)}," in digits.describe()
        if digit in "037":
            digits.screenshot(f"drawn-{digit}")
        clear(digits)
    assert sum(known) >= 8, known


def test_what_is_drawn_lies_where_it_was_drawn(digits):
    before = digits.picture()
    draw(digits, [[(0.1, 0.1), (0.5, 0.1), (0.9, 0.1)]])
    ys = [y for stroke in digits.look("stage.pad.strokes") for _, y in stroke]
    assert np.allclose(ys, 0.18, atol=0.01)
    assert digits.picture() != before
    on_the_line, below = digits.look(
        """[0.18, 0.4].map((down) => {
            const { x, y, size } = stage.layout.padBox;
            const at = [x + 0.5 * size, y + down * size].map((v) => Math.round(v * stage.ratio));
            return stage.ctx.getImageData(...at, 1, 1).data[0];
        })"""
    )
    assert abs(on_the_line - below) > 100


def test_clear_empties_the_pad(digits):
    draw(digits, DIGITS["1"])
    clear(digits)
    assert digits.look("stage.pad.strokes") == []
    assert "On the pad lies an empty pad." in digits.describe()
    draw(digits, DIGITS["4"])  # two strokes, the second of which adds to the first
    assert digits.look("stage.pad.strokes.length") == 2


def test_nothing_that_is_done_on_the_stage_is_lost_while_it_plays(opened):
    """A message in the moment in which the stage asks for its next frame, a click while a new one is being painted."""
    page = opened("digits", ENDLESS).play()
    for digit in "0123456789":
        draw(page, DIGITS[digit])
        clear(page)
    page.page.get_by_role("button", name="Picture").click()
    page.page.get_by_role("button", name="As it was").click()
    page.page.keyboard.press("Escape")
    page.wait(lambda: not pad(page)["drawing"])
    for index in range(1, 11):
        click_on(page, "next")
        page.wait(lambda index=index: pad(page)["index"] == index)
    assert page.state == "playing"


def test_a_drawing_stays_while_it_plays(opened):
    page = opened("digits", ENDLESS).play()
    draw(page, DIGITS["5"])
    drawn = page.look("stage.pad.strokes")
    step = page.step
    page.wait(lambda: page.step > step + 100)
    assert page.look("stage.pad.strokes") == drawn
    assert shows(page, drawn)
    page.pause()
    assert shows(page, drawn)


def test_drawing_with_a_finger_does_not_scroll_the_page(opened):
    page = opened("digits", has_touch=True, viewport={"width": 1280, "height": 560})
    send = page.page.context.new_cdp_session(page.page).send

    def swipe(points):
        for number, (x, y) in enumerate(points):
            kind = "touchMove" if number else "touchStart"
            send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    for stroke in inner(DIGITS["4"]):
        swipe([page.place("pad", *point) for point in stroke])
    page.wait(lambda: shows(page, page.look("stage.pad.strokes")))
    assert page.look("stage.pad.strokes.length") == 2
    assert np.ptp([y for _, y in page.look("stage.pad.strokes[1]")]) > 0.3  # the whole stroke, not its beginning
    assert page.page.evaluate(SCROLLED) == []
    x, y = page.place("mistake", 0)
    swipe([(x, y - 15 * step) for step in range(12)])  # beside the pad a finger scrolls, as it should
    page.wait(lambda: page.page.evaluate(SCROLLED) != [])


def test_the_next_and_the_previous_test_picture(digits):
    assert pad(digits)["index"] == 0
    for where, index in (
        ("next", 1),
        ("next", 2),
        ("previous", 1),
        ("previous", 0),
        ("previous", COUNT - 1),
        ("next", 0),
    ):
        click_on(digits, where)
        digits.wait(lambda index=index: pad(digits)["index"] == index)
    truth = pad(digits)["truth"]
    assert f"On the pad lies test picture 0, {truth}, which the network takes for" in digits.describe()


def test_a_click_on_a_mistake_lays_it_on_the_pad(digits):
    draw(digits, DIGITS["0"])
    mistake = digits.look("stage.view.header.test.surest[3]")
    click_on(digits, "mistake", 3)
    digits.wait(lambda: pad(digits)["index"] == mistake["index"])
    assert pad(digits)["truth"] == mistake["truth"]
    assert answer(digits) == str(mistake["answer"])
    assert digits.look("stage.pad.strokes") == []
    click_on(digits, "all")
    digits.wait_for_link(view="mistakes")
    digits.wait(lambda: digits.look("(stage.view.header.gallery ?? []).length") > 8)


def test_the_answer_changes_while_training_goes_on(opened):
    page = opened("digits", ENDLESS + "&rate=0.001")
    draw(page, DIGITS["2"])
    page.click("play")
    seen = set()

    def sees_another():
        seen.add(json.dumps(page.look("Array.from(stage.view.arrays.answer)")))
        return len(seen) >= 4

    page.wait(sees_another)
    page.wait(lambda: answer(page) == "2")
    assert page.state == "playing"


def test_a_picture_that_cannot_be_drawn_on_says_what_it_is(digits):
    pad_element = digits.stage.locator("[data-testid=pad]")
    assert pad_element.get_attribute("aria-label") == "Pad: draw a digit here with mouse, pen or finger"
    assert pad_element.evaluate("e => getComputedStyle(e).touchAction") == "none"


# --- the tabs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "scheme"), list(zip(PICTURES, cycle(["light", "dark"]), strict=False)))
def test_tabs_switch_every_view_while_it_plays(opened, view, scheme):
    page = opened(view, ENDLESS, color_scheme=scheme).play()
    assert page.look("stage.theme.dark") == (scheme == "dark")
    for name in [*list(VIEWS)[1:], "overview"]:
        show(page, name)
        assert tab(page, name).get_attribute("aria-pressed") == "true"
        assert page.stage.locator(".tabs button[aria-pressed=true]").count() == 1
        assert colours_below(page) > 20
        page.wait(lambda name=name: page.link.get("view", "overview") == name)
        step, picture = page.step, page.picture()
        page.wait(lambda step=step: page.step > step)
        page.wait(lambda picture=picture: page.picture() != picture)
        assert page.state == "playing"
        if view == "digits":
            page.screenshot(f"digits-{name}-{scheme}")
    page.pause()


def test_a_view_is_opened_by_a_link_and_by_the_keyboard(opened):
    page = opened("digits", "view=classes")
    assert page.look("stage.view.header.view") == "classes"
    focused = "root => root.getRootNode().activeElement?.dataset.view ?? ''"
    for _ in range(80):
        page.page.keyboard.press("Tab")
        if page.stage.evaluate(focused):
            break
    assert page.stage.evaluate(focused) == "overview"
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    page.wait(lambda: page.look("stage.view.header.view") == "maps")
    page.wait_for_link(view="maps")
    assert page.stage.evaluate(focused) == "maps"  # the focus stays
    assert page.state == "ready"  # and nothing began to play


# --- the page -------------------------------------------------------------------------------------------------------


def test_pause_works_while_a_convolutional_net_learns(digits):
    digits.page.get_by_text("Convolutional", exact=True).click()
    digits.wait_for_link(net="conv16x3-max2-64")
    for _ in range(3):
        digits.play().pause()
    step = digits.step
    digits.page.wait_for_timeout(500)
    assert (digits.state, digits.step) == ("paused", step)
    show(digits, "maps")
    assert digits.look("stage.view.header.layers.length") == 3
    digits.screenshot("digits-convolutional")


@pytest.mark.parametrize("view", PICTURES)
def test_the_stage_fits_into_the_window_and_nothing_overlaps(opened, view):
    page = opened(view, ENDLESS).play().pause()
    main = page.page.get_by_test_id("stMain")
    for name in VIEWS:
        show(page, name)
        assert main.evaluate("e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]") == [0, 0]
        panels = page.look(
            "['padBox', 'units', 'answer', 'confusion', 'surest', 'lower'].map(name => ("
            "{ height: stage.layout.padBox.size, ...stage.layout[name], name }))"
        )
        assert overlaps(panels) == []
        assert overlaps(texts(page)) == []
        assert min(panel["width"] for panel in panels) > 60
        width, height = page.look("[stage.width, stage.height]")
        places = panels + page.look("stage.view.targets")
        assert [place for place in places if place["x"] < 0 or place["x"] + place["width"] > width + 1] == []
        assert [place for place in places if place["y"] < 0 or place["y"] + place["height"] > height + 1] == []
    tabs = page.stage.locator(".tabs button").evaluate_all(BOXES)
    buttons = main.locator(".st-key-head button, .st-key-bar button").evaluate_all(BOXES)
    assert len(tabs) == len(VIEWS)
    assert len(buttons) > 10
    assert overlaps(tabs + buttons) == []
    assert max(box["right"] for box in tabs + buttons) <= 1280


def on_a_projector(page: Live) -> Live:
    page.page.get_by_role("button", name="Settings").click()
    page.page.get_by_role("tab", name="View").click()
    page.page.get_by_text("Projector text").click()
    page.wait(lambda: page.look("root.classList.contains('projector')"))
    page.page.keyboard.press("Escape")
    return page


@pytest.mark.parametrize("view", PICTURES)
def test_on_a_projector_the_fonts_are_large_and_every_text_can_be_read(opened, view):
    page = on_a_projector(opened(view))
    assert min(page.look("Object.values(stage.layout.fonts.px)")) >= SMALLEST_ON_A_PROJECTOR
    sizes = page.stage.locator(".status *, .note, .tabs button").evaluate_all(SIZES)
    assert min(sizes) >= SMALLEST_ON_A_PROJECTOR
    assert max(box["right"] for box in page.stage.locator(".tabs button").evaluate_all(BOXES)) <= 1280
    for name in VIEWS:
        show(page, name)
        assert colours_below(page) > 20
        assert [text["name"] for text in texts(page) if text["px"] < SMALLEST_ON_A_PROJECTOR] == []
        assert overlaps(texts(page)) == []
        page.screenshot(f"projector-{view}-{name}")


@pytest.mark.parametrize("view", [view for view in PICTURES if view != "digits"])
def test_get_opens_and_says_what_it_fetches(opened, view):
    page = opened(view)
    assert (
        f"{PAGES[view].title} is not on this computer yet"
        in page.stage.locator("[data-testid=stage-note]").inner_text()
    )
    page.page.get_by_role("button", name=f"Get {PAGES[view].title}").click()
    page.page.get_by_role("button", name="Download", exact=True).wait_for()
    assert "It is fetched once for everybody" in page.page.get_by_test_id("stPopoverBody").inner_text()
