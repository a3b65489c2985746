"""SSH servers that ssh-audit looked at into device, service and flaw records.

Source of the names: ssh-audit's JSON of version 2 and 3 (target, banner, kex, key, enc, mac, notes, cves). It says `fail`
and `warn` of an algorithm, which become high and medium; a CVE has the severity of its score. Algorithms with notes of
neither kind are no weakness.

A weakness is known by the target's name, by the CVE or the kind and name of the algorithm, and by the port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address
from homeroom.ingest.records import inside, text
from homeroom.ingest.weaknesses import Findings, port_of, scope_of, score_of, severity_of_score

KINDS = {"kex": "key exchange", "key": "host key", "enc": "cipher", "mac": "MAC"}
LEVELS = {"fail": "high", "warn": "medium"}
USUAL = 22


def servers(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every target. One without a name cannot be told from others and is left out."""
    found, scope = Findings(), set()
    for line, server in enumerate(objects, start=first):
        name, port = _target(text(server.get("target")))
        if name is None or port is None:
            found.lost(line=line, field="target", reason="no target, so nobody knows of which server")
            continue
        scope.add(f"{name}:{port}")
        found.host(line=line, key=name, name=None if address(name) else name, addresses=[name])
        product = text(inside(server, "banner.software"))
        found.service(line=line, device=name, where=name, protocol="tcp", port=port, service="ssh", product=product)
        for check, title, severity, score, cve in (*_cves(server), *_algorithms(server)):
            found.flaw(
                line=line,
                device=name,
                check=check,
                title=title,
                severity=severity,
                cves=[cve],
                score=score,
                product=product,
                protocol="tcp",
                port=str(port),
            )
    return found.reading("device_records", "service_records", "flaw_records", scope=scope_of("hosts", scope))


Weak = tuple[str, str, str | None, str | None, str]


def _cves(server: Mapping[str, Any]) -> Iterator[Weak]:
    for one in _objects(server.get("cves")):
        if name := text(one.get("name")):
            score = text(one.get("cvssv2"))
            said = text(one.get("description"))
            yield name, f"{name}: {said}" if said else name, severity_of_score(score_of(score)), score, name


def _algorithms(server: Mapping[str, Any]) -> Iterator[Weak]:
    for kind, words in KINDS.items():
        for one in _objects(server.get(kind)):
            name, notes = text(one.get("algorithm")), one.get("notes")
            level = next((level for level in LEVELS if isinstance(notes, Mapping) and notes.get(level)), None)
            if name and level and isinstance(notes, Mapping):
                said = notes[level]
                why = text(said[0] if isinstance(said, list) and said else said)
                yield f"{kind} {name}", f"{words} {name}: {why or level}", LEVELS[level], None, ""


def _target(written: str | None) -> tuple[str | None, int | None]:
    """Host and port of `ssh.example.org:22`, of `[2001:db8::7]:22` and of a name or address alone."""
    if not written or address(written):
        return written, USUAL
    name, _, port = written.rpartition(":")
    return (name.strip("[]") or None, port_of(port)) if name else (written, USUAL)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
