"""Read sslscan's tests into device, service and vulnerability records.

Source of the names: sslscan's XML of versions 1.11 and 2 (ssltest, protocol, heartbleed, renegotiation, compression,
cipher, certificate). sslscan rates nothing but ciphers, so that the severities are Homeroom's; only ciphers that the
server accepted count, whatever their strength.

A scan finding is identified by the host as it was named to sslscan, by what is weak (a protocol, a cipher by name, a
property of the certificate) and by the port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.format_versions import require_supported
from homeroom.ingest.rows.record_builder import clean_text, parse_whole_number
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, parse_port
from homeroom.ingest.rows.service_probes import (
    filter_broken_ciphers,
    list_offered_versions,
    normalize_tls_version,
    parse_expiry_date,
)
from homeroom.ingest.values.ip_addresses import parse_ip

WEAK = {"weak": "medium", "anonymous": "high", "null": "high"}
OLD = {("ssl", "2"): "high", ("ssl", "3"): "high", ("tls", "1.0"): "medium", ("tls", "1.1"): "medium"}
ACCEPTED = ("accepted", "preferred")
BROKEN = ("md5", "sha1")
MIN_CIPHER_BITS, MIN_RSA_BITS = 112, 2048
VERSIONS = ("1", "2")
"""Versions of the program, as its files have no other; a build of a commit has no number, and is read."""


@dataclass(frozen=True, kw_only=True)
class _TlsFinding:
    check: str
    title: str
    severity: str
    cve: str = ""


def read_hosts(elements: Sequence[etree._Element], root: Mapping[str, str]) -> Reading:
    """Read every host of a scan. Raise FileRefused if the file is another program's document."""
    if not elements and "sslscan" not in root.get("title", "").lower():
        raise build_refusal("", "is no result of sslscan", field="document", fits="the file that sslscan --xml wrote")
    require_supported(root.get("version", ""), field="version", supported=VERSIONS, title="a result of sslscan")
    findings, scope = ScanReportBuilder(), set()
    for element in elements:
        host, line = clean_text(element.get("host")), element.sourceline or 0
        port = parse_port(element.get("port"))
        if host is None or port is None:
            findings.reject_row(line=line, field="host", reason="a test without a host or with no port")
            continue
        scope.add(f"{host}:{port}")
        findings.add_host(line=line, key=host, name=None if parse_ip(host) else host, addresses=[host])
        if port:
            findings.add_service(
                line=line, device=host, ip_address=host, protocol="tcp", port=port, **_read_tls_columns(element)
            )
        for finding in _iter_findings(element):
            findings.add_finding(
                line=line,
                device=host,
                check=finding.check,
                title=finding.title,
                severity=finding.severity,
                cves=[finding.cve],
                protocol="tcp",
                port=str(port),
            )
    return findings.build_reading(
        "device_records", "service_records", "vulnerability_records", scope=build_scope("hosts", scope)
    )


def _read_tls_columns(test: etree._Element) -> dict[str, Any]:
    """Return columns of `service_records` from one test."""
    versions = {
        version: element.get("enabled") == "1"
        for element in test.findall("protocol")
        if (version := normalize_tls_version(f"{element.get('type')}{element.get('version')}"))
    }
    accepted = [element.get("cipher", "") for element in test.findall("cipher") if element.get("status") in ACCEPTED]
    rated = {finding.check.removeprefix("cipher ") for finding in _iter_weak_ciphers(test)}
    end_dates = [day for element in test.iter("not-valid-after") if (day := parse_expiry_date(element.text))]
    self_signed_values = {(clean_text(element.text) or "").lower() for element in test.iter("self-signed")}
    return {
        "tls_versions": list_offered_versions(versions),
        "weak_ciphers": tuple(sorted({*filter_broken_ciphers(accepted), *rated})) if accepted else None,
        "certificate_until": min(end_dates, default=None),
        "self_signed": True if "true" in self_signed_values else (False if "false" in self_signed_values else None),
    }


def _iter_findings(test: etree._Element) -> Iterator[_TlsFinding]:
    for element in test.findall("protocol"):
        severity = OLD.get((element.get("type", ""), element.get("version", "")))
        if severity and element.get("enabled") == "1":
            name = f"{element.get('type', '').upper()} {element.get('version')}"
            yield _TlsFinding(check=f"protocol {name}", title=f"{name} is offered", severity=severity)
    if any(element.get("vulnerable") == "1" for element in test.findall("heartbleed")):
        yield _TlsFinding(check="heartbleed", title="Heartbleed", severity="critical", cve="CVE-2014-0160")
    if any(element.get("supported") == "1" for element in test.findall("compression")):
        yield _TlsFinding(
            check="compression", title="TLS compression is on (CRIME)", severity="medium", cve="CVE-2012-4929"
        )
    if any(
        element.get("supported") == "1" and element.get("secure") == "0" for element in test.findall("renegotiation")
    ):
        yield _TlsFinding(
            check="renegotiation", title="Renegotiation is not secure", severity="medium", cve="CVE-2009-3555"
        )
    yield from _iter_weak_ciphers(test)
    for certificate in test.iter("certificate"):
        yield from _iter_certificate_findings(certificate)


def _iter_weak_ciphers(test: etree._Element) -> Iterator[_TlsFinding]:
    for cipher in test.findall("cipher"):
        name, bits = clean_text(cipher.get("cipher")), parse_whole_number(cipher.get("bits"))
        short = "weak" if bits is not None and bits < MIN_CIPHER_BITS else ""
        severity = WEAK.get((cipher.get("strength") or short).lower())
        if name and severity and cipher.get("status") in ACCEPTED:
            yield _TlsFinding(check=f"cipher {name}", title=f"The weak cipher {name} is accepted", severity=severity)


def _iter_certificate_findings(certificate: etree._Element) -> Iterator[_TlsFinding]:
    if (clean_text(certificate.findtext("expired")) or "").lower() == "true":
        yield _TlsFinding(check="certificate expired", title="The certificate has expired", severity="medium")
    if (clean_text(certificate.findtext("self-signed")) or "").lower() == "true":
        yield _TlsFinding(check="certificate self-signed", title="The certificate is signed by itself", severity="low")
    algorithm = (clean_text(certificate.findtext("signature-algorithm")) or "").lower()
    if algorithm.startswith(BROKEN):
        yield _TlsFinding(
            check="certificate signature", title=f"The certificate is signed with {algorithm}", severity="medium"
        )
    public_key = certificate.find("pk")
    bits = None if public_key is None else parse_whole_number(public_key.get("bits"))
    if public_key is not None and public_key.get("type") == "RSA" and bits is not None and bits < MIN_RSA_BITS:
        yield _TlsFinding(check="certificate key", title=f"The certificate's key has {bits} bits", severity="medium")
