"""What scanners report: hosts, the ports that answered and the weaknesses found, gathered into canonical rows.

A weakness is known within its source by host, check, protocol and port (the key of `flaw_records`). Each reader says in
its own words what the check's id is made of; here only stands what all of them share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

import polars as pl

from homeroom.ingest import hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address, public
from homeroom.ingest.plaintext import inert
from homeroom.ingest.records import Records, moment, tenths, text

SEVERITIES: Mapping[str, str | None] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "negligible": "info",
    "info": "info",
    "informational": "info",
    "information": "info",
    "log": "info",
    "none": "info",
    "unknown": None,
    "unspecified": None,
    "n/a": None,
    "-": None,
    "": None,
}
"""The scanners' own words, in lower case; null where a word says that nobody rated the weakness."""
HIGHEST_PORT = 65_535
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_VECTOR = re.compile(r"\d{1,2}(?:\.\d{1,6})?")
_LONGEST_SCOPE = 200
_BANDS = ((90, "critical"), (70, "high"), (40, "medium"), (1, "low"), (0, "info"))
_UNTRUE_TIME = 1971
"""Some tools write the beginning of 1970 for a time that they do not know."""


class Findings:
    """Hosts, ports and weaknesses of one report, and what could not be read. Ask `reading` at its end."""

    def __init__(self) -> None:
        self.records = Records()
        self._again: dict[tuple[str, str, str | None, int], int] = {}
        self._hosts: dict[str, None] = {}

    @property
    def hosts(self) -> Sequence[str]:
        """The keys of the hosts so far, in the order in which they came."""
        return tuple(self._hosts)

    def host(
        self,
        *,
        line: int,
        key: str,
        name: str | None = None,
        addresses: Iterable[str | None] = (),
        macs: Iterable[str | None] = (),
        system: str | None = None,
        seen: datetime | None = None,
        **more: object,
    ) -> str:
        """Keep one host that the scanner merely saw (`managed` null); gives back its key. `system` is what it runs, in words."""
        self._hosts[key] = None
        self.records.put(
            "device_records",
            line=line,
            key=key,
            name=inert(name),
            addresses=sorted({where for where in addresses if where and address(where)}),
            macs=sorted({one for one in macs if one}),
            platform=platform(system),
            last_seen=seen,
            **more,
        )
        return key

    def service(
        self,
        *,
        line: int,
        device: str,
        where: str | None,
        protocol: str,
        port: int,
        service: str | None = None,
        product: str | None = None,
        version: str | None = None,
        at: datetime | None = None,
        **more: object,
    ) -> None:
        """Keep a port that answered on a host; `more` is what was learnt by asking it (`homeroom.ingest.answers`)."""
        self.records.put(
            "service_records",
            line=line,
            device_key=device,
            address=where or device,
            public=public(where),
            protocol=protocol,
            port=port,
            state="open",
            service=inert(service),
            product=inert(product),
            version=inert(version),
            scanned_at=at,
            **more,
        )

    def flaw(
        self,
        *,
        line: int,
        device: str,
        check: str | None,
        title: object = None,
        severity: object = None,
        words: Mapping[str, str | None] = SEVERITIES,
        cves: Iterable[object] = (),
        score: object = None,
        solution: object = None,
        product: object = None,
        version: object = None,
        protocol: object = None,
        port: object = None,
        at: datetime | None = None,
        exploited: bool | None = None,
        solved: bool | None = None,
        apart: bool = False,
    ) -> None:
        """Keep one weakness. Rows with one key are one weakness, whose CVEs grow; `apart` numbers them instead.

        `severity` is the scanner's word, looked up in `words`; one that is not there is told, and the row stays. A check
        without an id or a port that is none loses the row.
        """
        at_port = port_of(port)
        checked = inert(check)
        if checked is None or at_port is None:
            field, fits = ("check", "the check's id") if checked is None else ("port", "0 to 65535")
            reason = f"missing, or none; {fits} would fit"
            self.records.reject(line=line, field=field, value=text(port), reason=reason, row_lost=True)
            return
        word = (text(severity) or "").lower()
        if word not in words:
            reason = f"not a severity; {', '.join(list(words)[:5])} fit"
            self.records.reject(line=line, field="severity", value=word, reason=reason, row_lost=False)
        carried = protocol_of(protocol)
        if apart:
            checked = self._numbered(device, checked, carried, at_port)
        self.records.put(
            "flaw_records",
            line=line,
            device_key=device,
            check_id=checked,
            title=inert(title),
            severity=words.get(word),
            cves=cves_in(*cves),
            known_exploited=exploited,
            cvss_tenths=score_of(score),
            solution=inert(solution),
            product=inert(product),
            version=inert(version),
            protocol=carried,
            port=at_port,
            reported_at=at,
            solved=solved,
        )

    def lost(self, *, line: int, field: str, reason: str, value: str | None = None) -> None:
        """Say why a row is missing."""
        self.records.reject(line=line, field=field, value=value, reason=reason, row_lost=True)

    def reading(self, *tables: str, scope: str = "", incomplete: str = "") -> Reading:
        """Everything so far, in these tables, if only with no rows."""
        return replace(self.records.reading(*tables), scope=scope, incomplete=incomplete)

    def _numbered(self, device: str, check: str, protocol: str | None, port: int) -> str:
        place = (device, check, protocol, port)
        self._again[place] = self._again.get(place, 0) + 1
        return check if self._again[place] == 1 else f"{check} ({self._again[place]})"


