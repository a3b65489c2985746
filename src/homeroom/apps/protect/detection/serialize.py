"""Detections and the summary of a run as the documents that `homeroom detect` prints."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from homeroom.apps.protect.detection.judge_files import JudgedFiles
from homeroom.domain.protect.detections.detections import Detection
from homeroom.domain.protect.detections.events import EventReject


def format_time(time: datetime | None) -> str | None:
    """Return a time in UTC with Z; None if there is none."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z") if time else None


def build_detection_document(detection: Detection) -> dict[str, Any]:
    """Return a detection as a document; `events` only for correlations."""
    rule, event = detection.rule, detection.event
    document: dict[str, Any] = {
        "rule_id": rule.id,
        "title": rule.title,
        "level": rule.level,
        "tags": list(rule.tags),
        "file": event.file,
        "record": event.record,
        "time": format_time(event.time),
        "host": event.host,
        "user": event.user,
        "matched": dict(detection.matched),
    }
    if detection.events:
        document["events"] = [{"file": place.file, "record": place.record} for place in detection.events]
    document["event"] = dict(event.raw)
    return document


def build_summary_document(outcome: JudgedFiles) -> dict[str, Any]:
    """Return what was read and run, in numbers, with what could not be."""
    return {
        "files": len(outcome.counts.files),
        "events": outcome.counts.events,
        "rejected": len(outcome.counts.rejects),
        "rejects": [_build_reject_document(reject) for reject in outcome.counts.rejects],
        "secrets": outcome.detections.secrets,
        "detections": len(outcome.detections),
        "rules": {
            "read": outcome.rules_run + len(outcome.not_run),
            "run": outcome.rules_run,
            "not_run": [{"file": entry.file, "id": entry.id, "reason": entry.reason} for entry in outcome.not_run],
        },
    }


def _build_reject_document(reject: EventReject) -> dict[str, Any]:
    return {"file": reject.file, "record": reject.record, "reason": reject.reason}
