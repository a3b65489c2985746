"""Test controls on rows of devices: the worst row decides, and a row that disappears was fixed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.protect.posture.findings.transitions import MemberChanges, OpenMember, diff_members
from homeroom.apps.protect.posture.rows.worst_row import select_worst_rows
from homeroom.domain.protect.control_states import CloseReason, Severity, State
from homeroom.domain.protect.controls import Control, Effort, Grouping
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.engines.protect.posture.evaluation import Evaluation
from homeroom.evidence.page_cache.device_index import build_device_index
from homeroom.evidence.query.session import build_view_schema, open_session_over

TODAY = date(2026, 1, 15)
NOT_TELNET = Control(
    id="no-telnet", area="network", title="No telnet", severity=Severity.HIGH, asks="services", because="It is heard.",
    fix={"anywhere": "Turn it off."}, effort=Effort(minutes_per_subject=1, minutes_once=0), shows=("port", "product"),
    applies_to={"public": False}, requires=[{"port|not": 23}, {"open": False}],
)  # fmt: skip
SAFE, TELNET, UNKNOWN = {"port": 22, "open": True}, {"port": 23, "open": True}, {"port": 23}


def open_service_session(*hosts: dict[str, Any]) -> Any:
    """Return a session over devices 0… and their services.

    Each host is {"ports": [...], …columns of the device}.
    """
    devices = [{"id": n, **{k: v for k, v in host.items() if k != "ports"}} for n, host in enumerate(hosts)]
    services = [
        {"device": n, "public": False, **port} for n, host in enumerate(hosts) for port in host.get("ports", [])
    ]
    tables = {"devices": devices, "services": services}
    return open_session_over(
        {name: pa.Table.from_pylist(rows, schema=build_view_schema(name)) for name, rows in tables.items()}
    )


def evaluate_hosts(*hosts: dict[str, Any], control: Control = NOT_TELNET) -> Evaluation:
    return evaluate_controls(open_service_session(*hosts), controls=[control], today=TODAY)


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
    assert evaluate_hosts({"ports": ports}).control_states["no-telnet"].get_state(0) is state


def test_a_device_without_a_row_is_in_no_population() -> None:
    counts = evaluate_hosts({"ports": [SAFE]}, {"scanned": True}, {"scanned": False}).counts["no-telnet"]
    assert (counts.population, counts.not_applicable) == (1, 1)


def test_devices_of_a_school_that_all_fail_are_one_finding_about_the_school() -> None:
    grouping = Grouping(by=("school",), at_share=0.5, at_least=2, title="{group}")
    members = evaluate_hosts(
        *[{"school": "Cedar", "ports": [TELNET]}] * 3, {"ports": [SAFE]}, control=replace(NOT_TELNET, groups=grouping)
    ).members
    assert set(members["group"].to_pylist()) == {"Cedar"}


def _diff_after_rescan(host: dict[str, Any]) -> MemberChanges:
    """Return what becomes of device 0, which had telnet open before, when it is now seen like this."""
    open_before = OpenMember(id=7, finding=("no-telnet", ""), subject=0, since=TODAY, snapshot="1", not_seen_since=None)
    return diff_members(
        open_members=[open_before],
        judgment=evaluate_hosts(host),
        find_gone=lambda kind, members: {member.id for member in members},
        find_unreported=lambda kind, members, anywhere: set(),
    )


def test_a_port_that_a_newer_scan_no_longer_finds_was_put_right() -> None:
    assert _diff_after_rescan({"scanned": True}).closing == {CloseReason.FIXED: (7,)}
    assert _diff_after_rescan({"scanned": True, "ports": [SAFE]}).closing == {CloseReason.FIXED: (7,)}


def test_a_host_that_was_off_during_the_newer_scan_is_not_seen_and_not_fixed() -> None:
    changes = _diff_after_rescan({"scanned": False})
    assert (changes.closing, changes.unseen) == ({}, (7,))


def select_shown_rows(*rows: dict[str, Any], columns: tuple[str, ...]) -> dict[int, list[tuple[Any, ...]]]:
    """Return the rows shown for devices 0, 1 and 2 out of these services."""
    services = build_device_index(pa.Table.from_pylist(list(rows), schema=build_view_schema("services")))
    return select_worst_rows(rows=services, control=NOT_TELNET, today=TODAY, columns=columns, subjects=[0, 1, 2])


def test_the_rows_that_decide_are_shown_and_the_others_are_not() -> None:
    private: dict[str, Any] = {"public": False}
    switch = [{"device": 0, **private, **SAFE}, {"device": 0, **private, **TELNET, "product": "old switch"}]
    camera = [{"device": 1, **private, **UNKNOWN}, {"device": 1, **private, **SAFE}]
    rows = select_shown_rows(*switch, *camera, columns=("port", "product"))
    assert rows == {0: [(23, "old switch")], 1: [(23, None)]}


def test_of_what_passes_a_few_rows_are_shown_and_of_what_does_not_apply_none() -> None:
    ports = [{"device": 0, "public": False, "port": 8000 + n, "open": True} for n in range(50)]
    rows = select_shown_rows(*ports, {"device": 1, "public": True, **TELNET}, columns=("port",))
    assert rows == {0: [(8000,), (8001,), (8002,)]}


def test_rows_that_decide_stand_in_the_order_of_what_is_shown_with_what_is_not_known_last() -> None:
    telnet = {"device": 2, "public": False, **TELNET}
    rows = select_shown_rows(
        telnet, {**telnet, "product": "zebra"}, {**telnet, "product": "ant"}, columns=("product", "port")
    )
    assert rows == {2: [("ant", 23), ("zebra", 23), (None, 23)]}
