"""Find the detections of the last 90 days that announced work covers or would have covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from homeroom.apps.protect.detection.detection_rows import read_entities
from homeroom.apps.protect.detection.models import StoredAlert, StoredDetection
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES, AlertState, Entity
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.engines.protect.triage import ExpectedActivities

PREVIEW = timedelta(days=90)
SHOWN = 10
_READ = ("rule", "title", "at", "alert", "entities", "always")
_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, kw_only=True)
class CoveredDetection:
    """A detection that an entry fits. `is_within` is whether it lies in the entry's days."""

    title: str
    at: datetime
    alert: str
    always: bool
    is_within: bool
    entities: tuple[Entity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnnouncementPreview:
    """What an entry would have covered in the last 90 days, had it been announced for all of them.

    `within` are those in its own days, which become expected at once. `always` is the number of detections that
    nothing silences, `real` how many of the alerts were closed as real, `open_severity` the worst of the open alerts
    that become expected at once. `newest` are a few of the detections.
    """

    detections: int
    alerts: int
    within: int
    always: int
    real: int
    open_severity: Severity | None
    newest: tuple[CoveredDetection, ...]


def preview_announcement(*, district: District, activity: ExpectedActivity, at: datetime) -> AnnouncementPreview:
    """Return what announced work, with all names of its accounts, would have covered."""
    covered = list(iter_covered(district, activity, since=at - PREVIEW))
    alerts = StoredAlert.objects.of(district).filter(public__in={item.alert for item in covered if item.alert})
    within = {item.alert for item in covered if item.is_within and not item.always}
    rows = list(alerts.values_list("public", "state", "severity", "verdict"))
    severities = [
        Severity(severity) for public, state, severity, _ in rows if public in within and state in OPEN_STATES
    ]
    return AnnouncementPreview(
        detections=len(covered),
        alerts=len({item.alert for item in covered}),
        within=sum(item.is_within and not item.always for item in covered),
        always=sum(item.always for item in covered),
        real=sum(verdict == "real" for *_, verdict in rows),
        open_severity=min(severities, key=_SEVERITIES.index, default=None),
        newest=tuple(reversed(covered[-SHOWN:])),
    )


def iter_covered(district: District, activity: ExpectedActivity, *, since: datetime) -> Iterator[CoveredDetection]:
    """Yield the detections since a time that an entry fits, whatever its days, in the order of time."""
    always = ExpectedActivities([replace(activity, starts=None, ends=None)], timezone=district.timezone)
    in_its_days = ExpectedActivities([activity], timezone=district.timezone)
    rows = StoredDetection.objects.of(district).filter(at__gte=since).order_by("at", "pk").only(*_READ)
    for row in rows.iterator(chunk_size=2_000):
        entities = read_entities(row.entities)
        if always.find(entities, at=row.at) is not None:
            yield CoveredDetection(
                title=row.title,
                at=row.at,
                alert=row.alert,
                always=row.always,
                is_within=in_its_days.find(entities, at=row.at) is not None,
                entities=entities,
            )


def count_covered(district: District, activities: Sequence[ExpectedActivity], *, since: datetime) -> list[int]:
    """Return for each entry how many detections of expected alerts since a time it covers."""
    counts = [0] * len(activities)
    if not activities:
        return counts
    singles = [ExpectedActivities([item], timezone=district.timezone) for item in activities]
    for entities, at in _iter_expected(district, since=since):
        for number, single in enumerate(singles):
            counts[number] += single.find(entities, at=at) is not None
    return counts


def _iter_expected(district: District, *, since: datetime) -> Iterable[tuple[tuple[Entity, ...], datetime]]:
    alerts = StoredAlert.objects.of(district).filter(state=AlertState.EXPECTED, ended_at__gte=since)
    rows = StoredDetection.objects.of(district).filter(at__gte=since, alert__in=alerts.values("public"), always=False)
    for values, at in rows.order_by().values_list("entities", "at").iterator(chunk_size=2_000):
        yield read_entities(values), at
