"""Vulnerabilities: updates in order, rows behind each number, products out of support, unmatched software."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa
import pytest
from django.test import Client
from playwright.sync_api import Browser

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.vulnerabilities.published.affected_devices import (
    list_affected_devices,
    list_unmatched_software,
)
from homeroom.apps.protect.vulnerabilities.published.queries import (
    list_remedies,
    list_vulnerabilities,
    summarize_unmatched,
)
from homeroom.apps.protect.vulnerabilities.review.derived_tables import add_vulnerability_tables
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.assessed_district import ASSESSED_AT, TODAY
from tests.cast import Cast
from tests.unit.protect.vulnerabilities.engine_runs import build_feeds, build_source_table, open_source_session
from tests.web.accessibility import find_faults, has_axe
from tests.web.browser import CHROMIUM, NO_CHROMIUM, await_live_server

ClientFactory = Callable[[str], Client]
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
def build_snapshot(*, exploited: str, chromes: int) -> dict[str, pa.Table]:
    """Build derived tables of computers with an old Chrome; half are students', the second has a player too."""
    devices = [
        {
            "id": n,
            "serial": f"5CD{n:04}",
            "name": f"lab-{n}",
            "platform": "windows",
            "os_version": "10.0.19045.9000",
            "school": "Cedar Middle" if n % 3 else None,
            "holder_name": "Ming Valdez",
            "holder_kind": "student" if n % 2 else "staff",
        }
        for n in range(1, chromes + 1)
    ]
    row = {"listing": "programs", "source": "fleet"}
    software = [
        {**row, "device": n, "name": "Google Chrome", "version": "139.0.7258.154"} for n in range(1, chromes + 1)
    ]
    software += [
        {**row, "device": 2, "name": "VLC media player", "version": "3.0.18"},
        {**row, "device": 2, "name": "Grade Book", "version": "3"},
    ]
    empty = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    inventory = {
        **empty,
        "devices": build_source_table("devices", devices),
        "software": build_source_table("software", software),
    }
    catalog = [{"cve": exploited, "connector": "cisa", "due_on": date(2026, 1, 9), "ransomware": True}]
    session = open_source_session(**build_feeds(RANGES), lifecycles=CYCLES, known_exploited=catalog)
    return add_vulnerability_tables(session, inventory, today=TODAY)


def publish_snapshot(store: EvidenceStore, *, exploited: str, inputs: str, chromes: int = 60) -> None:
    """Publish such a snapshot as the newest."""
    store.publish_derived(
        build_snapshot(exploited=exploited, chromes=chromes), inputs=inputs, today=TODAY, at=ASSESSED_AT
    )


@pytest.fixture
def vulnerable(cast: Cast, store: EvidenceStore) -> Cast:
    publish_snapshot(store, exploited="CVE-2099-1001", inputs="vulnerable")
    return cast


def get_page_text(client: Client, address: str) -> str:
    """Return the text of a page, on one line."""
    page = client.get(address)
    assert page.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_numbers_are_the_querys(as_: ClientFactory, vulnerable: Cast, store: EvidenceStore):
    chrome, player = list_remedies(store=store)
    page = get_page_text(as_("director"), "/vulnerabilities")
    assert f"Update to {chrome.update_to}: closes {chrome.closes} flaws" in page
    assert (chrome.closes, chrome.devices, player.devices) == (2, 60, 1)
    assert re.search(r"Google Chrome.* 60 .*VLC.* 1 ", page)
    assert "Known to be exploited, CISA due date passed, used by ransomware" in page
    assert "due Jan 9, 2026" in page
    assert "1 of 1 ends of support has passed" in page
    assert (
        f"{sum(program.installs for program in summarize_unmatched(store=store))} installed program was compared with "
        f"nothing" in page
    )


