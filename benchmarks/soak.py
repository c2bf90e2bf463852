"""A day of a class in minutes: sessions that come, play, change the network, move between pages, and leave.

    python -m benchmarks.soak --minutes 20 [--sessions 30] [--json FILE]

The app runs in one process. Its memory, threads and open files are noted every few seconds: what grows after the first
third, when every page has been seen, would go on growing.
"""

import argparse
import asyncio
import random
import time

from benchmarks.classroom import PAGES
from benchmarks.protocol import Client
from benchmarks.report import machine, middle, table, write_json
from benchmarks.server import App

LOOK = 5.0  # seconds between two looks at the server
STAY = (20.0, 90.0)  # seconds that a student stays
REST = (1.0, 5.0)  # seconds between two who sit at one place
BETWEEN = (1.0, 5.0)  # seconds between two things that a student does
SETTLE = 320  # seconds: Streamlit keeps a session that was left for server.disconnectedSessionTTL, 300
DEEDS = (
    {"kind": "units", "layer": 0, "by": 1},
    {"kind": "units", "layer": 0, "by": -1},
    {"kind": "layer", "by": 1},
    {"kind": "layer", "by": -1},
    {"kind": "feature", "key": "x1^2"},
)
LABS_AND_IMAGES = ("digits", "grid", "seeds", "compare")


async def measure(app: App, sessions: int, seconds: float, settle: float) -> dict:
    """Let `sessions` places be taken for `seconds`, and return the figures by name; settle: seconds after that."""
    exceptions: list[str] = []
    clients = [Client(app.url, page) for page in (*PAGES, *LABS_AND_IMAGES)]
    for client in clients:  # each page imports its own parts
        await client.open()
        await client.close()
    await asyncio.sleep(LOOK)
    start = _looked(app)
    end, looks = time.perf_counter() + seconds, []
    places = [asyncio.create_task(_place(app, random.Random(n), end, exceptions)) for n in range(sessions)]
    while time.perf_counter() < end:
        await asyncio.sleep(LOOK)
        looks.append((seconds - (end - time.perf_counter()), *_looked(app)))
    visits = sum(await asyncio.gather(*places))
    await asyncio.sleep(settle)
    await clients[0].open()  # Streamlit looks for sessions that are due when another comes
    await clients[0].close()
    await asyncio.sleep(LOOK)
    left = _looked(app)
    third = [memory for at, memory, *_ in looks if seconds / 3 <= at < seconds / 2]
    last = [memory for at, memory, *_ in looks if at >= 5 * seconds / 6]
    for text in sorted(set(exceptions))[:5]:
        print(f"exception: {text}")
    return {
        "sessions": sessions,
        "minutes": seconds / 60,
        "visits": visits,
        "server_mb_start": start[0],
        "server_mb_after_third": middle(third),
        "server_mb_end": middle(last),
        "growth_percent": 100 * (middle(last) / middle(third) - 1),
        "threads_start": start[1],
        "threads_most": max(threads for _, _, threads, _ in looks),
        "threads_end": left[1],
        "files_start": start[2],
        "files_most": max(files for _, _, _, files in looks),
        "files_end": left[2],
        "exceptions": len(exceptions) + app.tracebacks(),
        "looks": looks,
    }


def _looked(app: App) -> tuple[float, int, int]:
    """Memory in MB, threads, and open files with sockets."""
    return app.megabytes(), app.process.num_threads(), app.process.num_fds()


async def _place(app: App, rng: random.Random, end: float, exceptions: list[str]) -> int:
    """One student after the other; returns how many."""
    visits = 0
    while (left := end - time.perf_counter()) > 0:
        client = Client(app.url, rng.choice((*PAGES, *LABS_AND_IMAGES)))
        try:
            await client.open()
            await _student(client, rng, time.perf_counter() + min(left, rng.uniform(*STAY)))
            await client.close()
        except Exception as error:  # noted, and the next student comes
            exceptions.append(f"{type(error).__name__}: {error}")
        exceptions += client.exceptions
        visits += 1
        await asyncio.sleep(rng.uniform(*REST))
    return visits


async def _student(client: Client, rng: random.Random, end: float):
    """Play, pause, change the network, go to another page."""
    while time.perf_counter() < end:
        await asyncio.sleep(rng.uniform(*BETWEEN))
        match rng.randrange(6):
            case 0 if client.header["playing"]:
                await client.click("pause", "paused")
            case 0 | 1 | 2 if not client.header["playing"]:
                await client.click("play", "playing")
            case 3 | 4 if client.page in PAGES:
                await client.act(rng.choice(DEEDS))
            case 5:
                await client.visit(rng.choice((*PAGES, *LABS_AND_IMAGES)))


ROWS = (
    ("sessions", "places that are taken by one student after the other"),
    ("visits", "students that came and left"),
    ("server_mb_start", "memory of the server when every page had been opened once"),
    ("server_mb_after_third", "after the first third, median"),
    ("server_mb_end", "in the last sixth, median"),
    ("growth_percent", "growth after the first third (less than 5)"),
    ("threads_start", "threads at the start"),
    ("threads_most", "at the most"),
    ("threads_end", "when all have left and were forgotten (as at the start)"),
    ("files_start", "open files and sockets at the start"),
    ("files_most", "at the most"),
    ("files_end", "when all have left and were forgotten (as at the start)"),
    ("exceptions", "on the pages, of the connections, or printed by the server (0)"),
)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20, help="how long (default 20)")
    parser.add_argument("--sessions", type=int, default=30, help="how many at once (default 30)")
    parser.add_argument("--settle", type=float, default=SETTLE, help=f"seconds of quiet at the end (default {SETTLE})")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    options = parser.parse_args()
    where = machine()
    with App() as app:
        result = asyncio.run(measure(app, options.sessions, 60 * options.minutes, options.settle))
    rows = [(name, result[name], text) for name, text in ROWS]
    print(table(f"Soak: {options.sessions} places, {options.minutes:g} minutes", rows))
    print(where)
    write_json(options.json, {**result, "machine": where})


if __name__ == "__main__":
    main()
