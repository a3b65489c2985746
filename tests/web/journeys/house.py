"""The journeys' house: two districts, everybody of the cast, a Monday morning and the Tuesday after it."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

from homeroom.sample import make
from tests.houses import said, served
from tests.web.browsing import CHROMIUM, VIEWS, signed_in
from tests.web.journeys.gathering import HERE

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
Row = dict[str, str]


@dataclass(frozen=True)
class House:
    """A data folder of two districts of which the first is judged, its exports, and everybody's passphrase."""

    data: Path
    files: Path
    passphrases: dict[str, str]

    def copied(self, folder: Path) -> House:
        """The same house and exports in a folder of their own, for a journey that writes."""
        shutil.copytree(self.data, folder / "data")
        shutil.copytree(self.files, folder / "files")
        return House(data=folder / "data", files=folder / "files", passphrases=self.passphrases)

    def assessed(self, *files: Path, day: date) -> None:
        """Loads exports and judges the first district."""
        given = [str(file) for file in files]
        words = ("--approve", "--data", str(self.data), "--district", HERE, "--today", day.isoformat())
        said("assess", *given, *words, data=self.data)


def built(root: Path) -> House:
    """The house on its Monday."""
    files, data = root / "files", root / "data"
    make(files, students=500, seed=1, today=MONDAY)
    shutil.rmtree(files / "google" / "one-unit")
    passphrases = msgspec.json.decode(said(str(data), data=data, module="tests.web.journeys.gathering"))
    house = House(data=data, files=files, passphrases=passphrases)
    house.assessed(files, day=MONDAY)
    return house


class Visitors:
    """Pages of a browser on one served house, each with somebody of the cast signed in."""

    def __init__(self, browser: Browser, address: str, house: House) -> None:
        self.browser, self.address, self.house = browser, address, house

    def arrive(self, name: str, view: str = "wide") -> Page:
        """A new page, signed in; what the console calls an error while it is used fails the journey."""
        width, height = VIEWS[view]
        context = self.browser.new_context(base_url=self.address, viewport={"width": width, "height": height})
        page = context.new_page()
        signed_in(page, name, self.house.passphrases[name])
        return page


@contextmanager
def open_house(house: House, *, day: date = MONDAY) -> Iterator[Visitors]:
    """The house served at twenty to seven of that day, with no load in progress."""
    morning = datetime(day.year, day.month, day.day, 12, 40, tzinfo=UTC)
    clock = {"DJANGO_SETTINGS_MODULE": "tests.web.journeys.mornings", "HOMEROOM_MORNING": morning.isoformat()}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with served(house.data, worker=False, **clock) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        yield Visitors(browser, address, house)
        browser.close()


def rows_of(path: Path) -> list[Row]:
    """A CSV export."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def edited(path: Path, change: Callable[[Row], Row]) -> None:
    """Writes a CSV export anew with every row changed."""
    rows = [change(row) for row in rows_of(path)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def pupils(files: Path) -> set[str]:
    """The full names of the roster's pupils, those of whom nobody on the staff has the same."""
    people = rows_of(files / "oneroster" / "users.csv")
    roles = rows_of(files / "oneroster" / "roles.csv")
    enrolled = {row["userSourcedId"] for row in roles if row["role"] == "student"}
    named = {True: set[str](), False: set[str]()}
    for row in people:
        named[row["sourcedId"] in enrolled].add(f"{row['givenName']} {row['familyName']}")
    staff = {f"{row['First Name']} {row['Last Name']}" for row in rows_of(files / "hr" / "staff.csv")}
    return named[True] - named[False] - staff


def pupil_words(files: Path) -> set[str]:
    """What gives a pupil away: the full name, and the address in the pupils' domain."""
    users = rows_of(files / "google" / "users.csv")
    return pupils(files) | {row["primaryEmail"] for row in users if row["orgUnitPath"].startswith("/Students")}
