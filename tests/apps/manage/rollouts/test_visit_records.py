"""Records of visits: arrivals, devices that were scanned, what changed meanwhile, and each record applied once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from homeroom.apps.know.inventory.labelled_devices import find_labelled_devices
from homeroom.apps.know.inventory.models import Device, Projection
from homeroom.apps.manage.rollouts.commands import stop_rollout
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.manage.rollouts.queries import find_current_visit, find_visit
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.specs.travel import build_travel_times
from homeroom.apps.manage.rollouts.visit_devices import iter_visit_rows, load_visit_devices
from homeroom.apps.manage.rollouts.visits.visit_records import VisitRecord, record_arrival, record_outcome
from homeroom.apps.manage.rollouts.visits.visit_versions import VisitChanged, compute_visit_version
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.outbox.commands import OutboxRecord, OutboxRefused, apply_once, correct_moment
from homeroom.apps.platform.outbox.models import OutboxReceipt
from tests.apps.manage.rollouts.rollout_cases import AT, plan_at_once
from tests.cast import Cast

KEY = "5a0f7c1e-8a53-4e0e-9d53-0d1f5a1c2b3d"
LATER = datetime(2026, 1, 19, 13, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def local_time() -> Iterator[None]:
    """Activate the district's time zone, as every page does."""
    with timezone.override(ZoneInfo("America/Chicago")):
        yield


@pytest.fixture
def visit(cast: Cast, rollout: str) -> RolloutVisit:
    plan_at_once(cast.district, rollout)
    return get_visit(cast)


def get_visit(cast: Cast) -> RolloutVisit:
    return RolloutVisit.objects.of(cast.district).select_related("rollout").order_by("day")[0]


def record(cast: Cast, visit: RolloutVisit, *, actor: str = "kim", arrives: bool = False, **values: Any) -> None:
    command = record_arrival if arrives else record_outcome
    parsed = VisitRecord(**{"outcome": "done", "made_at": LATER} | values)
    command(district=cast.district, public=visit.rollout.public, number=visit.pk, record=parsed, actor=actor, at=LATER)


def add_devices(cast: Cast, *devices: Mapping[str, Any]) -> None:
    Projection.objects.update_or_create(district=cast.district, defaults={"generation": 3})
    for number, values in enumerate(devices, start=1):
        filled = {"subject": number, "public": f"d-{number:013}", "opened": 1, "closed": None, "sort": "", **values}
        Device.objects.create(district=cast.district, **filled)


@pytest.mark.differs_by_database("a key that is taken")
def test_a_record_with_the_same_key_changes_nothing_the_second_time(cast: Cast):
    calls: list[int] = []

    def apply() -> dict[str, Any]:
        calls.append(1)
        return {"outcome": "done"}

    sent = OutboxRecord(key=KEY, kind="visit", subject="r/1", actor="kim", at=AT)
    answers = [apply_once(district=cast.district, record=sent, apply=apply) for _ in range(3)]
    assert len(calls) == 1
    assert [(dict(item.answer), item.is_repeated) for item in answers] == [
        ({"outcome": "done"}, False), ({"outcome": "done"}, True), ({"outcome": "done"}, True),
    ]  # fmt: skip
    apply_once(district=cast.next_district, record=sent, apply=apply)
    assert len(calls) == 2, "keys are of a district"


def test_a_record_that_was_refused_may_be_sent_again_with_its_key(cast: Cast):
    sent = OutboxRecord(key=KEY, kind="visit", subject="r/1", actor="kim", at=AT)

    def refuse() -> dict[str, Any]:
        raise RolloutRefused("note", "too long")

    with pytest.raises(RolloutRefused):
        apply_once(district=cast.district, record=sent, apply=refuse)
    assert not OutboxReceipt.objects.of(cast.district).exists()
    assert not apply_once(district=cast.district, record=sent, apply=dict).is_repeated


@pytest.mark.parametrize("other", [{"actor": "lee"}, {"subject": "r/2"}, {"kind": "scan"}, {"key": "1"}, {"key": ""}])
def test_a_key_of_something_else_and_a_text_that_is_no_key_are_refused(cast: Cast, other: dict[str, str]):
    values: dict[str, Any] = {"key": KEY, "kind": "visit", "subject": "r/1", "actor": "kim", "at": AT}
    apply_once(district=cast.district, record=OutboxRecord(**values), apply=dict)
    with pytest.raises(OutboxRefused, match="would fit"):
        apply_once(district=cast.district, record=OutboxRecord(**values | other), apply=dict)


