"""The duties of a district as plain values for `--json`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from homeroom.apps.comply.duties.queries import DistrictDuty, DutyList
from homeroom.apps.comply.laws.answer_cases import NOTE
from homeroom.domain.comply.laws.cases import DeadlineReading
from homeroom.domain.comply.laws.duties import DutyProof, LawCase


def build_duties_document(listed: DutyList) -> dict[str, Any]:
    """Return {note, today, facts, duties: […]}, the most urgent duty first; days are dates, times UTC."""
    return {
        "note": NOTE,
        "today": listed.today,
        "facts": dict(listed.facts),
        "duties": convert_duties(listed.duties),
    }


def convert_duties(duties: Iterable[DistrictDuty]) -> list[dict[str, Any]]:
    """Return duties as plain values."""
    return [_convert_duty(duty) for duty in duties]


def _convert_duty(entry: DistrictDuty) -> dict[str, Any]:
    status, duty, law = entry.status, entry.status.duty, entry.status.law
    return {
        "duty": status.name,
        "law": law.title,
        "title": duty.title,
        "citation": duty.citation,
        "state": str(status.state),
        "because": status.because,
        "due": status.due,
        "due_at": _format_time(status.due_at),
        "extended_to": status.extended_to,
        "certain": status.certain,
        "readings": [_convert_reading(reading) for reading in status.readings],
        "waits_for": status.waits_for,
        "owner": entry.owner or None,
        "who": duty.who,
        "to": duty.to,
        "ask_first": duty.ask_first,
        "doubt": duty.doubt.text if duty.doubt else None,
        "penalty": duty.penalty or None,
        "effort": duty.effort,
        "case": _convert_case(status.case) if status.case else None,
        "evidence": [_convert_proof(proof) for proof in status.proofs],
    }


def _convert_reading(reading: DeadlineReading) -> dict[str, Any]:
    return {
        "says": reading.text,
        "due": reading.due,
        "due_at": _format_time(reading.due_at),
        "extended_to": reading.extended_to,
    }


def _convert_case(case: LawCase) -> dict[str, Any]:
    return {"id": case.id, "kind": case.kind, "title": case.title, "moments": dict(case.moments)}


def _convert_proof(proof: DutyProof) -> dict[str, Any]:
    return {
        "kind": str(proof.kind),
        "id": proof.id,
        "title": proof.title,
        "holds": proof.holds,
        "on": proof.on,
        "until": proof.until,
        "by": proof.by or None,
        "note": proof.note or None,
    }


def _format_time(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
