"""Output of Nmap's scripts about a port, where services have columns for it; all other output is dropped.

Source of the names: the scripts' own output in Nmap 7 (ssl-enum-ciphers, ssl-cert, smb-protocols, smb2-security-mode,
smb-security-mode, http-title, and those of SIGN_IN). A script that prints nothing, or an error, has no result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from homeroom.ingest.rows.record_builder import clean_text
from homeroom.ingest.rows.service_probes import (
    filter_broken_ciphers,
    list_offered_versions,
    normalize_tls_version,
    parse_expiry_date,
    truncate_title,
)
from homeroom.ingest.values.sanitize_text import sanitize_text

SIGN_IN: Final[Mapping[str, tuple[str, str]]] = {
    "ftp-anon": (r"Anonymous FTP login allowed", ""),
    "vnc-info": (r"\bNone \(1\)", r"Security types"),
    "realvnc-auth-bypass": (r"State: VULNERABLE", ""),
    "redis-info": (r"\bVersion:", r"(?i)authentication required|noauth"),
    "mongodb-databases": (r"\bok = 1\b", r"\bok = 0\b|(?i:not authorized|requires authentication)"),
    "memcached-info": (r"Authentication: no\b", r"Authentication: yes\b"),
    "mysql-empty-password": (r"account has empty password", ""),
    "ms-sql-empty-password": (r"=> Login Success", r"=> Login failed"),
    "docker-version": (r"ApiVersion", ""),
    "x11-access": (r"X server access is granted", ""),
    "ipmi-cipher-zero": (r"State: VULNERABLE", ""),
    "nfs-showmount": (r"\s(\*|\(everyone\)|0\.0\.0\.0/0)", r"/"),
    "smtp-open-relay": (r"Server is an open relay", r"doesn't seem to be an open relay"),
    "dns-recursion": (r"Recursion appears to be enabled", ""),
    "snmp-sysdescr": (r".", ""),
    "snmp-interfaces": (r".", ""),
    "snmp-processes": (r".", ""),
    "snmp-win32-users": (r".", ""),
}
"""A script's id, and the patterns of its output for access without signing in and for refused access.

SNMP scripts get access by the community that everybody knows, public.
"""
_FAILED = re.compile(r"^\s*(ERROR|TIMEOUT|false\b)")
_SMB_ONE = re.compile(r"NT LM 0\.12|SMBv1")
_SMB = re.compile(r"[23](?:[.:]?\d){1,2}")


def read_scripts(port: etree._Element, *, host: etree._Element) -> dict[str, Any]:
    """Return columns of `service_records` from the scripts of a port; those of file sharing are with the host."""
    scripts = {
        script.get("id", ""): script
        for script in port.findall("script")
        if not _FAILED.match(script.get("output") or "")
    }
    if port.get("portid") == "445" and port.get("protocol") == "tcp":
        scripts |= {script.get("id", ""): script for script in host.findall("hostscript/script")}
    columns = {**_read_tls(scripts), **_read_smb(scripts), "sign_in": _requires_sign_in(scripts)}
    page = scripts.get("http-title")
    if page is not None:
        columns["page_title"] = sanitize_text(truncate_title(page.findtext("elem[@key='title']")))
    return columns


def _read_tls(scripts: Mapping[str, etree._Element]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    ciphers, certificate = scripts.get("ssl-enum-ciphers"), scripts.get("ssl-cert")
    if ciphers is not None:
        tables = {
            version: table for table in ciphers.findall("table") if (version := normalize_tls_version(table.get("key")))
        }
        # The script tries every version, and prints only those that are offered.
        if tables:
            columns["tls_versions"] = list_offered_versions(
                {"SSL 3": False, "TLS 1.0": False, "TLS 1.1": False, **dict.fromkeys(tables, True)}
            )
            columns["weak_ciphers"] = filter_broken_ciphers(_iter_cipher_names(tables.values()))
    if certificate is not None:
        names = [_get_distinguished_name(certificate.find(f"table[@key='{side}']")) for side in ("subject", "issuer")]
        columns["certificate_until"] = parse_expiry_date(
            certificate.findtext("table[@key='validity']/elem[@key='notAfter']")
        )
        columns["self_signed"] = names[0] == names[1] if all(names) else None
    return columns


def _iter_cipher_names(tables: Any) -> Iterator[str]:
    for table in tables:
        for name in table.findall("table[@key='ciphers']/table/elem[@key='name']"):
            if cipher_name := clean_text(name.text):
                yield cipher_name


def _get_distinguished_name(table: etree._Element | None) -> Sequence[tuple[str, str]]:
    return (
        ()
        if table is None
        else sorted((element.get("key", ""), element.text or "") for element in table.findall("elem"))
    )


def _read_smb(scripts: Mapping[str, etree._Element]) -> dict[str, Any]:
    protocols, smb2_mode, smb1_mode = (
        scripts.get(entry) for entry in ("smb-protocols", "smb2-security-mode", "smb-security-mode")
    )
    columns: dict[str, Any] = {}
    if protocols is not None:
        dialects = [entry.text or "" for entry in protocols.findall("table[@key='dialects']/elem")]
        dialects = dialects or (protocols.get("output") or "").splitlines()
        versions = {name for entry in dialects if (name := _parse_dialect(entry))}
        columns["smb_versions"] = tuple(sorted(versions)) or None
    modes = (smb2_mode.get("output") or "") if smb2_mode is not None else ""
    if "signing" in modes:
        columns["signing_required"] = "not required" not in modes and "disabled" not in modes
    elif smb1_mode is not None and (signing := smb1_mode.findtext("elem[@key='message_signing']")):
        columns["signing_required"] = signing == "required"
    return columns


def _parse_dialect(raw_dialect: str) -> str | None:
    """Return `1` for NT LM 0.12, else digits with dots: 2:0:2 and 2.02 are both 2.0.2."""
    if _SMB_ONE.search(raw_dialect):
        return "1"
    match = _SMB.search(raw_dialect)
    digits = re.sub(r"\D", "", match[0]) if match else ""
    return ".".join(digits) or None


def _requires_sign_in(scripts: Mapping[str, etree._Element]) -> bool | None:
    answers = set()
    for name, (open_pattern, refused_pattern) in SIGN_IN.items():
        output = (scripts[name].get("output") or "").strip() if name in scripts else ""
        if output and re.search(open_pattern, output):
            answers.add(False)
        elif output and refused_pattern and re.search(refused_pattern, output):
            answers.add(True)
    return False if False in answers else (True if answers else None)
