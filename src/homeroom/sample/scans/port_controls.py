"""Evaluate which service controls a host with open ports fails, and for which the scans give no answer.

Ports are assigned to the services that usually answer there (IANA's list, and the vendors' own pages).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.scans.ports import Port
from homeroom.sample.truth.ground_truth import GroundTruth, RecordRef

_DATABASES: Final = (1433, 3306, 5432, 6379, 27017)
_PUBLIC_TCP_PORTS: Final = {
    "internet-facing-database": _DATABASES,
    "internet-facing-printer": (515, 631, 9100),
    "internet-facing-cleartext": (21, 143),
}
_PUBLIC_PORTS: Final = {
    "internet-facing-remote-access": (23, 445, 3389, 5900),
    "internet-facing-management": (161, 623, 5985, 8006, 10000),
    "internet-facing-directory": (137, 389),
    "internet-facing-camera": (554, 37777),
}
_AMPLIFIERS: Final = (19, 1900, 3702)
_CLEARTEXT: Final = (21, 23)
_MANAGEMENT: Final = (623, 4786)
_NETWORK_SERVICES: Final = (53, 67)
_WEB: Final = (80, 443, 8080)
_TLS: Final = (443,)
_SIGN_IN_PORTS: Final = (21, 5900, 6379, 27017)
_OLD_TLS: Final = ("SSLv3", "TLSv1.0", "TLSv1.1")
_BROKEN_CIPHERS: Final = ("3DES", "RC4", "NULL")
_OPEN: Final = {"open": True, "closed": False, "filtered": False}
_EMPTY_PAGES: Final = ("IIS Windows Server", "Apache2 Ubuntu Default Page: It works", "Welcome to nginx!")
_CONSOLES: Final = ("FortiGate", "DiskStation - Synology NAS", "UniFi Network")
_LAST_IIS, _LAST_APACHE = "8.5", "2.2"
PortVerdict = tuple[str, bool]
"""A control, and True if the host fails it, False if the scans give no answer."""


@dataclass(frozen=True, kw_only=True)
class HostContext:
    """The context of a host: on a public address, in a list, and whether it is a managed computer."""

    today: date
    is_public: bool = False
    is_listed: bool = True
    is_computer: bool = False


def evaluate_ports(
    truth: GroundTruth, ports: Iterable[Port], *, context: HostContext, records: list[RecordRef]
) -> None:
    """Record the controls that a device with these ports fails, and those without an answer."""
    verdicts = [verdict for port in ports for verdict in _evaluate_port(port, context)]
    failing = {control for control, fails in verdicts if fails}
    for control in sorted(failing):
        truth.add_failure(control, records)
    for control in sorted({control for control, _ in verdicts} - failing):
        truth.add_unknown(control, records)


def _evaluate_port(port: Port, context: HostContext) -> Iterator[PortVerdict]:
    is_open = _OPEN.get(port.state)
    if is_open is not False:
        for control in _list_reachable_controls(port, context):
            yield control, is_open is True
        yield from _evaluate_probe_results(port, context)


def _list_reachable_controls(port: Port, context: HostContext) -> Iterator[str]:
    tcp = port.protocol == "tcp"
    if context.is_public:
        controls = _PUBLIC_PORTS | (_PUBLIC_TCP_PORTS if tcp else {"internet-facing-amplifier": _AMPLIFIERS})
        yield from (control for control, numbers in controls.items() if port.number in numbers)
        return
    if tcp and port.number in _CLEARTEXT:
        yield "cleartext-management"
    if tcp and port.number in _DATABASES:
        yield "database-answers-network"
    if port.number in _MANAGEMENT:
        yield "management-port-inside"
    if not context.is_listed and port.number in _NETWORK_SERVICES:
        yield "stranger-serves-network"
    if context.is_computer and port.number == 3389:
        yield "remote-desktop-on-computers"


def _evaluate_probe_results(port: Port, context: HostContext) -> Iterator[PortVerdict]:
    """Yield the verdicts that need a scan with service detection and scripts."""
    if port.number in _TLS:
        yield from _evaluate_tls(port, context)
    if port.number in _WEB:
        yield from _yield_verdict("default-web-page", None if port.title is None else port.title in _EMPTY_PAGES)
        if context.is_public:
            yield from _yield_verdict(
                "internet-facing-console", None if port.title is None else port.title in _CONSOLES
            )
    if port.number == 445:
        yield from _yield_verdict("smb-version-1", None if port.smb is None else "1" in port.smb)
        yield from _yield_verdict("smb-signing", None if port.signing is None else not port.signing)
    open_access = None if port.sign_in is None else not port.sign_in
    if port.number in _SIGN_IN_PORTS:
        yield from _yield_verdict("service-without-sign-in", open_access)
    if port.number == 161 and port.protocol == "udp":
        yield from _yield_verdict("snmp-public-community", open_access)
    if port.number == 25:
        yield from _yield_verdict("open-mail-relay", open_access)
    if "IIS" in port.product:
        yield from _yield_verdict(
            "unsupported-web-server", float(port.version) <= float(_LAST_IIS) if port.version else None
        )
    if port.product == "Apache httpd":
        yield from _yield_verdict(
            "unsupported-web-server", port.version.startswith(_LAST_APACHE) if port.version else None
        )


def _evaluate_tls(port: Port, context: HostContext) -> Iterator[PortVerdict]:
    old = None if port.tls is None else any(version in _OLD_TLS for version in port.tls)
    weak = None if port.tls is None else any(part in name for name in port.ciphers for part in _BROKEN_CIPHERS)
    expired = None if port.until is None else port.until < context.today
    yield from _yield_verdict("old-tls", old)
    yield from _yield_verdict("weak-tls-ciphers", weak)
    yield from _yield_verdict("certificate-expired", expired)
    if not expired:
        soon = None if port.until is None else port.until <= context.today + timedelta(days=30)
        yield from _yield_verdict("certificate-ends-soon", soon)
    if context.is_public:
        yield from _yield_verdict("self-signed-public", port.alone)


def _yield_verdict(control: str, guilty: bool | None) -> Iterator[PortVerdict]:
    if guilty is not False:
        yield control, guilty is True
