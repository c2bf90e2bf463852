"""What can be done on the canvas with the mouse, and how the page looks while it plays."""

import pytest

STROKE = ((-2.0, 2.0), (-1.7, 1.8), (-1.4, 1.6), (-1.1, 1.4), (-0.8, 1.2))


@pytest.fixture
def moons(opened):
    return opened("moons")


def test_a_weight_and_a_bias_are_edited(moons):
    editor = moons.page.locator("[data-testid=stage] input.editor")
    for what, number, array in (
        (("link", 0, 1, 4), 2.5, "weights0[1 * 6 + 4]"),
        (("bias", 1, 3), -1.25, "bias1[3]"),
    ):
        moons.click_on(*what)
        editor.wait_for()
        assert editor.get_attribute("aria-label").endswith("click to edit")
        editor.fill(str(number))
        editor.press("Enter")
        moons.wait(lambda array=array, number=number: moons.look(f"stage.frame.arrays.{array}") == number)
    assert moons.readings["Run"].endswith("*")  # changed by hand
    moons.click("rewind")
    moons.wait(lambda: not moons.readings["Run"].endswith("*"))


def test_units_layers_and_features_are_changed(moons):
    moons.steps(1)
    moons.click_on("button", "units", 0, 1)
    moons.wait_for_link(net="7-6")
    moons.wait(lambda: moons.step == 0)
    moons.click_on("button", "layer", 1)
    moons.wait_for_link(net="7-6-6")
    moons.wait(lambda: moons.look("stage.view.layout.columns.length") == 4)
    moons.click_on("feature", "x1x2")
    moons.wait_for_link(features="x1,x2,x1x2")
    moons.wait(lambda: moons.look("stage.frame.header.features[4].on"))
    moons.click_on("button", "layer", -1)
    moons.wait_for_link(net="7-6")
    assert moons.play().pause().step > 0


def test_hovering_shows_numbers_and_maps(moons):
    tip = moons.page.locator("[data-testid=stage] .tip")
    moons.page.mouse.move(*moons.place("link", 0, 0, 0))
    moons.wait(lambda: "weight x₁ → unit 1:" in tip.inner_text())
    still = moons.picture()
    moons.page.mouse.move(*moons.place("unit", 0, 2))
    moons.wait(lambda: moons.picture() != still)


def test_points_are_painted(opened):
    page = opened("own_data")
    count = len(page.look("Array.from(stage.frame.arrays.points_class)"))
    page.page.get_by_role("radio", name="■").or_(page.page.get_by_role("button", name="■")).first.click()
    page.wait(lambda: page.look("stage.frame.header.paint") == 2)
    page.page.mouse.move(*page.place("output", *STROKE[0]))
    page.page.mouse.down()
    for point in STROKE[1:]:
        page.page.mouse.move(*page.place("output", *point), steps=3)
    page.page.mouse.up()
    page.wait(lambda: page.look("stage.frame.header.classes.length") == 3)
    assert len(page.look("Array.from(stage.frame.arrays.points_class)")) > count
    assert page.link["data"].startswith("own(fingerprint=")
    assert page.play().pause().step > 0
    page.screenshot("painted")


def test_nothing_greys_out_and_nothing_jumps(moons):
    boxes = """() => [...document.querySelectorAll('[data-testid=stElementContainer], [data-testid=stSidebar] a')]
        .filter(e => e.getClientRects().length)
        .map(e => [e.className.match(/st-key-[\\w-]+/)?.[0].replace(/-(play|pause)$/, '') ?? e.tagName,
                   ...Object.values(e.getBoundingClientRect().toJSON()).map(v => Math.round(v))])"""
    before = moons.page.evaluate(boxes)
    moons.play()
    faded = moons.page.evaluate(
        """async () => {
            const found = [];
            const end = performance.now() + 2500;
            while (performance.now() < end) {
                await new Promise(requestAnimationFrame);
                for (const e of document.querySelectorAll('[data-testid=stElementContainer], [data-stale=true]'))
                    if (+getComputedStyle(e).opacity < 1) found.push(e.className);
            }
            return found;
        }"""
    )
    assert faded == []
    assert moons.page.evaluate(boxes) == before
    moons.pause()
    assert moons.page.evaluate(boxes) == before


def test_a_run_that_diverges_says_so(opened):
    page = opened("swiss_roll")
    page.page.get_by_text("Too hot: diverges", exact=True).click()
    page.wait_for_link(rate="1000")
    page.click("play")
    page.wait_for("diverged")
    banner = page.page.locator("[data-testid=stage-banner]")
    assert "Diverged at step" in banner.inner_text()
    assert banner.is_visible()
    page.button("play").wait_for()
    page.screenshot("diverged")
    page.click("rewind")
    page.wait_for("ready")
    assert not banner.is_visible()
