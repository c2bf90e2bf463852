"""The browser's Back and Forward: one press undoes, or does again, one thing that a person did."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from playground.experiments.link import show_link
from tests.browser.live import Live
from tests.pages import LABS, PAGES

SETTLE = 800  # milliseconds in which an entry too many would come
WRITES = """(() => {
  window.__written = [];
  for (const name of ['pushState', 'replaceState']) {
    const before = history[name].bind(history);
    history[name] = (...given) => { window.__written.push(name); return before(...given); };
  }
})()"""


def entries(page: Live) -> int:
    page.page.wait_for_timeout(SETTLE)
    return page.page.evaluate("history.length")


def title(view: str) -> str:
    return (PAGES | LABS)[view].title


def walk(page: Live, view: str) -> None:
    """Go to another page by the sidebar, as a person does, and wait until it says its link."""
    page.page.get_by_role("link", name=title(view), exact=True).click()
    at(page, view)


def at(page: Live, view: str, **parts: str) -> None:
    """Wait until the address is that of a page, complete, with these parts, and the page itself is there."""

    def there():
        address = urlsplit(page.page.url)
        query = dict(parse_qsl(address.query))
        return address.path.strip("/") == view and "seeds" in query and parts.items() <= query.items()

    page.wait(there)
    page.page.get_by_role("heading", name=title(view), exact=True).wait_for()
    page.wait(lambda: page.stage.count() == 1 and page.stage.get_attribute("data-painted"))


def test_a_change_of_page_is_one_entry(opened):
    page = opened("moons")
    page.wait_for_link(data=show_link(PAGES["moons"].default)["data"])
    first = entries(page)
    for more, view in enumerate(("circles", "grid", "digits"), start=1):
        walk(page, view)
        assert entries(page) == first + more
    for view in ("grid", "circles", "moons"):
        page.page.go_back()
        at(page, view)
    for view in ("circles", "grid", "digits"):
        page.page.go_forward()
        at(page, view)
    assert entries(page) == first + 3


@pytest.mark.parametrize(
    "link", ["", "data=moons&rate=0.1", "&".join(map("=".join, show_link(PAGES["moons"].default).items()))]
)
def test_what_opens_a_page_is_one_entry(opened, link):
    """A bare address, one that leaves things to the page, and a whole one: Back leaves the page."""
    page = opened("moons", link)
    at(page, "moons")
    before = entries(page)
    page.click("weights")
    page.wait_for_link(seeds="0-0-1-0")
    assert entries(page) == before + 1
    page.page.go_back()
    page.wait_for_link(seeds="0-0-0-0")
    page.page.go_back()
    page.wait(lambda: page.page.url == "about:blank")


def test_back_undoes_one_thing_and_forward_does_it_again(opened):
    page = opened("moons", "data=moons&rate=0.03")
    at(page, "moons", rate="0.03")
    rate = page.page.locator(".st-key-rate input")
    rates = ["0.03"]
    for choice in ("0.1", "0.3"):
        rate.click()
        page.page.get_by_role("option", name=choice, exact=True).click()
        page.wait_for_link(rate=choice)
        rates.append(choice)
    page.click("weights")
    page.wait_for_link(seeds="0-0-1-0", rate="0.3")
    count = entries(page)
    for seeds, shown in (("0-0-0-0", "0.3"), ("0-0-0-0", "0.1"), ("0-0-0-0", "0.03")):
        page.page.go_back()
        page.wait_for_link(seeds=seeds, rate=shown)
        page.wait(lambda shown=shown: rate.input_value() == shown)
    for seeds, shown in (("0-0-0-0", "0.1"), ("0-0-0-0", "0.3"), ("0-0-1-0", "0.3")):
        page.page.go_forward()
        page.wait_for_link(seeds=seeds, rate=shown)
    assert entries(page) == count
    page.page.go_back()
    page.wait_for_link(seeds="0-0-0-0")
    page.click("weights")  # from here on another way: what was forward is gone
    page.wait_for_link(seeds="0-0-1-0")
    assert entries(page) == count


def test_back_changes_a_playing_run_and_does_not_start_it_afresh(opened):
    page = opened("moons", "data=moons&rate=0.03&stop_epochs=0").play()
    page.page.locator(".st-key-rate input").click()
    page.page.get_by_role("option", name="0.1", exact=True).click()
    page.wait_for_link(rate="0.1")
    step = page.step
    page.page.go_back()
    page.wait_for_link(rate="0.03")
    page.wait(lambda: page.step > step and page.state == "playing")


def test_while_it_plays_nothing_is_written(opened):
    page = opened("moons", "stop_epochs=0")
    page.wait_for_link(data=show_link(PAGES["moons"].default)["data"])
    page.page.evaluate(WRITES)
    count = entries(page)
    page.play()
    step = page.step
    page.page.wait_for_timeout(2000)
    assert page.step > step
    assert (entries(page), page.page.evaluate("window.__written")) == (count, [])


def test_what_is_done_on_the_canvas_is_undone_too(opened):
    page = opened("moons", "data=moons&net=4")
    at(page, "moons", net="4")
    count = entries(page)
    page.click_on("button", "layer", 1)
    page.wait_for_link(net="4-4")
    assert entries(page) == count + 1
    page.page.go_back()
    page.wait_for_link(net="4")
    page.page.go_forward()
    page.wait_for_link(net="4-4")


def test_back_to_a_lab_brings_its_setting_back(opened):
    page = opened("grid")
    at(page, "grid")
    other = LABS["grid"].recipes[1]
    before = page.link
    page.page.locator(".st-key-recipe").get_by_text(other.label, exact=True).click()
    page.wait(lambda: page.link != before)
    changed = page.link
    page.page.go_back()
    page.wait(lambda: page.link == before)
    page.page.go_forward()
    page.wait(lambda: page.link == changed)
