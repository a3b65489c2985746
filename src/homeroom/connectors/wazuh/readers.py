"""Wazuh's alerts and vulnerability lists into alert, vulnerability and device records.

Source of the names: Wazuh 4's index template for alerts (agent, rule, data.vulnerability), the response of its API's
`GET /vulnerability` (to 4.7) and the index wazuh-states-vulnerabilities (from 4.8). Lines of logs, command lines and
other observations of an agent are counted and dropped.

A vulnerability is identified by the agent's id, and by the CVE with the package. The API to 4.7 is queried by agent and
its response need not name it: such vulnerabilities are recorded under UNNAMED, which is no device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeroom.connectors.wazuh.agents import read_agent_sheet as read_agent_sheet
from homeroom.connectors.wazuh.agents import read_agents as read_agents
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import (
    RecordBuilder,
    clean_text,
    get_by_path,
    parse_cvss_tenths,
    parse_timestamp,
    parse_whole_number,
)
from homeroom.ingest.rows.scan_findings import build_scope
from homeroom.ingest.values.ip_addresses import parse_ip

SEVERITIES = {"critical": "critical", "high": "high", "medium": "medium", "low": "low", "none": "info"}
UNKNOWN = ("", "-", "untriaged")
RESOLVED_STATUSES = ("solved", "obsolete")
"""Words of data.vulnerability.status for a vulnerability that is gone."""
LOGS = ("full_log", "previous_log", "previous_output")
UNNAMED = "agent:unnamed"
"""The `device_key` of vulnerabilities whose response does not name the agent."""
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_TIME_FITS = "not a time; 2026-05-01T13:00:00.000+0000 fits"


def read_alerts(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read alerts of 4.x into `alert_records`, `device_records` of agents, and `vulnerability_records`.

    Of several alerts about one vulnerability the last one decides whether it is over. Raise FileRefused for an alert of
    version 5.
    """
    records = RecordBuilder()
    for line, alert in enumerate(objects, start=first):
        _refuse_if_version_5(alert, line=line)
        for name in LOGS:
            records.count_dropped(name, count=int(bool(alert.get(name))))
        if _add_alert(alert, line=line, records=records):
            _add_alert_vulnerability(alert, line=line, records=records)
    return records.build_reading("alert_records", "device_records", "vulnerability_records")


