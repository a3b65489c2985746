"""Queries for alerts: the queue, one alert, until when logs were judged, and how often rules were right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any

from django.db.models import Count, QuerySet, StringAgg, TextField, Value
from django.db.models.functions import Cast, JSONArray

from homeroom.apps.protect.detection.fold_alerts import RANKS
from homeroom.apps.protect.detection.models import JudgingState, StoredAlert, StoredDetection
from homeroom.apps.protect.exceptions.queries import DetectionSuppression, list_detection_suppressions
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES

PAGE = 50
REAL, FALSE_ALARM = "real", "false_alarm"
VERDICTS = (REAL, FALSE_ALARM)
ALERTS_A_QUERY = 500
"""Alerts whose detections are read by one statement."""
_OUTLINE = (
    *("public", "former", "title", "severity", "fired_at", "first_seen", "last_seen", "made_at", "touches"),
    "incident",
)


@dataclass(frozen=True, kw_only=True)
class JudgedUntil:
    """Until when each log was judged, by names such as `google/login`, and when the last run was."""

    logs: dict[str, str]
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RulePrecision:
    """How often alerts of a rule were closed as real, and as false alarms."""

    rule: str
    real: int
    false_alarms: int

    @property
    def share(self) -> float | None:
        """Return the share of real ones; None if nobody judged any."""
        total = self.real + self.false_alarms
        return self.real / total if total else None


def list_queue(*, district: District, limit: int | None = None) -> tuple[StoredAlert, ...]:
    """Return the open alerts that are not low, most urgent first, then the newest."""
    rows = _order_queue(district)
    return tuple(rows[:limit] if limit else rows)


def list_queue_outlines(*, district: District, limit: int) -> list[dict[str, Any]]:
    """Return of the alerts of `list_queue` what incidents are proposed from, without their details."""
    return list(_order_queue(district).values(*_OUTLINE)[:limit])


def read_queue_outline_text(*, district: District, limit: int) -> str:
    """Return the rows of `list_queue_outlines` as one text, which changes with them and costs a fraction to read."""
    rows = _order_queue(district).annotate(outline=Cast(JSONArray(*_OUTLINE), TextField()))[:limit]
    return rows.aggregate(text=StringAgg("outline", Value("\n")))["text"] or ""


def find_alerts(*, district: District, alerts: Sequence[str]) -> tuple[StoredAlert, ...]:
    """Return the alerts of these ids, in that order; those that are gone are absent."""
    rows: dict[str, StoredAlert] = {}
    for names in batched(alerts, ALERTS_A_QUERY):
        rows |= {row.public: row for row in StoredAlert.objects.of(district).filter(public__in=names)}
    return tuple(rows[name] for name in alerts if name in rows)


def list_all_alerts(*, district: District) -> tuple[StoredAlert, ...]:
    """Return all alerts, the open ones first, most urgent first."""
    rows = StoredAlert.objects.of(district).order_by("rank", "-fired_at", "public")
    return tuple(sorted(rows, key=lambda row: row.state not in OPEN_STATES or row.severity == Severity.LOW))


def find_alert(*, district: District, public: str) -> StoredAlert | None:
    """Return an alert by its id, or by one that it had before; None if there is none."""
    rows = StoredAlert.objects.of(district)
    row = rows.filter(public=public).first()
    if row is not None or not public.startswith("alert-"):
        return row
    return next((item for item in rows.exclude(former=[]).order_by("-fired_at") if public in item.former), None)


def list_detections(*, district: District, alert: str) -> tuple[StoredDetection, ...]:
    """Return the detections of an alert, in the order of time."""
    return tuple(StoredDetection.objects.of(district).filter(alert=alert).order_by("at", "rule", "event_key"))


def group_detections(*, district: District, alerts: Iterable[str]) -> dict[str, tuple[StoredDetection, ...]]:
    """Return the detections of each of the alerts that has some, in the order of time."""
    grouped: dict[str, list[StoredDetection]] = {}
    for names in batched(alerts, ALERTS_A_QUERY):
        for row in StoredDetection.objects.of(district).filter(alert__in=names):
            grouped.setdefault(row.alert, []).append(row)
    return {
        alert: tuple(sorted(rows, key=lambda row: (row.at, row.rule, row.event_key))) for alert, rows in grouped.items()
    }


def get_judged_until(*, district: District) -> JudgedUntil:
    """Return until when each log was judged."""
    state = JudgingState.objects.filter(district_id=district.pk).first()
    return JudgedUntil(logs=dict(state.judged_until), at=state.judged_at) if state else JudgedUntil(logs={}, at=None)


def list_rule_precision(*, district: District) -> tuple[RulePrecision, ...]:
    """Return for each rule with closed alerts how many were real and how many false alarms; tests are neither."""
    verdicts: Counter[tuple[str, str]] = Counter()
    tests = StoredDetection.objects.of(district).filter(canary__gt="").exclude(canary="").exclude(planned_test="")
    closed = StoredAlert.objects.of(district).filter(verdict__in=VERDICTS)
    closed = closed.exclude(public__in=tests.values("alert"))  # `canary__gt` makes SQLite take the index of canaries
    for rules, verdict, number in closed.values_list("closed_rules", "verdict").annotate(number=Count("pk")):
        for rule in rules:
            verdicts[rule, verdict] += number
    return tuple(
        RulePrecision(rule=rule, real=verdicts[rule, "real"], false_alarms=verdicts[rule, "false_alarm"])
        for rule in sorted({rule for rule, _verdict in verdicts})
    )


def list_suppressions(*, district: District) -> Sequence[DetectionSuppression]:
    """Return the suppressions of detections that were not withdrawn."""
    return list_detection_suppressions(district=district)


def _order_queue(district: District) -> QuerySet[StoredAlert]:
    """Return the open alerts that are not low, most urgent first, then the newest."""
    return _filter_open(district).filter(rank__lt=RANKS[Severity.LOW]).order_by("rank", "-fired_at", "public")


def _filter_open(district: District) -> QuerySet[StoredAlert]:
    return StoredAlert.objects.of(district).filter(state__in=[str(state) for state in OPEN_STATES])
