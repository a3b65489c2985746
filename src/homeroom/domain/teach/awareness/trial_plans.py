"""The plan of a trial, written down before it starts: whom, what is drawn, who is held out, the end, the question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MAX_LINE, MAX_TEXT = 200, 2_000
MAX_COURSES, MAX_SCHOOLS = 20, 500
PERCENTS = (10, 50)
"""Least and most of what may be held out."""
DRILLS = (1, 24)
SHORTEST, LONGEST = timedelta(days=7), timedelta(days=366)
"""How far from its start a trial may end; outcomes of people are stored for two years."""


class TrialState(StrEnum):
    """The state of a trial. A plan may be changed until it is started."""

    PLANNED = "planned"
    STARTED = "started"
    ENDED = "ended"
    CANCELED = "canceled"


class DrawnKind(StrEnum):
    """What the lot draws."""

    PERSON = "person"
    SCHOOL = "school"


class TrialStrata(StrEnum):
    """Within what the lot draws, so that both arms are alike in it: people by school, schools by size."""

    NONE = "none"
    SCHOOL = "school"
    SIZE = "size"


STRATA_OF = {
    DrawnKind.PERSON: (TrialStrata.NONE, TrialStrata.SCHOOL),
    DrawnKind.SCHOOL: (TrialStrata.NONE, TrialStrata.SIZE),
}


class TrialRefused(ValueError):
    """A plan or a step of a trial is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class TrialForm:
    """A plan as somebody typed it. No schools means all, no title all titles."""

    question: str
    courses: Sequence[str]
    schools: Sequence[str] = ()
    title: str = ""
    unit: str = DrawnKind.PERSON
    strata: str = TrialStrata.NONE
    percent: str = "50"
    drills: str = "3"
    ends_on: str = ""


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """A plan whose fields fit. `courses` are the extra training, by id or by name; `percent` is the share held out.

    `schools` and `title` (words of job titles) say whom it is about; `drills` is how many are planned until the end.
    """

    question: str
    courses: tuple[str, ...]
    schools: tuple[str, ...]
    title: str
    unit: DrawnKind
    strata: TrialStrata
    percent: int
    drills: int
    ends_on: date


def check_trial_form(form: TrialForm, *, today: date, schools: Collection[str]) -> TrialPlan:
    """Return the plan of a form. `schools` are those that have staff. Raise TrialRefused with what would fit."""
    chosen = _clean_lines("schools", form.schools, limit=MAX_SCHOOLS)
    unknown = next((name for name in chosen if name not in schools), None)
    if unknown is not None:
        raise TrialRefused("schools", f"no staff is at {unknown!r}; schools as the list of people has them would fit")
    courses = _clean_lines("courses", form.courses, limit=MAX_COURSES)
    if not courses:
        raise TrialRefused("courses", "none is chosen; the extra training that is tried would fit")
    unit = _parse_choice("unit", form.unit, DrawnKind)
    strata = _parse_choice("strata", form.strata, TrialStrata)
    if strata not in STRATA_OF[unit]:
        raise TrialRefused("strata", f"{strata} does not fit what is drawn; {' or '.join(STRATA_OF[unit])} would fit")
    return TrialPlan(
        question=_clean_line("question", form.question, required="the question that the trial answers would fit"),
        courses=courses,
        schools=chosen,
        title=_clean_line("title", form.title),
        unit=unit,
        strata=strata,
        percent=_parse_number("percent", form.percent, PERCENTS),
        drills=_parse_number("drills", form.drills, DRILLS),
        ends_on=check_end(form.ends_on, today=today),
    )


def check_end(text: str, *, today: date) -> date:
    """Return the last day of a trial that starts today at the earliest. Raise TrialRefused."""
    first, last = today + SHORTEST, today + LONGEST
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise TrialRefused("ends_on", f"{text.strip()[:20]!r} is no day; a day such as {first} would fit") from None
    if not first <= day <= last:
        raise TrialRefused("ends_on", f"{day} is not possible; a day from {first} to {last} would fit")
    return day


def check_reason(text: str) -> str:
    """Return why a trial is canceled. Raise TrialRefused for none."""
    reason = text.strip()
    if not reason or len(reason) > MAX_TEXT:
        raise TrialRefused("reason", f"why it is canceled would fit, in 1 to {MAX_TEXT} characters")
    return reason


def _clean_line(field: str, text: str, *, required: str = "") -> str:
    line = " ".join(text.split())
    if required and not line:
        raise TrialRefused(field, f"it is empty; {required}")
    if len(line) > MAX_LINE:
        raise TrialRefused(field, f"a text of at most {MAX_LINE} characters would fit")
    return line


def _clean_lines(field: str, texts: Sequence[str], *, limit: int) -> tuple[str, ...]:
    lines = tuple(dict.fromkeys(filter(None, (_clean_line(field, text) for text in texts))))
    if len(lines) > limit:
        raise TrialRefused(field, f"{len(lines)} are too many; at most {limit} would fit")
    return lines


def _parse_choice[Choice: StrEnum](field: str, text: str, kind: type[Choice]) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise TrialRefused(field, f"{text[:40]!r} is not possible; {', '.join(kind)} would fit") from None


def _parse_number(field: str, text: str, limits: tuple[int, int]) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and limits[0] <= int(digits[:9]) <= limits[1]):
        raise TrialRefused(field, f"{digits[:20]!r} is not possible; {limits[0]} to {limits[1]} would fit")
    return int(digits)