def read_index(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read search responses of wazuh-states-vulnerabilities (4.8 and later).

    Raise FileRefused where a response is of another index.
    """
    records, incomplete = RecordBuilder(), ""
    for line, response in enumerate(objects, start=first):
        hits = get_by_path(response, "hits.hits")
        for number, hit in enumerate(hits if isinstance(hits, list) else (), start=1):
            source = get_by_path(hit, "_source")
            _refuse_other_index(source, line=number)
            _add_indexed(source, line=number, records=records)
        total = get_by_path(response, "hits.total.value")
        incomplete = _describe_missing_rows(total=total, rows=hits, line=line, records=records) or incomplete
    return replace(records.build_reading("device_records", "vulnerability_records"), incomplete=incomplete)


def read_agent_lists(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read responses of `GET /vulnerability/{agent}` (to 4.7); each covers its own agent alone."""
    records, incomplete, agents = RecordBuilder(), "", set()
    for line, response in enumerate(objects, start=first):
        items = get_by_path(response, "data.affected_items")
        for number, item in enumerate(items if isinstance(items, list) else (), start=1):
            agents.add(_add_listed(item, line=number, records=records))
        if UNNAMED in agents:
            reason = (
                "no agent is named, so nobody knows which computers have these weaknesses; rows with agent_name fit"
            )
            records.reject(line=line, field="agent_name", value=None, reason=reason, row_lost=False)
        total = get_by_path(response, "data.total_affected_items")
        incomplete = _describe_missing_rows(total=total, rows=items, line=line, records=records) or incomplete
    scope = build_scope("agents", agents) if len(agents) == 1 else ""
    return replace(records.build_reading("device_records", "vulnerability_records"), scope=scope, incomplete=incomplete)


def refuse_version_5(_objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Raise FileRefused: events of Wazuh 5 are not read."""
    raise _build_version_error(first)


def _add_alert(alert: Mapping[str, Any], *, line: int, records: RecordBuilder) -> bool:
    key, rule = clean_text(alert.get("id")), alert.get("rule")
    if key is None or not isinstance(rule, Mapping):
        field = "id" if key is None else "rule"
        reason = "missing, so the alert cannot be told from others"
        records.reject(line=line, field=field, value=None, reason=reason, row_lost=True)
        return False
    agent = _add_agent(alert.get("agent"), line=line, records=records)
    at, level = _parse_time(alert, "timestamp", line=line, records=records), parse_whole_number(rule.get("level"))
    if level is None:
        reason = "not a level; 0 to 16 fit"
        records.reject(
            line=line, field="rule.level", value=clean_text(rule.get("level")), reason=reason, row_lost=False
        )
    records.put(
        "alert_records",
        line=line,
        key=key,
        at=at,
        agent_key=agent,
        agent_name=clean_text(get_by_path(alert, "agent.name")),
        address=clean_text(get_by_path(alert, "agent.ip")),
        rule=clean_text(rule.get("id")),
        level=level,
        title=clean_text(rule.get("description")),
        groups=_list_texts(rule.get("groups")),
        techniques=_list_texts(get_by_path(rule, "mitre.id")),
    )
    return True


def _add_agent(agent: object, *, line: int, records: RecordBuilder) -> str | None:
    """Add the agent and return its key.

    Its row has nothing that changes by the minute, so that many alerts give one row.
    """
    key = clean_text(get_by_path(agent, "id")) or clean_text(get_by_path(agent, "name"))
    if key is None:
        return None
    agent_address = parse_ip(clean_text(get_by_path(agent, "ip")))
    addresses = [str(agent_address)] if agent_address and not agent_address.is_loopback else []
    records.put("device_records", line=line, key=key, name=clean_text(get_by_path(agent, "name")), addresses=addresses)
    return key


def _add_alert_vulnerability(alert: Mapping[str, Any], *, line: int, records: RecordBuilder) -> None:
    vulnerability, agent = get_by_path(alert, "data.vulnerability"), clean_text(get_by_path(alert, "agent.id"))
    if not isinstance(vulnerability, Mapping) or agent is None:
        return
    solved = (clean_text(vulnerability.get("status")) or "").lower() in RESOLVED_STATUSES
    _add_vulnerability(
        records,
        line=line,
        device=agent,
        cve=vulnerability.get("cve"),
        severity=vulnerability.get("severity"),
        title=vulnerability.get("title") or vulnerability.get("cve"),
        scores=(
            get_by_path(vulnerability, "cvss.cvss3.base_score"),
            get_by_path(vulnerability, "cvss.cvss2.base_score"),
        ),
        package=(get_by_path(vulnerability, "package.name"), get_by_path(vulnerability, "package.version")),
        at=parse_timestamp(alert.get("timestamp")),
        solved=solved,
    )


def _add_indexed(source: object, *, line: int, records: RecordBuilder) -> None:
    agent, vulnerability = get_by_path(source, "agent"), get_by_path(source, "vulnerability")
    device = _add_agent(agent, line=line, records=records)
    if device is None:
        _reject_without_agent(line=line, field="agent.id", records=records)
        return
    detected = get_by_path(vulnerability, "detected_at")
    _add_vulnerability(
        records,
        line=line,
        device=device,
        cve=get_by_path(vulnerability, "id"),
        severity=get_by_path(vulnerability, "severity"),
        title=get_by_path(vulnerability, "id"),
        scores=(get_by_path(vulnerability, "score.base"),),
        package=(get_by_path(source, "package.name"), get_by_path(source, "package.version")),
        at=_parse_time({"detected_at": detected}, "detected_at", line=line, records=records),
    )


def _add_listed(item: object, *, line: int, records: RecordBuilder) -> str:
    """Add one row; return its agent."""
    agent = {
        "id": get_by_path(item, "agent_id"),
        "name": get_by_path(item, "agent_name"),
        "ip": get_by_path(item, "agent_ip"),
    }
    device = _add_agent(agent, line=line, records=records) or UNNAMED
    detected = get_by_path(item, "detection_time")
    _add_vulnerability(
        records,
        line=line,
        device=device,
        cve=get_by_path(item, "cve"),
        severity=get_by_path(item, "severity"),
        title=get_by_path(item, "title") or get_by_path(item, "cve"),
        scores=(get_by_path(item, "cvss3_score"), get_by_path(item, "cvss2_score")),
        package=(get_by_path(item, "name"), get_by_path(item, "version")),
        at=_parse_time({"detection_time": detected}, "detection_time", line=line, records=records),
    )
    return device


def _add_vulnerability(
    records: RecordBuilder,
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
    """Add one vulnerability of one package.

    A vulnerability in two packages is fixed twice, so that the package is part of the check's id.
    """
    cve_id = (clean_text(cve) or "").upper()
    if not _CVE.fullmatch(cve_id):
        reason = "not a CVE id, so the weakness is left out; CVE-2026-12345 fits"
        records.reject(line=line, field="cve", value=clean_text(cve), reason=reason, row_lost=True)
        return
    product, version = (clean_text(value) for value in package)
    check = f"{cve_id} {product}" if product else cve_id
    if solved is not None:
        records.drop("vulnerability_records", key=(device, check, None, 0))
    severity_word = (clean_text(severity) or "").lower()
    if severity_word not in SEVERITIES and severity_word not in UNKNOWN:
        reason = "not a severity; Critical, High, Medium and Low fit"
        records.reject(line=line, field="severity", value=clean_text(severity), reason=reason, row_lost=False)
    records.put(
        "vulnerability_records",
        line=line,
        device_key=device,
        check_id=check,
        title=clean_text(title),
        severity=SEVERITIES.get(severity_word),
        cves=[cve_id],
        # Wazuh writes 0 where nobody scored the vulnerability yet.
        cvss_tenths=next((score for value in scores if (score := parse_cvss_tenths(value))), None),
        product=product,
        version=version,
        protocol=None,
        port=0,
        reported_at=at,
        solved=solved,
    )


def _describe_missing_rows(*, total: object, rows: object, line: int, records: RecordBuilder) -> str:
    """Describe the missing rows where a response states that it does not hold all of them, else return empty text."""
    total_count, row_count = parse_whole_number(total), len(rows) if isinstance(rows, list) else 0
    if total_count is None or total_count <= row_count:
        return ""
    reason = f"the answer holds {row_count:,} of {total_count:,} rows"
    records.reject(line=line, field="total", value=None, reason=f"{reason}; export all of them", row_lost=False)
    return reason


def _reject_without_agent(*, line: int, field: str, records: RecordBuilder) -> None:
    reason = "no agent, so nobody knows where the weakness is"
    records.reject(line=line, field=field, value=None, reason=reason, row_lost=True)


def _parse_time(fields: Mapping[str, Any], name: str, *, line: int, records: RecordBuilder) -> datetime | None:
    raw_time = clean_text(fields.get(name))
    at = parse_timestamp(raw_time)
    if raw_time and at is None:
        records.reject(line=line, field=name, value=raw_time, reason=_TIME_FITS, row_lost=False)
    return at


def _list_texts(value: object) -> list[str]:
    return [item_text for item in value if (item_text := clean_text(item))] if isinstance(value, list) else []


def _refuse_other_index(source: object, *, line: int) -> None:
    """Refuse a search over another index.

    A response about alerts, for example, would look like a list without any vulnerabilities.
    """
    if isinstance(source, Mapping) and not isinstance(source.get("vulnerability"), Mapping):
        reason = "is a search over another index than that of vulnerabilities"
        fits = "a search over wazuh-states-vulnerabilities-*, or alerts as alerts.json has them"
        raise build_refusal("", reason, line=line, field="_source.vulnerability", fits=fits)


def _refuse_if_version_5(event: Mapping[str, Any], *, line: int) -> None:
    if isinstance(event.get("wazuh"), Mapping) and "rule" not in event:
        raise _build_version_error(line)


def _build_version_error(line: int) -> Exception:
    reason = "is of Wazuh 5, whose names (wazuh.*, event.*) are other than those of 4"
    return build_refusal("", reason, line=line, field="wazuh", fits="alerts and vulnerability lists of Wazuh 4")
