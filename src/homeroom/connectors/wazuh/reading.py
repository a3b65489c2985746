"""Wazuh's alerts and vulnerability lists into alert, flaw and device records.

Source of the names: Wazuh 4's index template for alerts (agent, rule, data.vulnerability), the answer of its API's
`GET /vulnerability` (to 4.7) and the index wazuh-states-vulnerabilities (from 4.8). Lines of logs, command lines and what
else an agent saw are counted and left out.

A weakness is known by the agent's id, and by the CVE with the package. The API's answer to 4.7 is asked for by agent and
need not name it: such weaknesses are kept under UNNAMED, which is no device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.network import address
from homeroom.ingest.problems import refused
from homeroom.ingest.records import Records, inside, moment, tenths, text, whole
from homeroom.ingest.weaknesses import scope_of

SEVERITIES = {"critical": "critical", "high": "high", "medium": "medium", "low": "low", "none": "info"}
UNKNOWN = ("", "-", "untriaged")
OVER = ("solved", "obsolete")
"""Words of data.vulnerability.status for a weakness that is there no more."""
LOGS = ("full_log", "previous_log", "previous_output")
UNNAMED = "agent:unnamed"
"""The `device_key` of weaknesses whose answer does not say which agent it is about."""
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_TIME_FITS = "not a time; 2026-05-01T13:00:00.000+0000 fits"


def alerts(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Alerts of 4.x into `alert_records`, their agents into `device_records`, weaknesses in them into `flaw_records`.

    Of several alerts about one weakness the last one decides whether it is over. Raises Refused where an alert is of version 5.
    """
    records = Records()
    for line, found in enumerate(objects, start=first):
        _refuse_five(found, line=line)
        for name in LOGS:
            records.left(name, count=int(bool(found.get(name))))
        if _alert(found, line=line, records=records):
            _flaw_of_alert(found, line=line, records=records)
    return records.reading("alert_records", "device_records", "flaw_records")