def cves_in(*texts: object) -> list[str]:
    """The CVE ids that stand in the texts, in upper case, sorted and once each."""
    return sorted({found.upper() for one in texts if isinstance(one, str) for found in _CVE.findall(one)})


def score_of(written: object) -> int | None:
    """The CVSS score at the beginning of a text (`8.1 (AV:N/…)`) in tenths; null for other text."""
    found = text(written)
    start = _VECTOR.match(found) if found else None
    return tenths(start[0]) if start else None


def severity_of_score(score: int | None) -> str | None:
    """The word for a CVSS score in tenths, by the bands of CVSS 3 and 4 (FIRST, section 6)."""
    return None if score is None else next(word for least, word in _BANDS if score >= least)


def port_of(written: object) -> int | None:
    """A port's number; 0 where nothing is written, null where it is no number or too high."""
    found = text(written) or "0"
    if not re.fullmatch(r"[0-9]{1,5}", found):
        return None
    return int(found) if int(found) <= HIGHEST_PORT else None


def protocol_of(written: object) -> str | None:
    """tcp or udp; null for other words, such as an application's protocol."""
    found = (text(written) or "").lower()
    return found if found in ("tcp", "udp") else None


def when(written: object) -> datetime | None:
    """A UTC time as `moment` reads it, or in the forms of scanners (`20210228T225429678`); null for 1970 and other text."""
    found = text(written)
    if found and (basic := re.fullmatch(r"(\d{8}T\d{6})\d{0,9}", found)):
        found = basic[1]
    at = moment(found)
    return at if at and at.year >= _UNTRUE_TIME else None


def platform(system: str | None) -> str | None:
    """The platform that the words for a system name; null where they name none, or Cisco's IOS, which is not Apple's."""
    if not system or re.search(r"(?i)\bcisco\b", system):
        return None
    return str(found) if (found := _platform_of(system)) else None


@lru_cache(maxsize=4096)
def _platform_of(system: str) -> object:
    return pl.select(hardware.platform(pl.lit(system))).item()


def scope_of(kind: str, names: Iterable[str]) -> str:
    """A load's scope from what the report says it looked at: `task:Servers`, `hosts:a b`; empty where there is nothing.

    A scan decides only for loads of the same scope, so that one of other hosts takes nothing away. Very many names are
    written as their number and a short hash of them all.
    """
    found = sorted({" ".join(name.split()) for name in names if name and name.strip()})
    if not found:
        return ""
    said = " ".join(found)
    if len(said) > _LONGEST_SCOPE:
        said = f"{len(found)} of them, {sha256(said.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return f"{kind}:{said}"
