"""Vulnerabilities: what to update first, the rows behind each number, what is out of support, and what was not compared."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import threading
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import sync_playwright

from homeroom.apps.audit.queries import trail
from homeroom.apps.vulnerabilities.behind import affected, silent
from homeroom.apps.vulnerabilities.deriving import with_flaws
from homeroom.apps.vulnerabilities.queries import flaws, remedies, unmatched
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES
from tests.cast import Cast
from tests.scene import JUDGED, TODAY
from tests.unit.vulnerabilities.house import feeds, frame, session_with

As = Callable[[str], Client]
CHROMIUM = os.environ.get("HOMEROOM_CHROMIUM") or shutil.which("chromium") or ""
CHROME = {"vendor": "google", "product": "chrome", "introduced": "0"}
PLAYER = {"vendor": "videolan", "product": "vlc_media_player", "introduced": "0", "last_affected": "3.0.20"}
RANGES = [
    {"cve": "CVE-2099-1001", **CHROME, "fixed": "140.0.7339.80"},
    {"cve": "CVE-2099-1002", **CHROME, "fixed": "141.0.7390.54"},
    {"cve": "CVE-2099-1003", **PLAYER},
]
CYCLES = [{"product": "windows", "cycle": "10-22h2", "eol_on": date(2025, 10, 14), "latest": "10.0.19045"}]
PAGES = (
    "/vulnerabilities",
    "/vulnerabilities/remedies/google-chrome",
    "/vulnerabilities/flaws/CVE-2099-1001",
    "/vulnerabilities/endings",
    "/vulnerabilities/unmatched",
    "/vulnerabilities/unmatched?reason=unknown",
)

FORMS = ("/vulnerabilities/suppress?thing=google-chrome", "/vulnerabilities/deadlines", "/exceptions")


@cache
def snapshot(*, exploited: str, chromes: int) -> dict[str, pa.Table]:
    """Derived tables of computers with an old Chrome, the second with a player too, every other one a pupil's."""
    devices = [
        {
            "id": n, "serial": f"5CD{n:04}", "name": f"lab-{n}", "platform": "windows", "os_version": "10.0.19045.9000",
            "school": "Cedar Middle" if n % 3 else None, "holder_name": "Ming Valdez", "holder_kind": "student" if n % 2 else "staff",
        }
        for n in range(1, chromes + 1)
    ]  # fmt: skip
    row = {"listing": "programs", "source": "fleet"}
    software = [
        {**row, "device": n, "name": "Google Chrome", "version": "139.0.7258.154"} for n in range(1, chromes + 1)
    ]
    software += [
        {**row, "device": 2, "name": "VLC media player", "version": "3.0.18"},
        {**row, "device": 2, "name": "Grade Book", "version": "3"},
    ]
    empty = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    given = {**empty, "devices": frame("devices", devices), "software": frame("software", software)}
    catalogue = [{"cve": exploited, "connector": "cisa", "due_on": date(2026, 1, 9), "ransomware": True}]
    session = session_with(**feeds(RANGES), lifecycles=CYCLES, known_exploited=catalogue)
    return with_flaws(session, given, today=TODAY)


def compared(store: Store, *, exploited: str, inputs: str, chromes: int = 60) -> None:
    """Publishes such a snapshot as the newest."""
    store.publish_derived(snapshot(exploited=exploited, chromes=chromes), inputs=inputs, today=TODAY, at=JUDGED)


@pytest.fixture
def flawed(cast: Cast, store: Store) -> Cast:
    compared(store, exploited="CVE-2099-1001", inputs="flawed")
    return cast


def text(client: Client, address: str) -> str:
    """The words of a page, on one line."""
    page = client.get(address)
    assert page.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_numbers_are_the_querys(as_: As, flawed: Cast, store: Store):
    chrome, player = remedies(store=store)
    page = text(as_("director"), "/vulnerabilities")
    assert f"Update to {chrome.update_to}: closes {chrome.closes} flaws" in page
    assert (chrome.closes, chrome.devices, player.devices) == (2, 60, 1)
    assert re.search(r"Google Chrome.* 60 .*VLC.* 1 ", page)
    assert "Known to be exploited, the day of CISA&#x27;s catalogue has passed, used by ransomware" in page
    assert "due Jan 9, 2026" in page
    assert "1 of 1 ends of support has passed" in page
    assert f"{sum(one.installs for one in unmatched(store=store))} installed program was compared with nothing" in page


