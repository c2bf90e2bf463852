"""A Chromium for benchmarks and tests: an installed one, else the one that playwright downloads, else one sentence.

PLAYWRIGHT_CHROMIUM names a browser to be used before all others.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
MAC = ("Google Chrome", "Chromium", "Microsoft Edge")
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
WINDOWS_ROOTS = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = (
    "No Chromium or Chrome was found and playwright could not download one: install Chrome or Chromium, or run "
    "`python -m playwright install chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one."
)


def installed(system: str = sys.platform) -> str | None:
    """Path of a browser that is installed, or None."""
    if named := os.environ.get("PLAYWRIGHT_CHROMIUM"):
        return named
    if found := next(filter(None, map(shutil.which, NAMES)), None):
        return found
    return next((str(path) for path in usual_places(system) if path.is_file()), None)


def usual_places(system: str) -> list[Path]:
    """Where browsers stand that are not on the PATH."""
    if system == "darwin":
        roots = (Path("/Applications"), Path.home() / "Applications")
        return [root / f"{name}.app" / "Contents" / "MacOS" / name for root in roots for name in MAC]
    if system == "win32":
        roots = [Path(os.environ[name]) for name in WINDOWS_ROOTS if name in os.environ]
        return [root / place for root in roots for place in WINDOWS]
    return []


def launch(playwright: Playwright) -> Browser | None:
    """A headless browser, or None where there is none to be had."""
    path = installed()
    if path is None and not Path(playwright.chromium.executable_path).is_file():
        done = subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True)
        if done.returncode != 0:
            return None
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        return playwright.chromium.launch(executable_path=path, args=list(FLAGS), chromium_sandbox=not root)
    except Error:
        if root:
            raise
    # A container without user namespaces has no sandbox, and the browser opens nothing but this app.
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS), chromium_sandbox=False)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser for a benchmark; RuntimeError, one sentence, where there is none to be had."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if browser is None:
            raise RuntimeError(MISSING)
        try:
            yield browser
        finally:
            browser.close()
