"""A real browser on a served house, for journeys over the sample district."""

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

from tests.houses import exports, said, served

CHROMIUM = os.environ.get("HOMEROOM_CHROMIUM") or shutil.which("chromium") or ""
NO_CHROMIUM = "no Chromium: set HOMEROOM_CHROMIUM or install chromium"
VIEWS = {"wide": (1280, 900), "phone": (360, 780)}


@dataclass(frozen=True)
class House:
    """A data folder that a sample district was assessed into, its exports, and who may sign in with which passphrase."""

    data: Path
    files: Path
    passphrases: dict[str, str]

    def copied(self, folder: Path) -> House:
        """The same house in a folder of its own, for a test that writes."""
        shutil.copytree(self.data, folder)
        return House(data=folder, files=self.files, passphrases=self.passphrases)


@cache
def sample_house() -> House:
    """A house of the sample district, made once a process. Nobody writes into it: who has to takes a copy."""
    root = Path(tempfile.mkdtemp(prefix="house-", dir=os.environ["HOMEROOM_DATA"]))  # tests/conftest.py removes it
    files = exports(root / "sample")
    data = root / "data"
    said("assess", str(files), "--data", str(data), "--today", "2026-01-06", data=data)
    return House(data=data, files=files, passphrases=people(data))


def people(data: Path) -> dict[str, str]:
    """Lets the cast sign in; everybody's passphrase."""
    told: dict[str, str] = msgspec.json.decode(said(data=data, module="tests.web.letting_in"))
    return told


@contextmanager
def browsing(house: House, name: str = "technician", *, worker: bool = False) -> Iterator[Page]:
    """A page of a browser in which one of the cast is signed in."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with served(house.data, worker=worker) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        signed_in(page, name, house.passphrases[name])
        yield page
        browser.close()


def signed_in(page: Page, name: str, passphrase: str) -> None:
    """Signs one of the cast in."""
    page.goto("/sign-in")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(passphrase)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: not address.endswith("/sign-in"))


def faults(page: Page, address: str, view: str) -> list[Any]:
    """What is wrong with a page on a screen: what axe finds, and content wider than the screen."""
    width, height = VIEWS[view]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    found = Axe().run(page).response["violations"]
    wrong: list[Any] = [(address, one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
    if page.evaluate("document.documentElement.scrollWidth") > width:
        wrong.append((address, "wider than the screen", []))
    return wrong
