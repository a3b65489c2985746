"""Test that the installations of one machine are its history, and that machines with one placeholder are no history."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from homeroom.engines.know.resolve import explain
from tests.unit.know.resolve.source_records import (
    build_decision,
    build_record,
    get_only_row,
    group_record_keys,
    resolve_records,
)
from tests.unit.know.resolve.test_scoring import (
    RecordRow,
    are_same_device,
    are_separate_devices,
    build_asset_record,
    build_console_record,
)

pytestmark = pytest.mark.scale  # each test resolves a district
CARD = {"macs": ["3c52826f10aa"]}


def build_installation(key: str, began: str, ended: str, **values: object) -> RecordRow:
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (began, ended)]
    return build_console_record(key, enrolled_at=days[0], last_seen=days[1], **values)


OLD = build_installation(
    "c1", "2024-08-01", "2025-06-10", serial="4XK9QT2", name="DESKTOP-1", platform="linux",
    hardware_ids=["udid:aaaa1111"], os_version="22.04", encrypted=True,
)  # fmt: skip
NEW = build_installation(
    "c2", "2025-06-12", "2026-01-14", serial="4XK9QT2", name="LAB-204-07", hardware_ids=["udid:bbbb2222"],
    os_version="10.0.26100",
)  # fmt: skip
ASSET = build_asset_record("a1", serial="4XK9QT2", asset_tag="T1")


def test_a_reinstalled_machine_is_one_device_whose_newest_record_decides() -> None:
    result = resolve_records(device_records=[OLD, NEW, ASSET])
    assert len(group_record_keys(result, "device")) == 1
    device = get_only_row(result, "devices", serial="4XK9QT2")
    assert (device["name"], device["os_version"], device["platform"]) == ("LAB-204-07", "10.0.26100", "windows")
    assert device["encrypted"] is None  # of the installation that is gone
    assert (device["managed"], device["in_assets"]) == (True, True)


def test_the_software_of_a_superseded_installation_is_not_on_the_device() -> None:
    software = [
        {**{k: v for k, v in build_record("microsoft", "").items() if k != "key"}, "device_key": key, "name": name}
        for key, name in (("c1", "Firefox 91"), ("c2", "Firefox 140"))
    ]
    result = resolve_records(device_records=[OLD, NEW], software_records=software)
    assert [row["name"] for row in result.tables["software"].to_pylist()] == ["Firefox 140"]


def test_a_record_that_is_alone_in_its_console_decides_although_a_newer_one_is_gone() -> None:
    result = resolve_records(device_records=[OLD], device_records_gone=[NEW])
    assert get_only_row(result, "devices", serial="4XK9QT2")["name"] == "DESKTOP-1"


def test_why_a_record_is_superseded_is_explained() -> None:
    links = resolve_records(device_records=[OLD, NEW, ASSET]).tables["links"]
    (subject,) = set(links["id"].to_pylist())
    by_key = {record.key: record for record in explain(links, kind="device", subject=subject)}
    assert {"serial 4XK9QT2, superseded", "anchor"} >= {by_key["c1"].rule}
    assert by_key["c2"].rule in ("serial 4XK9QT2", "anchor")


def test_machines_of_one_placeholder_that_report_at_the_same_time_are_no_history() -> None:
    other = {**NEW, "key": "c3", "name": "LAB-204-08", "macs": ["3c52826f10ab"], "enrolled_at": OLD["enrolled_at"]}
    assert are_separate_devices({**NEW, **CARD}, other)
    assert are_separate_devices(NEW, {**OLD, "last_seen": NEW["last_seen"]})


def test_four_installations_one_after_the_other_are_one_machine_and_eight_machines_of_a_serial_are_eight() -> None:
    chain = [
        build_installation(
            f"c{n}", f"202{n}-01-01", f"202{n}-12-01", serial="4XK9QT2", name=f"PC-{n}", holder_email=mail
        )
        for n, mail in enumerate(("a@d.example", "b@d.example", "c@d.example", "d@d.example"), start=2)
    ]
    assert are_same_device(*chain, ASSET)
    machines = [build_installation(f"c{n}", f"20{n}-01-01", f"20{n}-12-01", serial="4XK9QT2") for n in range(11, 19)]
    assert are_separate_devices(*machines)


NAMELESS = ("System Serial Number", "To be filled by O.E.M.", "Default string", "", "0")


def test_a_lab_machine_without_a_serial_is_the_asset_of_its_network_card_and_host_name() -> None:
    shared_uuid = {"hardware_ids": ["udid:03000200-0400-0500-0006-000700080009"]}
    lab = [
        record
        for n, serial in enumerate(NAMELESS * 2)
        for record in (
            build_console_record(f"c{n}", serial=serial, name=f"LAB-204-{n}", macs=[f"3c52826f100{n}"], **shared_uuid),
            build_asset_record(f"a{n}", serial=serial, name=f"lab-204-{n}.d.example", macs=[f"3c52826f100{n}"]),
        )
    ]
    devices = group_record_keys(resolve_records(device_records=lab), "device")
    assert devices == {frozenset({f"microsoft:c{n}", f"snipeit:a{n}"}) for n in range(10)}


@pytest.mark.parametrize("sign", [{"name": "LAB-204-07"}, CARD])
def test_either_of_network_card_and_host_name_is_enough_where_nothing_else_has_it(sign: RecordRow) -> None:
    other_model = {"model": "Custom lab PC"}
    assert are_same_device(
        build_console_record("c1", serial="Default string", model="PRIME H610M-A", **sign),
        build_asset_record("a1", serial="", **sign, **other_model),
    )


def test_a_lab_machine_without_a_serial_that_was_installed_again_is_one_by_its_network_card() -> None:
    old = {**OLD, "serial": "0", "platform": "windows", **CARD}
    new = {**NEW, "serial": "Default string", **CARD}
    assert are_same_device(old, new, build_asset_record("a1", serial="", name="LAB-204-07", **CARD))
    assert are_separate_devices(old, {**new, "enrolled_at": OLD["enrolled_at"], "last_seen": OLD["last_seen"]})


def test_an_asset_without_a_serial_that_a_list_has_twice_is_one_by_network_card_and_name() -> None:
    row = {"serial": "", "name": "LAB-204-07", **CARD}
    assert are_same_device(
        build_asset_record("1", asset_tag="T1", **row), build_asset_record("2", asset_tag="T9", **row)
    )
    other_name = {**row, "name": "LAB-204-08"}
    assert are_separate_devices(build_asset_record("1", **row), build_asset_record("2", **other_name))


def test_the_host_name_of_a_retired_asset_is_its_successors() -> None:
    retired = build_asset_record("1", serial="8BW3LM1", name="LAB-204-07", status="retired", model="OptiPlex 3010")
    current = build_asset_record("2", serial="", name="LAB-204-07", status="active")
    console = build_console_record("c1", serial="Default string", name="LAB-204-07", **CARD)
    devices = group_record_keys(resolve_records(device_records=[retired, current, console]), "device")
    assert devices == {frozenset({"snipeit:1"}), frozenset({"snipeit:2", "microsoft:c1"})}


def test_a_device_that_a_list_has_twice_is_retired_only_where_both_rows_are() -> None:
    rows = [
        build_asset_record("1", serial="4XK9QT2", asset_tag="T1", status="active"),
        build_asset_record("2", serial="4XK9QT2", asset_tag="T9", status="retired"),
    ]
    device = get_only_row(resolve_records(device_records=rows), "devices", serial="4XK9QT2")
    assert (device["retired"], device["asset_tag"], device["asset_status"]) == (False, "T1", "active")
    both = resolve_records(device_records=[{**row, "status": "retired"} for row in rows])
    assert get_only_row(both, "devices", serial="4XK9QT2")["retired"] is True


MISREAD = {
    "5CG0O1XT7Q": "5CGOO1XT7Q",
    "PF0I1K9Z": "PFOIIK9Z",
    "C02XL7HQJK": "SC02XL7HQJK",
    "5CD04820KX": "SN5CD04820KX",
    "8BW3LM1": "Service Tag: 8BW3LM1",
    "7TR2WW9": "ST:7TR2WW9",
}


def test_a_misread_or_prefixed_serial_is_enough_alone() -> None:
    rows = [
        record
        for n, (true, typed) in enumerate(MISREAD.items())
        for record in (
            build_console_record(f"c{n}", serial=true, model="21JK", manufacturer=None),
            build_asset_record(f"a{n}", serial=typed, model="ThinkPad E14", manufacturer=None),
        )
    ]
    devices = group_record_keys(resolve_records(device_records=rows), "device")
    assert devices == {frozenset({f"microsoft:c{n}", f"snipeit:a{n}"}) for n in range(len(MISREAD))}


def test_serials_that_differ_in_a_zero_and_an_o_are_two_where_each_has_its_own_asset() -> None:
    rows = [
        record
        for n, serial in enumerate(("5CG0123XT7", "5CGO123XT7"))
        for record in (build_console_record(f"c{n}", serial=serial), build_asset_record(f"a{n}", serial=serial))
    ]
    devices = group_record_keys(resolve_records(device_records=rows), "device")
    assert devices == {frozenset({f"microsoft:c{n}", f"snipeit:a{n}"}) for n in range(2)}


def test_a_tag_that_was_handed_on_and_one_that_a_cart_shares_join_nothing_wrong() -> None:
    old = build_console_record("c1", serial="4XK9QT2", asset_tag="T1")
    new = build_console_record("c2", serial="8BW3LM1")
    rows = [
        build_asset_record("1", serial="4XK9QT2", asset_tag="T1", status="retired"),
        build_asset_record("2", serial="8BW3LM1", asset_tag="T1", status="active"),
    ]
    devices = group_record_keys(resolve_records(device_records=[old, new, *rows]), "device")
    assert devices == {frozenset({"microsoft:c1", "snipeit:1"}), frozenset({"microsoft:c2", "snipeit:2"})}
    cart = [build_asset_record(str(n), serial=f"5CD00{n}7{n}XT", asset_tag="CART-7") for n in range(4)]
    consoles = [build_console_record(f"c{n}", serial=f"5CD00{n}7{n}XT") for n in range(4)]
    assert len(group_record_keys(resolve_records(device_records=[*cart, *consoles]), "device")) == 4


def test_what_a_placed_sighting_reports_places_the_next() -> None:
    printer = build_asset_record("a1", serial="", name="prn-lib-2", platform=None)
    by_name = build_record("nessus", "h1", name="PRN-LIB-2", macs=["3c52826f10aa"])
    by_card = build_record("nmap", "h2", macs=["3c52826f10aa"])
    assert are_same_device(printer, by_name, by_card)


def test_two_scanners_see_a_host_of_one_name_once_and_never_two_of_that_name() -> None:
    seen = [build_record("nessus", "h1", name="PRN-LIB-2"), build_record("nmap", "h2", name="prn-lib-2.d.example")]
    assert are_same_device(*seen)
    assert len(group_record_keys(resolve_records(device_records=[*seen, {**seen[1], "key": "h3"}]), "device")) == 3


def test_a_host_name_of_two_computers_with_agents_places_no_sighting_although_one_is_an_asset() -> None:
    agents = [
        build_record("fleet", f"f{n}", serial="0", name="LAB-204-07", macs=[f"3c52826f100{n}"], platform="windows")
        for n in range(2)
    ]
    other = build_record("fleet", "f9", serial="4XK9QT2", name="LIB-1")
    asset = build_asset_record("a1", serial="", name="LAB-204-07", macs=["3c52826f1000"])
    scan = build_record("nmap", "h1", name="lab-204-07")
    devices = group_record_keys(resolve_records(device_records=[*agents, other, asset, scan]), "device")
    assert frozenset({"fleet:f0", "snipeit:a1"}) in devices
    assert len(devices) == 4


def test_a_decision_still_parts_what_a_history_joins() -> None:
    decision = build_decision("device", ("microsoft", "c1"), ("microsoft", "c2"), same=False)
    assert len(group_record_keys(resolve_records(device_records=[OLD, NEW], decisions=[decision]), "device")) == 2
