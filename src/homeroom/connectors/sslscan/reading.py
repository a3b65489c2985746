"""sslscan's tests into device, service and flaw records.

Source of the names: sslscan's XML of versions 1.11 and 2 (ssltest, protocol, heartbleed, renegotiation, compression,
cipher, certificate). sslscan rates nothing but ciphers, so that the severities are Homeroom's; only ciphers that the
server accepted count, whatever their strength.

A weakness is known by the host as it was named to sslscan, by what is weak (a protocol, a cipher by name, a property of
the certificate) and by the port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from homeroom.ingest.answers import broken, day_of, offered, tls_version
from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address
from homeroom.ingest.problems import refused
from homeroom.ingest.records import text, whole
from homeroom.ingest.versions import must_be_read
from homeroom.ingest.weaknesses import Findings, port_of, scope_of

WEAK = {"weak": "medium", "anonymous": "high", "null": "high"}
OLD = {("ssl", "2"): "high", ("ssl", "3"): "high", ("tls", "1.0"): "medium", ("tls", "1.1"): "medium"}
ACCEPTED = ("accepted", "preferred")
BROKEN = ("md5", "sha1")
LEAST_BITS, LEAST_RSA = 112, 2048
VERSIONS = ("1", "2")
"""Of the program, since its files say no other; one that was built of a commit says no number, and is read."""


@dataclass(frozen=True, kw_only=True)
class _Weak:
    check: str
    title: str
    severity: str
    cve: str = ""


def hosts(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Every host of a scan. Raises Refused where the file is another program's document."""
    if not elements and "sslscan" not in root.get("title", "").lower():
        raise refused("", "is no result of sslscan", field="document", fits="the file that sslscan --xml wrote")
    must_be_read(root.get("version", ""), field="version", known=VERSIONS, title="a result of sslscan")
    found, scope = Findings(), set()
    for element in elements:
        host, line = text(element.get("host")), element.sourceline or 0
        port = port_of(element.get("port"))
        if host is None or port is None:
            found.lost(line=line, field="host", reason="a test without a host or with no port")
            continue
        scope.add(f"{host}:{port}")
        found.host(line=line, key=host, name=None if address(host) else host, addresses=[host])
        if port:
            found.service(line=line, device=host, where=host, protocol="tcp", port=port, **_learnt(element))
        for weak in _weak(element):
            found.flaw(
                line=line,
                device=host,
                check=weak.check,
                title=weak.title,
                severity=weak.severity,
                cves=[weak.cve],
                protocol="tcp",
                port=str(port),
            )
    return found.reading("device_records", "service_records", "flaw_records", scope=scope_of("hosts", scope))


def _learnt(test: etree._Element) -> dict[str, Any]:
    """Columns of `service_records` from one test."""
    versions = {
        version: one.get("enabled") == "1"
        for one in test.findall("protocol")
        if (version := tls_version(f"{one.get('type')}{one.get('version')}"))
    }
    accepted = [one.get("cipher", "") for one in test.findall("cipher") if one.get("status") in ACCEPTED]
    rated = {weakness.check.removeprefix("cipher ") for weakness in _ciphers(test)}
    ends = [day for one in test.iter("not-valid-after") if (day := day_of(one.text))]
    alone = {(text(one.text) or "").lower() for one in test.iter("self-signed")}
    return {
        "tls_versions": offered(versions),
        "weak_ciphers": tuple(sorted({*broken(accepted), *rated})) if accepted else None,
        "certificate_until": min(ends, default=None),
        "self_signed": True if "true" in alone else (False if "false" in alone else None),
    }


def _weak(test: etree._Element) -> Iterator[_Weak]:
    for one in test.findall("protocol"):
        severity = OLD.get((one.get("type", ""), one.get("version", "")))
        if severity and one.get("enabled") == "1":
            name = f"{one.get('type', '').upper()} {one.get('version')}"
            yield _Weak(check=f"protocol {name}", title=f"{name} is offered", severity=severity)
    if any(one.get("vulnerable") == "1" for one in test.findall("heartbleed")):
        yield _Weak(check="heartbleed", title="Heartbleed", severity="critical", cve="CVE-2014-0160")
    if any(one.get("supported") == "1" for one in test.findall("compression")):
        yield _Weak(check="compression", title="TLS compression is on (CRIME)", severity="medium", cve="CVE-2012-4929")
    if any(one.get("supported") == "1" and one.get("secure") == "0" for one in test.findall("renegotiation")):
        yield _Weak(check="renegotiation", title="Renegotiation is not secure", severity="medium", cve="CVE-2009-3555")
    yield from _ciphers(test)
    for certificate in test.iter("certificate"):
        yield from _certificate(certificate)


def _ciphers(test: etree._Element) -> Iterator[_Weak]:
    for one in test.findall("cipher"):
        name, bits = text(one.get("cipher")), whole(one.get("bits"))
        short = "weak" if bits is not None and bits < LEAST_BITS else ""
        severity = WEAK.get((one.get("strength") or short).lower())
        if name and severity and one.get("status") in ACCEPTED:
            yield _Weak(check=f"cipher {name}", title=f"The weak cipher {name} is accepted", severity=severity)


def _certificate(one: etree._Element) -> Iterator[_Weak]:
    if (text(one.findtext("expired")) or "").lower() == "true":
        yield _Weak(check="certificate expired", title="The certificate has expired", severity="medium")
    if (text(one.findtext("self-signed")) or "").lower() == "true":
        yield _Weak(check="certificate self-signed", title="The certificate is signed by itself", severity="low")
    signed = (text(one.findtext("signature-algorithm")) or "").lower()
    if signed.startswith(BROKEN):
        yield _Weak(check="certificate signature", title=f"The certificate is signed with {signed}", severity="medium")
    key = one.find("pk")
    bits = None if key is None else whole(key.get("bits"))
    if key is not None and key.get("type") == "RSA" and bits is not None and bits < LEAST_RSA:
        yield _Weak(check="certificate key", title=f"The certificate's key has {bits} bits", severity="medium")
