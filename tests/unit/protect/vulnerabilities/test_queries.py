"""Test the published queries: remedies, their vulnerabilities, ends of support, and unmatched software."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.protect.vulnerabilities.published.affected_devices import list_end_of_support_devices
from homeroom.apps.protect.vulnerabilities.published.queries import (
    NothingDerived,
    list_ends_of_support,
    list_remedies,
    list_vulnerabilities,
    summarize_unmatched,
)
from homeroom.apps.protect.vulnerabilities.review.derived_tables import add_vulnerability_tables
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.unit.protect.vulnerabilities.engine_runs import TODAY, build_feeds, build_source_table, open_source_session

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHROME = {"vendor": "google", "product": "chrome", "introduced": "0"}
RANGES = [
    {"cve": "CVE-2099-1001", **CHROME, "fixed": "140.0.7339.80"},
    {"cve": "CVE-2099-1002", **CHROME, "fixed": "141.0.7390.54"},
    {
        "cve": "CVE-2099-1003",
        "vendor": "videolan",
        "product": "vlc_media_player",
        "introduced": "0",
        "last_affected": "3.0.20",
    },
]
CYCLES = [{"product": "windows", "cycle": "10-22h2", "eol_on": date(2025, 10, 14), "latest": "10.0.19045"}]


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """Publish two computers: both with an old Chrome, in two versions; one with a player without a fix."""
    devices = [{"id": number, "platform": "windows", "os_version": "10.0.19045.9000"} for number in (1, 2)]
    row = {"listing": "programs", "source": "fleet"}
    software = [
        {**row, "device": 1, "name": "Google Chrome", "version": "139.0.7258.154"},
        {**row, "device": 2, "name": "Google Chrome", "version": "140.0.7339.80"},
        {**row, "device": 2, "name": "Google Chrome", "version": "139.0.7258.154", "source": "nessus"},
        {**row, "device": 2, "name": "VLC media player", "version": "3.0.18"},
        {**row, "device": 2, "name": "Grade Book", "version": "3"},
    ]
    empty = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    input_tables = {
        **empty,
        "devices": build_source_table("devices", devices),
        "software": build_source_table("software", software),
    }
    session = open_source_session(
        **build_feeds(RANGES), lifecycles=CYCLES, known_exploited=[{"cve": "CVE-2099-1001", "connector": "cisa"}]
    )
    evidence_store = EvidenceStore(tmp_path, district="maple")
    evidence_store.publish_derived(
        add_vulnerability_tables(session, input_tables, today=TODAY), inputs="i", today=TODAY, at=AT
    )
    return evidence_store


def test_one_update_closes_what_every_version_of_it_has(store: EvidenceStore) -> None:
    chrome, player = list_remedies(store=store)
    assert (chrome.title, chrome.update_to, chrome.closes, chrome.without_fix) == (
        "Google Chrome",
        "141.0.7390.54",
        2,
        0,
    )
    assert (chrome.devices, chrome.exploited, chrome.reasons) == (2, 1, ("exploited",))
    assert (player.product_key, player.update_to, player.closes, player.without_fix) == ("vlc", None, 0, 1)
    assert list_remedies(store=store, after=1) == (player,)


def test_the_vulnerabilities_behind_a_remedy_are_ranked_with_their_versions(store: EvidenceStore) -> None:
    first, second = list_vulnerabilities(store=store, product="google-chrome")
    assert (first.cve, first.versions, first.matched_by) == ("CVE-2099-1001", ("139.0.7258.154",), ("nvd",))
    assert (second.cve, second.versions) == ("CVE-2099-1002", ("139.0.7258.154", "140.0.7339.80"))
    assert [vulnerability.cve for vulnerability in list_vulnerabilities(store=store, limit=1)] == ["CVE-2099-1001"]


def test_ends_of_support_and_silence_stand_beside(store: EvidenceStore) -> None:
    (windows,) = list_ends_of_support(store=store)
    assert (windows.cycle, windows.ended, windows.devices) == ("10-22h2", True, 2)
    assert [(summary.reason, summary.names, summary.examples) for summary in summarize_unmatched(store=store)] == [
        ("unknown", 1, ("Grade Book",))
    ]


def test_chromebooks_that_end_on_days_of_one_month_are_one_line_and_longer_support_stands_apart(tmp_path: Path) -> None:
    book = {"platform": "chromeos", "os_version": "128.0.6613.163"}
    years = {"expires_with": date(2030, 6, 30)}
    devices: list[dict[str, Any]] = [
        {"id": 1, "expires_on": date(2026, 6, 5)},
        {"id": 2, "expires_on": date(2026, 6, 30), "os_version": "127.0.6533.132"},
        {"id": 3, "expires_on": date(2026, 6, 30), **years},
        {"id": 4, "expires_on": date(2026, 11, 3)},
        {"id": 5, "expires_on": date(2026, 11, 30)},
        {"id": 6, "expires_on": date(2027, 1, 31), "extended_enabled": True, "expires_with": date(2027, 1, 31)},
    ]
    empty = {item.name: build_arrow_schema(item).empty_table() for item in DERIVED_TABLES}
    input_tables = {**empty, "devices": build_source_table("devices", [{**book, **item} for item in devices])}
    evidence_store = EvidenceStore(tmp_path, district="maple")
    evidence_store.publish_derived(
        add_vulnerability_tables(open_source_session(lifecycles=CYCLES), input_tables, today=TODAY),
        inputs="i",
        today=TODAY,
        at=AT,
    )
    releases = list_ends_of_support(store=evidence_store)
    assert [(item.ends_on, item.last_on, item.longer, item.ended, item.devices) for item in releases] == [
        (date(2026, 6, 5), date(2026, 6, 30), "", True, 2),
        (date(2026, 6, 30), date(2026, 6, 30), "offered", True, 1),
        (date(2026, 11, 3), date(2026, 11, 3), "", True, 1),  # the month in which today is: what is over is told apart
        (date(2026, 11, 30), date(2026, 11, 30), "", False, 1),
        (date(2027, 1, 31), date(2027, 1, 31), "taken", False, 1),
    ]
    device_ids = [
        [row.id for row in list_end_of_support_devices(store=evidence_store, release=item).rows] for item in releases
    ]
    assert device_ids == [[1, 2], [3], [4], [5], [6]]


def test_before_the_first_resolve_there_is_nothing_to_say(tmp_path: Path) -> None:
    with pytest.raises(NothingDerived, match="homeroom resolve"):
        list_remedies(store=EvidenceStore(tmp_path, district="empty"))
