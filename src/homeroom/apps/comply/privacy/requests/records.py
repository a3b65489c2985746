"""Rows of requests: find one, and write each step to its entries and to the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from homeroom.apps.comply.privacy.models import PrivacyRequest, RequestEntry
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.stored_files import StoredFiles
from homeroom.domain.comply.privacy.requests import RequestStep, StepRefused
from homeroom.domain.platform.district import District

MAX_TEXT = 4_000
REQUEST_FILES = StoredFiles("privacy", max_bytes=25 << 20)
"""Letters of families, and files of requests."""
AUDIT_ACTIONS = {
    RequestStep.RECEIVED: "receive privacy request",
    RequestStep.IDENTITY: "check identity for privacy request",
    RequestStep.SEARCHED: "search records for privacy request",
    RequestStep.DECIDED: "decide privacy request",
    RequestStep.ANSWERED: "answer privacy request",
    RequestStep.CLOSED: "close privacy request",
    RequestStep.WITHDRAWN: "withdraw privacy request",
}


def get_request_row(district: District, public: str) -> PrivacyRequest:
    """Return the row of a request, locked; raise LookupError if the district has no such request."""
    row = PrivacyRequest.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no request {public}")
    return row


def write_entry(
    row: PrivacyRequest,
    step: RequestStep,
    *,
    district: District,
    text: str,
    detail: Mapping[str, Any],
    actor: str,
    at: datetime,
) -> None:
    """Write a step to the entries of a request, and without its text to the audit trail: a text may name somebody."""
    RequestEntry.objects.create(
        district_id=district.pk, request=row, step=step, at=at, text=text, detail=dict(detail), written_by=actor
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=AUDIT_ACTIONS[step],
        subject_kind="privacy request",
        subject=row.public,
        detail={"kind": row.kind, **detail},
    )


def clean_text(field: str, text: str, *, limit: int = MAX_TEXT, required: str = "") -> str:
    """Return a text without blanks around it. Raise StepRefused if it is too long, or empty where it is required."""
    cleaned = text.strip()
    if required and not cleaned:
        raise StepRefused(field, required)
    if len(cleaned) > limit:
        raise StepRefused(field, f"a text of at most {limit} characters would fit")
    return cleaned


def parse_day(field: str, text: str, *, first: date | None, today: date) -> date:
    """Return a day that was typed, today if none was. Raise StepRefused outside `first` to today."""
    try:
        day = date.fromisoformat(text.strip()) if text.strip() else today
    except ValueError:
        raise StepRefused(field, f"{text.strip()[:20]!r} is no day; a day such as {today} would fit") from None
    if day > today or (first is not None and day < first):
        span = f"from {first} to {today}" if first else f"until {today}"
        raise StepRefused(field, f"{day} is not possible; a day {span} would fit")
    return day
