"""Events of drills go 90 days after the end, what people did after two years, and the counts never."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.event_retention import apply_retention, list_expired_events
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.awareness.drill_district import (
    PEOPLE,
    SENT,
    build_events,
    get_email,
    list_missed,
    load_events,
    load_staff,
    open_store,
    read_derived,
    resolve_on,
)
from tests.shared_states import share_state

MISSED = [get_email(1), get_email(2)]
EVENTS = build_events(clicks=(1, 2), reports=(3,))


@pytest.fixture
def district(db: Any) -> District:
    # Always the same number, for what tests share.
    return District.objects.create(pk=1_002, slug="maple", name="Maple", timezone="America/Chicago")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    store = open_store(tmp_path)
    load_staff(store)
    return store


def get_day(days: int) -> datetime:
    """Return the time so many days after the drill."""
    return SENT + timedelta(days=days)


def resolve_after(district: District, store: EvidenceStore, days: int) -> dict[str, Any]:
    """Resolve so many days after the drill and return the row of the drill, without that of others."""
    resolve_on(district, store, get_day(days).date())
    return next(row for row in read_derived(store, "drills") if row["drill"] == "42")


def load_and_resolve(district: District, store: EvidenceStore, folder: Path, *, days: int = 1) -> dict[str, Any]:
    """Load the drill and resolve it so many days after, once per process; return its row."""

    def build() -> dict[str, Any]:
        load_events(store, EVENTS, at=get_day(days))
        return resolve_after(district, store, days)

    return share_state(("resolved drill", district.pk, days), folder, build)


def list_stored_drills(store: EvidenceStore) -> dict[str, int]:
    """Return how many events of each drill are stored."""
    rows = [row for batch in EventStore(store).iter_new_rows("drill_events", after=0) for row in batch.to_pylist()]
    return {drill: sum(row["drill"] == drill for row in rows) for drill in sorted({row["drill"] for row in rows})}


def list_who_missed(store: EvidenceStore) -> list[str]:
    return sorted(email for email, missed in list_missed(store, "42").items() if missed)


@pytest.mark.differs_by_database("ids of people come from the ledger")
def test_results_stay_when_the_events_are_gone(district: District, store: EvidenceStore, tmp_path: Path) -> None:
    drill = load_and_resolve(district, store, tmp_path)
    assert apply_retention(district=district, store=store, at=get_day(90)) == ()
    (expired,) = apply_retention(district=district, store=store, at=get_day(91))
    assert (expired.rows, list_stored_drills(store)) == (len(EVENTS), {})
    assert resolve_after(district, store, 91) == drill
    assert list_who_missed(store) == MISSED
    assert resolve_after(district, store, 92) == drill, "and from then on each day"
    assert list_who_missed(store) == MISSED
    people = {row["email"]: row["drills_missed"] for row in read_derived(store, "people")}
    assert (people[MISSED[0]], people[get_email(3)]) == (1, 0)


def test_old_events_that_the_tool_still_delivers_change_nothing(
    district: District, store: EvidenceStore, tmp_path: Path
) -> None:
    drill = load_and_resolve(district, store, tmp_path)
    apply_retention(district=district, store=store, at=get_day(95))
    fuller = build_events(clicks=(1, 2, 5, 6), reports=(3,))
    newer = build_events("43", clicks=(7,), sent=get_day(94))
    load = load_events(store, fuller + newer, at=get_day(95))
    assert load.expired == len(fuller)
    assert "older" in load.files[-1].notes[-1]
    assert list_stored_drills(store) == {"43": len(newer)}
    assert resolve_after(district, store, 95) == drill
    assert list_who_missed(store) == MISSED
    assert {row["drill"] for row in read_derived(store, "drills")} == {"42", "43"}


def test_a_drill_is_judged_by_all_of_its_events_until_it_goes_at_once(district: District, store: EvidenceStore) -> None:
    late = [{**row, "at": get_day(20)} for row in EVENTS if row["event"] == "reported"]
    mails = [row for row in EVENTS if row["event"] != "reported"]
    load_events(store, mails + late, at=get_day(21))
    drill = resolve_after(district, store, 21)
    assert drill["ended_on"] == get_day(20).date()
    assert apply_retention(district=district, store=store, at=get_day(100)) == (), "though most are older than 90 days"
    assert resolve_after(district, store, 100) == drill
    apply_retention(district=district, store=store, at=get_day(111))
    assert list_stored_drills(store) == {}


def test_a_click_of_months_later_does_not_lengthen_a_drill(district: District, store: EvidenceStore) -> None:
    late = {**next(row for row in EVENTS if row["event"] == "clicked"), "key": "late", "at": get_day(80)}
    load_events(store, [*EVENTS, late], at=get_day(81))
    assert resolve_after(district, store, 81)["ended_on"] == get_day(30).date()


def test_a_tool_that_is_connected_late_shows_its_earlier_drills(district: District, store: EvidenceStore) -> None:
    load_events(store, EVENTS, at=get_day(200))
    assert apply_retention(district=district, store=store, at=get_day(200)) == (), "nothing judged them yet"
    drill = resolve_after(district, store, 200)
    assert (drill["people"], drill["own"]) == (PEOPLE, 2)
    apply_retention(district=district, store=store, at=get_day(201))
    assert list_stored_drills(store) == {}
    assert resolve_after(district, store, 201) == drill
    assert list_who_missed(store) == MISSED


def test_what_nothing_ever_judges_goes_a_month_after_its_load(district: District, store: EvidenceStore) -> None:
    load_events(store, EVENTS, at=get_day(200))
    assert apply_retention(district=district, store=store, at=get_day(230)) == ()
    (expired,) = list_expired_events(store=store, at=get_day(231))
    assert expired.rows == len(EVENTS)


@pytest.mark.parametrize("first_load", [1, 800])
def test_what_people_did_goes_after_two_years_and_the_counts_stay(
    district: District, store: EvidenceStore, tmp_path: Path, first_load: int
) -> None:
    drill = load_and_resolve(district, store, tmp_path, days=first_load)
    apply_retention(district=district, store=store, at=get_day(first_load + 100))
    assert resolve_after(district, store, 801) == drill
    assert (drill["own"], drill["reported"], read_derived(store, "drill_results")) == (2, 1, [])
    assert resolve_after(district, store, 2_000) == drill


def test_a_longer_retention_brings_no_drill_to_harm(
    district: District, store: EvidenceStore, tmp_path: Path, settings: Any
) -> None:
    drill = load_and_resolve(district, store, tmp_path)
    apply_retention(district=district, store=store, at=get_day(100))
    settings.EVENT_RETENTION = {**settings.EVENT_RETENTION, "drill_events": 365}
    assert resolve_after(district, store, 101) == drill
    settings.DRILL_RESULT_DAYS = 50
    assert resolve_after(district, store, 101) == drill
    assert read_derived(store, "drill_results") == []


def test_a_snapshot_that_is_lost_costs_no_drill(district: District, store: EvidenceStore, tmp_path: Path) -> None:
    drill = load_and_resolve(district, store, tmp_path)
    apply_retention(district=district, store=store, at=get_day(100))
    resolve_on(district, store, date(2027, 1, 20))
    newest = store.get_latest_derived()
    assert newest is not None
    (store.folder / "derived" / f"{newest.id}.json").unlink()
    assert resolve_after(district, store, 107) == drill
    assert list_who_missed(store) == MISSED
