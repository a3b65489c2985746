"""Test that a vulnerability scores higher the more its device's user and network can reach."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights
from tests.unit.protect.vulnerabilities.engine_runs import TableRows, build_feeds, open_source_session, run_engine
from tests.unit.protect.vulnerabilities.test_engine import OLD, RANGES, build_windows_device

SERVER = build_windows_device(9, os_edition="Windows Server 2022", addresses=["10.1.5.10", "8.8.8.8"], school="Cedar")


def evaluate_device(*devices: dict[str, Any], people: TableRows | None = None) -> dict[str, Any]:
    """Return the vulnerability of device 1, beside other devices that have none."""
    results = run_engine(
        open_source_session(**build_feeds(RANGES[:1])),
        devices=devices,
        people=people or [],
        software=[{"device": 1, **OLD}],
    )
    return results["vulnerabilities"][0]


BASELINE = evaluate_device(build_windows_device(1))


def test_what_somebody_uses_who_administers_comes_before_what_a_student_uses() -> None:
    director = [{"id": 4, "administers": True}, {"id": 5, "administers": False}]
    first = evaluate_device(build_windows_device(1, holder=4, holder_kind="staff"), people=director)
    assert (first["administrators"], first["staff"]) == (1, 1)
    assert first["reasons"] == ["administrators", "staff"]
    assert (
        first["points"] - BASELINE["points"]
        == load_vulnerability_weights().administrators + load_vulnerability_weights().staff
    )
    second = evaluate_device(build_windows_device(1, holder=5, holder_kind="student"), people=director)
    assert (second["reasons"], second["points"]) == ([], BASELINE["points"])


def test_the_more_systems_with_the_data_of_others_its_user_opens_the_more_it_weighs() -> None:
    clerk = [{"id": 4, "opens": ["Gradebook", "Nurse's office", "Roll"]}, {"id": 5, "opens": ["Roll"]}]
    single_system = evaluate_device(build_windows_device(1, holder=5, holder_kind="staff"), people=clerk)
    three_systems = evaluate_device(build_windows_device(1, holder=4, holder_kind="staff"), people=clerk)
    assert (single_system["opens"], three_systems["opens"]) == (1, 3)
    assert single_system["reasons"] == three_systems["reasons"] == ["opens", "staff"]
    assert (
        single_system["points"] - BASELINE["points"]
        == load_vulnerability_weights().staff + load_vulnerability_weights().opens
    )
    assert three_systems["points"] - single_system["points"] == load_vulnerability_weights().opens


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
    vulnerability = evaluate_device(build_windows_device(1, **device), SERVER)
    assert vulnerability["beside_servers"] == near
    assert vulnerability["reasons"] == ["beside_servers"] * near
    assert vulnerability["points"] - BASELINE["points"] == load_vulnerability_weights().beside_servers * near


def test_a_server_is_not_beside_itself() -> None:
    vulnerability = evaluate_device(
        build_windows_device(1, os_edition="Windows Server 2022", addresses=["10.1.5.11"]), SERVER
    )
    assert (vulnerability["servers"], vulnerability["beside_servers"]) == (1, 0)


def test_where_nobody_says_who_uses_it_or_where_it_stands_nothing_is_added() -> None:
    assert (BASELINE["administrators"], BASELINE["beside_servers"], BASELINE["opens"], BASELINE["reasons"]) == (
        0,
        0,
        0,
        [],
    )
