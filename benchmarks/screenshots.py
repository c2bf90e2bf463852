"""The pictures of the README and of docs/images: `python -m benchmarks.screenshots [--out FOLDER] [--full]`.

Plays every page in the real browser, in light and dark, and photographs it. `--full` adds the size of a projector
(1920 x 1080) to that of a laptop (1280 x 800) for every page; without it only the first page has it.
"""

import argparse
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.browser import chromium
from benchmarks.server import ROOT, App

LAPTOP, PROJECTOR = (1280, 800), (1920, 1080)
SECONDS = 6.0  # of training before the picture is taken
COLOURS = 192  # of a palette: a third of the size, and nobody sees it


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--full", action="store_true", help="the large size for every page")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="training before each picture")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    pages = sorted(view.stem for view in (ROOT / "playground" / "views").glob("[a-z]*.py"))
    with App() as app, chromium() as browser:
        for page in pages:
            for theme in ("light", "dark"):
                sizes = (LAPTOP, PROJECTOR) if chosen.full or page == "swiss_roll" else (LAPTOP,)
                for size in sizes:
                    file = chosen.out / f"{page}-{theme}-{size[0]}.png"
                    photograph(
                        browser,
                        app.url + ("" if page == "swiss_roll" else f"/{page}"),
                        theme,
                        size,
                        file,
                        chosen.seconds,
                    )
                    print(f"{file.name}  {file.stat().st_size / 1000:.0f} kB")


def photograph(browser: Browser, url: str, theme: str, size: tuple[int, int], file: Path, seconds: float) -> None:
    """Open a page, play it for a while, pause it, and store what it looks like."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=theme)
    page.goto(url)
    page.locator("[data-testid=stage][data-painted]").wait_for(timeout=30_000)
    page.keyboard.press("Space")
    page.locator("[data-testid=stage][data-state=playing]").wait_for(timeout=10_000)
    page.wait_for_timeout(1000 * seconds)
    page.keyboard.press("Space")
    page.locator("[data-testid=stage]:not([data-state=playing])").wait_for(timeout=10_000)
    page.wait_for_timeout(600)  # the last movement ends
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    page.close()


if __name__ == "__main__":
    main()
