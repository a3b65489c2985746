"""The data of the journeys: two districts, all of the cast, a Monday morning and the Tuesday after it."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page

from homeroom.sample import generate_sample
from tests.sample_server import run_process, serve_data
from tests.web.browser import VIEWS, sign_in
from tests.web.journeys.create_districts import DISTRICT

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
CsvRow = dict[str, str]


@dataclass(frozen=True)
class JourneyDistricts:
    """A data folder of two districts with the first one assessed, its exports, and all passphrases."""

    data: Path
    files: Path
    passphrases: dict[str, str]

    def copy_to(self, folder: Path) -> JourneyDistricts:
        """Copy the data and exports to their own folder, for a journey that writes."""
        shutil.copytree(self.data, folder / "data")
        shutil.copytree(self.files, folder / "files")
        return JourneyDistricts(data=folder / "data", files=folder / "files", passphrases=self.passphrases)

    def load_and_assess(self, *files: Path, day: date) -> None:
        """Load exports and assess the first district."""
        paths = [str(file) for file in files]
        options = ("--approve", "--data", str(self.data), "--district", DISTRICT, "--today", day.isoformat())
        run_process("assess", *paths, *options, data=self.data)


def build_districts(root: Path) -> dict[str, str]:
    """Build the districts as of their Monday in `files` and `data`, and return all passphrases by name."""
    files, data = root / "files", root / "data"
    generate_sample(files, students=500, seed=1, today=MONDAY)
    shutil.rmtree(files / "google" / "one-unit")
    passphrases: dict[str, str] = msgspec.json.decode(
        run_process(str(data), data=data, module="tests.web.journeys.create_districts")
    )
    grant = ("permissions", "grant", "fixes.take_alone", "technician", "--district", DISTRICT)
    run_process(*grant, data=data)  # the technician works nights, when nobody else can review
    JourneyDistricts(data=data, files=files, passphrases=passphrases).load_and_assess(files, day=MONDAY)
    return passphrases


class Visitors:
    """Browser pages on one served site, each with one of the cast signed in."""

    def __init__(self, browser: Browser, address: str, house: JourneyDistricts, contexts: ExitStack) -> None:
        self.browser, self.address, self.house, self._contexts = browser, address, house, contexts

    def open_page(self, name: str, view: str = "wide") -> Page:
        """Open a page and sign in."""
        page = self.open_blank_page(view)
        sign_in(page, name, self.house.passphrases[name])
        return page

    def open_blank_page(self, view: str = "wide") -> Page:
        """Open a page on which nobody is signed in, in a context that is closed with the site."""
        width, height = VIEWS[view]
        return self._contexts.enter_context(
            self.browser.new_context(base_url=self.address, viewport={"width": width, "height": height})
        ).new_page()


@contextmanager
def serve_for_visitors(browser: Browser, districts: JourneyDistricts, *, day: date = MONDAY) -> Iterator[Visitors]:
    """Serve the districts at 6:40 in the morning of that day, with no load in progress."""
    morning = datetime(day.year, day.month, day.day, 12, 40, tzinfo=UTC)
    clock = {"DJANGO_SETTINGS_MODULE": "tests.web.journeys.settings", "HOMEROOM_MORNING": morning.isoformat()}
    with serve_data(districts.data, worker=False, **clock) as address, ExitStack() as contexts:
        yield Visitors(browser, address, districts, contexts)


def read_csv(path: Path) -> list[CsvRow]:
    """Read the rows of a CSV export."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rewrite_csv(path: Path, change: Callable[[CsvRow], CsvRow]) -> None:
    """Rewrite a CSV export with each row changed."""
    rows = [change(row) for row in read_csv(path)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def list_student_names(files: Path) -> set[str]:
    """Return the full names of the roster's students, without names that somebody else has as well."""
    people = read_csv(files / "oneroster" / "users.csv")
    roles = read_csv(files / "oneroster" / "roles.csv")
    student_ids = {row["userSourcedId"] for row in roles if row["role"] == "student"}
    names_by_enrollment = {True: set[str](), False: set[str]()}
    for row in people:
        names_by_enrollment[row["sourcedId"] in student_ids].add(f"{row['givenName']} {row['familyName']}")
    staff = {f"{row['First Name']} {row['Last Name']}" for row in read_csv(files / "hr" / "staff.csv")}
    others = {
        f"{row['name.givenName']} {row['name.familyName']}"
        for row in read_csv(files / "google" / "users.csv")
        if not row["orgUnitPath"].startswith("/Students")
    }
    return names_by_enrollment[True] - names_by_enrollment[False] - staff - others


def list_student_identifiers(files: Path) -> set[str]:
    """Return texts that identify a student: the full name, and the address in the students' unit."""
    users = read_csv(files / "google" / "users.csv")
    return list_student_names(files) | {
        row["primaryEmail"] for row in users if row["orgUnitPath"].startswith("/Students")
    }
