"""Suppress what a rule detects, from an alert: previewed on the last 90 days, with reason, owner and expiry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from homeroom.apps.protect.detection.announced_work import list_announced_work
from homeroom.apps.protect.detection.detection_rows import read_entities
from homeroom.apps.protect.detection.fold_alerts import fold_alerts
from homeroom.apps.protect.detection.judging.district_evidence import load_district_evidence
from homeroom.apps.protect.detection.models import StoredAlert, StoredDetection
from homeroom.apps.protect.exceptions.commands import create_exception, withdraw_exception
from homeroom.apps.protect.exceptions.rules import InvalidRiskException
from homeroom.apps.protect.exceptions.scopes import DetectionScope
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import AlertState
from homeroom.domain.protect.suppressions import Justification
from homeroom.evidence.loads.store import EvidenceStore

PREVIEW = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class AlertSuppressionPreview:
    """What a suppression would have covered in the last 90 days.

    `always` is the number of detections that no suppression silences: canaries and new super administrators. `real` is
    how many of the alerts were closed as real.
    """

    detections: int
    alerts: int
    real: int
    always: int


def preview_alert_suppression(
    *, district: District, rule: str, kind: str = "", name: str = "", at: datetime
) -> AlertSuppressionPreview:
    """Return what a suppression of a rule, or of one entity's detections by it, would have covered."""
    rows = _list_covered(district, rule, kind, name, since=at - PREVIEW)
    alerts = {row.alert for row in rows}
    real = StoredAlert.objects.of(district).filter(public__in=alerts, verdict="real").count()
    return AlertSuppressionPreview(
        detections=len(rows), alerts=len(alerts), real=real, always=sum(row.always for row in rows)
    )


def suppress_alerts(
    *,
    district: District,
    store: EvidenceStore,
    at: datetime,
    today: date,
    actor: str,
    rule: str,
    kind: str = "",
    name: str = "",
    reason: str,
    owner: str,
    expires_on: date,
) -> int:
    """Suppress the detections of a rule, or those of one entity by it, through a day; return the number.

    Raise InvalidRiskException as `create_exception` does, and if nothing of the last 90 days is covered.
    """
    preview = preview_alert_suppression(district=district, rule=rule, kind=kind, name=name, at=at)
    if not preview.detections:
        raise InvalidRiskException(f"{name or rule}: nothing of the last 90 days is covered; the name of a rule fits")
    number = create_exception(
        district=district,
        at=at,
        today=today,
        actor=actor,
        scope=DetectionScope(rule=rule, scope=kind, value=name),
        justification=Justification.FALSE_POSITIVE,
        reason=reason,
        owner=owner,
        expires_on=expires_on,
    )
    _fold_covered(district, store, rule, kind, name, at=at)
    return number


def withdraw_alert_suppression(
    *, district: District, store: EvidenceStore, at: datetime, actor: str, number: int, rule: str
) -> None:
    """Withdraw a suppression; what it covered alerts again. Raise LookupError if there is none."""
    withdraw_exception(district=district, at=at, actor=actor, number=number, scope_class=DetectionScope)
    _fold_covered(district, store, rule, "", "", at=at)


def _fold_covered(district: District, store: EvidenceStore, rule: str, kind: str, name: str, *, at: datetime) -> None:
    """Fold the stories again that have a covered detection and that nobody closed."""
    announced = list_announced_work(district=district)
    evidence = load_district_evidence(store, timezone=district.timezone, announced=announced)
    rows = _list_covered(district, rule, kind, name, since=at - PREVIEW)
    closed = set(StoredAlert.objects.of(district).filter(state=AlertState.CLOSED).values_list("public", flat=True))
    times = [row.at for row in rows if row.alert not in closed]
    if times:
        fold_alerts(district=district, expected=evidence.expected, since=min(times), until=max(times), at=at)


def _list_covered(district: District, rule: str, kind: str, name: str, *, since: datetime) -> list[StoredDetection]:
    rows = StoredDetection.objects.of(district).filter(rule=rule, at__gte=since).order_by("at")
    wanted = (kind, name.casefold())
    return [
        row
        for row in rows
        if not kind or wanted in {(str(entity.kind), entity.name.casefold()) for entity in read_entities(row.entities)}
    ]