def test_another_flaw_that_is_exploited_turns_the_order(as_: As, flawed: Cast, store: Store):
    client = as_("technician")
    before = text(client, "/vulnerabilities")
    compared(store, exploited="CVE-2099-1003", inputs="turned", chromes=3)
    after = text(client, "/vulnerabilities")
    assert before.index("Google Chrome") < before.index("VLC media player")
    assert after.index("VLC media player") < after.index("Google Chrome")
    assert [one.thing for one in remedies(store=store)] == ["vlc", "google-chrome"]


def test_a_filter_leaves_what_fits_and_a_page_begins_after_its_key(as_: As, flawed: Cast):
    client = as_("director")
    assert "VLC" not in text(client, "/vulnerabilities?show=exploited")
    assert "Google Chrome" not in text(client, "/vulnerabilities?show=none")
    assert "Nothing fits" in text(client, "/vulnerabilities?severity=low")
    assert "Google Chrome" not in text(client, "/vulnerabilities?after=google-chrome")


def test_the_devices_behind_a_remedy_come_in_pages_by_school_and_each_has_its_page(as_: As, flawed: Cast, store: Store):
    client, seen, address = as_("director"), [], "/vulnerabilities/remedies/google-chrome"
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r'href="/devices/(d-\w+)"', page)
        following = re.search(r'rel="next" href="([^"]+device=[^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    every = affected(store=store, thing="google-chrome", limit=100).rows
    assert seen == [one.public for one in every]
    assert len(set(seen)) == 60
    assert [one.school for one in every] == ["Cedar Middle"] * 40 + [None] * 20


def test_a_flaw_says_what_has_it_what_closes_it_and_who_says_so(as_: As, flawed: Cast, store: Store):
    page = text(as_("auditor"), "/vulnerabilities/flaws/CVE-2099-1001")
    (one,) = flaws(store=store, cve="CVE-2099-1001")
    assert one.fixed_in == ("140.0.7339.80",)
    for words in (
        "Google Chrome",
        "139.0.7258.154",
        "140.0.7339.80",
        "NVD",
        "known to be exploited",
        "used by ransomware",
        "5CD0001",
    ):
        assert words in page


def test_an_end_of_support_and_what_was_not_compared_open_their_rows(as_: As, flawed: Cast, store: Store):
    client = as_("auditor")
    (link,) = re.findall(
        r'href="(/vulnerabilities/endings[?][^"]+)">60<', client.get("/vulnerabilities").content.decode()
    )
    page = text(client, link.replace("&amp;", "&"))
    assert "Support ended on October 14, 2025." in page
    assert "60 devices" in page
    assert "5CD0001" in page
    assert "1 of 1 ends of support has passed" in text(client, "/vulnerabilities/endings")
    assert [(one.name, one.installs) for one in silent(store=store, reason="unknown").rows] == [("Grade Book", 1)]
    assert "Homeroom does not know the product" in text(client, "/vulnerabilities/unmatched?reason=unknown")


def test_the_file_has_every_device_and_an_auditors_says_nothing_of_pupils(as_: As, flawed: Cast):
    files = {}
    for role in ("technician", "auditor"):
        answer: Any = as_(role).get("/vulnerabilities/devices.csv/google-chrome")
        files[role] = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(files["technician"]) == len(files["auditor"]) == 60
    assert {row["Holder"] for row in files["technician"]} == {"Ming Valdez"}
    masked = {row["Serial"]: (row["Holder"], row["Name"]) for row in files["auditor"]}
    assert masked["5CD0001"] == ("masked", "masked")
    assert masked["5CD0002"] == ("Ming Valdez", "lab-2")
    told = [
        (entry.actor, entry.detail["masked"])
        for entry in trail(district=flawed.district).lines
        if entry.action == "export vulnerable devices"
    ]
    assert sorted(masked for _, masked in told) == [False, True]


def test_the_file_says_what_else_a_user_opens_as_the_page_does(as_: As, cast: Cast, store: Store):
    tables = snapshot(exploited="CVE-2099-1001", chromes=2)
    devices = [{**row, "holder": 7} for row in tables["devices"].to_pylist()]
    people = [{"id": 7, "administers": True, "opens": ["Gradebook", "Payroll"]}]
    opened = {**tables, "devices": frame("devices", devices), "people": frame("people", people)}
    store.publish_derived(opened, inputs="opens", today=TODAY, at=JUDGED)
    assert "opens Gradebook, Payroll" in text(as_("technician"), "/vulnerabilities/remedies/google-chrome")
    told = {}
    for role in ("technician", "auditor"):
        answer: Any = as_(role).get("/vulnerabilities/devices.csv/google-chrome")
        rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
        told[role] = {row["Serial"]: (row["Administers"], row["Opens"]) for row in rows}
    assert told["technician"] == dict.fromkeys(("5CD0001", "5CD0002"), ("yes", "Gradebook, Payroll"))
    assert told["auditor"] == {"5CD0001": ("masked", "masked"), "5CD0002": ("yes", "Gradebook, Payroll")}


def test_a_list_of_pupils_computers_is_logged(as_: As, flawed: Cast):
    as_("auditor").get("/vulnerabilities/remedies/google-chrome")
    (entry,) = [one for one in trail(district=flawed.district).lines if one.action == "list vulnerable devices"]
    assert (entry.subject, entry.detail["pupils"]) == ("google-chrome", 13)


def test_what_is_not_there_is_not_found(as_: As, flawed: Cast):
    client = as_("director")
    for address in ("remedies/nothing", "flaws/CVE-1", "endings?of=windows&release=1", "devices.csv/nothing"):
        assert client.get(f"/vulnerabilities/{address}").status_code == 404
    assert client.get("/vulnerabilities/unmatched?reason=x").status_code == 200


def test_before_anything_was_compared_the_page_says_what_to_load(as_: As, cast: Cast, store: Store):
    for address in ("", "/endings", "/unmatched"):
        page = text(as_("director"), f"/vulnerabilities{address}")
        assert "Nothing was compared yet" in page
        assert "endoflife.date" in page


def test_before_the_first_resolve_there_is_nothing_to_say(as_: As, cast: Cast, empty_folder: None):
    for address in ("", "/endings", "/unmatched"):
        assert "Nothing has been resolved yet" in text(as_("director"), f"/vulnerabilities{address}")
    assert as_("director").get("/vulnerabilities/flaws/CVE-1").status_code == 404


def test_a_question_that_takes_too_long_is_refused(as_: As, flawed: Cast, monkeypatch: pytest.MonkeyPatch):
    from homeroom.evidence.asking import Asker, TooSlow

    def slow(*_: Any, **__: Any) -> None:
        raise TooSlow("too many questions at once")

    monkeypatch.setattr(Asker, "answer", slow)
    for address in (*PAGES, "/vulnerabilities/devices.csv/google-chrome"):
        assert as_("director").get(address).status_code == 503, address


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium: set HOMEROOM_CHROMIUM or install chromium")
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_fits_its_screen(live_server: Any, as_: As, flawed: Cast):
    cookie = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    wrong = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        for width, scheme in ((1280, "light"), (390, "light"), (1280, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
            context.add_cookies([cookie])
            page = context.new_page()
            for address in (*PAGES, *FORMS):
                page.goto(live_server.url + address)
                found = Axe().run(page).response["violations"]
                wrong += [(address, width, scheme, one["id"], one["nodes"][0]["html"][:200]) for one in found]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wrong.append((address, width, scheme, "wider than the screen", ""))
        browser.close()
    for thread in threading.enumerate():  # each closes its connection to the database once the browser has let go of it
        if "process_request_thread" in thread.name:
            thread.join(timeout=10)
    assert not wrong
