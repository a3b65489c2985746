"""What a page or the verb reads: remedies first, the flaws behind them, ends of support, and what was compared with nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.vulnerabilities.behind import ending
from homeroom.apps.vulnerabilities.deriving import with_flaws
from homeroom.apps.vulnerabilities.queries import NothingDerived, endings, flaws, remedies, unmatched
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES
from tests.unit.vulnerabilities.house import TODAY, feeds, frame, session_with

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
def store(tmp_path: Path) -> Store:
    """Two computers: both with an old Chrome, of two versions; one with a player that nobody mended."""
    devices = [{"id": number, "platform": "windows", "os_version": "10.0.19045.9000"} for number in (1, 2)]
    row = {"listing": "programs", "source": "fleet"}
    software = [
        {**row, "device": 1, "name": "Google Chrome", "version": "139.0.7258.154"},
        {**row, "device": 2, "name": "Google Chrome", "version": "140.0.7339.80"},
        {**row, "device": 2, "name": "Google Chrome", "version": "139.0.7258.154", "source": "nessus"},
        {**row, "device": 2, "name": "VLC media player", "version": "3.0.18"},
        {**row, "device": 2, "name": "Grade Book", "version": "3"},
    ]
    empty = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    given = {**empty, "devices": frame("devices", devices), "software": frame("software", software)}
    session = session_with(
        **feeds(RANGES), lifecycles=CYCLES, known_exploited=[{"cve": "CVE-2099-1001", "connector": "cisa"}]
    )
    made = Store(tmp_path, district="maple")
    made.publish_derived(with_flaws(session, given, today=TODAY), inputs="i", today=TODAY, at=AT)
    return made


def test_one_update_closes_what_every_version_of_it_has(store: Store) -> None:
    chrome, player = remedies(store=store)
    assert (chrome.title, chrome.update_to, chrome.closes, chrome.without_fix) == (
        "Google Chrome",
        "141.0.7390.54",
        2,
        0,
    )
    assert (chrome.devices, chrome.exploited, chrome.reasons) == (2, 1, ("exploited",))
    assert (player.thing, player.update_to, player.closes, player.without_fix) == ("vlc", None, 0, 1)
    assert remedies(store=store, after=1) == (player,)


def test_the_flaws_behind_a_remedy_are_ranked_with_their_versions(store: Store) -> None:
    first, second = flaws(store=store, thing="google-chrome")
    assert (first.cve, first.versions, first.matched_by) == ("CVE-2099-1001", ("139.0.7258.154",), ("nvd",))
    assert (second.cve, second.versions) == ("CVE-2099-1002", ("139.0.7258.154", "140.0.7339.80"))
    assert [one.cve for one in flaws(store=store, limit=1)] == ["CVE-2099-1001"]


def test_ends_of_support_and_silence_stand_beside(store: Store) -> None:
    (windows,) = endings(store=store)
    assert (windows.cycle, windows.ended, windows.devices) == ("10-22h2", True, 2)
    assert [(one.reason, one.names, one.examples) for one in unmatched(store=store)] == [
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
    empty = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    given = {**empty, "devices": frame("devices", [{**book, **one} for one in devices])}
    made = Store(tmp_path, district="maple")
    made.publish_derived(
        with_flaws(session_with(lifecycles=CYCLES), given, today=TODAY), inputs="i", today=TODAY, at=AT
    )
    ends = endings(store=made)
    assert [(one.ends_on, one.last_on, one.longer, one.ended, one.devices) for one in ends] == [
        (date(2026, 6, 5), date(2026, 6, 30), "", True, 2),
        (date(2026, 6, 30), date(2026, 6, 30), "offered", True, 1),
        (date(2026, 11, 3), date(2026, 11, 3), "", True, 1),  # the month in which today is: what is over is told apart
        (date(2026, 11, 30), date(2026, 11, 30), "", False, 1),
        (date(2027, 1, 31), date(2027, 1, 31), "taken", False, 1),
    ]
    behind = [[row.id for row in ending(store=made, of=one).rows] for one in ends]
    assert behind == [[1, 2], [3], [4], [5], [6]]


def test_before_the_first_resolve_there_is_nothing_to_say(tmp_path: Path) -> None:
    with pytest.raises(NothingDerived, match="homeroom resolve"):
        remedies(store=Store(tmp_path, district="empty"))
