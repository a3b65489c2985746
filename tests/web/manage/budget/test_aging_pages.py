"""The pages Aging and Breakage: loaded lists by school and model, and what is unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.breakage.watched_devices import build_watched_devices
from homeroom.apps.manage.budget.aging import DistrictAging
from homeroom.domain.manage.aging.ownership import CostPart, OwnedModel, OwnershipRecords, RecordedCost
from homeroom.domain.manage.aging.schools import CountedDevices, DeviceState, SchoolPeople
from homeroom.domain.manage.estimates.breakage import Departure
from homeroom.engines.manage.aging.ownership import build_ownership
from homeroom.engines.manage.aging.school_aging import build_school_aging
from homeroom.web.manage.budget import aging
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
TODAY = date(2026, 11, 28)


def read_text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_without_evidence_both_pages_lead_to_the_sources(as_: ClientFactory, empty_folder: None):
    client = as_("auditor")
    assert "Nothing is loaded yet" in read_text(client, "/budget/aging")
    assert "No asset list yet" in read_text(client, "/budget/breakage")


def build_aging() -> DistrictAging:
    devices = [
        CountedDevices(
            school="Elm", kind=kind, last_good=last_good, state=DeviceState.USE, for_students=kind == "laptop", count=40
        )
        for kind, last_good in (("laptop", date(2029, 6, 30)), ("switch", date(2020, 6, 30)))
    ]
    people = [SchoolPeople(school=name, students=count, staff=12) for name, count in (("Oak", 9), ("Elm", 50))]
    costs = OwnershipRecords(
        models=(OwnedModel(kind="laptop", model="ThinkPad L13", devices=40, for_students=40),),
        costs=(
            RecordedCost(
                kind="laptop", model="ThinkPad L13", part=CostPart.PRICE, currency="USD", devices=10, minor=850_000
            ),
        ),
        tools=(),
        minutes={},
        devices={("laptop", "Elm"): 40},
        students=59,
    )
    return DistrictAging(
        schools=build_school_aging(people, devices, {"Elm": 50}, today=TODAY),
        ownership=build_ownership(costs),
        without_school=3,
    )


def test_schools_are_listed_by_name_with_what_is_missing_and_what_is_unknown(
    as_: ClientFactory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(aging, "load_aging", lambda *, district, today: build_aging())
    page = read_text(as_("auditor"), "/budget/aging")
    for words in (
        "Not a ranking", "If testing moves online", "If 5% more students come", "Cost of ownership", "40 of 40",
        "Unknown, and why", "Devices: fewer than ten students", "3 devices are in no school", "$850.00",
        "recorded for 10 of 40", "not recorded", "fewer than ten",
    ):  # fmt: skip
        assert words in page, words
    assert page.index(">Elm<") < page.index(">Oak<")
    assert ">9<" not in page


def test_a_district_whose_lists_have_no_school_says_so(as_: ClientFactory, judged_district: Cast):
    assert "Cost of ownership" in read_text(as_("auditor"), "/budget/aging")


def build_row(**changes: Any) -> tuple[Any, ...]:
    row = {
        "model": "Acer 311", "list": "snipeit", "first": date(2022, 8, 1), "seen": date(2025, 3, 1), "left": True,
        "status": "retired", "broken": True, "sold": False,
    }  # fmt: skip
    return tuple((row | changes).values())


@pytest.mark.parametrize(
    ("changes", "departure"),
    [
        ({}, Departure.BROKEN),
        ({"status": "lost"}, Departure.LOST),
        ({"broken": False, "sold": True}, Departure.SOLD),
        ({"broken": False}, Departure.RETIRED),
        ({"status": "repair"}, Departure.BROKEN),
        ({"left": False, "broken": False}, None),
    ],
)
def test_how_a_device_left_is_what_its_list_says(changes: dict[str, Any], departure: Departure | None):
    ((device,), left_out) = build_watched_devices([build_row(**changes)], first_loads={}, today=TODAY)
    assert device.departure is departure
    assert (device.left_on is None) == (departure is None)
    assert left_out == {}


def test_a_list_counts_from_the_first_departure_that_it_has():
    rows = [build_row(), build_row(seen=date(2024, 1, 1)), build_row(left=False, first=date(2025, 1, 1)),
            build_row(list="glpi", left=False)]  # fmt: skip
    devices, _ = build_watched_devices(rows, first_loads={}, today=TODAY)
    listed = [device.listed_since for device in devices]
    assert listed == [date(2024, 1, 1), date(2024, 1, 1), date(2025, 1, 1), date(2022, 8, 1)]


def test_a_list_counts_from_its_first_load_if_no_departure_is_earlier():
    rows = [build_row(), build_row(list="glpi", left=False)]
    loads = {"snipeit": date(2026, 1, 1), "glpi": date(2024, 9, 1)}
    devices, _ = build_watched_devices(rows, first_loads=loads, today=TODAY)
    assert [device.listed_since for device in devices] == [date(2025, 3, 1), date(2024, 9, 1)]


def test_what_has_no_days_is_left_out_and_counted():
    rows = [build_row(model=""), build_row(first=None), build_row(seen=None), build_row(first=TODAY + timedelta(1)),
            build_row(seen=date(2020, 1, 1))]  # fmt: skip
    devices, left_out = build_watched_devices(rows, first_loads={}, today=TODAY)
    assert devices == []
    assert left_out == {"no model": 1, "no first day": 2, "no day on which it left": 2}
