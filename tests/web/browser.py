"""A real browser on a served sample district, for journeys."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

from tests.prepared_folders import prepare_folder
from tests.sample_server import prepare_assessed_sample, run_process, serve_data
from tests.web.accessibility import find_faults, has_axe
from tools.browser import find_browser

CHROMIUM = find_browser()
NO_CHROMIUM = "no Chromium: set HOMEROOM_CHROMIUM or install chromium"
VIEWS = {"wide": (1280, 900), "phone": (360, 780)}
NARROWEST = 320
"""Width of a screen of 1280 pixels at a zoom of 400 percent, on which nothing scrolls sideways."""
_FIND_OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return Math.max(one.getBoundingClientRect().right, range.getBoundingClientRect().right) > root.clientWidth + 0.5;
  });
  const inner = wide.filter(one => !wide.some(other => other !== one && one.contains(other)));
  return [`${root.scrollWidth} pixels`, ...inner.slice(0, 5).map(one => one.outerHTML.slice(0, 160))];
}"""


@dataclass(frozen=True)
class SampleDistrict:
    """A data folder of an assessed sample district, its exports, and the passphrases by user."""

    data: Path
    files: Path
    passphrases: dict[str, str]

    def copy_to(self, folder: Path) -> SampleDistrict:
        """Copy the district to its own folder, for a test that writes."""
        shutil.copytree(self.data, folder)
        return SampleDistrict(data=folder, files=self.files, passphrases=self.passphrases)


def get_sample_district() -> SampleDistrict:
    """Return the sample district, created once per run; a test that writes must copy it."""
    folder = prepare_folder("sample-with-users", _create_sample_with_users)
    passphrases = msgspec.json.decode((folder / "passphrases.json").read_bytes(), type=dict[str, str])
    return SampleDistrict(data=folder / "data", files=prepare_assessed_sample() / "sample", passphrases=passphrases)


def _create_sample_with_users(folder: Path) -> None:
    shutil.copytree(prepare_assessed_sample() / "data", folder / "data")
    (folder / "passphrases.json").write_bytes(msgspec.json.encode(create_users(folder / "data")))


def create_users(data: Path) -> dict[str, str]:
    """Create a user for each role and return their passphrases."""
    passphrases: dict[str, str] = msgspec.json.decode(run_process(data=data, module="tests.web.create_users"))
    return passphrases


@contextmanager
def start_browser() -> Iterator[Browser]:
    """Start Chromium."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


@contextmanager
def open_site(
    browser: Browser, district: SampleDistrict, name: str = "technician", *, worker: bool = False
) -> Iterator[Page]:
    """Serve a district and yield a browser page with one of the cast signed in."""
    with (
        serve_data(district.data, worker=worker) as address,
        browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}) as context,
    ):
        page = context.new_page()
        sign_in(page, name, district.passphrases[name])
        yield page


def await_live_server() -> None:
    """Wait for the threads of Django's live server: each closes its connection once the browser has let go of it."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)


def sign_in(page: Page, name: str, passphrase: str) -> None:
    """Sign one of the cast in."""
    page.goto("/sign-in")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(passphrase)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))


def find_faults_on_screens(page: Page, address: str) -> list[Any]:
    """Find the faults of a page on every screen."""
    return [
        fault
        for number, view in enumerate(VIEWS)
        for fault in find_page_faults(page, address, view, is_checked=has_axe(address, number, screens=len(VIEWS)))
    ]


def find_page_faults(page: Page, address: str, view: str, *, is_checked: bool = True) -> list[Any]:
    """Find the faults of a page on a screen: axe violations, and content wider than the screen."""
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page_faults = find_faults(page, is_checked=is_checked)
    if view == "phone":
        page.set_viewport_size({"width": NARROWEST, "height": height})
        page_faults += [(address, f"wider than {NARROWEST} pixels", [element]) for element in find_overflow(page)]
    return page_faults


def find_overflow(page: Page) -> list[str]:
    """Find what is wider than the screen, so that the page scrolls sideways: the innermost elements."""
    wide: list[str] = page.evaluate(_FIND_OVERFLOW)
    return wide
