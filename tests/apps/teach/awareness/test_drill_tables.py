"""Drill events become what each person did and the counts of each drill, and both outlast the events."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.apps.platform.districts.models import District
from homeroom.evidence.events.undo_events import undo_event_load
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.awareness.drill_district import (
    PEOPLE,
    SENT,
    build_events,
    get_email,
    list_missed,
    load_events,
    load_staff,
    load_tables,
    open_store,
    read_derived,
    resolve_on,
)

NEXT_DAY = SENT + timedelta(days=1)
TODAY = NEXT_DAY.date()


@pytest.fixture
def district(db: Any) -> District:
    return District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    store = open_store(tmp_path)
    load_staff(store)
    return store


def read_person(store: EvidenceStore, number: int) -> dict[str, Any]:
    return next(row for row in read_derived(store, "people") if row["email"] == get_email(number))


@pytest.mark.differs_by_database("ids of people come from the ledger")
def test_a_drill_has_a_result_for_each_person_and_its_counts(district: District, store: EvidenceStore) -> None:
    load_events(store, build_events(clicks=(1, 2), reports=(2, 3, 4)), at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    (drill,) = read_derived(store, "drills")
    assert (drill["drill"], drill["name"], drill["lure"]) == ("42", "Drill 42", "Parcel waiting")
    assert (drill["connector"], drill["sent_on"], drill["ended_on"]) == ("gophish", SENT.date(), SENT.date())
    counts = ("people", "delivered", "raw", "own", "cannot_tell", "reported", "first_minutes", "median_minutes")
    assert [drill[name] for name in counts] == [PEOPLE, PEOPLE, 2, 2, 0, 3, 122, 123]
    missed = list_missed(store)
    assert {email for email, value in missed.items() if value} == {get_email(1), get_email(2)}
    assert missed.keys() == {get_email(number) for number in range(PEOPLE)}
    assert read_person(store, 1)["drills_missed"] == 1
    assert read_person(store, 5)["drills_missed"] == 0


def test_a_drill_of_several_lures_has_none_and_keeps_its_name(district: District, store: EvidenceStore) -> None:
    rows = build_events(clicks=(1,))
    for row in rows[::2]:
        row["lure"] = "Your order"
    unnamed = {**rows[-1], "key": "csv", "at": SENT + timedelta(hours=9), "drill_name": None, "lure": None}
    load_events(store, [*rows, unnamed], at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    (drill,) = read_derived(store, "drills")
    assert (drill["name"], drill["lure"]) == ("Drill 42", None)


def test_a_person_is_met_by_any_address_and_counts_once(district: District, store: EvidenceStore) -> None:
    alias = "given3@maple.example"
    rows = build_events(clicks=(3,), addresses={3: alias}) + [
        {**row, "key": f"second/{row['key']}"} for row in build_events(people=(3,))
    ]
    rows += build_events(people=(99,), addresses={99: "visitor@elsewhere.example"})
    load_events(store, rows, at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    (drill,) = read_derived(store, "drills")
    assert (drill["people"], drill["own"]) == (PEOPLE + 1, 1), "two addresses are one person, a stranger counts"
    assert read_person(store, 3)["drills_missed"] == 1
    stranger = [row for row in read_derived(store, "drill_results") if row["person"] is None]
    assert [(row["missed"], "elsewhere" in str(row)) for row in stranger] == [(False, False)]


def test_whom_nobody_can_judge_missed_nothing_and_has_no_figure(district: District, store: EvidenceStore) -> None:
    rows = build_events(clicks=(1,))
    scanner = {"ip": "198.51.100.2", "method": "HEAD", "first_only": True}
    rows = [{**row, **scanner} if row["event"] == "clicked" else row for row in rows]
    load_events(store, rows, at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    assert list_missed(store)[get_email(1)] is None
    assert read_person(store, 1)["drills_missed"] is None
    (drill,) = read_derived(store, "drills")
    assert (drill["raw"], drill["own"], drill["cannot_tell"]) == (1, 0, 1)
    (rules,) = [row["rules"] for row in read_derived(store, "drill_results") if row["missed"] is None]
    assert rules == ["first-time-only", "took-bait"]
    assert "took-bait=2" in drill["removed_by_rule"]


def test_a_second_day_changes_the_result(district: District, store: EvidenceStore) -> None:
    load_events(store, build_events(clicks=(1,)), at=NEXT_DAY)
    first = resolve_on(district, store, TODAY)
    assert resolve_on(district, store, TODAY).derived == first.derived, "nothing new was loaded"
    load_events(store, build_events(clicks=(1, 4)), at=NEXT_DAY + timedelta(hours=3))
    assert resolve_on(district, store, TODAY).derived != first.derived
    assert [email for email, missed in list_missed(store).items() if missed] == [get_email(1), get_email(4)]


@pytest.mark.parametrize("connector", ["gophish", "spreadsheet"])
def test_a_drill_that_a_list_has_too_counts_once(district: District, store: EvidenceStore, connector: str) -> None:
    other_day = SENT.date() - timedelta(days=40)
    days = [SENT.date(), SENT.date(), other_day]
    training = pl.DataFrame(
        {
            "email": [get_email(1), get_email(2), get_email(1)],
            "course": ["Drill", "Drill", "Earlier drill"],
            "kind": ["phishing"] * 3,
            "assigned_on": days,
            "status_word": ["Clicked", "Clicked", "Opened"],
        }
    )
    load_tables(store, connector, {"training_records": training})
    load_events(store, build_events(clicks=(1,)), at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    assert read_person(store, 1)["drills_missed"] == 1
    assert read_person(store, 2)["drills_missed"] == 0, "the list's click was no click of hers"


def test_a_list_of_another_tool_on_the_same_day_counts_on(district: District, store: EvidenceStore) -> None:
    training = pl.DataFrame(
        {
            "email": [get_email(1)],
            "course": ["Drill"],
            "kind": ["phishing"],
            "assigned_on": [SENT.date()],
            "status_word": ["Clicked"],
        }
    )
    load_tables(store, "knowbe4", {"training_records": training})
    load_events(store, build_events(drill="7", clicks=(1,)), at=NEXT_DAY)
    load_events(store, build_events(drill="8", people=(5,)), at=NEXT_DAY, connector="knowbe4")
    resolve_on(district, store, TODAY)
    assert read_person(store, 1)["drills_missed"] == 2


def test_a_completed_course_after_the_missed_drill_helped(district: District, store: EvidenceStore) -> None:
    training = pl.DataFrame(
        {
            "email": [get_email(1), get_email(2)],
            "course": ["Phishing"] * 2,
            "kind": ["training"] * 2,
            "assigned_on": [SENT.date()] * 2,
            "done_on": [SENT.date() + timedelta(days=1), SENT.date() - timedelta(days=1)],
        }
    )
    load_tables(store, "spreadsheet", {"training_records": training})
    load_events(store, build_events(clicks=(1, 2)), at=NEXT_DAY)
    resolve_on(district, store, date(2026, 10, 9))
    assert [read_person(store, number)["helped_since"] for number in (1, 2, 3)] == [True, False, None]


def test_an_undone_load_takes_its_drill_along(district: District, store: EvidenceStore) -> None:
    load = load_events(store, build_events(clicks=(1,)), at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    with store.lock_for_writing():
        undo_event_load(store, load.id, at=NEXT_DAY)
    resolve_on(district, store, TODAY)
    assert (read_derived(store, "drills"), read_derived(store, "drill_results")) == ([], [])
    assert read_person(store, 1)["drills_missed"] is None


def test_two_tools_with_the_same_id_have_two_drills(district: District, store: EvidenceStore) -> None:
    load_events(store, build_events(clicks=(1,)), at=NEXT_DAY)
    rows = [{**row, "key": f"k/{row['key']}"} for row in build_events(clicks=(2,))]
    load_events(store, rows, at=NEXT_DAY, connector="knowbe4")
    resolve_on(district, store, TODAY)
    drills = read_derived(store, "drills")
    assert sorted((row["connector"], row["own"]) for row in drills) == [("gophish", 1), ("knowbe4", 1)]
