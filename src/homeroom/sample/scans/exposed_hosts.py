"""Hosts with services that should not answer on the networks, each with near misses: one host a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from homeroom.sample.scans.ports import Port, Ports

_CURRENT_TLS = ("TLSv1.2", "TLSv1.3")


@dataclass(frozen=True, kw_only=True)
class ExposedHost:
    """A host: its name in the asset list, its ports, the control that it only seems to fail, and the reason."""

    ports: Ports
    name: str = ""
    resembles: str = ""
    reason: str = ""


def list_public_hosts(today: date) -> Iterator[ExposedHost]:
    """Yield hosts on public addresses that are in no list."""
    yield from _list_open_services()
    yield from _list_web_servers(today)


def _list_open_services() -> Iterator[ExposedHost]:
    services = (
        ("internet-facing-database", (1433, 3306, 5432, 6379, 27017)),
        ("internet-facing-management", (5985, 8006, 10000)),
        ("internet-facing-directory", (389,)),
        ("internet-facing-printer", (515, 631, 9100)),
        ("internet-facing-camera", (554, 37777)),
        ("internet-facing-cleartext", (21, 143)),
    )
    for control, numbers in services:
        for number in numbers:
            yield ExposedHost(ports=(Port(number=number),))
        near = (Port(number=numbers[0], state="closed"), Port(number=numbers[-1], state="filtered"))
        yield ExposedHost(
            ports=(Port(number=22), *near[: len(numbers)]), resembles=control, reason="Nothing answers there."
        )
        yield ExposedHost(ports=(Port(number=numbers[0], state="open|filtered"),))
    for number in (623, 137, 1900, 19):
        yield ExposedHost(ports=(Port(number=number, protocol="udp"),))
        yield ExposedHost(ports=(Port(number=number, protocol="udp", state="open|filtered"),))
    over_tcp = (Port(number=1900), Port(number=3702))
    yield ExposedHost(
        ports=over_tcp, resembles="internet-facing-amplifier", reason="Over TCP nobody can be flooded by answers."
    )
    syslog = (Port(number=514, protocol="udp"), Port(number=53, protocol="udp"))
    yield ExposedHost(
        ports=syslog, resembles="internet-facing-cleartext", reason="A system log and a name server, over UDP."
    )


def _list_web_servers(today: date) -> Iterator[ExposedHost]:
    """Yield web servers on public addresses."""

    def build_host(resembles: str = "", reason: str = "", **facts: object) -> ExposedHost:
        defaults = {
            "tls": _CURRENT_TLS,
            "until": today + timedelta(days=90),
            "alone": False,
            "title": "Families and students",
        }
        return ExposedHost(ports=(Port(number=443, **{**defaults, **facts}),), resembles=resembles, reason=reason)  # type: ignore[arg-type]

    yield build_host("old-tls", "TLS 1.2 and 1.3 only.")
    yield build_host(tls=("TLSv1.0", "TLSv1.1", "TLSv1.2"))
    yield build_host(tls=("SSLv3", "TLSv1.2"))
    yield build_host(ciphers=("TLS_RSA_WITH_3DES_EDE_CBC_SHA",))
    yield build_host(ciphers=("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"))
    yield build_host(
        "weak-tls-ciphers", "An old cipher, but not a broken one.", ciphers=("TLS_RSA_WITH_AES_128_CBC_SHA",)
    )
    yield build_host(until=today - timedelta(days=1))
    yield build_host("certificate-expired", "Today is its last day.", until=today)
    yield build_host(until=today + timedelta(days=30))
    yield build_host("certificate-ends-soon", "It lasts a day longer than a month.", until=today + timedelta(days=31))
    yield build_host(alone=True)
    yield build_host(title="FortiGate")
    yield build_host(title="DiskStation - Synology NAS")
    yield build_host(
        "internet-facing-console", "A page about gates, and none that opens one.", title="Gate times for families"
    )
    yield build_host(title="Welcome to nginx!")
    yield build_host("default-web-page", "A page of its own that says welcome.", title="Welcome to the library")
    yield ExposedHost(
        ports=(Port(number=80, product="Microsoft IIS httpd", version="8.5", title="IIS Windows Server"),)
    )
    yield ExposedHost(ports=(Port(number=80, product="Apache httpd", version="2.2.34", title="Lunch menus"),))
    yield ExposedHost(ports=(Port(number=80, product="Apache httpd", title="Lunch menus"),))


def list_internal_hosts() -> Iterator[ExposedHost]:
    """Yield devices that are in the asset list."""
    build_snmp_port = partial(Port, number=161, protocol="udp")
    yield ExposedHost(name="SW-CORE-A", ports=(build_snmp_port(sign_in=False), Port(number=22)))
    near = (build_snmp_port(state="closed"), Port(number=22))
    yield ExposedHost(name="SW-CORE-B", ports=near, resembles="snmp-public-community", reason="SNMP is turned off.")
    yield ExposedHost(name="SW-CORE-C", ports=(build_snmp_port(state="open|filtered"),))
    yield ExposedHost(
        name="NAS-MEDIA", ports=(Port(number=445, smb=("1", "2:0:2"), signing=False), Port(number=21, sign_in=False))
    )
    strict = (Port(number=445, smb=("2:0:2", "3:1:1"), signing=True),)
    yield ExposedHost(
        name="NAS-BACKUP", ports=strict, resembles="smb-version-1", reason="Version 2 and later, and signed."
    )
    yield ExposedHost(name="KIOSK-LIBRARY", ports=(Port(number=5900, sign_in=False),))
    protected = (Port(number=5900, sign_in=True),)
    yield ExposedHost(
        name="KIOSK-OFFICE", ports=protected, resembles="service-without-sign-in", reason="It asks for a password."
    )
    yield ExposedHost(name="CACHE-LMS", ports=(Port(number=6379, sign_in=False),))
    yield ExposedHost(name="DB-TRANSPORT", ports=(Port(number=1433),))
    blocked = (Port(number=1433, state="filtered"), Port(number=443, title="Bus routes"))
    yield ExposedHost(
        name="DB-FOOD", ports=blocked, resembles="database-answers-network", reason="Its firewall lets nobody to it."
    )
    yield ExposedHost(name="MAIL-RELAY-1", ports=(Port(number=25, sign_in=False),))
    relay = (Port(number=25, sign_in=True),)
    yield ExposedHost(
        name="MAIL-RELAY-2", ports=relay, resembles="open-mail-relay", reason="It passes on mail of the district only."
    )
    yield ExposedHost(name="MAIL-RELAY-3", ports=(Port(number=25),))
    yield ExposedHost(
        name="BMC-SRV-FILE", ports=(Port(number=623, protocol="udp"), Port(number=80, title="Server controller"))
    )
    off = (Port(number=623, protocol="udp", state="closed"), Port(number=4786, state="closed"))
    yield ExposedHost(
        name="BMC-SRV-DC", ports=off, resembles="management-port-inside", reason="Control over the network is off."
    )
    yield ExposedHost(name="SW-OLD-GYM", ports=(Port(number=4786),))
    iis = (Port(number=80, product="Microsoft IIS httpd", version="10.0", title="Room bookings"),)
    yield ExposedHost(
        name="WEB-ROOMS",
        ports=iis,
        resembles="unsupported-web-server",
        reason="The line of Windows Server 2016 and later.",
    )
    old = (Port(number=80, product="Microsoft IIS httpd", version="7.5", title="Work orders"),)
    yield ExposedHost(name="WEB-ORDERS", ports=old)
    apache = (Port(number=80, product="Apache httpd", version="2.4.6", title="Clubs"),)
    yield ExposedHost(
        name="WEB-CLUBS", ports=apache, resembles="unsupported-web-server", reason="A line that is still mended."
    )


def list_unknown_hosts() -> Iterator[ExposedHost]:
    """Yield hosts on the network that are in no list and provide a service."""
    yield ExposedHost(ports=(Port(number=53), Port(number=67, protocol="udp")))
    yield ExposedHost(ports=(Port(number=67, protocol="udp", state="open|filtered"),))
    near = (Port(number=53, state="closed"), Port(number=8080, title="Radio"))
    yield ExposedHost(ports=near, resembles="stranger-serves-network", reason="It answers as no name server.")
