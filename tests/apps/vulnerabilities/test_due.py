"""Each device has a day of its own: the catalogue's, or the days of the severity since it was first known to lack the update."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.vulnerabilities.behind import affected
from homeroom.apps.vulnerabilities.due import due_days
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.standing import standing
from homeroom.apps.vulnerabilities.suppressing import suppress
from homeroom.evidence.store import Store
from tests.apps.vulnerabilities.days import KEV, MENDED, NEWER, OLD, chrome, laptop, lived
from tests.cast import Cast, gather
from tests.scene import JUDGED

pytestmark = pytest.mark.django_db
MONDAY, LATER = date(2026, 1, 12), date(2026, 1, 15)
HIGH = timedelta(days=30)


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    """Device 1 lacks the exploited fix, device 2 a high one since Monday, device 3 the same since Thursday."""
    settings.DATA = tmp_path
    made, store = gather(), Store(tmp_path / "evidence", district="maple-valley")
    for day, third in ((MONDAY, MENDED), (LATER, NEWER)):
        devices = [laptop(n) for n in (1, 2, 3)]
        lived(made.district, store, day, devices=devices, software=[chrome(1, OLD), chrome(2, NEWER), chrome(3, third)])
    return made


def due(cast: Cast, tmp_path: Path) -> dict[int, date]:
    store = Store(tmp_path / "evidence", district="maple-valley")
    found = affected(store=store, thing="google-chrome").rows
    lets = suppressions(district=cast.district, today=LATER)
    return dict(due_days(district=cast.district, store=store, thing="google-chrome", devices=found, lets=lets))


def test_the_day_is_the_catalogues_or_the_severitys_since_that_device_lacks_it(cast: Cast, tmp_path: Path) -> None:
    told = due(cast, tmp_path)
    assert told == {1: KEV[0]["due_on"], 2: MONDAY + HIGH, 3: LATER + HIGH}
    stands = standing(district=cast.district)
    assert stands is not None
    assert next(one for one in stands.remedies if one.thing == "google-chrome").due_on == min(told.values())


def test_what_is_let_stand_on_a_device_takes_its_day_away_there_alone(cast: Cast, tmp_path: Path) -> None:
    suppress(
        district=cast.district, store=Store(tmp_path / "evidence", district="maple-valley"), at=JUDGED, today=LATER, actor="director",
        thing="google-chrome", cve="CVE-2099-1002", scope="device", device=2, justification="accepted", reason="It is rebuilt in March.",
        owner="director", expires_on=LATER + timedelta(days=30),
    )  # fmt: skip
    assert due(cast, tmp_path) == {1: KEV[0]["due_on"], 3: LATER + HIGH}
