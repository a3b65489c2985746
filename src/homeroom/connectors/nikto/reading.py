"""What Nikto noticed on web servers into device, service and flaw records.

Source of the names: Nikto's XML (nikto.dtd: scandetails, item@id, description, uri) and its JSON report. Nikto rates
nothing, so that `severity` is null. A default password that it names is left out.

A weakness is known by the host as it was named to Nikto, by Nikto's test id with method and path, and by the port;
several messages of one test at one path are numbered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address
from homeroom.ingest.records import text
from homeroom.ingest.weaknesses import Findings, port_of, scope_of, when

LONGEST = 200
_PASSWORD = re.compile(r"(?i)\b(PW|password) '[^']*'")


def scans(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Hosts and items of an XML report."""
    found, scope = Findings(), set()
    for element in elements:
        line, at = element.sourceline or 0, when((element.get("starttime") or "").replace(" ", "T"))
        items = [
            (one.sourceline or line, one.get("id"), one.get("method"), one.findtext("uri"), one.findtext("description"))
            for one in element.iter("item")
        ]
        host, ip, port = element.get("targethostname"), element.get("targetip"), element.get("targetport")
        scope.add(_host(host, ip, port, items=items, line=line, at=at, found=found))
    return _reading(found, scope)


def hosts(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Hosts and what was noticed on each, of a JSON report."""
    found, scope = Findings(), set()
    for line, one in enumerate(objects, start=first):
        listed = one.get("vulnerabilities")
        noticed = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
        items = [(line, item.get("id"), item.get("method"), item.get("url"), item.get("msg")) for item in noticed]
        scope.add(_host(one.get("host"), one.get("ip"), one.get("port"), items=items, line=line, at=None, found=found))
    return _reading(found, scope)


Item = tuple[int, object, object, object, object]


def _host(
    named: object,
    ip: object,
    written: object,
    *,
    items: Sequence[Item],
    line: int,
    at: datetime | None,
    found: Findings,
) -> str:
    """Keep a host with its items; gives back what the scope says of it."""
    where = text(ip)
    name, port = text(named) or where, port_of(written)
    if name is None or port is None:
        found.lost(line=line, field="host", reason="no host or no port, so nobody knows of which server")
        return ""
    found.host(line=line, key=name, name=None if address(name) else name, addresses=[where], seen=at)
    if port:
        found.service(line=line, device=name, where=where or name, protocol="tcp", port=port, at=at)
    for place, check, method, path, message in items:
        said = text(message) or ""
        shown, masked = _PASSWORD.subn(r"\1 (left out)", said)
        found.records.left("password", count=masked)
        parts = [part for one in (check, method, path) if (part := text(one))]
        found.flaw(
            line=place,
            device=name,
            check=" ".join(parts)[:LONGEST] if text(check) else None,
            title=shown,
            cves=[said],
            protocol="tcp",
            port=str(port),
            at=at,
            apart=True,
        )
    return f"{name}:{port}"


def _reading(found: Findings, scope: set[str]) -> Reading:
    return found.reading("device_records", "service_records", "flaw_records", scope=scope_of("hosts", scope))