def test_another_vulnerability_that_is_exploited_turns_the_order(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
):
    client = as_("technician")
    before = get_page_text(client, "/vulnerabilities")
    publish_snapshot(store, exploited="CVE-2099-1003", inputs="turned", chromes=3)
    after = get_page_text(client, "/vulnerabilities")
    assert before.index("Google Chrome") < before.index("VLC media player")
    assert after.index("VLC media player") < after.index("Google Chrome")
    assert [remedy.product_key for remedy in list_remedies(store=store)] == ["vlc", "google-chrome"]


def test_a_filter_leaves_what_fits_and_a_page_begins_after_its_key(as_: ClientFactory, vulnerable: Cast):
    client = as_("director")
    assert "VLC" not in get_page_text(client, "/vulnerabilities?show=exploited")
    assert "Google Chrome" not in get_page_text(client, "/vulnerabilities?show=none")
    assert "Nothing fits" in get_page_text(client, "/vulnerabilities?severity=low")
    assert "Google Chrome" not in get_page_text(client, "/vulnerabilities?after=google-chrome")


def test_the_devices_behind_a_remedy_come_in_pages_by_school_and_each_has_its_page(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
):
    client, device_ids, address = as_("director"), [], "/vulnerabilities/remedies/google-chrome"
    while address:
        page = client.get(address).content.decode()
        device_ids += re.findall(r'href="/devices/(d-\w+)"', page)
        following = re.search(r'rel="next" href="([^"]+device=[^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    devices = list_affected_devices(store=store, product="google-chrome", limit=100).rows
    assert device_ids == [device.public for device in devices]
    assert len(set(device_ids)) == 60
    assert [device.school for device in devices] == ["Cedar Middle"] * 40 + [None] * 20


def test_a_vulnerability_says_what_has_it_what_closes_it_and_who_says_so(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
):
    page = get_page_text(as_("auditor"), "/vulnerabilities/flaws/CVE-2099-1001")
    (vulnerability,) = list_vulnerabilities(store=store, cve="CVE-2099-1001")
    assert vulnerability.fixed_in == ("140.0.7339.80",)
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


def test_an_end_of_support_and_what_was_not_compared_open_their_rows(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
):
    client = as_("auditor")
    (link,) = re.findall(
        r'href="(/vulnerabilities/endings[?][^"]+)">60<', client.get("/vulnerabilities").content.decode()
    )
    page = get_page_text(client, link.replace("&amp;", "&"))
    assert "Support ended on October 14, 2025." in page
    assert "60 devices" in page
    assert "5CD0001" in page
    assert "1 of 1 ends of support has passed" in get_page_text(client, "/vulnerabilities/endings")
    assert [
        (program.name, program.installs) for program in list_unmatched_software(store=store, reason="unknown").rows
    ] == [("Grade Book", 1)]
    assert "Homeroom does not know the product" in get_page_text(client, "/vulnerabilities/unmatched?reason=unknown")


def test_the_file_has_every_device_and_an_auditors_says_nothing_of_students(as_: ClientFactory, vulnerable: Cast):
    files = {}
    for role in ("technician", "auditor"):
        answer: Any = as_(role).get("/vulnerabilities/devices.csv/google-chrome")
        files[role] = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(files["technician"]) == len(files["auditor"]) == 60
    assert {row["Assigned to"] for row in files["technician"]} == {"Ming Valdez"}
    masked = {row["Serial"]: (row["Assigned to"], row["Name"]) for row in files["auditor"]}
    assert masked["5CD0001"] == ("masked", "masked")
    assert masked["5CD0002"] == ("Ming Valdez", "lab-2")
    exports = [
        (entry.actor, entry.detail["masked"])
        for entry in list_audit_entries(district=vulnerable.district).lines
        if entry.action == "export vulnerable devices"
    ]
    assert sorted(masked for _, masked in exports) == [False, True]


def test_the_file_says_what_else_a_user_opens_as_the_page_does(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    tables = build_snapshot(exploited="CVE-2099-1001", chromes=2)
    devices = [{**row, "holder": 7} for row in tables["devices"].to_pylist()]
    people = [{"id": 7, "administers": True, "opens": ["Gradebook", "Payroll"]}]
    tables_with_access = {
        **tables,
        "devices": build_source_table("devices", devices),
        "people": build_source_table("people", people),
    }
    store.publish_derived(tables_with_access, inputs="opens", today=TODAY, at=ASSESSED_AT)
    assert "opens Gradebook, Payroll" in get_page_text(as_("technician"), "/vulnerabilities/remedies/google-chrome")
    by_role = {}
    for role in ("technician", "auditor"):
        answer: Any = as_(role).get("/vulnerabilities/devices.csv/google-chrome")
        rows = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
        by_role[role] = {row["Serial"]: (row["Administers"], row["Opens"]) for row in rows}
    assert by_role["technician"] == dict.fromkeys(("5CD0001", "5CD0002"), ("yes", "Gradebook, Payroll"))
    assert by_role["auditor"] == {"5CD0001": ("masked", "masked"), "5CD0002": ("yes", "Gradebook, Payroll")}


def test_a_list_of_students_computers_is_logged(as_: ClientFactory, vulnerable: Cast):
    as_("auditor").get("/vulnerabilities/remedies/google-chrome")
    (entry,) = [
        line
        for line in list_audit_entries(district=vulnerable.district).lines
        if line.action == "list vulnerable devices"
    ]
    assert (entry.subject, entry.detail["students"]) == ("google-chrome", 13)


def test_what_is_not_there_is_not_found(as_: ClientFactory, vulnerable: Cast):
    client = as_("director")
    for address in ("remedies/nothing", "flaws/CVE-1", "endings?of=windows&release=1", "devices.csv/nothing"):
        assert client.get(f"/vulnerabilities/{address}").status_code == 404
    assert client.get("/vulnerabilities/unmatched?reason=x").status_code == 200


def test_before_anything_was_compared_the_page_says_what_to_load(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    for address in ("", "/endings", "/unmatched"):
        page = get_page_text(as_("director"), f"/vulnerabilities{address}")
        assert "Nothing was compared yet" in page
        assert "endoflife.date" in page


def test_before_the_first_resolve_there_is_nothing_to_say(as_: ClientFactory, cast: Cast, empty_folder: None):
    for address in ("", "/endings", "/unmatched"):
        assert "Nothing has been resolved yet" in get_page_text(as_("director"), f"/vulnerabilities{address}")
    assert as_("director").get("/vulnerabilities/flaws/CVE-1").status_code == 404


def test_a_question_that_takes_too_long_is_refused(
    as_: ClientFactory, vulnerable: Cast, monkeypatch: pytest.MonkeyPatch
):
    from homeroom.evidence.query.executor import QueryExecutor, QueryTimeout

    def raise_timeout(*_: Any, **__: Any) -> None:
        raise QueryTimeout("too many questions at once")

    monkeypatch.setattr(QueryExecutor, "run", raise_timeout)
    for address in (*PAGES, "/vulnerabilities/devices.csv/google-chrome"):
        assert as_("director").get(address).status_code == 503, address


@pytest.mark.scale
@pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)
@pytest.mark.django_db(transaction=True)
def test_every_page_is_accessible_and_fits_its_screen(
    live_server: Any, browser: Browser, as_: ClientFactory, vulnerable: Cast
):
    cookie = {"name": "sessionid", "value": as_("director").cookies["sessionid"].value, "url": live_server.url}
    page_faults = []
    views = ((1280, "light"), (390, "light"), (1280, "dark"))
    for screen, (width, scheme) in enumerate(views):
        with browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme) as context:
            context.add_cookies([cookie])
            page = context.new_page()
            for address in (*PAGES, *FORMS):
                page.goto(live_server.url + address)
                page_faults += find_faults(page, is_checked=has_axe(address, screen, screens=len(views)))
    await_live_server()
    assert not page_faults
