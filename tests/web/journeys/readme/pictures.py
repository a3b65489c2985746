"""Make the pictures of README.md: `python -m tools pictures`, which runs this with Chromium.

They are made in the demo at a fixed time: the walk of README.md on a Tuesday, and the load of the next day. Time, data
and fonts are fixed, so that a picture changes only if its page did.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page

from tests.sample_server import run_process
from tests.web.browser import start_browser
from tests.web.journeys.districts import MONDAY, TUESDAY, JourneyDistricts, serve_for_visitors
from tests.web.journeys.readme.walk import DemoWalk, fix_former_staff, open_proof

MODULE = "tests.web.journeys.readme.create_demo"
FOLDER = Path(__file__).resolve().parents[4] / "docs" / "pictures"
WEDNESDAY = TUESDAY + timedelta(days=1)
SIZES = {"": (1280, 800), "-phone": (390, 844)}
WIDE = ("today", "finding", "fix-review", "demo-exports", "fix-confirmed", "today-after")
PHONE = ("today", "finding", "fix-confirmed")
OTHERS = {"plan": "/plan", "inventory": "/inventory", "posture": "/posture"}
PICTURES = (*WIDE, *(f"{name}-phone" for name in PHONE), *OTHERS)
HEIGHTS = {"finding": 1000}
SCROLLED = {"fix-review": "rows"}
"""Pictures that begin at the heading with this id."""
_SETTLE = """id => document.fonts.ready.then(() => {
  const drawn = [[/x-[0-9a-z]{13}/g, "x-2c4e6g8j0m2p4"], [/\\b[0-9a-f]{64}\\b/g, "0123456789abcdef".repeat(4)]];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    for (const [pattern, same] of drawn)
      if (texts.currentNode.data.search(pattern) >= 0)
        texts.currentNode.data = texts.currentNode.data.replace(pattern, same);
  document.activeElement?.blur();
  if (id) document.getElementById(id).scrollIntoView(); else scrollTo(0, 0);
})"""
"""Wait for the fonts, and write the same text for what is drawn by lot: a fix file's id, and its hash."""
QUALITY = 82


def list_picture_files() -> list[Path]:
    """Return the files of the pictures."""
    return sorted(FOLDER.glob("*.*"))


def make_pictures() -> None:
    """Make all pictures again in their folder."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as root, start_browser() as browser:
        demo = _create_demo(Path(root))
        with _open_director(browser, demo) as page:
            exports = fix_former_staff(DemoWalk(page, take_pictures), Path(root))
            for name, address in OTHERS.items():
                page.goto(address)
                take_pictures(page, name)
        run_process(str(demo.data), WEDNESDAY.isoformat(), str(exports), data=demo.data, module=MODULE)
        with _open_director(browser, demo, wednesday=True) as page:
            open_proof(DemoWalk(page, take_pictures))


def take_pictures(page: Page, name: str) -> None:
    """Take the pictures of a page by its name: wide, and on a phone if the name is among those."""
    for suffix, (width, height) in SIZES.items():
        if f"{name}{suffix}" not in PICTURES:
            continue
        page.set_viewport_size({"width": width, "height": HEIGHTS.get(f"{name}{suffix}", height)})
        page.evaluate(_SETTLE, SCROLLED.get(name, ""))
        session = page.context.new_cdp_session(page)
        shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
        session.detach()
        (FOLDER / f"{name}{suffix}.webp").write_bytes(base64.b64decode(shot["data"]))
    page.set_viewport_size({"width": SIZES[""][0], "height": SIZES[""][1]})


def _create_demo(root: Path) -> JourneyDistricts:
    data = root / "data"
    data.mkdir(mode=0o700)
    output = run_process(str(data), MONDAY.isoformat(), data=data, module=MODULE)
    passphrases = msgspec.json.decode(output, type=dict[str, str])
    return JourneyDistricts(data=data, files=root, passphrases=passphrases)


@contextmanager
def _open_director(browser: Browser, demo: JourneyDistricts, *, wednesday: bool = False) -> Iterator[Page]:
    with serve_for_visitors(browser, demo, day=WEDNESDAY if wednesday else TUESDAY) as visitors:
        yield visitors.open_page("director")


if __name__ == "__main__":
    make_pictures()
