"""The live page in a real browser: how many pictures a second, how soon Pause is obeyed, what it costs.

    python -m benchmarks.live --seconds 10 [--json FILE] [--page moons] [--size 1280x800]

Starts the app, opens one page in a headless Chromium, presses Play, and watches the stage from inside the page
(probe.js). The samples that look for blank pictures are taken in the same run, and their cost is part of what is shown.
"""

import argparse
import random
import time
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.browser import chromium
from benchmarks.report import machine, middle, table, write_json
from benchmarks.server import App, CpuMeter, seconds_until_idle

PROBE = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
SAMPLES = 300  # of the canvas, spread over the run
PAUSES = 11
NEURONS = 10  # clicks on + and - of the first layer
SAMPLES_AT_CLICK = 25  # more of them, around each click
QUIET_MS = 500  # after Pause: frames that come so late would still be seen
TIMEOUT_MS = 20_000
PLAY, PAUSE = ".st-key-play button", ".st-key-pause button"


def measure(seconds: float, page_path: str = "", size: tuple[int, int] = (1280, 800)) -> dict:
    """Play a page for `seconds` and return the figures by name; page_path "" is the app's first page."""
    with App() as app, chromium() as browser:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        received, errors = [], []
        page.on("websocket", lambda socket: _listen(socket, received))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{app.url}/{page_path}")
        page.locator("[data-testid=stage][data-painted]").wait_for(timeout=TIMEOUT_MS)
        page.locator(PLAY).first.wait_for(timeout=TIMEOUT_MS)
        page.wait_for_timeout(1500)  # until the page has settled
        page.evaluate(PROBE)
        page.evaluate("probe.watch()")
        result = {"page": page_path or "first page", "seconds": seconds}
        result |= _play(page, app, seconds, received)
        result |= _pauses(page)
        _click(page, PLAY, "d.state === 'playing'")
        result |= _neurons(page)
        result |= _around_clicks(page)
        page.wait_for_timeout(1000)
        page.close()  # while it plays, as a student closes a tab
        result["idle_after_close_s"] = seconds_until_idle(app)
        result["browser_errors"] = len(errors)
        result["server_tracebacks"] = app.tracebacks()
        for error in errors[:5]:
            print(f"error in the browser: {error}")
    return result


def _listen(socket, received: list):
    if "/live/" in socket.url:
        socket.on("framereceived", lambda payload: received.append(payload))  # playwright marks what it is given


def _play(page: Page, app: App, seconds: float, received: list) -> dict:
    """Press Play and watch for `seconds` from the first picture that has moved."""
    played = _click(page, PLAY, "d.state === 'playing' && +d.step > 0")
    received.clear()
    meter = CpuMeter(app)
    page.evaluate("([ms, count]) => probe.sampleFor(ms, count)", [1000 * seconds, SAMPLES])
    start = page.evaluate("performance.now()")
    page.wait_for_timeout(1000 * seconds)
    cores = meter.cores()
    messages = list(received)
    page.wait_for_function("count => probe.samples.length >= count", arg=SAMPLES, timeout=TIMEOUT_MS)
    frames = [row for row in page.evaluate("probe.frames") if start <= row[0] < start + 1000 * seconds]
    samples = page.evaluate("probe.samples.splice(0)")
    sent = [len(payload) for payload in messages if isinstance(payload, bytes)]
    return {
        "painted_fps": middle(_per_second(frames, start, int(seconds))),
        "longest_gap_ms": max((b[0] - a[0] for a, b in pairwise(frames)), default=1000 * seconds),
        "blank_frames": sum(sample["blank"] for sample in samples),
        "greyed_frames": sum(sample["greyed"] for sample in samples),
        "samples": len(samples),
        "sample_ms_p50": middle([sample["ms"] for sample in samples]),
        "frame_kb": sum(sent) / max(1, len(sent)) / 1000,
        "server_cpu_cores": cores,
        "server_mb": app.megabytes(),
        "steps_per_second": 1000 * (frames[-1][2] - frames[0][2]) / (frames[-1][0] - frames[0][0])
        if len(frames) > 1
        else 0.0,
        "play_to_first_change_ms": played,
        "state_at_end": frames[-1][3] if frames else "no frame",
    }


def _per_second(frames: list, start: float, seconds: int) -> list[int]:
    """Pictures painted in each whole second: rows of (ms, data-painted, ...)."""
    counts = []
    for second in range(seconds):
        low, high = start + 1000 * second, start + 1000 * (second + 1)
        counts.append(len({painted for at, painted, *_ in frames if low <= at < high}))
    return counts


def _pauses(page: Page) -> dict:
    """Press Pause at moments of no pattern; it is obeyed when the stage says so and its last picture has come."""
    delays, rng = [], random.Random(0)
    for number in range(PAUSES):
        if number:
            _click(page, PLAY, "d.state === 'playing'")
        page.wait_for_timeout(rng.uniform(400, 900))
        clicked = page.evaluate("probe.frames.length")
        page.evaluate("([ms, count]) => probe.sampleFor(ms, count)", [QUIET_MS, SAMPLES_AT_CLICK])
        _click(page, PAUSE, "d.state === 'paused'")
        page.wait_for_timeout(QUIET_MS)
        at = page.evaluate("probe.clicks.at(-1)")
        after = [row for row in page.evaluate("from => probe.frames.slice(from)", clicked) if row[0] >= at]
        moved = [now[0] for before, now in pairwise(after) if now[2] != before[2]]  # what is painted anew need not move
        delays.append((moved[-1] if moved else after[0][0]) - at)
    return {"pause_ms_p50": middle(delays), "pause_ms_max": max(delays), "pauses": len(delays)}


