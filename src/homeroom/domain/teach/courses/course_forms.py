"""What people type about courses: an assignment, a policy, a signature, a class; each is checked field by field."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.domain.teach.courses.assigning import MAX_DAYS, AssignmentRule

MAX_LINE, MAX_CLASS, MAX_POLICY = 200, 80, 100_000
LONGEST = timedelta(days=2 * 366)
"""How far ahead a day may be: a later one is a slip of the pen."""


class CourseRefused(ValueError):
    """A form about courses is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class AssignmentForm:
    """An assignment as somebody typed it: `subject` is the id of a course, or of a policy."""

    subject: str
    role: str = ""
    school: str = ""
    new_days: str = ""
    control: str = ""
    trial: str = ""
    law: str = ""
    due_on: str = ""


@dataclass(frozen=True, kw_only=True)
class AssignmentChoices:
    """What the fields of an assignment may name."""

    courses: Collection[str]
    policies: Collection[str]
    controls: Collection[str]
    trials: Collection[str]
    laws: Collection[str]


def check_assignment(form: AssignmentForm, *, choices: AssignmentChoices, today: date) -> AssignmentRule:
    """Return the rule of a form, without the fixed people. Raise CourseRefused with what would fit."""
    if form.subject not in choices.courses and form.subject not in choices.policies:
        raise CourseRefused("subject", f"{form.subject[:40]!r} is no course or policy; one of the list would fit")
    named = (
        ("control", form.control, choices.controls),
        ("trial", form.trial, choices.trials),
        ("law", form.law, choices.laws),
    )
    for field, text, names in named:
        if text and text not in names:
            fits = ", ".join(sorted(names)[:5]) or "nothing"
            raise CourseRefused(field, f"{text[:40]!r} is none of the list; {fits} would fit")
    if form.control and form.trial:
        raise CourseRefused("control", "a control or a trial would fit, not both")
    return AssignmentRule(
        assigned_on=today,
        due_on=parse_day("due_on", form.due_on, today=today) if form.due_on.strip() else None,
        role=clean_line("role", form.role),
        school=clean_line("school", form.school),
        new_days=_parse_days("new_days", form.new_days) if form.new_days.strip() else None,
    )


def check_policy_text(text: str, *, field: str = "text") -> str:
    """Return the text of a policy with its lines ended alike. Raise CourseRefused if it is empty or too long."""
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not cleaned:
        raise CourseRefused(field, "the text of the policy would fit")
    if len(cleaned) > MAX_POLICY:
        raise CourseRefused(field, f"{len(cleaned):,} characters; at most {MAX_POLICY:,} would fit")
    return cleaned


def hash_policy(text: str, text_es: str) -> str:
    """Return the SHA-256 of the texts of a version."""
    return hashlib.sha256(f"{text}\0{text_es}".encode()).hexdigest()


def is_own_name(typed: str, name: str) -> bool:
    """Check whether somebody typed their own full name; case, spaces and dots do not matter."""
    return bool(_fold(typed)) and _fold(typed) == _fold(name)


def clean_line(field: str, text: str, *, required: str = "", limit: int = MAX_LINE) -> str:
    """Return a line without spaces around it. Raise CourseRefused if a required one is empty, or it is too long."""
    line = " ".join(text.replace("\0", "").split())
    if not line and required:
        raise CourseRefused(field, f"is empty; {required}")
    if len(line) > limit:
        raise CourseRefused(field, f"{len(line)} characters; at most {limit} would fit")
    return line


def parse_day(field: str, text: str, *, today: date) -> date:
    """Return a day from today on. Raise CourseRefused with what would fit."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise CourseRefused(field, f"{text[:20]!r} is no day; a day such as 2026-12-01 would fit") from None
    if not today <= day <= today + LONGEST:
        raise CourseRefused(field, f"{day}; a day from {today} to {today + LONGEST} would fit")
    return day


def _parse_days(field: str, text: str) -> int:
    cleaned = text.strip()
    if not cleaned.isascii() or not cleaned.isdigit() or not 1 <= int(cleaned[:9]) <= MAX_DAYS:
        raise CourseRefused(field, f"{text[:20]!r}; days from 1 to {MAX_DAYS} would fit")
    return int(cleaned)


def _fold(name: str) -> str:
    return " ".join(name.replace(".", " ").casefold().split())
