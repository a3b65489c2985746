"""Homeroom connects to public addresses and to those of named networks, whatever a name, a redirect or DNS leads to."""

from __future__ import annotations

import pytest

from homeroom.ingest.remote.addresses import PUBLIC_ONLY, AddressPolicy, parse_networks
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError

LOCAL = AddressPolicy(local=parse_networks(["10.20.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fd00::/8", "10.9.3.4"]))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert PUBLIC_ONLY.allows(address)
    assert LOCAL.allows(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
        "169.254.1.1", "fe80::1", "fe80::1%eth0", "fc00::1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
        "169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "::ffff:168.63.129.16",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_its_networks_and_metadata_are_not(address: str) -> None:
    assert not PUBLIC_ONLY.allows(address)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.20.3.4", True), ("10.21.0.1", False), ("10.9.3.4", True), ("10.9.3.5", False), ("127.0.0.1", True),
        ("::ffff:10.20.3.4", True), ("fd12::1", True), ("192.168.1.1", False),
        ("169.254.1.1", False), ("169.254.169.254", False), ("fd00:ec2::254", False),
    ],
)  # fmt: skip
def test_named_networks_are_allowed_but_for_link_local_and_metadata(address: str, allowed: bool) -> None:
    assert LOCAL.allows(address) is allowed


def test_a_host_is_resolved_once_and_only_its_allowed_addresses_are_used() -> None:
    hosts: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        hosts.append(host)
        return ["127.0.0.1", "93.184.216.34", "10.0.0.1"]

    assert PUBLIC_ONLY.select_addresses("console.example", 443, resolve=resolve) == ("93.184.216.34",)
    assert hosts == ["console.example"]


def test_a_host_without_an_allowed_address_is_refused_with_what_would_allow_it() -> None:
    with pytest.raises(RemoteError, match="list that network in HOMEROOM_LOCAL_CONSOLES"):
        PUBLIC_ONLY.select_addresses("console.example", 443, resolve=lambda _host, _port: ["10.0.0.1"])

    def fail(host: str, port: int) -> list[str]:
        raise OSError

    with pytest.raises(ConnectionBroken):
        PUBLIC_ONLY.select_addresses("console.example", 443, resolve=fail)


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f.1", "localhost", "127.0.0.1"])
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises((RemoteError, ConnectionBroken)):
        PUBLIC_ONLY.select_addresses(host, 443)


def test_a_network_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="HOMEROOM_LOCAL_CONSOLES: 'ten' is no network"):
        parse_networks(["ten"])
