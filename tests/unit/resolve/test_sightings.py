"""What a scanner saw: it joins the device that it is by hardware address or host name, and never by an IP address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.resolve.records import groups, only, resolved, row

pytestmark = pytest.mark.scale

LAPTOP = row(
    "fleet", "f1", serial="5CD11111", name="LAB-12", macs=["aabbccddee01"], managed=True, status="active",
    platform="windows", os_version="10.0.26100", addresses=["192.0.2.7"],
)  # fmt: skip


def scanned(key: str = "192.0.2.7", **values: Any) -> dict[str, Any]:
    return row("nmap", key, addresses=["192.0.2.7"], **values)


def port(number: int = 3389, *, key: str = "192.0.2.7", state: str = "open") -> dict[str, Any]:
    made = row("nmap", key, address="192.0.2.7", public=True, protocol="tcp", port=number, state=state)
    return {("device_key" if name == "key" else name): value for name, value in made.items()}


def joined(*hosts: dict[str, Any]) -> bool:
    return len(groups(resolved(device_records=[LAPTOP, *hosts]), "device")) == 1


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
    assert joined(scanned(**seen)) is same


def test_a_host_name_that_two_managed_devices_have_joins_neither() -> None:
    twin = {**LAPTOP, "key": "f2", "serial": "5CD22222", "macs": ["aabbccddee02"]}
    assert len(groups(resolved(device_records=[LAPTOP, twin, scanned(name="lab-12")]), "device")) == 3


def test_a_name_that_makers_give_to_every_device_joins_nothing() -> None:
    made = resolved(device_records=[{**LAPTOP, "name": "iPad"}, scanned(name="ipad.maple.example")])
    assert len(groups(made, "device")) == 2


def test_a_hardware_address_of_two_devices_joins_neither() -> None:
    dock = {**LAPTOP, "key": "f2", "serial": "5CD22222", "name": "LAB-13"}
    assert len(groups(resolved(device_records=[LAPTOP, dock, scanned(macs=["aabbccddee01"])]), "device")) == 3


def test_two_scanners_see_an_unknown_printer_once() -> None:
    seen = {"macs": ["aabbccddee77"]}
    made = resolved(device_records=[scanned(**seen), row("nessus", "h1", addresses=["192.0.2.9"], **seen)])
    assert groups(made, "device") == {frozenset({"nmap:192.0.2.7", "nessus:h1"})}


def test_what_a_scanner_guesses_only_fills_gaps() -> None:
    guess = scanned(macs=["aabbccddee01"], os_version="10.0.19045", platform="linux", kind="desktop")
    device = only(resolved(device_records=[LAPTOP, guess], service_records=[port()]), "devices", serial="5CD11111")
    assert (device["os_version"], device["platform"], device["kind"]) == ("10.0.26100", "windows", "desktop")
    assert (device["known"], device["scanned"], device["managed"]) == (True, True, True)


def test_a_host_that_nobody_knows_is_a_device_that_is_neither_managed_nor_an_asset() -> None:
    asset = row("snipeit", "A1", serial="5CD33333", asset_tag="A1", managed=False)
    made = resolved(device_records=[LAPTOP, asset, scanned(kind="other")], service_records=[port()])
    device = only(made, "devices", scanned=True)
    assert (device["known"], device["managed"], device["in_assets"], device["active"]) == (False, False, False, None)


def test_a_scanner_is_no_asset_list() -> None:
    device = only(resolved(device_records=[LAPTOP, scanned()]), "devices", serial="5CD11111")
    assert device["in_assets"] is None


def test_why_a_sighted_host_was_joined_is_told() -> None:
    made = resolved(device_records=[LAPTOP, scanned(name="lab-12.maple.example")])
    assert only(made, "links", connector="nmap")["rule"] == "host name lab-12"


@pytest.mark.parametrize(
    ("state", "is_open"), [("open", True), ("closed", False), ("filtered", False), ("open|filtered", None)]
)
def test_a_port_is_open_closed_or_nobody_can_tell(state: str, is_open: bool | None) -> None:
    made = resolved(device_records=[LAPTOP, scanned(macs=["aabbccddee01"])], service_records=[port(state=state)])
    found = made.tables["services"].to_pylist()
    assert [(one["device"], one["open"]) for one in found] == [
        (only(made, "devices", serial="5CD11111")["id"], is_open)
    ]


def test_what_only_an_older_scan_asked_of_a_port_is_not_forgotten() -> None:
    def seen(connector: str, day: int, **values: Any) -> dict[str, Any]:
        told = {**port(**{"state": values.pop("state", "open")}), "device_key": "h", "connector": connector}
        return {**told, "instance": connector, "scanned_at": datetime(2025, 11, day, tzinfo=UTC), **values}

    scans = [
        seen("nmap", 1, tls_versions=["TLS 1.0"], weak_ciphers=[]),
        seen("sslscan", 2, tls_versions=["TLS 1.2"]),
        seen("nessus", 3, state="closed"),
    ]
    hosts = [LAPTOP, *(row(one["connector"], "h", macs=["aabbccddee01"]) for one in scans)]
    (found,) = resolved(device_records=hosts, service_records=scans).tables["services"].to_pylist()
    assert (found["open"], found["tls_versions"], found["weak_ciphers"]) == (False, ["TLS 1.2"], [])
    assert (found["known"], found["kind"]) == (True, None)
