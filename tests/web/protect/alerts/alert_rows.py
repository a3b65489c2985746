"""Alerts and detections as judging stores them, written straight into the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.detection.canaries import registry
from homeroom.apps.protect.detection.detection_rows import format_utc, serialize_entity
from homeroom.apps.protect.detection.fold_alerts import RANKS
from homeroom.apps.protect.detection.models import JudgingState, StoredAlert, StoredDetection
from homeroom.domain.ids import format_public_id
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.domain.protect.detections.canaries import CanaryPlace

FIRED_AT = datetime(2026, 1, 15, 9, 5, tzinfo=UTC)
STUDENT_ID = format_public_id("account", 7)
STUDENT = Entity(
    kind=EntityKind.ACCOUNT, name="kit.moss@maple.example", id=STUDENT_ID, part=Part.VICTIM, role=Role.STUDENT
)
ADMINISTRATOR = Entity(
    kind=EntityKind.ACCOUNT, name="dana@maple.example", part=Part.ACTOR, role=Role.SUPER_ADMINISTRATOR
)
RULE = "google-mail-forwarded-out"


def create_alert(district: District, number: int = 1, **changes: Any) -> StoredAlert:
    """Create an alert with one detection of one event."""
    severity = changes.pop("severity", Severity.HIGH)
    entities = changes.pop("entities", (ADMINISTRATOR, STUDENT))
    title = changes.pop("title", "Mail is forwarded out of the domain")
    at = changes.pop("at", FIRED_AT)
    rule = changes.pop("rule", RULE)
    always = changes.pop("always", False)
    public = f"alert-{number:016x}"
    event = {"source": "google", "log": "login", "key": f"{number}/login/1/0", "time": format_utc(at)}
    details = {
        "entities": [serialize_entity(entity) for entity in entities],
        "why": ["dana@maple.example forwards mail to an address out of the domain."],
        "means": "Somebody reads along.",
        "first_step": "Ask Dana by phone.",
        "playbook": "taken-over-staff-account",
        "events": [event],
    }
    values = {"state": "new", "folded_state": "new", "rules": [rule], "stages": ["collection"], "events_total": 1}
    times = dict.fromkeys(("first_seen", "fired_at", "last_seen", "began_at", "ended_at", "made_at"), at)
    StoredDetection.objects.create(
        district_id=district.pk,
        rule=rule,
        event_key=event["key"],
        source="google",
        log="login",
        at=at,
        title=title,
        level="high",
        stage="collection",
        entities=details["entities"],
        events=[],
        alert=public,
        always=always,
    )
    return StoredAlert.objects.create(
        district_id=district.pk,
        public=public,
        severity=severity,
        rank=RANKS[severity],
        title=title,
        details=details,
        **values | times | changes,
    )


def set_judged(district: District, at: datetime = FIRED_AT + timedelta(minutes=10)) -> None:
    """Store that Google's sign-ins were judged."""
    JudgingState.objects.create(district_id=district.pk, judged_until={"google/login": format_utc(at)}, judged_at=at)


def create_canaries(district: District, at: datetime = FIRED_AT) -> tuple[int, int]:
    """Create a canary that waits to be planted, and one that is planted and being tested; return their numbers."""
    by: dict[str, Any] = {"district": district, "actor": "technician", "at": at}
    waiting = registry.add_canary(place=CanaryPlace.AD_ACCOUNT, title="svc-doors", **by)
    planted = registry.add_canary(place=CanaryPlace.DRIVE_DOCUMENT, title="2026 payroll export", **by)
    registry.plant_canary(number=planted, value="1AbC_dEf-9", **by)
    registry.start_canary_test(number=planted, **by)
    return waiting, planted
