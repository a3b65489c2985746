"""Erase a person from what judging stored: detections, alerts, matches of correlations, and habits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from homeroom.apps.protect.detection.announced_work import list_announced_work
from homeroom.apps.protect.detection.fold_alerts import fold_alerts
from homeroom.apps.protect.detection.judging.district_evidence import load_district_evidence
from homeroom.apps.protect.detection.judging.learned_store import pack_learned, unpack_learned
from homeroom.apps.protect.detection.judging.stored_matches import erase_matches
from homeroom.apps.protect.detection.models import JudgingState, StoredAlert, StoredDetection
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore

_TEXTS = ("event_key", "title", "entities", "why", "events")


@dataclass(frozen=True, kw_only=True)
class ErasedDetections:
    """How many detections, matches of correlations and learned habits were erased; the alerts that they were in.

    `held` are the ids of alerts that name the person and stay, since an incident holds them.
    """

    detections: int = 0
    alerts: int = 0
    matches: int = 0
    habits: int = 0
    held: tuple[str, ...] = ()


@transaction.atomic
def erase_detections(
    *, district: District, store: EvidenceStore, pattern: re.Pattern[str], at: datetime, preview: bool = False
) -> ErasedDetections:
    """Erase the detections that name a person, and fold what remains of their alerts again.

    Detections of alerts that belong to an incident stay. `preview` only counts.
    """
    named = [
        (key, alert)
        for key, alert, *texts in StoredDetection.objects.of(district).values_list("pk", "alert", *_TEXTS).iterator()
        if pattern.search(json.dumps(texts, ensure_ascii=False))
    ]
    held = set(
        StoredAlert.objects.of(district)
        .filter(public__in={alert for _, alert in named})
        .exclude(incident="")
        .values_list("public", flat=True)
    )

    def is_named(text: str) -> bool:
        return pattern.search(text) is not None

    erased = [(key, alert) for key, alert in named if alert not in held]
    alerts = {alert for _, alert in erased if alert}
    outcome = ErasedDetections(
        detections=len(erased),
        alerts=len(alerts),
        matches=erase_matches(district, is_named, preview=preview),
        habits=_forget_habits(district, is_named, preview=preview),
        held=tuple(sorted(held)),
    )
    if not preview and erased:
        _delete(district, store, [key for key, _ in erased], alerts, at=at)
    return outcome


def forget_person(district: District, is_named: Callable[[str], bool], *, preview: bool) -> tuple[int, int]:
    """Forget a person in matches of correlations and in habits; return how many of each named the person."""
    matches = erase_matches(district, is_named, preview=preview)
    return matches, _forget_habits(district, is_named, preview=preview)


def _delete(district: District, store: EvidenceStore, keys: list[int], alerts: set[str], *, at: datetime) -> None:
    spans = list(StoredAlert.objects.of(district).filter(public__in=alerts).values_list("began_at", "ended_at"))
    StoredDetection.objects.of(district).filter(pk__in=keys).delete()
    announced = list_announced_work(district=district)
    expected = load_district_evidence(store, timezone=district.timezone, announced=announced).expected
    for since, until in spans:
        fold_alerts(district=district, expected=expected, since=since, until=until, at=at)


def _forget_habits(district: District, is_named: Callable[[str], bool], *, preview: bool) -> int:
    """Forget what the logs taught about a person's accounts; return how many entries that were."""
    state = JudgingState.objects.select_for_update().filter(district_id=district.pk).first()
    if state is None:
        return 0
    learned = unpack_learned(bytes(state.learned))
    by_subject: list[dict[str, Any]] = [*learned.seen.values(), learned.volumes]
    by_value: list[dict[str, Any]] = [values for aspect in learned.seen.values() for values in aspect.values()]
    named = [(table, text) for table in (*by_value, *by_subject) for text in table if is_named(text)]
    if not preview and named:
        for table, subject in named:
            del table[subject]
        state.learned = pack_learned(learned)
        state.save(update_fields=["learned"])
    return len(named)
