"""What answers on the invented networks and should not, and beside each what only looks so: one host a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.sample.ports import Port, Ports

_NEW = ("TLSv1.2", "TLSv1.3")


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """A host: its name where it stands in the asset list, its ports, and what it only looks guilty of, and why not."""

    ports: Ports
    name: str = ""
    like: str = ""
    why: str = ""


def outside(today: date) -> Iterator[Exposed]:
    """Hosts on public addresses, of which no list knows."""
    yield from _doors()
    yield from _pages(today)


def _doors() -> Iterator[Exposed]:
    doors = (
        ("internet-facing-database", (1433, 3306, 5432, 6379, 27017)),
        ("internet-facing-management", (5985, 8006, 10000)),
        ("internet-facing-directory", (389,)),
        ("internet-facing-printer", (515, 631, 9100)),
        ("internet-facing-camera", (554, 37777)),
        ("internet-facing-cleartext", (21, 143)),
    )
    for control, numbers in doors:
        for number in numbers:
            yield Exposed(ports=(Port(number=number),))
        near = (Port(number=numbers[0], state="closed"), Port(number=numbers[-1], state="filtered"))
        yield Exposed(ports=(Port(number=22), *near[: len(numbers)]), like=control, why="Nothing answers there.")
        yield Exposed(ports=(Port(number=numbers[0], state="open|filtered"),))
    for number in (623, 137, 1900, 19):
        yield Exposed(ports=(Port(number=number, protocol="udp"),))
        yield Exposed(ports=(Port(number=number, protocol="udp", state="open|filtered"),))
    over_tcp = (Port(number=1900), Port(number=3702))
    yield Exposed(ports=over_tcp, like="internet-facing-amplifier", why="Over TCP nobody can be flooded by answers.")
    syslog = (Port(number=514, protocol="udp"), Port(number=53, protocol="udp"))
    yield Exposed(ports=syslog, like="internet-facing-cleartext", why="A system log and a name server, over UDP.")


def _pages(today: date) -> Iterator[Exposed]:
    """Web servers on public addresses."""

    def page(like: str = "", why: str = "", **facts: object) -> Exposed:
        fine = {"tls": _NEW, "until": today + timedelta(days=90), "alone": False, "title": "Families and pupils"}
        return Exposed(ports=(Port(number=443, **{**fine, **facts}),), like=like, why=why)  # type: ignore[arg-type]

    yield page("old-tls", "TLS 1.2 and 1.3 only.")
    yield page(tls=("TLSv1.0", "TLSv1.1", "TLSv1.2"))
    yield page(tls=("SSLv3", "TLSv1.2"))
    yield page(ciphers=("TLS_RSA_WITH_3DES_EDE_CBC_SHA",))
    yield page(ciphers=("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"))
    yield page("weak-tls-ciphers", "An old cipher, but not a broken one.", ciphers=("TLS_RSA_WITH_AES_128_CBC_SHA",))
    yield page(until=today - timedelta(days=1))
    yield page("certificate-expired", "Today is its last day.", until=today)
    yield page(until=today + timedelta(days=30))
    yield page("certificate-ends-soon", "It lasts a day longer than a month.", until=today + timedelta(days=31))
    yield page(alone=True)
    yield page(title="FortiGate")
    yield page(title="DiskStation - Synology NAS")
    yield page(
        "internet-facing-console", "A page about gates, and none that opens one.", title="Gate times for families"
    )
    yield page(title="Welcome to nginx!")
    yield page("default-web-page", "A page of its own that says welcome.", title="Welcome to the library")
    yield Exposed(ports=(Port(number=80, product="Microsoft IIS httpd", version="8.5", title="IIS Windows Server"),))
    yield Exposed(ports=(Port(number=80, product="Apache httpd", version="2.2.34", title="Lunch menus"),))
    yield Exposed(ports=(Port(number=80, product="Apache httpd", title="Lunch menus"),))


def inside() -> Iterator[Exposed]:
    """Gear in the asset list."""
    snmp = {"number": 161, "protocol": "udp"}
    yield Exposed(name="SW-CORE-A", ports=(Port(**snmp, sign_in=False), Port(number=22)))  # type: ignore[arg-type]
    near = (Port(**snmp, state="closed"), Port(number=22))  # type: ignore[arg-type]
    yield Exposed(name="SW-CORE-B", ports=near, like="snmp-public-community", why="SNMP is turned off.")
    yield Exposed(name="SW-CORE-C", ports=(Port(**snmp, state="open|filtered"),))  # type: ignore[arg-type]
    yield Exposed(
        name="NAS-MEDIA", ports=(Port(number=445, smb=("1", "2:0:2"), signing=False), Port(number=21, sign_in=False))
    )
    strict = (Port(number=445, smb=("2:0:2", "3:1:1"), signing=True),)
    yield Exposed(name="NAS-BACKUP", ports=strict, like="smb-version-1", why="Version 2 and later, and signed.")
    yield Exposed(name="KIOSK-LIBRARY", ports=(Port(number=5900, sign_in=False),))
    guarded = (Port(number=5900, sign_in=True),)
    yield Exposed(name="KIOSK-OFFICE", ports=guarded, like="service-without-sign-in", why="It asks for a password.")
    yield Exposed(name="CACHE-LMS", ports=(Port(number=6379, sign_in=False),))
    yield Exposed(name="DB-TRANSPORT", ports=(Port(number=1433),))
    shut = (Port(number=1433, state="filtered"), Port(number=443, title="Bus routes"))
    yield Exposed(name="DB-FOOD", ports=shut, like="database-answers-network", why="Its firewall lets nobody to it.")
    yield Exposed(name="MAIL-RELAY-1", ports=(Port(number=25, sign_in=False),))
    relay = (Port(number=25, sign_in=True),)
    yield Exposed(
        name="MAIL-RELAY-2", ports=relay, like="open-mail-relay", why="It passes on mail of the district only."
    )
    yield Exposed(name="MAIL-RELAY-3", ports=(Port(number=25),))
    yield Exposed(
        name="BMC-SRV-FILE", ports=(Port(number=623, protocol="udp"), Port(number=80, title="Server controller"))
    )
    off = (Port(number=623, protocol="udp", state="closed"), Port(number=4786, state="closed"))
    yield Exposed(name="BMC-SRV-DC", ports=off, like="management-port-inside", why="Control over the network is off.")
    yield Exposed(name="SW-OLD-GYM", ports=(Port(number=4786),))
    iis = (Port(number=80, product="Microsoft IIS httpd", version="10.0", title="Room bookings"),)
    yield Exposed(
        name="WEB-ROOMS", ports=iis, like="unsupported-web-server", why="The line of Windows Server 2016 and later."
    )
    old = (Port(number=80, product="Microsoft IIS httpd", version="7.5", title="Work orders"),)
    yield Exposed(name="WEB-ORDERS", ports=old)
    apache = (Port(number=80, product="Apache httpd", version="2.4.6", title="Clubs"),)
    yield Exposed(name="WEB-CLUBS", ports=apache, like="unsupported-web-server", why="A line that is still mended.")


def strangers() -> Iterator[Exposed]:
    """What hangs in the network, stands in no list, and gives something out."""
    yield Exposed(ports=(Port(number=53), Port(number=67, protocol="udp")))
    yield Exposed(ports=(Port(number=67, protocol="udp", state="open|filtered"),))
    near = (Port(number=53, state="closed"), Port(number=8080, title="Radio"))
    yield Exposed(ports=near, like="stranger-serves-network", why="It answers as no name server.")
