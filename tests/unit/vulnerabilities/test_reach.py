"""Who uses a device and what it can reach, as far as evidence tells: the same flaw weighs more where it opens more."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.library.weights import weights
from tests.unit.vulnerabilities.house import Rows, feeds, found, session_with
from tests.unit.vulnerabilities.test_engine import OLD, RANGES, windows

SERVER = windows(9, os_edition="Windows Server 2022", addresses=["10.1.5.10", "8.8.8.8"], school="Cedar")


def row(*devices: dict[str, Any], people: Rows | None = None) -> dict[str, Any]:
    """The flaw on device 1 beside other devices that have none."""
    made = found(
        session_with(**feeds(RANGES[:1])),
        devices=devices,
        people=people or [],
        software=[{"device": 1, **OLD}],
    )
    return made["vulnerabilities"][0]


PLAIN = row(windows(1))


def test_what_somebody_uses_who_administers_comes_before_what_a_pupil_uses() -> None:
    director = [{"id": 4, "administers": True}, {"id": 5, "administers": False}]
    first = row(windows(1, holder=4, holder_kind="staff"), people=director)
    assert (first["administrators"], first["staff"]) == (1, 1)
    assert first["reasons"] == ["administrators", "staff"]
    assert first["points"] - PLAIN["points"] == weights().administrators + weights().staff
    second = row(windows(1, holder=5, holder_kind="student"), people=director)
    assert (second["reasons"], second["points"]) == ([], PLAIN["points"])


def test_the_more_systems_with_the_data_of_others_its_user_opens_the_more_it_weighs() -> None:
    clerk = [{"id": 4, "opens": ["Gradebook", "Nurse's office", "Roll"]}, {"id": 5, "opens": ["Roll"]}]
    one = row(windows(1, holder=5, holder_kind="staff"), people=clerk)
    three = row(windows(1, holder=4, holder_kind="staff"), people=clerk)
    assert (one["opens"], three["opens"]) == (1, 3)
    assert one["reasons"] == three["reasons"] == ["opens", "staff"]
    assert one["points"] - PLAIN["points"] == weights().staff + weights().opens
    assert three["points"] - one["points"] == weights().opens


@pytest.mark.parametrize(
    ("device", "near"),
    [
        ({"addresses": ["10.1.5.77"]}, 1),
        ({"addresses": ["10.1.5.77"], "school": "Cedar"}, 1),
        ({"addresses": ["10.1.6.77"]}, 0),
        ({"addresses": ["8.8.8.9"]}, 0),
        ({"addresses": ["10.1.5.77"], "school": "Birch"}, 0),
        ({"addresses": None}, 0),
        ({"addresses": ["fe80::1", "no address"]}, 0),
    ],
)
def test_a_device_in_the_private_network_of_a_server_can_reach_it(device: dict[str, Any], near: int) -> None:
    told = row(windows(1, **device), SERVER)
    assert told["beside_servers"] == near
    assert told["reasons"] == ["beside_servers"] * near
    assert told["points"] - PLAIN["points"] == weights().beside_servers * near


def test_a_server_is_not_beside_itself() -> None:
    told = row(windows(1, os_edition="Windows Server 2022", addresses=["10.1.5.11"]), SERVER)
    assert (told["servers"], told["beside_servers"]) == (1, 0)


def test_where_nobody_says_who_uses_it_or_where_it_stands_nothing_is_added() -> None:
    assert (PLAIN["administrators"], PLAIN["beside_servers"], PLAIN["opens"], PLAIN["reasons"]) == (0, 0, 0, [])