@pytest.mark.parametrize("wrong", [timedelta(0), timedelta(days=-400), timedelta(hours=5)])
def test_a_phone_whose_clock_is_wrong_is_corrected_by_when_it_sent(wrong: timedelta):
    begin, sent = LATER + wrong, LATER + wrong + timedelta(hours=2)
    assert correct_moment(begin, sent_at=sent, received_at=LATER) == LATER - timedelta(hours=2)
    assert correct_moment(sent + timedelta(minutes=1), sent_at=sent, received_at=LATER) == LATER
    with pytest.raises(OutboxRefused):
        correct_moment(sent + timedelta(hours=1), sent_at=sent, received_at=LATER)


def test_who_comes_first_began_the_visit_and_done_ends_it(cast: Cast, visit: RolloutVisit):
    came = LATER - timedelta(minutes=20)
    record(cast, visit, arrives=True, outcome="began", made_at=came + timedelta(seconds=40))
    record(cast, visit, arrives=True, outcome="began", made_at=came + timedelta(minutes=3), actor="lee")
    assert Rollout.objects.of(cast.district).get().state == "running"
    record(cast, visit)
    item = find_visit(district=cast.district, public=visit.rollout.public, number=visit.pk)
    assert item is not None
    assert (item.began_at, item.ended_at, item.minutes_taken) == (came, LATER, 20)
    assert item.minutes_late == (7 * 60 + 10) - item.starts
    actions = list(Entry.objects.of(cast.district).values_list("action", flat=True))
    assert (actions.count("begin visit"), actions.count("record visit")) == (2, 1)


def test_a_visit_that_began_is_not_moved_by_a_new_plan(cast: Cast, visit: RolloutVisit):
    record(cast, visit, arrives=True, outcome="began", made_at=LATER)
    before = (visit.day, visit.starts)
    RolloutVisit.objects.of(cast.district).exclude(pk=visit.pk).delete()
    plan_at_once(cast.district, visit.rollout.public, keep=True, at=LATER)
    row = get_visit(cast)
    assert (row.pk, row.day, row.starts) == (visit.pk, *before)
    assert row.began_at == LATER


def test_what_somebody_else_recorded_meanwhile_is_named_and_can_be_united(cast: Cast, visit: RolloutVisit):
    version = compute_visit_version(visit)
    record(cast, visit, actor="lee", installed=("A1", "A2"), taken=("B1",), note="Two lids.")
    with pytest.raises(VisitChanged, match="lee recorded this visit on January 19 at 7:30: done") as refused:
        record(cast, visit, version=version, installed=("a2", "A3"), note="No cables.")
    record(cast, visit, version=refused.value.version, unites=True, installed=("a2", "A3"), note="No cables.")
    row = get_visit(cast)
    assert (row.installed, row.taken, row.note) == (["A1", "A2", "A3"], ["B1"], "Two lids.\nNo cables.")
    record(cast, visit, version=version, installed=("A9",))
    assert get_visit(cast).installed == ["A9"], "one's own record is corrected"


def test_a_visit_that_was_moved_is_named_with_its_new_time(cast: Cast, visit: RolloutVisit):
    version = compute_visit_version(visit)
    RolloutVisit.objects.of(cast.district).filter(pk=visit.pk).update(day=date(2026, 1, 20), starts=600, people=["Lee"])
    for arrives in (True, False):
        with pytest.raises(VisitChanged, match="now on Tuesday, January 20, at 10:00, with Lee") as refused:
            record(cast, visit, version=version, arrives=arrives)
    record(cast, visit, version=refused.value.version)
    assert get_visit(cast).outcome == "done"


