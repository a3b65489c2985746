"""Testing windows and freezes: of loaded calendars and added by hand, for the schools and days that they count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.calendars.commands import CalendarEventRefused, EventDraft, add_event, end_event, withdraw_event
from homeroom.apps.know.calendars.quiet_periods import list_quiet_days, list_quiet_periods
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = date(2026, 1, 15)
SCHOOLS = ("Cedar Middle", "Maple High")
DRAFT = EventDraft(kind="testing", title=" SBAC  grades 3 to 5", first="2026-01-14", last="2026-01-30")


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def add(district: District, **values: Any) -> int:
    draft = EventDraft(**{name: getattr(DRAFT, name) for name in ("kind", "title", "first", "last")} | values)
    return add_event(district=district, draft=draft, schools=SCHOOLS, actor="technician", at=AT)


def test_what_is_added_by_hand_counts_beside_what_calendars_have(cast: Cast) -> None:
    events = [
        {"org_key": org, "first": date(2026, 1, 20), "last": last, "title": title, "kind": "testing"}
        for org, last, title in (("MHS-1", date(2026, 1, 21), "Fall MAP Growth"), ("", date(2026, 1, 20), "PSAT 8/9"))
    ]
    orgs = [{"key": "mhs-1", "kind": "school", "name": "Maple High"}]
    store = get_evidence_store(district=cast.district)
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", orgs, at=AT)
    publish_load(store, "icalendar", "icalendar.days", "calendar_events", events, at=AT)
    add(cast.district, schools=("Cedar Middle",))
    add(cast.district, kind="freeze", title="No changes", first="2026-02-02", last="")
    days = list_quiet_days(district=cast.district, schools=SCHOOLS)
    assert days == {
        "Cedar Middle": ("2026-01-14..2026-01-30", "2026-01-20", "2026-02-02"),
        "Maple High": ("2026-01-20", "2026-01-20..2026-01-21", "2026-02-02"),
    }
    words = {period.title: period.word for period in list_quiet_periods(district=cast.district)}
    assert words == {"SBAC grades 3 to 5": "", "PSAT 8/9": "PSAT", "Fall MAP Growth": "MAP", "No changes": ""}
    assert list_quiet_days(district=cast.next_district, schools=["Maple High"]) == {"Maple High": ()}


@pytest.mark.differs_by_database("a row that is locked")
def test_what_is_ended_counts_until_the_day_before_and_what_is_taken_back_never(cast: Cast) -> None:
    values: dict[str, Any] = {"district": cast.district, "actor": "director", "at": AT}
    ended, withdrawn = add(cast.district), add(cast.district, title="ELPAC")
    end_event(**values, number=ended, today=TODAY)
    withdraw_event(**values, number=withdrawn)
    assert list_quiet_days(district=cast.district, schools=["Oak"]) == {"Oak": ("2026-01-14",)}
    for again in (ended, add(cast.district, title="Later", first="2026-01-15")):
        with pytest.raises(CalendarEventRefused, match="has begun and is not over"):
            end_event(**values, number=again, today=TODAY)
    actions = list(Entry.objects.of(cast.district).order_by("pk").values_list("action", "actor"))
    assert actions[2:4] == [("end calendar event", "director"), ("withdraw calendar event", "director")]
    with pytest.raises(LookupError):
        withdraw_event(**values, number=withdrawn)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " "}, "title"), ({"title": "x" * 201}, "title"), ({"kind": "party"}, "kind"),
        ({"first": "soon"}, "first"), ({"last": "2026-01-13"}, "last"), ({"last": "2028-01-13"}, "last"),
        ({"schools": ("Oak",)}, "schools"), ({"first": "", "last": ""}, "first"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_field(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(CalendarEventRefused) as refused:
        add(cast.district, **values)
    assert field in refused.value.errors


def test_the_same_event_is_added_once_and_again_after_it_was_taken_back(cast: Cast) -> None:
    number = add(cast.district)
    with pytest.raises(CalendarEventRefused, match="already"):
        add(cast.district)
    add(cast.district, schools=("Maple High",))
    withdraw_event(district=cast.district, number=number, actor="director", at=AT)
    add(cast.district)


def test_the_next_district_can_neither_end_nor_withdraw_it(cast: Cast) -> None:
    number = add(cast.district)
    values: dict[str, Any] = {"district": cast.next_district, "number": number, "actor": "stranger", "at": AT}
    with pytest.raises(LookupError):
        withdraw_event(**values)
    with pytest.raises(LookupError):
        end_event(**values, today=TODAY + timedelta(days=1))
