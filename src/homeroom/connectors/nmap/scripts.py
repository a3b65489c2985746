"""What Nmap's scripts learnt of a port, so far as services have columns for it. Nothing else that they print is kept.

Source of the names: the scripts' own output in Nmap 7 (ssl-enum-ciphers, ssl-cert, smb-protocols, smb2-security-mode,
smb-security-mode, http-title, and those of SIGN_IN). A script that prints nothing, or an error, has told nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree

from homeroom.ingest.answers import broken, day_of, offered, title, tls_version
from homeroom.ingest.plaintext import inert
from homeroom.ingest.records import text

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
"""A script's id: what it prints where it was let in without signing in, and what where it was turned away. SNMP's are let in
by the community that everybody knows, public."""
_FAILED = re.compile(r"^\s*(ERROR|TIMEOUT|false\b)")
_SMB_ONE = re.compile(r"NT LM 0\.12|SMBv1")
_SMB = re.compile(r"[23](?:[.:]?\d){1,2}")


def told(port: etree._Element, *, host: etree._Element) -> dict[str, Any]:
    """Columns of `service_records` that scripts tell of a port; those of file sharing stand with the host."""
    scripts = {one.get("id", ""): one for one in port.findall("script") if not _FAILED.match(one.get("output") or "")}
    if port.get("portid") == "445" and port.get("protocol") == "tcp":
        scripts |= {one.get("id", ""): one for one in host.findall("hostscript/script")}
    found = {**_tls(scripts), **_shared(scripts), "sign_in": _sign_in(scripts)}
    page = scripts.get("http-title")
    if page is not None:
        found["page_title"] = inert(title(page.findtext("elem[@key='title']")))
    return found


def _tls(scripts: Mapping[str, etree._Element]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ciphers, certificate = scripts.get("ssl-enum-ciphers"), scripts.get("ssl-cert")
    if ciphers is not None:
        tables = {version: one for one in ciphers.findall("table") if (version := tls_version(one.get("key")))}
        # The script tries every version, and prints only those that are offered.
        if tables:
            found["tls_versions"] = offered(
                {"SSL 3": False, "TLS 1.0": False, "TLS 1.1": False, **dict.fromkeys(tables, True)}
            )
            found["weak_ciphers"] = broken(_names(tables.values()))
    if certificate is not None:
        sides = [_name(certificate.find(f"table[@key='{side}']")) for side in ("subject", "issuer")]
        found["certificate_until"] = day_of(certificate.findtext("table[@key='validity']/elem[@key='notAfter']"))
        found["self_signed"] = sides[0] == sides[1] if all(sides) else None
    return found


def _names(tables: Any) -> Iterator[str]:
    for one in tables:
        for name in one.findall("table[@key='ciphers']/table/elem[@key='name']"):
            if said := text(name.text):
                yield said


def _name(table: etree._Element | None) -> Sequence[tuple[str, str]]:
    return () if table is None else sorted((one.get("key", ""), one.text or "") for one in table.findall("elem"))


def _shared(scripts: Mapping[str, etree._Element]) -> dict[str, Any]:
    spoken, newer, older = (scripts.get(one) for one in ("smb-protocols", "smb2-security-mode", "smb-security-mode"))
    found: dict[str, Any] = {}
    if spoken is not None:
        said = [one.text or "" for one in spoken.findall("table[@key='dialects']/elem")]
        said = said or (spoken.get("output") or "").splitlines()
        versions = {name for one in said if (name := _dialect(one))}
        found["smb_versions"] = tuple(sorted(versions)) or None
    modes = (newer.get("output") or "") if newer is not None else ""
    if "signing" in modes:
        found["signing_required"] = "not required" not in modes and "disabled" not in modes
    elif older is not None and (word := older.findtext("elem[@key='message_signing']")):
        found["signing_required"] = word == "required"
    return found


def _dialect(written: str) -> str | None:
    """`1` for NT LM 0.12, else digits with dots: 2:0:2 and 2.02 are both 2.0.2."""
    if _SMB_ONE.search(written):
        return "1"
    found = _SMB.search(written)
    digits = re.sub(r"\D", "", found[0]) if found else ""
    return ".".join(digits) or None


def _sign_in(scripts: Mapping[str, etree._Element]) -> bool | None:
    answers = set()
    for name, (let_in, turned_away) in SIGN_IN.items():
        output = (scripts[name].get("output") or "").strip() if name in scripts else ""
        if output and re.search(let_in, output):
            answers.add(False)
        elif output and turned_away and re.search(turned_away, output):
            answers.add(True)
    return False if False in answers else (True if answers else None)
