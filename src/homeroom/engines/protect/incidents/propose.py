"""Propose incidents: alerts that share somebody or something within a day, and the chains of such."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import EntityKind
from homeroom.domain.protect.incidents.records import IncidentAlert, ProposedIncident, choose_worst

JOIN_GAP = timedelta(hours=24)
ALONE = (Severity.CRITICAL, Severity.HIGH)
"""Severities of an alert that is an incident by itself: nobody should have to wait for a second one."""


def propose_incidents(
    alerts: Iterable[IncidentAlert], *, incident_by_alert: Mapping[str, str] | None = None
) -> tuple[ProposedIncident, ...]:
    """Return the proposed incidents, newest last, whatever the order of the alerts.

    `incident_by_alert` are alerts of incidents that people opened, among `alerts`: they are proposed to nobody again,
    and what belongs to them is proposed to join.
    """
    opened = incident_by_alert or {}
    proposed = [_build_proposal(group, opened) for group in group_alerts(alerts)]
    return tuple(
        sorted((item for item in proposed if item is not None), key=lambda item: (item.first_event_at, item.id))
    )


def group_alerts(alerts: Iterable[IncidentAlert]) -> list[tuple[IncidentAlert, ...]]:
    """Return the groups of alerts that belong together, each in the order in which its alerts were raised.

    Two alerts belong together if both touched the same thing and at most a day lies between.
    """
    ordered = sorted({alert.id: alert for alert in alerts}.values(), key=lambda alert: (alert.fired_at, alert.id))
    parents = list(range(len(ordered)))
    for first, second in _iter_pairs(ordered):
        _unite(parents, first, second)
    groups: dict[int, list[IncidentAlert]] = {}
    for number, alert in enumerate(ordered):
        groups.setdefault(_find_root(parents, number), []).append(alert)
    return [tuple(group) for group in groups.values()]


def _iter_pairs(alerts: Sequence[IncidentAlert]) -> Iterator[tuple[int, int]]:
    """Yield pairs of alerts that belong together, enough of them to connect each group."""
    spans: dict[tuple[EntityKind, str], list[tuple[datetime, datetime, int]]] = {}
    for number, alert in enumerate(alerts):
        for touch in alert.touches:
            spans.setdefault((touch.kind, touch.name), []).append((touch.first, touch.last, number))
    for entries in spans.values():
        entries.sort()
        _, reach, before = entries[0]
        for first, last, number in entries[1:]:
            if first - reach <= JOIN_GAP:
                yield before, number
            if last >= reach:
                reach, before = last, number


def _build_proposal(group: Sequence[IncidentAlert], opened: Mapping[str, str]) -> ProposedIncident | None:
    alerts = [alert for alert in group if alert.id not in opened]
    joins = tuple(dict.fromkeys(opened[alert.id] for alert in group if alert.id in opened))
    if not alerts or (len(alerts) == 1 and not joins and alerts[0].severity not in ALONE):
        return None
    leading = _choose_leading(alerts)
    return ProposedIncident(
        id=compute_incident_id(alerts[0].id),
        title=leading.title,
        severity=leading.severity,
        playbook=choose_playbook(alerts),
        alerts=tuple(alerts),
        joins=joins,
    )


def choose_playbook(alerts: Sequence[IncidentAlert]) -> str:
    """Return the playbook of the first of the worst alerts, else of the first one that has some; empty if none has."""
    return next((alert.playbook for alert in (_choose_leading(alerts), *alerts) if alert.playbook), "")


def _choose_leading(alerts: Sequence[IncidentAlert]) -> IncidentAlert:
    worst = choose_worst(alert.severity for alert in alerts)
    return next(alert for alert in alerts if alert.severity == worst)


def compute_incident_id(alert: str) -> str:
    """Return the id of the incident whose first alert this is."""
    return f"incident-{hashlib.blake2b(alert.encode(), digest_size=8).hexdigest()}"


def _find_root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number


def _unite(parents: list[int], first: int, second: int) -> None:
    roots = sorted((_find_root(parents, first), _find_root(parents, second)))
    parents[roots[1]] = roots[0]
