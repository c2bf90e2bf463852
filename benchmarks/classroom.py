"""A class on one server: many sessions that play at once, each as a client of the page's two WebSockets.

    python -m benchmarks.classroom --sessions 30 [--seconds 20] [--rush] [--json FILE]

The app runs in one process; all clients run in this one. Each opens a page (several pages in turn), presses Play, and
asks for pictures as the stage does, while all of them press Pause and Play at random times. With --rush all of them
come within two seconds to a server that has just been started.
"""

import argparse
import asyncio
import random
import time
from collections import defaultdict

from benchmarks.protocol import Client
from benchmarks.report import jain, machine, middle, quantile, table, write_json
from benchmarks.server import App, CpuMeter, seconds_until_idle

PAGES = ("", "moons", "circles", "peaks", "gaussian_mixture", "xor", "regression")  # "" is the app's first page
OPENING = 0.15  # seconds between two students who open their page
SETTLING = 3.0  # seconds between the last Play and the start of the counting
BETWEEN = (2.0, 6.0)  # seconds of play between two clicks on Pause
RUSH = 2.0  # seconds in which all come
RESTING = (0.3, 0.8)  # seconds from Pause to Play


async def measure(app: App, sessions: int, seconds: float, pages: tuple[str, ...] = PAGES) -> dict:
    """Let `sessions` clients play for `seconds`, and return the figures by name."""
    clients = [Client(app.url, pages[number % len(pages)]) for number in range(sessions)]
    first = await clients[0].open()  # alone, because it imports the app
    for client in clients[1 : len(pages)]:  # one after the other, because each page imports its own parts
        await client.open()
    base, others = app.megabytes(), clients[len(pages) :]
    opening = await asyncio.gather(*(_late(number * OPENING, client) for number, client in enumerate(others)))
    opened = app.megabytes()
    await asyncio.gather(*(client.click("play", "playing") for client in clients))
    await asyncio.sleep(SETTLING)
    for client in clients:
        client.count_anew()
    meter = CpuMeter(app)
    end = time.perf_counter() + seconds
    await asyncio.gather(*(_student(client, random.Random(number), end) for number, client in enumerate(clients)))
    cores, memory = meter.cores(), app.megabytes()
    await asyncio.gather(*(client.close() for client in clients))
    tallies = [client.tally for client in clients]
    rates = [tally.frames / max(tally.played, 1e-9) for tally in tallies]
    clicks = [1000 * click for tally in tallies for click in tally.clicks]
    exceptions = [text for client in clients for text in client.exceptions]
    for text in sorted(set(exceptions))[:5]:
        print(f"exception: {text}")
    return {
        "level": "clients of the two WebSockets",
        "sessions": sessions,
        "seconds": seconds,
        "frames_per_second_min": min(rates),
        "frames_per_second_median": middle(rates),
        "jain_frames": jain(rates),
        "jain_steps": _jain_by_page(clients),
        "steps_per_second_total": sum(tally.steps for tally in tallies) / seconds,
        "steps_per_second_by_page": _steps_by_page(clients),
        "clicks": len(clicks),
        "clicks_unanswered": sum(tally.unanswered for tally in tallies),
        "click_ms_p50": quantile(clicks, 0.5),
        "click_ms_p95": quantile(clicks, 0.95),
        "first_open_s": first,
        "open_s_p95": quantile(opening, 0.95),
        "frame_kb": sum(tally.frame_bytes for tally in tallies) / max(1, sum(tally.frames for tally in tallies)) / 1000,
        "server_cpu_cores": cores,
        "server_mb": memory,
        "mb_per_session": (memory - base) / len(others) if others else float("nan"),
        "mb_per_session_opened": (opened - base) / len(others) if others else float("nan"),
        "idle_after_close_s": await asyncio.to_thread(seconds_until_idle, app),
        "exceptions": len(exceptions) + app.tracebacks(),
    }


async def rush(app: App, sessions: int, pages: tuple[str, ...] = PAGES) -> dict:
    """All arrive within RUSH seconds at a new server; when has each its page?"""
    clients = [Client(app.url, pages[number % len(pages)]) for number in range(sessions)]
    opening = await asyncio.gather(*(_late(RUSH * number / sessions, client) for number, client in enumerate(clients)))
    await asyncio.gather(*(client.close() for client in clients))
    exceptions = [text for client in clients for text in client.exceptions]
    for text in sorted(set(exceptions))[:5]:
        print(f"exception: {text}")
    return {
        "sessions": sessions,
        "rush_s_p50": quantile(opening, 0.5),
        "rush_s_last": max(opening),
        "exceptions": len(exceptions) + app.tracebacks(),
    }


