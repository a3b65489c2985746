"""Test that a scanned host joins its device by hardware address or host name, and never by an IP address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.know.resolve.source_records import build_record, get_only_row, group_record_keys, resolve_records

pytestmark = pytest.mark.scale

LAPTOP = build_record(
    "fleet", "f1", serial="5CD11111", name="LAB-12", macs=["aabbccddee01"], managed=True, status="active",
    platform="windows", os_version="10.0.26100", addresses=["192.0.2.7"],
)  # fmt: skip


def build_scanned_host(key: str = "192.0.2.7", **values: Any) -> dict[str, Any]:
    return build_record("nmap", key, addresses=["192.0.2.7"], **values)


def build_port(number: int = 3389, *, key: str = "192.0.2.7", state: str = "open") -> dict[str, Any]:
    record = build_record("nmap", key, address="192.0.2.7", public=True, protocol="tcp", port=number, state=state)
    return {("device_key" if name == "key" else name): value for name, value in record.items()}


def is_joined(*hosts: dict[str, Any]) -> bool:
    return len(group_record_keys(resolve_records(device_records=[LAPTOP, *hosts]), "device")) == 1


@pytest.mark.parametrize(
    ("seen", "same"),
    [
        ({"macs": ["aabbccddee01"]}, True),
        ({"name": "lab-12.maple.example"}, True),
        ({"name": "LAB-12", "serial": "5CD99999"}, False),
        ({"name": "lab-13.maple.example"}, False),
        ({"macs": ["aabbccddee99"]}, False),
        ({}, False),  # the address alone
    ],
)
def test_a_sighted_host_joins_by_hardware_address_or_host_name_and_never_by_its_address(
    seen: dict[str, Any], same: bool
) -> None:
    assert is_joined(build_scanned_host(**seen)) is same


def test_a_host_name_that_two_managed_devices_have_joins_neither() -> None:
    twin = {**LAPTOP, "key": "f2", "serial": "5CD22222", "macs": ["aabbccddee02"]}
    assert (
        len(
            group_record_keys(
                resolve_records(device_records=[LAPTOP, twin, build_scanned_host(name="lab-12")]), "device"
            )
        )
        == 3
    )


def test_a_name_that_makers_give_to_every_device_joins_nothing() -> None:
    result = resolve_records(device_records=[{**LAPTOP, "name": "iPad"}, build_scanned_host(name="ipad.maple.example")])
    assert len(group_record_keys(result, "device")) == 2


def test_a_hardware_address_of_two_devices_joins_neither() -> None:
    dock = {**LAPTOP, "key": "f2", "serial": "5CD22222", "name": "LAB-13"}
    assert (
        len(
            group_record_keys(
                resolve_records(device_records=[LAPTOP, dock, build_scanned_host(macs=["aabbccddee01"])]), "device"
            )
        )
        == 3
    )


def test_two_scanners_see_an_unknown_printer_once() -> None:
    printer = {"macs": ["aabbccddee77"]}
    result = resolve_records(
        device_records=[build_scanned_host(**printer), build_record("nessus", "h1", addresses=["192.0.2.9"], **printer)]
    )
    assert group_record_keys(result, "device") == {frozenset({"nmap:192.0.2.7", "nessus:h1"})}


def test_what_a_scanner_guesses_only_fills_gaps() -> None:
    guess = build_scanned_host(macs=["aabbccddee01"], os_version="10.0.19045", platform="linux", kind="desktop")
    device = get_only_row(
        resolve_records(device_records=[LAPTOP, guess], service_records=[build_port()]), "devices", serial="5CD11111"
    )
    assert (device["os_version"], device["platform"], device["kind"]) == ("10.0.26100", "windows", "desktop")
    assert (device["known"], device["scanned"], device["managed"]) == (True, True, True)


def test_a_host_that_nobody_knows_is_a_device_that_is_neither_managed_nor_an_asset() -> None:
    asset = build_record("snipeit", "A1", serial="5CD33333", asset_tag="A1", managed=False)
    result = resolve_records(
        device_records=[LAPTOP, asset, build_scanned_host(kind="other")], service_records=[build_port()]
    )
    device = get_only_row(result, "devices", scanned=True)
    assert (device["known"], device["managed"], device["in_assets"], device["active"]) == (False, False, False, None)


def test_a_scanner_is_no_asset_list() -> None:
    device = get_only_row(resolve_records(device_records=[LAPTOP, build_scanned_host()]), "devices", serial="5CD11111")
    assert device["in_assets"] is None


def test_why_a_sighted_host_was_joined_is_told() -> None:
    result = resolve_records(device_records=[LAPTOP, build_scanned_host(name="lab-12.maple.example")])
    assert get_only_row(result, "links", connector="nmap")["rule"] == "host name lab-12"


@pytest.mark.parametrize(
    ("state", "is_open"), [("open", True), ("closed", False), ("filtered", False), ("open|filtered", None)]
)
def test_a_port_is_open_closed_or_nobody_can_tell(state: str, is_open: bool | None) -> None:
    result = resolve_records(
        device_records=[LAPTOP, build_scanned_host(macs=["aabbccddee01"])], service_records=[build_port(state=state)]
    )
    services = result.tables["services"].to_pylist()
    assert [(service["device"], service["open"]) for service in services] == [
        (get_only_row(result, "devices", serial="5CD11111")["id"], is_open)
    ]


def test_what_only_an_older_scan_asked_of_a_port_is_not_forgotten() -> None:
    def build_scan(connector: str, day: int, **values: Any) -> dict[str, Any]:
        record = {**build_port(**{"state": values.pop("state", "open")}), "device_key": "h", "connector": connector}
        return {**record, "instance": connector, "scanned_at": datetime(2025, 11, day, tzinfo=UTC), **values}

    scans = [
        build_scan("nmap", 1, tls_versions=["TLS 1.0"], weak_ciphers=[]),
        build_scan("sslscan", 2, tls_versions=["TLS 1.2"]),
        build_scan("nessus", 3, state="closed"),
    ]
    hosts = [LAPTOP, *(build_record(scan["connector"], "h", macs=["aabbccddee01"]) for scan in scans)]
    (service,) = resolve_records(device_records=hosts, service_records=scans).tables["services"].to_pylist()
    assert (service["open"], service["tls_versions"], service["weak_ciphers"]) == (False, ["TLS 1.2"], [])
    assert (service["known"], service["kind"]) == (True, None)
