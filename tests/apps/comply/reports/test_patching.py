"""Patching in reports: by remedy, overdue dates, and time to fix; what is unknown is never a zero."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import DistrictReport
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.vulnerabilities.models import Fixed
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.apps.protect.vulnerabilities.suppressions.commands import create_suppression
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.protect.vulnerabilities.review_days import (
    NEWER,
    OLD,
    build_chrome,
    build_laptop,
    build_player,
    review_day,
)
from tests.assessed_district import ASSESSED_AT
from tests.cast import Cast, create_cast

MONDAY = date(2026, 1, 26)
"""Six days after the date that the catalog sets for Chrome's first vulnerability."""


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    """Review four devices: two lack Chrome's exploited fix, one the other fix, and the last has unknown software."""
    settings.DATA = tmp_path
    sample_cast, store = create_cast(), EvidenceStore(tmp_path / "evidence", district="maple-valley")
    devices = [build_laptop(n, os_version=None) for n in range(1, 5)]
    software = [build_chrome(1, OLD), build_chrome(2, OLD), build_chrome(3, NEWER), build_player(1)]
    review_day(sample_cast.district, store, MONDAY, devices=devices, software=software)
    assess_and_review(sample_cast, store)
    return sample_cast


def assess_and_review(cast: Cast, store: EvidenceStore) -> None:
    assess(district=cast.district, store=store, today=MONDAY, at=ASSESSED_AT, controls=[])
    review_vulnerabilities(district=cast.district, store=store, today=MONDAY, at=ASSESSED_AT)


def create_report(cast: Cast, name: str = "vulnerabilities") -> DistrictReport:
    return build_report(district=cast.district, name=name, today=MONDAY)


def map_figures(document: DistrictReport) -> dict[str, str]:
    return {figure.label: figure.number for figure in document.figures}


def test_each_device_and_vulnerability_is_counted_once_beside_what_cannot_be_told(cast: Cast) -> None:
    document = create_report(cast)
    assert map_figures(document) == {
        "Devices with an open vulnerability": "3 of 4 · 1 unknown",
        "Devices with an overdue vulnerability": "2 of 4 · 1 unknown",
        "Devices with end-of-life software": "0 of 4 · 1 unknown",
        "Open known-exploited vulnerabilities": "1",
        "Open known-exploited vulnerabilities past CISA’s due date": "1",
        "Devices with a known-exploited vulnerability past CISA’s due date": "2 of 4 · 1 unknown",
    }
    assert all(figure.sources for figure in document.figures)
    assert "no mean time to fix" in " ".join(document.notes)


def test_lines_are_things_to_do_the_heaviest_first(cast: Cast) -> None:
    remedies = create_report(cast).sections[0]
    assert [row[:2] for row in remedies.rows] == [
        ("Google Chrome", "Update to 141.0.7390.54: closes 2 flaws"),
        ("VLC media player", "No version that closes it is named"),
    ]
    assert "Known to be exploited" in remedies.rows[0][-1]


def test_what_is_let_stand_leaves_the_figures_and_is_listed_without_a_private_reason(
    cast: Cast, tmp_path: Path
) -> None:
    store, reason = (
        EvidenceStore(tmp_path / "evidence", district="maple-valley"),
        "The lab's lock is broken until March.",
    )
    create_suppression(
        district=cast.district,
        store=store,
        at=ASSESSED_AT,
        today=MONDAY,
        actor="director",
        product_key="google-chrome",
        justification="accepted",
        reason=reason,
        owner="director",
        expires_on=MONDAY + timedelta(days=30),
        private=True,
    )
    assess_and_review(cast, store)
    document = create_report(cast)
    assert map_figures(document)["Open known-exploited vulnerabilities past CISA’s due date"] == "0"
    assert map_figures(document)["Devices with an open vulnerability"] == "1 of 4 · 1 unknown"
    (line,) = next(section for section in document.sections if section.name == "let-stand").rows
    assert line[0] == "google-chrome"
    assert reason not in str(line)


def test_the_board_and_the_insurer_read_what_is_late_and_how_long_a_fix_takes(cast: Cast) -> None:
    assert "Unknown" in _find_answer(create_report(cast, "insurance"), "How long does it take")
    for days, count in ((4, 3), (20, 1)):
        Fixed.objects.create(district=cast.district, review=1, on=MONDAY, kind="laptop", took=days, many=count)
    for name in ("board", "insurance"):
        numbers = map_figures(create_report(cast, name))
        assert numbers["Open known-exploited vulnerabilities past CISA’s due date"] == "1"
        assert numbers["Mean days from first sight to fix, over 4 updates of a year"] == "8"
    assert _find_answer(create_report(cast, "insurance"), "How long does it take").endswith(": 8")
    assert ("Laptops", 4, 8.0, 4.0) in next(
        section for section in create_report(cast).sections if section.name == "time-to-fix"
    ).rows


def _find_answer(document: DistrictReport, start: str) -> str:
    return str(next(row[1] for row in document.sections[0].rows if row[0].startswith(start)))
