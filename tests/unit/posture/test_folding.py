"""Controls over software, services and flaws: the worst row of a device decides, and what vanished was put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.posture.comparing import Changes, Standing, compared
from homeroom.apps.posture.deciding import decided
from homeroom.domain.controls import Control, Effort, Grouping
from homeroom.domain.states import Closed, Severity, State
from homeroom.engines.posture.judgement import Judgement
from homeroom.engines.posture.judging import judge
from homeroom.evidence.by_device import over_devices
from homeroom.evidence.session import session_over, view_schema

TODAY = date(2026, 1, 15)
NOT_TELNET = Control(
    id="no-telnet", area="network", title="No telnet", severity=Severity.HIGH, asks="services", because="It is heard.",
    fix={"anywhere": "Turn it off."}, effort=Effort(minutes_per_subject=1, minutes_once=0), shows=("port", "product"),
    applies_to={"public": False}, requires=[{"port|not": 23}, {"open": False}],
)  # fmt: skip
SAFE, TELNET, UNKNOWN = {"port": 22, "open": True}, {"port": 23, "open": True}, {"port": 23}


def session(*hosts: dict[str, Any]) -> Any:
    """Devices 0… with their services: each {"ports": [...], and columns of the device}."""
    devices = [{"id": n, **{k: v for k, v in host.items() if k != "ports"}} for n, host in enumerate(hosts)]
    services = [
        {"device": n, "public": False, **port} for n, host in enumerate(hosts) for port in host.get("ports", [])
    ]
    given = {"devices": devices, "services": services}
    return session_over({name: pa.Table.from_pylist(rows, schema=view_schema(name)) for name, rows in given.items()})


def judged(*hosts: dict[str, Any], control: Control = NOT_TELNET) -> Judgement:
    return judge(session(*hosts), controls=[control], today=TODAY)


@pytest.mark.parametrize(
    ("ports", "state"),
    [
        ([SAFE, UNKNOWN, TELNET], State.FAIL),
        ([SAFE, UNKNOWN], State.CANNOT_TELL),
        ([SAFE, {**TELNET, "public": True}], State.PASS),
        ([{**TELNET, "public": True}], State.NOT_APPLICABLE),
    ],
)
def test_a_device_fails_by_any_row_then_cannot_be_told_then_passes(ports: list[dict[str, Any]], state: State) -> None:
    assert judged({"ports": ports}).sheets["no-telnet"].state_of(0) is state


def test_a_device_without_a_row_is_in_no_population() -> None:
    counts = judged({"ports": [SAFE]}, {"scanned": True}, {"scanned": False}).counts["no-telnet"]
    assert (counts.population, counts.not_applicable) == (1, 1)


def test_devices_of_a_school_that_all_fail_are_one_finding_about_the_school() -> None:
    grouped = Grouping(by=("school",), at_share=0.5, at_least=2, title="{group}")
    members = judged(
        *[{"school": "Cedar", "ports": [TELNET]}] * 3, {"ports": [SAFE]}, control=replace(NOT_TELNET, groups=grouped)
    ).members
    assert set(members["group"].to_pylist()) == {"Cedar"}


def _changes(host: dict[str, Any]) -> Changes:
    """What becomes of device 0, which had telnet open, when it is seen so now."""
    open_before = Standing(id=7, finding=("no-telnet", ""), subject=0, since=TODAY, snapshot="1", not_seen_since=None)
    return compared(
        standing=[open_before],
        judgement=judged(host),
        gone=lambda kind, members: {one.id for one in members},
        unheard=lambda kind, members, anywhere: set(),
    )


def test_a_port_that_a_newer_scan_no_longer_finds_was_put_right() -> None:
    assert _changes({"scanned": True}).closing == {Closed.FIXED: (7,)}
    assert _changes({"scanned": True, "ports": [SAFE]}).closing == {Closed.FIXED: (7,)}


def test_a_host_that_was_off_during_the_newer_scan_is_not_seen_and_not_fixed() -> None:
    changes = _changes({"scanned": False})
    assert (changes.closing, changes.unseen) == ({}, (7,))


def shown(*rows: dict[str, Any], columns: tuple[str, ...]) -> dict[int, list[tuple[Any, ...]]]:
    """What is shown of devices 0, 1 and 2, whose services these are."""
    services = over_devices(pa.Table.from_pylist(list(rows), schema=view_schema("services")))
    return decided(rows=services, control=NOT_TELNET, today=TODAY, columns=columns, subjects=[0, 1, 2])


def test_the_rows_that_decide_are_shown_and_the_others_are_not() -> None:
    here: dict[str, Any] = {"public": False}
    switch = [{"device": 0, **here, **SAFE}, {"device": 0, **here, **TELNET, "product": "old switch"}]
    camera = [{"device": 1, **here, **UNKNOWN}, {"device": 1, **here, **SAFE}]
    rows = shown(*switch, *camera, columns=("port", "product"))
    assert rows == {0: [(23, "old switch")], 1: [(23, None)]}


def test_of_what_passes_a_few_rows_are_shown_and_of_what_does_not_apply_none() -> None:
    ports = [{"device": 0, "public": False, "port": 8000 + n, "open": True} for n in range(50)]
    rows = shown(*ports, {"device": 1, "public": True, **TELNET}, columns=("port",))
    assert rows == {0: [(8000,), (8001,), (8002,)]}


def test_rows_that_decide_stand_in_the_order_of_what_is_shown_with_what_is_not_known_last() -> None:
    telnet = {"device": 2, "public": False, **TELNET}
    rows = shown(telnet, {**telnet, "product": "zebra"}, {**telnet, "product": "ant"}, columns=("product", "port"))
    assert rows == {2: [("ant", 23), ("zebra", 23), (None, 23)]}
