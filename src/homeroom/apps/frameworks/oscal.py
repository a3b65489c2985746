"""A district's standing as OSCAL: assessment results and a plan of action and milestones, for whoever audits with other tools.

Source: NIST OSCAL 1.1.2, JSON models of assessment results and of the plan of action and milestones. Ids are made from what
they stand for, so that the same judgement gives the same document. No row about a person is in either: numbers alone.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from homeroom.apps.frameworks.queries import Attested, Under
from homeroom.engines.frameworks.standing import Check, Goal, How

VERSION = "1.1.2"
WITHHELD = "[withheld]"
_TOKEN = re.compile(r"[^\w.-]")
_METHODS = {How.MEASURED: "TEST", How.ATTESTED: "INTERVIEW", How.NOTHING: "EXAMINE"}


class NothingOpen(ValueError):
    """Nothing fails under the framework, so that a plan of action would be empty, which OSCAL does not allow."""


def assessment_results(
    under: Under, *, district: Any, at: datetime, answers: tuple[Attested, ...] = (), redacted: bool = False
) -> dict[str, Any]:
    """The standing under one framework as OSCAL assessment results: an observation and a finding for each goal that applies.

    A goal is satisfied where nothing of it fails and nothing is unknown. `redacted` leaves out notes that are marked private.
    """
    name = _name(under, district)
    goals = [goal for goal in under.standing.goals if goal.how is not How.OUT]
    notes = {one.goal: one for one in answers if one.state == "holds"}
    result = {
        "uuid": _uuid(name, "result"),
        "title": f"{under.framework.title}, {district.name}",
        "description": _told(under),
        "start": _at(at if under.of is None else under.of.at),
        "end": _at(at),
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": token(goal.id)} for goal in goals]}]
        },
        "observations": [_observation(name, goal, notes.get(goal.id), at=at, redacted=redacted) for goal in goals],
        "findings": [_finding(name, goal) for goal in goals],
    }
    document = {
        "uuid": _uuid(name, "assessment-results"),
        "metadata": _metadata(under, district, at),
        "import-ap": {"href": "#homeroom"},
        "results": [result],
    }
    return {"assessment-results": document}


def plan_of_action(under: Under, *, district: Any, at: datetime) -> dict[str, Any]:
    """What fails under one framework as an OSCAL plan of action: an item and a risk for each check. Raises NothingOpen."""
    name = _name(under, district)
    failing = {check.id: check for goal in under.standing.goals for check in goal.checks if check.failing}
    if not failing:
        raise NothingOpen(under.framework.id)
    goals = {
        one: [goal.id for goal in under.standing.goals if one in {check.id for check in goal.checks}] for one in failing
    }
    document = {
        "uuid": _uuid(name, "poam"),
        "metadata": _metadata(under, district, at),
        "system-id": {"identifier-type": "https://ietf.org/rfc/rfc4122", "id": _uuid(district.slug)},
        "risks": [_risk(name, check) for check in failing.values()],
        "poam-items": [_item(name, check, goals[check.id]) for check in failing.values()],
    }
    return {"plan-of-action-and-milestones": document}


def token(goal: str) -> str:
    """A goal's id as an OSCAL token: AC-2(1) is ac-2.1; 3.F, which begins with a digit, is _3.f."""
    plain = _TOKEN.sub("", goal.lower().replace("(", "."))
    return plain if plain[:1].isalpha() else f"_{plain}"


def _observation(name: str, goal: Goal, said: Attested | None, *, at: datetime, redacted: bool) -> dict[str, Any]:
    note = "" if said is None else WITHHELD if redacted and said.private else said.note
    parts = [_numbers(check) for check in goal.checks if check.judged] or (
        [note] if note else ["Nothing is known yet."]
    )
    made: dict[str, Any] = {
        "uuid": _uuid(name, goal.id, "observation"),
        "title": goal.title,
        "description": " ".join(parts),
        "methods": [_METHODS[goal.how]],
        "collected": _at(at),
    }
    if said is not None and said.link and not (redacted and said.private):
        made["relevant-evidence"] = [{"href": said.link, "description": "What the answer rests on."}]
    return made


def _finding(name: str, goal: Goal) -> dict[str, Any]:
    met = goal.how is not How.NOTHING and goal.low >= 1
    reason = "pass" if met else "other" if goal.how is How.NOTHING or goal.high >= 1 else "fail"
    return {
        "uuid": _uuid(name, goal.id, "finding"),
        "title": goal.title,
        "description": f"{goal.how.capitalize()}: between {goal.low:.0%} and {goal.high:.0%} of it is met.",
        "target": {
            "type": "objective-id",
            "target-id": token(goal.id),
            "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason},
        },
        "related-observations": [{"observation-uuid": _uuid(name, goal.id, "observation")}],
    }


def _risk(name: str, check: Check) -> dict[str, Any]:
    return {
        "uuid": _uuid(name, check.id, "risk"),
        "title": check.title,
        "description": _numbers(check),
        "statement": _numbers(check),
        "status": "open",
    }


def _item(name: str, check: Check, goals: list[str]) -> dict[str, Any]:
    return {
        "uuid": _uuid(name, check.id, "item"),
        "title": check.title,
        "description": f"{_numbers(check)} About {check.minutes:.0f} minutes of work. Answers {', '.join(goals)}.",
        "related-risks": [{"risk-uuid": _uuid(name, check.id, "risk")}],
    }


def _numbers(check: Check) -> str:
    told = f"{check.title}: {check.failing:,} of {check.population:,} fail; {check.cannot_tell:,} cannot be told"
    return f"{told}; {check.excepted:,} are excepted." if check.excepted else f"{told}."


def _told(under: Under) -> str:
    found = under.standing
    return (
        f"Between {found.low:.0%} and {found.high:.0%} is met. Of {found.counted} goals {found.count(How.MEASURED)} are measured, "
        f"{found.count(How.ATTESTED)} attested, of {found.count(How.NOTHING)} nothing is known yet."
    )


def _metadata(under: Under, district: Any, at: datetime) -> dict[str, Any]:
    return {
        "title": f"{under.framework.title} {under.framework.version}, {district.name}".replace("  ", " "),
        "last-modified": _at(at),
        "version": str(under.of.number if under.of else 0),
        "oscal-version": VERSION,
    }


def _name(under: Under, district: Any) -> str:
    return f"{district.slug}/{under.framework.id}/{under.of.number if under.of else 0}"


def _uuid(*parts: str) -> str:
    return str(uuid5(NAMESPACE_URL, "homeroom:" + "/".join(parts)))


def _at(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
