"""Each device has its own due date: the catalog's, or the severity's days since it is known to lack the update."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.vulnerabilities.published.affected_devices import list_affected_devices
from homeroom.apps.protect.vulnerabilities.published.due_dates import compute_due_dates
from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary
from homeroom.apps.protect.vulnerabilities.suppressions.commands import create_suppression
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.protect.vulnerabilities.review_days import (
    FIXED,
    KEV,
    NEWER,
    OLD,
    build_chrome,
    build_laptop,
    review_day,
)
from tests.assessed_district import ASSESSED_AT
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
MONDAY, LATER = date(2026, 1, 12), date(2026, 1, 15)
HIGH = timedelta(days=30)


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    """Review devices: 1 lacks the exploited fix, 2 a high one since Monday, 3 the same one since Thursday."""
    settings.DATA = tmp_path
    sample_cast, store = create_cast(), EvidenceStore(tmp_path / "evidence", district="maple-valley")
    for day, third in ((MONDAY, FIXED), (LATER, NEWER)):
        devices = [build_laptop(n) for n in (1, 2, 3)]
        review_day(
            sample_cast.district,
            store,
            day,
            devices=devices,
            software=[build_chrome(1, OLD), build_chrome(2, NEWER), build_chrome(3, third)],
        )
    return sample_cast


def compute_due_days(cast: Cast, tmp_path: Path) -> dict[int, date]:
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    affected_rows = list_affected_devices(store=store, product="google-chrome").rows
    active = list_active_suppressions(district=cast.district, today=LATER)
    return dict(
        compute_due_dates(
            district=cast.district, store=store, product="google-chrome", devices=affected_rows, suppressions=active
        )
    )


def test_the_day_is_the_catalogs_or_the_severitys_since_that_device_lacks_it(cast: Cast, tmp_path: Path) -> None:
    due_dates = compute_due_days(cast, tmp_path)
    assert due_dates == {1: KEV[0]["due_on"], 2: MONDAY + HIGH, 3: LATER + HIGH}
    summary = get_current_summary(district=cast.district)
    assert summary is not None
    assert next(remedy for remedy in summary.remedies if remedy.product_key == "google-chrome").due_on == min(
        due_dates.values()
    )


def test_what_is_let_stand_on_a_device_takes_its_day_away_there_alone(cast: Cast, tmp_path: Path) -> None:
    create_suppression(
        district=cast.district,
        store=EvidenceStore(tmp_path / "evidence", district="maple-valley"),
        at=ASSESSED_AT,
        today=LATER,
        actor="director",
        product_key="google-chrome",
        cve="CVE-2099-1002",
        scope="device",
        device=2,
        justification="accepted",
        reason="It is rebuilt in March.",
        owner="director",
        expires_on=LATER + timedelta(days=30),
    )
    assert compute_due_days(cast, tmp_path) == {1: KEV[0]["due_on"], 3: LATER + HIGH}