def test_the_visit_of_a_room_is_its_next_one_or_its_last(cast: Cast, visit: RolloutVisit):
    values: dict[str, Any] = {"district": cast.district, "public": visit.rollout.public}
    record(cast, visit, outcome="no_entry")
    plan_at_once(cast.district, visit.rollout.public, keep=True)
    item = find_current_visit(**values, room=visit.room)
    assert item is not None
    assert (item.outcome, item.number == visit.pk) == ("", False)
    RolloutVisit.objects.of(cast.district).filter(pk=item.number).delete()
    last = find_current_visit(**values, room=visit.room)
    assert last is not None
    assert last.number == visit.pk
    assert find_current_visit(**values, room="Oak: 1") is None


def test_a_stopped_rollout_takes_no_records(cast: Cast, visit: RolloutVisit):
    stop_rollout(district=cast.district, public=visit.rollout.public, actor="director", at=AT)
    for arrives in (True, False):
        with pytest.raises(RolloutRefused, match="stopped"):
            record(cast, visit, arrives=arrives)


def test_united_labels_have_a_limit(cast: Cast, visit: RolloutVisit):
    record(cast, visit, actor="lee", installed=tuple(f"A{number}" for number in range(150)))
    with pytest.raises(RolloutRefused, match="200 would fit"):
        record(cast, visit, unites=True, installed=tuple(f"B{number}" for number in range(51)))


def test_labels_are_matched_with_serial_numbers_and_asset_tags_of_the_district(cast: Cast, visit: RolloutVisit):
    add_devices(
        cast,
        {"serial": "5CD1001", "model": "Chromebook 3100", "school": "Cedar Middle", "cart": "Cart 4"},
        {"serial": "5CD1002", "asset_tag": "00417", "model": "Chromebook 3110", "school": "Maple High"},
        {"serial": "5CD9999", "opened": 1, "closed": 2},
        {"serial": "00417", "model": "Projector"},
    )
    labels = ["5cd1001", "00417", "5CD9999", "X1"]
    devices = find_labelled_devices(district=cast.district, labels=labels)
    assert {label: [item.model for item in items] for label, items in devices.items()} == {
        "5cd1001": ["Chromebook 3100"], "00417": ["Projector", "Chromebook 3110"],
    }  # fmt: skip
    longer = find_labelled_devices(district=cast.district, labels=[*labels, *(f"Y{number}" for number in range(300))])
    assert longer == devices
    assert not find_labelled_devices(district=cast.next_district, labels=labels)
    record(cast, visit, installed=("5cd1001", "X1"), taken=("00417", "x1"))
    item = find_visit(district=cast.district, public=visit.rollout.public, number=visit.pk)
    assert item is not None
    scanned = load_visit_devices(item, district=cast.district)
    assert (scanned.unknown, [device.is_in_both for device in scanned.installed]) == (2, [False, True])


def test_the_file_has_a_row_for_each_device_and_one_for_a_visit_without(cast: Cast, visit: RolloutVisit):
    add_devices(cast, {"serial": "5CD1001", "model": "Chromebook 3100", "school": "Cedar Middle", "cart": "Cart 4"})
    record(cast, visit, installed=("5CD1001", "=HYPERLINK()"), taken=("B1",), began_at=LATER - timedelta(minutes=25))
    header, *rows = iter_visit_rows(district=cast.district, public=visit.rollout.public)
    table = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["device"], row["label"]) for row in table[:3]] == [
        ("installed", "5CD1001"), ("installed", "'=HYPERLINK()"), ("taken away", "B1"),
    ]  # fmt: skip
    assert (table[0]["model"], table[0]["belongs to"]) == ("Chromebook 3100", "Cedar Middle, Cart 4")
    assert (table[0]["outcome"], table[0]["minutes"], table[3]["outcome"], table[3]["device"]) == (
        "done", 25, "to do", "",
    )  # fmt: skip
    assert len(table) == 3 + 3


def test_travel_has_the_minutes_of_a_pair_both_ways_and_else_the_default():
    travel = build_travel_times({"travel": {"default": 20, "Cedar Middle": {"Maple High": 8}}})
    pairs = [("Cedar Middle", "Maple High"), ("Maple High", "Cedar Middle"), ("Cedar Middle", "Oak"), ("Oak", "Oak")]
    assert [travel.get_minutes(*pair) for pair in pairs] == [8, 8, 20, 0]
    assert build_travel_times({}).get_minutes("Cedar Middle", "Oak") == 0