def _neurons(page: Page) -> dict:
    """Give the first layer a unit more and one less, in turn, while it plays: when is the changed network painted?"""
    delays, rng = [], random.Random(1)
    for number in range(NEURONS):
        page.wait_for_timeout(rng.uniform(400, 900))
        by = (1, -1)[number % 2]
        place = page.evaluate("by => probe.root.__stage.where?.('button', 'units', 0, by)", by)
        if not place:  # a page of pictures has no such buttons
            break
        wanted = by + page.evaluate("probe.frames.at(-1)[4]")
        page.evaluate("([ms, count]) => probe.sampleFor(ms, count)", [QUIET_MS, SAMPLES_AT_CLICK])
        page.mouse.click(place["x"], place["y"])
        changed = "units => probe.frames.at(-1)[4] === units"
        page.wait_for_function(changed, arg=wanted, polling="raf", timeout=TIMEOUT_MS)
        pressed, rows = page.evaluate("[probe.presses.at(-1), probe.frames]")
        delays.append(next(row[0] for row in rows if row[0] >= pressed and row[4] == wanted) - pressed)
    page.wait_for_timeout(QUIET_MS)
    return {"neuron_ms": middle(delays), "neuron_ms_max": max(delays, default=float("nan"))}


def _around_clicks(page: Page) -> dict:
    """What the samples around all these clicks have seen."""
    samples = page.evaluate("probe.samples")
    return {
        "blank_at_clicks": sum(sample["blank"] for sample in samples),
        "greyed_at_clicks": sum(sample["greyed"] for sample in samples),
        "samples_at_clicks": len(samples),
        "remounts": page.evaluate("probe.remounts"),
    }


def _click(page: Page, button: str, until: str) -> float:
    """Click, wait until the stage's data set `d` is as wanted; returns the ms between, as the page's clock tells."""
    page.locator(button).first.click(timeout=TIMEOUT_MS)
    page.wait_for_function(
        f"() => {{ const d = probe.root.dataset; return probe.root.isConnected && {until}; }}",
        polling="raf",
        timeout=TIMEOUT_MS,
    )
    clicked, rows = page.evaluate("[probe.clicks.at(-1), probe.frames]")
    state = "paused" if button == PAUSE else "playing"
    steps = [row for row in rows if row[0] >= clicked and row[3] == state]
    first = steps[0][2] if steps else 0
    changed = [row for row in steps if state == "paused" or row[2] != first] or steps
    return changed[0][0] - clicked if changed else float("nan")


ROWS = (
    ("painted_fps", "pictures painted in a second while it trains, median (40 or more)"),
    ("longest_gap_ms", "longest wait between two pictures"),
    ("blank_frames", "samples of the canvas that showed no map or no network (0)"),
    ("greyed_frames", "samples in which Streamlit had greyed the stage (0)"),
    ("samples", "samples of the canvas"),
    ("blank_at_clicks", "the same around clicks on Pause, + and - (0)"),
    ("greyed_at_clicks", "the same around these clicks (0)"),
    ("samples_at_clicks", "samples around these clicks"),
    ("remounts", "times that the stage was taken away and put up anew (0)"),
    ("play_to_first_change_ms", "from the click on Play to the first picture that has moved (120 or less)"),
    ("pause_ms_p50", "from the click on Pause to the last picture, median (60 or less)"),
    ("pause_ms_max", "the same, the slowest"),
    ("neuron_ms", "from the click on + or - of a layer to the first picture of the network, median (120 or less)"),
    ("neuron_ms_max", "the same, the slowest"),
    ("frame_kb", "size of one moving picture on the wire, mean, in kB (15 or less)"),
    ("steps_per_second", "training steps in a second, pictures included"),
    ("server_cpu_cores", "cores that the server used while it played"),
    ("server_mb", "memory of the server with one session"),
    ("idle_after_close_s", "from closing the tab in mid-play to an idle server (3 or less)"),
    ("browser_errors", "errors in the browser's console (0)"),
    ("server_tracebacks", "exceptions that the server printed (0)"),
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="how long it plays, at least 2 (default 10)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--page", default="", help="a page's address, e.g. moons (default: the app's first page)")
    parser.add_argument("--size", default="1280x800", help="of the window (default 1280x800)")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    where = machine()
    began = time.perf_counter()
    result = measure(max(2.0, options.seconds), options.page, (width, height))
    rows = [(name, result[name], text) for name, text in ROWS]
    print(table(f"Live: {result['page']}, {options.size}, {result['seconds']:.0f} s", rows))
    print(f"{where}; took {time.perf_counter() - began:.0f} s")
    if result["state_at_end"] != "playing":
        print(f"Note: the run did not play to the end ({result['state_at_end']}), so the figures are too low.")
    write_json(options.json, {**result, "machine": where})


if __name__ == "__main__":
    main()
