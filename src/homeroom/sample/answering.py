"""What is true of a host that answers on the network: which controls over services it fails, and which nobody can tell.

Ports by the services that usually answer there (IANA's list, and the makers' own pages).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.ports import Port
from homeroom.sample.truth import Ref, Truth

_DATABASES: Final = (1433, 3306, 5432, 6379, 27017)
_TCP_FROM_OUTSIDE: Final = {
    "internet-facing-database": _DATABASES,
    "internet-facing-printer": (515, 631, 9100),
    "internet-facing-cleartext": (21, 143),
}
_FROM_OUTSIDE: Final = {
    "internet-facing-remote-access": (23, 445, 3389, 5900),
    "internet-facing-management": (161, 623, 5985, 8006, 10000),
    "internet-facing-directory": (137, 389),
    "internet-facing-camera": (554, 37777),
}
_FLOODS: Final = (19, 1900, 3702)
_CLEARTEXT: Final = (21, 23)
_MANAGEMENT: Final = (623, 4786)
_GIVES_OUT: Final = (53, 67)
_WEB: Final = (80, 443, 8080)
_TLS: Final = (443,)
_ASKED_FOR_SIGN_IN: Final = (21, 5900, 6379, 27017)
_OLD: Final = ("SSLv3", "TLSv1.0", "TLSv1.1")
_BROKEN: Final = ("3DES", "RC4", "NULL")
_OPEN: Final = {"open": True, "closed": False, "filtered": False}
_EMPTY_PAGES: Final = ("IIS Windows Server", "Apache2 Ubuntu Default Page: It works", "Welcome to nginx!")
_CONSOLES: Final = ("FortiGate", "DiskStation - Synology NAS", "UniFi Network")
_LAST_IIS, _LAST_APACHE = "8.5", "2.2"
Verdict = tuple[str, bool]
"""A control, and true where it fails, false where nobody can tell."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a host stands: on a public address, in a list, and as whose computer."""

    today: date
    public: bool = False
    known: bool = True
    computer: bool = False


def judge(truth: Truth, answers: Iterable[Port], *, place: Place, records: list[Ref]) -> None:
    """State what a device with these ports fails, and else what nobody can tell of it."""
    verdicts = [one for port in answers for one in _of_port(port, place)]
    failing = {control for control, fails in verdicts if fails}
    for control in sorted(failing):
        truth.fails(control, records)
    for control in sorted({control for control, _ in verdicts} - failing):
        truth.unknown(control, records)


def _of_port(port: Port, place: Place) -> Iterator[Verdict]:
    is_open = _OPEN.get(port.state)
    if is_open is not False:
        for control in _reachable(port, place):
            yield control, is_open is True
        yield from _further(port, place)


def _reachable(port: Port, place: Place) -> Iterator[str]:
    tcp = port.protocol == "tcp"
    if place.public:
        both = _FROM_OUTSIDE | (_TCP_FROM_OUTSIDE if tcp else {"internet-facing-amplifier": _FLOODS})
        yield from (control for control, numbers in both.items() if port.number in numbers)
        return
    if tcp and port.number in _CLEARTEXT:
        yield "cleartext-management"
    if tcp and port.number in _DATABASES:
        yield "database-answers-network"
    if port.number in _MANAGEMENT:
        yield "management-port-inside"
    if not place.known and port.number in _GIVES_OUT:
        yield "stranger-serves-network"
    if place.computer and port.number == 3389:
        yield "remote-desktop-on-computers"


def _further(port: Port, place: Place) -> Iterator[Verdict]:
    """What only a scan knows that asked further."""
    if port.number in _TLS:
        yield from _encrypted(port, place)
    if port.number in _WEB:
        yield from _told("default-web-page", None if port.title is None else port.title in _EMPTY_PAGES)
        if place.public:
            yield from _told("internet-facing-console", None if port.title is None else port.title in _CONSOLES)
    if port.number == 445:
        yield from _told("smb-version-1", None if port.smb is None else "1" in port.smb)
        yield from _told("smb-signing", None if port.signing is None else not port.signing)
    told = None if port.sign_in is None else not port.sign_in
    if port.number in _ASKED_FOR_SIGN_IN:
        yield from _told("service-without-sign-in", told)
    if port.number == 161 and port.protocol == "udp":
        yield from _told("snmp-public-community", told)
    if port.number == 25:
        yield from _told("open-mail-relay", told)
    if "IIS" in port.product:
        yield from _told("unsupported-web-server", float(port.version) <= float(_LAST_IIS) if port.version else None)
    if port.product == "Apache httpd":
        yield from _told("unsupported-web-server", port.version.startswith(_LAST_APACHE) if port.version else None)


def _encrypted(port: Port, place: Place) -> Iterator[Verdict]:
    old = None if port.tls is None else any(one in _OLD for one in port.tls)
    weak = None if port.tls is None else any(part in name for name in port.ciphers for part in _BROKEN)
    over = None if port.until is None else port.until < place.today
    yield from _told("old-tls", old)
    yield from _told("weak-tls-ciphers", weak)
    yield from _told("certificate-expired", over)
    if not over:
        soon = None if port.until is None else port.until <= place.today + timedelta(days=30)
        yield from _told("certificate-ends-soon", soon)
    if place.public:
        yield from _told("self-signed-public", port.alone)


def _told(control: str, guilty: bool | None) -> Iterator[Verdict]:
    if guilty is not False:
        yield control, guilty is True
