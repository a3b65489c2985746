"""Wazuh's agents into device records.

Source of the names: the answer of its API's `GET /agents` (to 3.x under data.items), whose objects a list or a CSV may
carry alone (id, name, ip, registerIP, lastKeepAlive, os.platform). Agent 000 is the manager itself. An agent only
watches a computer and manages nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import (
    RecordBuilder,
    clean_text,
    get_by_path,
    parse_timestamp,
    parse_whole_number,
)
from homeroom.ingest.rows.row_iterator import iter_rows
from homeroom.ingest.rows.scan_findings import detect_platform_name
from homeroom.ingest.values.ip_addresses import parse_ip

ALWAYS_YEAR = 9999
"""The year in which the manager says that it was seen last, since it is always there."""
PATHS = ("id", "name", "ip", "os.name", "os.platform", "os.version", "dateAdd", "lastKeepAlive")
NO_RECORD = "missing, so the agent cannot be told from others"


def read_agents(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read answers that list agents, or agents alone. Raise FileRefused for an answer about something else."""
    records, incomplete = RecordBuilder(), ""
    for line, answer in enumerate(objects, start=first):
        agents = list(_iter_agents(answer))
        for number, agent in enumerate(agents, start=line):
            if not isinstance(agent, Mapping) or "cve" in agent or "id" not in agent:
                reason = "lists no agents"
                raise build_refusal("", reason, line=number, field="data", fits="the answer of GET /agents")
            _add_agent({path: get_by_path(agent, path) for path in PATHS}, line=number, records=records)
        total = parse_whole_number(
            get_by_path(answer, "data.total_affected_items") or get_by_path(answer, "data.totalItems")
        )
        if total is not None and total > len(agents):
            incomplete = f"the answer holds {len(agents):,} of {total:,} rows"
    reading = records.build_reading("device_records")
    return Reading(tables=reading.tables, rejects=reading.rejects, incomplete=incomplete)


def read_agent_sheet(frame: pl.DataFrame) -> Reading:
    """Read rows of a CSV of agents, whose headings are the API's names."""
    records = RecordBuilder()
    for row in iter_rows(frame):
        _add_agent({path: row.get(path) for path in PATHS}, line=row.number, records=records)
    return records.build_reading("device_records")


def _iter_agents(answer: Mapping[str, Any]) -> Iterator[object]:
    for path in ("data.affected_items", "data.items"):
        items = get_by_path(answer, path)
        if isinstance(items, list):
            yield from items
            return
    yield answer


def _add_agent(agent: Mapping[str, Any], *, line: int, records: RecordBuilder) -> None:
    key = clean_text(agent["id"])
    if key is None:
        records.reject(line=line, field="id", value=None, reason=NO_RECORD, row_lost=True)
        return
    address = parse_ip(clean_text(agent["ip"]))
    seen = parse_timestamp(agent["lastKeepAlive"])
    system = " ".join(text for name in ("os.name", "os.platform") if (text := clean_text(agent[name])))
    records.put(
        "device_records",
        line=line,
        key=key,
        name=clean_text(agent["name"]),
        addresses=[str(address)] if address and not address.is_loopback else [],
        platform=detect_platform_name(system),
        os_version=clean_text(agent["os.version"]),
        enrolled_at=parse_timestamp(agent["dateAdd"]),
        last_seen=seen if seen and seen.year < ALWAYS_YEAR else None,
    )