async def _late(delay: float, client: Client) -> float:
    await asyncio.sleep(delay)
    return await client.open()  # counts from here


async def _student(client: Client, rng: random.Random, end: float):
    """Press Pause and Play again and again, at moments of no pattern; a run that has ended is played again."""
    while (left := end - time.perf_counter()) > 0:
        await asyncio.sleep(min(left, rng.uniform(*BETWEEN)))
        if time.perf_counter() >= end:
            break
        if client.header["playing"]:
            await client.click("pause", "paused")
            await asyncio.sleep(rng.uniform(*RESTING))
        if not client.header["playing"]:
            await client.click("play", "playing")


def _jain_by_page(clients: list[Client]) -> float:
    """Jain's index of the steps per second, each divided by the mean of its page: a step costs more on some pages."""
    shares = []
    for rates in _rates_of_steps(clients).values():
        mean = sum(rates) / len(rates)
        shares += [rate / mean if mean else 0.0 for rate in rates]
    return jain(shares)


def _steps_by_page(clients: list[Client]) -> dict[str, float]:
    return {page or "first page": sum(rates) / len(rates) for page, rates in _rates_of_steps(clients).items()}


def _rates_of_steps(clients: list[Client]) -> dict[str, list[float]]:
    rates = defaultdict(list)
    for client in clients:
        rates[client.page].append(client.tally.steps / max(client.tally.played, 1e-9))
    return rates


ROWS = (
    ("sessions", "that play at once, as clients of the two WebSockets"),
    ("frames_per_second_min", "pictures per second of play, the session with the fewest (3 or more with 60)"),
    ("frames_per_second_median", "the same, the session in the middle"),
    ("jain_frames", "Jain's index of the pictures per second (over .95)"),
    ("jain_steps", "Jain's index of the steps per second, each against the mean of its page"),
    ("steps_per_second_total", "training steps of all sessions in a second"),
    ("clicks", "on Play and Pause, at random times"),
    ("clicks_unanswered", "within 10 s (0)"),
    ("click_ms_p50", "from a click to the picture that shows it, median"),
    ("click_ms_p95", "the same, of 95 in 100 clicks (200 or less, 400 with 60)"),
    ("first_open_s", "to open the first page of a new server"),
    ("open_s_p95", "to open a page while others do"),
    ("frame_kb", "size of one picture, mean, in kB"),
    ("server_cpu_cores", "cores that the server used"),
    ("server_mb", "memory of the server at the end"),
    ("mb_per_session", "growth of the memory for each session after the first on its page"),
    ("idle_after_close_s", "from closing all tabs in mid-play to an idle server (3 or less)"),
    ("exceptions", "on the pages, of the connections, or printed by the server (0)"),
)


RUSH_ROWS = (
    ("sessions", "that come within 2 s to a server that has just been started"),
    ("rush_s_p50", "from coming to the page with its stage, median"),
    ("rush_s_last", "the same, of the last (5 or less)"),
    ("exceptions", "on the pages, of the connections, or printed by the server (0)"),
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30, help="how many play at once (default 30)")
    parser.add_argument("--seconds", type=float, default=20, help="how long is counted (default 20)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--rush", action="store_true", help="all come within 2 s, and only that is measured")
    parser.add_argument("--pages", help="addresses of pages, with commas; an empty one is the app's first page")
    options = parser.parse_args()
    pages = PAGES if options.pages is None else tuple(options.pages.split(","))
    where = machine()
    if options.rush:
        with App() as app:
            result = asyncio.run(rush(app, options.sessions, pages))
        print(table(f"Rush: {options.sessions} sessions", [(name, result[name], text) for name, text in RUSH_ROWS]))
        print(where)
        write_json(options.json, {**result, "machine": where})
        return
    with App() as app:
        result = asyncio.run(measure(app, options.sessions, options.seconds, pages))
    rows = [(name, result[name], text) for name, text in ROWS]
    print(table(f"Classroom: {options.sessions} sessions, {options.seconds:.0f} s", rows))
    by_page = ", ".join(f"{page} {rate:,.0f}" for page, rate in result["steps_per_second_by_page"].items())
    print(f"steps per second of a session, by page: {by_page}")
    print(where)
    write_json(options.json, {**result, "machine": where})


if __name__ == "__main__":
    main()