def indexed(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Search answers over wazuh-states-vulnerabilities (4.8 and later). Raises Refused where one is over another index."""
    records, incomplete = Records(), ""
    for line, found in enumerate(objects, start=first):
        hits = inside(found, "hits.hits")
        for number, hit in enumerate(hits if isinstance(hits, list) else (), start=1):
            source = inside(hit, "_source")
            _refuse_other(source, line=number)
            _indexed(source, line=number, records=records)
        total = inside(found, "hits.total.value")
        incomplete = _missing(total=total, rows=hits, line=line, records=records) or incomplete
    return replace(records.reading("device_records", "flaw_records"), incomplete=incomplete)


def listed(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Answers of `GET /vulnerability/{agent}` (to 4.7), each of which speaks of its own agent alone."""
    records, incomplete, agents = Records(), "", set()
    for line, found in enumerate(objects, start=first):
        items = inside(found, "data.affected_items")
        for number, item in enumerate(items if isinstance(items, list) else (), start=1):
            agents.add(_listed(item, line=number, records=records))
        if UNNAMED in agents:
            reason = (
                "no agent is named, so nobody knows which computers have these weaknesses; rows with agent_name fit"
            )
            records.reject(line=line, field="agent_name", value=None, reason=reason, row_lost=False)
        total = inside(found, "data.total_affected_items")
        incomplete = _missing(total=total, rows=items, line=line, records=records) or incomplete
    scope = scope_of("agents", agents) if len(agents) == 1 else ""
    return replace(records.reading("device_records", "flaw_records"), scope=scope, incomplete=incomplete)


def five(_objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Always Refused: events of Wazuh 5 are not read."""
    raise _five(first)


def _alert(found: Mapping[str, Any], *, line: int, records: Records) -> bool:
    key, rule = text(found.get("id")), found.get("rule")
    if key is None or not isinstance(rule, Mapping):
        field = "id" if key is None else "rule"
        reason = "missing, so the alert cannot be told from others"
        records.reject(line=line, field=field, value=None, reason=reason, row_lost=True)
        return False
    agent = _agent(found.get("agent"), line=line, records=records)
    at, level = _time(found, "timestamp", line=line, records=records), whole(rule.get("level"))
    if level is None:
        reason = "not a level; 0 to 16 fit"
        records.reject(line=line, field="rule.level", value=text(rule.get("level")), reason=reason, row_lost=False)
    records.put(
        "alert_records",
        line=line,
        key=key,
        at=at,
        agent_key=agent,
        agent_name=text(inside(found, "agent.name")),
        address=text(inside(found, "agent.ip")),
        rule=text(rule.get("id")),
        level=level,
        title=text(rule.get("description")),
        groups=_texts(rule.get("groups")),
        techniques=_texts(inside(rule, "mitre.id")),
    )
    return True


def _agent(agent: object, *, line: int, records: Records) -> str | None:
    """The agent's key. Its row says nothing that changes by the minute, so that many alerts give one row."""
    key = text(inside(agent, "id")) or text(inside(agent, "name"))
    if key is None:
        return None
    where = address(text(inside(agent, "ip")))
    addresses = [str(where)] if where and not where.is_loopback else []
    records.put("device_records", line=line, key=key, name=text(inside(agent, "name")), addresses=addresses)
    return key


def _flaw_of_alert(found: Mapping[str, Any], *, line: int, records: Records) -> None:
    flaw, agent = inside(found, "data.vulnerability"), text(inside(found, "agent.id"))
    if not isinstance(flaw, Mapping) or agent is None:
        return
    solved = (text(flaw.get("status")) or "").lower() in OVER
    _flaw(
        records,
        line=line,
        device=agent,
        cve=flaw.get("cve"),
        severity=flaw.get("severity"),
        title=flaw.get("title") or flaw.get("cve"),
        scores=(inside(flaw, "cvss.cvss3.base_score"), inside(flaw, "cvss.cvss2.base_score")),
        package=(inside(flaw, "package.name"), inside(flaw, "package.version")),
        at=moment(found.get("timestamp")),
        solved=solved,
    )


def _indexed(source: object, *, line: int, records: Records) -> None:
    agent, flaw = inside(source, "agent"), inside(source, "vulnerability")
    device = _agent(agent, line=line, records=records)
    if device is None:
        _without_agent(line=line, field="agent.id", records=records)
        return
    detected = inside(flaw, "detected_at")
    _flaw(
        records,
        line=line,
        device=device,
        cve=inside(flaw, "id"),
        severity=inside(flaw, "severity"),
        title=inside(flaw, "id"),
        scores=(inside(flaw, "score.base"),),
        package=(inside(source, "package.name"), inside(source, "package.version")),
        at=_time({"detected_at": detected}, "detected_at", line=line, records=records),
    )


def _listed(item: object, *, line: int, records: Records) -> str:
    """Keep one row; gives back its agent."""
    about = {"id": inside(item, "agent_id"), "name": inside(item, "agent_name"), "ip": inside(item, "agent_ip")}
    device = _agent(about, line=line, records=records) or UNNAMED
    detected = inside(item, "detection_time")
    _flaw(
        records,
        line=line,
        device=device,
        cve=inside(item, "cve"),
        severity=inside(item, "severity"),
        title=inside(item, "title") or inside(item, "cve"),
        scores=(inside(item, "cvss3_score"), inside(item, "cvss2_score")),
        package=(inside(item, "name"), inside(item, "version")),
        at=_time({"detection_time": detected}, "detection_time", line=line, records=records),
    )
    return device


def _flaw(
    records: Records,
    *,
    line: int,
    device: str,
    cve: object,
    severity: object,
    title: object,
    scores: Sequence[object],
    package: tuple[object, object],
    at: datetime | None,
    solved: bool | None = None,
) -> None:
    """One weakness of one package: a flaw in two packages is fixed twice, so that the package is part of the check's id."""
    found = (text(cve) or "").upper()
    if not _CVE.fullmatch(found):
        reason = "not a CVE id, so the weakness is left out; CVE-2026-12345 fits"
        records.reject(line=line, field="cve", value=text(cve), reason=reason, row_lost=True)
        return
    product, version = (text(one) for one in package)
    check = f"{found} {product}" if product else found
    if solved is not None:
        records.drop("flaw_records", key=(device, check, None, 0))
    word = (text(severity) or "").lower()
    if word not in SEVERITIES and word not in UNKNOWN:
        reason = "not a severity; Critical, High, Medium and Low fit"
        records.reject(line=line, field="severity", value=text(severity), reason=reason, row_lost=False)
    records.put(
        "flaw_records",
        line=line,
        device_key=device,
        check_id=check,
        title=text(title),
        severity=SEVERITIES.get(word),
        cves=[found],
        # Wazuh writes 0 where nobody scored the flaw yet.
        cvss_tenths=next((score for one in scores if (score := tenths(one))), None),
        product=product,
        version=version,
        protocol=None,
        port=0,
        reported_at=at,
        solved=solved,
    )


def _missing(*, total: object, rows: object, line: int, records: Records) -> str:
    """What to say where an answer itself says that it does not hold every row, else empty text."""
    said, there = whole(total), len(rows) if isinstance(rows, list) else 0
    if said is None or said <= there:
        return ""
    reason = f"the answer holds {there:,} of {said:,} rows"
    records.reject(line=line, field="total", value=None, reason=f"{reason}; export all of them", row_lost=False)
    return reason


def _without_agent(*, line: int, field: str, records: Records) -> None:
    reason = "no agent, so nobody knows where the weakness is"
    records.reject(line=line, field=field, value=None, reason=reason, row_lost=True)


def _time(found: Mapping[str, Any], name: str, *, line: int, records: Records) -> datetime | None:
    written = text(found.get(name))
    at = moment(written)
    if written and at is None:
        records.reject(line=line, field=name, value=written, reason=_TIME_FITS, row_lost=False)
    return at


def _texts(value: object) -> list[str]:
    return [said for one in value if (said := text(one))] if isinstance(value, list) else []


def _refuse_other(source: object, *, line: int) -> None:
    """An answer about alerts, say, would stand for a list of weaknesses in which there are none any more."""
    if isinstance(source, Mapping) and not isinstance(source.get("vulnerability"), Mapping):
        reason = "is a search over another index than that of vulnerabilities"
        fits = "a search over wazuh-states-vulnerabilities-*, or alerts as alerts.json has them"
        raise refused("", reason, line=line, field="_source.vulnerability", fits=fits)


def _refuse_five(found: Mapping[str, Any], *, line: int) -> None:
    if isinstance(found.get("wazuh"), Mapping) and "rule" not in found:
        raise _five(line)


def _five(line: int) -> Exception:
    reason = "is of Wazuh 5, whose names (wazuh.*, event.*) are other than those of 4"
    return refused("", reason, line=line, field="wazuh", fits="alerts and vulnerability lists of Wazuh 4")
