"""A real browser on a served sample district, for journeys."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from tests.sample_server import generate_exports, run_process, serve_data

CHROMIUM = os.environ.get("HOMEROOM_CHROMIUM") or shutil.which("chromium") or ""
NO_CHROMIUM = "no Chromium: set HOMEROOM_CHROMIUM or install chromium"
VIEWS = {"wide": (1280, 900), "phone": (360, 780)}


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


@cache
def get_sample_district() -> SampleDistrict:
    """Return the sample district, created once per process; a test that writes must copy it."""
    root = Path(tempfile.mkdtemp(prefix="house-", dir=os.environ["HOMEROOM_DATA"]))  # tests/conftest.py removes it
    files = generate_exports(root / "sample")
    data = root / "data"
    run_process("assess", str(files), "--data", str(data), "--today", "2026-01-06", data=data)
    return SampleDistrict(data=data, files=files, passphrases=create_users(data))


def create_users(data: Path) -> dict[str, str]:
    """Create a user for each role and return their passphrases."""
    passphrases: dict[str, str] = msgspec.json.decode(run_process(data=data, module="tests.web.create_users"))
    return passphrases


@contextmanager
def open_browser(district: SampleDistrict, name: str = "technician", *, worker: bool = False) -> Iterator[Page]:
    """Yield a browser page with one of the cast signed in."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with serve_data(district.data, worker=worker) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        sign_in(page, name, district.passphrases[name])
        yield page
        browser.close()


def sign_in(page: Page, name: str, passphrase: str) -> None:
    """Sign one of the cast in."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(passphrase)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))


def find_page_faults(page: Page, address: str, view: str) -> list[Any]:
    """Find the faults of a page on a screen: axe violations, and content wider than the screen."""
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    violations = Axe().run(page).response["violations"]
    page_faults: list[Any] = [
        (address, violation["id"], [node["html"][:200] for node in violation["nodes"]]) for violation in violations
    ]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        page_faults.append((address, "wider than the screen", []))
    return page_faults
