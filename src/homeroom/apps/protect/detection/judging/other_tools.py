"""Alerts that other tools raised, in the same queue: `alert_records` of evidence as detections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, FoldedDetection, Part
from homeroom.engines.protect.enrich.detection_entities import build_host
from homeroom.engines.protect.enrich.district_knowledge import DistrictKnowledge
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

TABLE = "alert_records"
LEVELS = {"wazuh": ((15, "critical"), (12, "high"), (10, "medium"), (7, "low"))}
"""The least level of the tool's own scale, worst first; what is below none of these is left to the tool."""
_STANDARD = ((4, "critical"), (3, "high"), (2, "medium"), (1, "low"))
_SQL = f"""
    SELECT connector, "key", "at", agent_name, address, rule, level, title, seen_at FROM {TABLE}
    WHERE "at" IS NOT NULL AND ($since IS NULL OR seen_at > $since) ORDER BY connector, "at", "key"
"""


def list_other_detections(
    store: EvidenceStore, *, knowledge: DistrictKnowledge, since: datetime | None
) -> tuple[list[FoldedDetection], datetime | None]:
    """Return the alerts of other tools that were loaded after a time, and the time of the newest of them."""
    if not any(TABLE in load.tables for load in store.list_current_loads()):
        return [], since
    session = open_session(store.pin_snapshot().restrict_to(TABLE))
    try:
        rows = session.execute(_SQL, {"since": since}).fetchall()
    finally:
        session.close()
    newest = max((row[-1] for row in rows), default=since)
    return list(_iter_detections(rows, knowledge)), newest


def _iter_detections(rows: list[tuple[Any, ...]], knowledge: DistrictKnowledge) -> Iterator[FoldedDetection]:
    for connector, key, at, agent, address, rule, number, title, _seen in rows:
        level = name_level(connector, number)
        if not level:
            continue
        entities = [build_host(agent, knowledge=knowledge)] if agent else []
        if address and not agent:
            entities.append(Entity(kind=EntityKind.ADDRESS, name=address, part=Part.VICTIM))
        yield FoldedDetection(
            rule=f"{connector}/{rule or 'alert'}",
            title=title or "Alert without a title",
            level=level,
            stage="",
            event=EventReference(source=connector, log="alerts", key=key, time=at),
            entities=tuple(entities),
            why=(f"{connector.capitalize()} raised it: “{title or 'no title'}”, level {number} on its own scale.",),
            means="Another tool raised this alert. Homeroom shows it beside its own, and does not judge it.",
            first_step=f"Open the alert in {connector.capitalize()} and read what it saw.",
        )


def name_level(connector: str, number: int | None) -> str:
    """Return the level of a rule for the level of another tool; empty where it is too low to matter."""
    return next((level for least, level in LEVELS.get(connector, _STANDARD) if (number or 0) >= least), "")
