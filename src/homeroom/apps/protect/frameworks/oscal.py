"""Export of a district's compliance as OSCAL assessment results and as a plan of action and milestones.

Source: NIST OSCAL 1.1.2, JSON models of assessment results and of the plan of action and milestones. Ids are derived
from their content, so that the same assessment gives the same document. Neither contains rows about people, only
counts.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from homeroom.apps.protect.frameworks.queries import AttestationView, FrameworkCompliance
from homeroom.domain.platform.district import District
from homeroom.engines.protect.frameworks.compliance import Basis, ComplianceCheck, GoalResult

OSCAL_VERSION = "1.1.2"
WITHHELD = "[withheld]"
_NOT_IN_TOKEN = re.compile(r"[^\w.-]")
_METHODS = {Basis.MEASURED: "TEST", Basis.ATTESTED: "INTERVIEW", Basis.NOTHING: "EXAMINE"}


class NoFailingChecks(ValueError):
    """No check fails under the framework; OSCAL does not allow an empty plan of action."""


def build_assessment_results(
    compliance: FrameworkCompliance,
    *,
    district: District,
    at: datetime,
    answers: tuple[AttestationView, ...] = (),
    redacted: bool = False,
) -> dict[str, Any]:
    """Build OSCAL assessment results for one framework: an observation and a finding per applicable goal.

    A goal is satisfied if none of its checks fails and none is unknown. `redacted` leaves out private notes.
    """
    seed = _build_uuid_seed(compliance, district)
    goals = [goal for goal in compliance.result.goals if goal.basis is not Basis.OUT]
    notes = {attestation.goal: attestation for attestation in answers if attestation.state == "holds"}
    result = {
        "uuid": _build_uuid(seed, "result"),
        "title": f"{compliance.framework.title}, {district.name}",
        "description": _describe_compliance(compliance),
        "start": _format_time(at if compliance.assessment is None else compliance.assessment.at),
        "end": _format_time(at),
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": format_token(goal.id)} for goal in goals]}]
        },
        "observations": [
            _build_observation(seed, goal, notes.get(goal.id), at=at, redacted=redacted) for goal in goals
        ],
        "findings": [_build_finding(seed, goal) for goal in goals],
    }
    document = {
        "uuid": _build_uuid(seed, "assessment-results"),
        "metadata": _build_metadata(compliance, district, at),
        "import-ap": {"href": "#homeroom"},
        "results": [result],
    }
    return {"assessment-results": document}


def build_plan_of_action(compliance: FrameworkCompliance, *, district: District, at: datetime) -> dict[str, Any]:
    """Build an OSCAL plan of action: an item and a risk per failing check. Raise NoFailingChecks."""
    seed = _build_uuid_seed(compliance, district)
    failing = {check.id: check for goal in compliance.result.goals for check in goal.checks if check.failing}
    if not failing:
        raise NoFailingChecks(compliance.framework.id)
    goals = {
        check_id: [goal.id for goal in compliance.result.goals if check_id in {check.id for check in goal.checks}]
        for check_id in failing
    }
    document = {
        "uuid": _build_uuid(seed, "poam"),
        "metadata": _build_metadata(compliance, district, at),
        "system-id": {"identifier-type": "https://ietf.org/rfc/rfc4122", "id": _build_uuid(district.slug)},
        "risks": [_build_risk(seed, check) for check in failing.values()],
        "poam-items": [_build_item(seed, check, goals[check.id]) for check in failing.values()],
    }
    return {"plan-of-action-and-milestones": document}


def format_token(goal: str) -> str:
    """Format a goal's id as an OSCAL token: AC-2(1) is ac-2.1; 3.F, which begins with a digit, is _3.f."""
    plain = _NOT_IN_TOKEN.sub("", goal.lower().replace("(", "."))
    return plain if plain[:1].isalpha() else f"_{plain}"


def _build_observation(
    seed: str, goal: GoalResult, attestation: AttestationView | None, *, at: datetime, redacted: bool
) -> dict[str, Any]:
    note = "" if attestation is None else WITHHELD if redacted and attestation.private else attestation.note
    sentences = [_describe_counts(check) for check in goal.checks if check.is_assessed] or (
        [note] if note else ["Nothing is known yet."]
    )
    observation: dict[str, Any] = {
        "uuid": _build_uuid(seed, goal.id, "observation"),
        "title": goal.title,
        "description": " ".join(sentences),
        "methods": [_METHODS[goal.basis]],
        "collected": _format_time(at),
    }
    if attestation is not None and attestation.link and not (redacted and attestation.private):
        observation["relevant-evidence"] = [{"href": attestation.link, "description": "What the answer rests on."}]
    return observation


def _build_finding(seed: str, goal: GoalResult) -> dict[str, Any]:
    met = goal.basis is not Basis.NOTHING and goal.low >= 1
    reason = "pass" if met else "other" if goal.basis is Basis.NOTHING or goal.high >= 1 else "fail"
    return {
        "uuid": _build_uuid(seed, goal.id, "finding"),
        "title": goal.title,
        "description": f"{goal.basis.capitalize()}: between {goal.low:.0%} and {goal.high:.0%} of it is met.",
        "target": {
            "type": "objective-id",
            "target-id": format_token(goal.id),
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        "related-observations": [{"observation-uuid": _build_uuid(seed, goal.id, "observation")}],
    }


def _build_risk(seed: str, check: ComplianceCheck) -> dict[str, Any]:
    return {
        "uuid": _build_uuid(seed, check.id, "risk"),
        "title": check.problem,
        "description": _describe_counts(check),
        "statement": _describe_counts(check),
        "status": "open",
    }


def _build_item(seed: str, check: ComplianceCheck, goals: list[str]) -> dict[str, Any]:
    return {
        "uuid": _build_uuid(seed, check.id, "item"),
        "title": check.title,
        "description": f"{_describe_counts(check)} About {check.minutes:.0f} minutes of work. Answers "
        f"{', '.join(goals)}.",
        "related-risks": [{"risk-uuid": _build_uuid(seed, check.id, "risk")}],
    }


def _describe_counts(check: ComplianceCheck) -> str:
    sentence = f"{check.problem}: {check.failing:,} of {check.population:,} fail; {check.cannot_tell:,} cannot be told"
    return f"{sentence}; {check.excepted:,} are excepted." if check.excepted else f"{sentence}."


def _describe_compliance(compliance: FrameworkCompliance) -> str:
    result = compliance.result
    return (
        f"Between {result.low:.0%} and {result.high:.0%} is met. Of {result.applicable_count} goals "
        f"{result.count_goals(Basis.MEASURED)} are measured, "
        f"{result.count_goals(Basis.ATTESTED)} attested, of {result.count_goals(Basis.NOTHING)} nothing is known yet."
    )


def _build_metadata(compliance: FrameworkCompliance, district: District, at: datetime) -> dict[str, Any]:
    return {
        "title": f"{compliance.framework.title} {compliance.framework.version}, {district.name}".replace("  ", " "),
        "last-modified": _format_time(at),
        "version": str(compliance.assessment.number if compliance.assessment else 0),
        "oscal-version": OSCAL_VERSION,
    }


def _build_uuid_seed(compliance: FrameworkCompliance, district: District) -> str:
    return f"{district.slug}/{compliance.framework.id}/{compliance.assessment.number if compliance.assessment else 0}"


def _build_uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, "homeroom:" + "/".join(parts)))


def _format_time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
