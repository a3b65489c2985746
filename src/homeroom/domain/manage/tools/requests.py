"""Requests to use a tool: what somebody asks, and how it is decided, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MAX_NAME, MAX_TEXT = 200, 2_000
MAX_SCHOOLS = 500
LONGEST = timedelta(days=5 * 366)
"""How far ahead a day may be: a longer approval is a slip of the pen."""
SOON = timedelta(days=60)
"""Within how many days the end of an approval is marked."""


class RequestState(StrEnum):
    """The state of a request. Expired is an approval whose last day has passed; it is never stored."""

    OPEN = "open"
    APPROVED = "approved"
    CONDITIONS = "conditions"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


APPROVED = (RequestState.APPROVED, RequestState.CONDITIONS)
"""States in which the tool may be used until the last day."""
DECISIONS = (*APPROVED, RequestState.REFUSED)


class ToolRequestRefused(ValueError):
    """A request or a decision is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class AskForm:
    """A request as somebody typed it. No schools means all; `does` are capabilities by id."""

    name: str
    requester: str
    class_name: str = ""
    grades: str = ""
    schools: Sequence[str] = ()
    does: Sequence[str] = ()
    reason: str = ""
    needed_by: str = ""


@dataclass(frozen=True, kw_only=True)
class AskedTool:
    """A request whose fields fit."""

    name: str
    requester: str
    class_name: str
    grades: str
    schools: tuple[str, ...]
    does: tuple[str, ...]
    reason: str
    needed_by: date | None


@dataclass(frozen=True, kw_only=True)
class DecisionForm:
    """A decision as somebody typed it."""

    outcome: str
    reason: str = ""
    conditions: str = ""
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class ToolDecision:
    """A decision whose fields fit. `until` is the last day of an approval, None of a refusal."""

    state: RequestState
    reason: str
    conditions: str
    until: date | None


def find_state(stored: str, *, until: date | None, today: date) -> RequestState:
    """Return the state of a request on a day."""
    state = RequestState(stored)
    return RequestState.EXPIRED if state in APPROVED and until is not None and until < today else state


def check_ask(form: AskForm, *, today: date) -> AskedTool:
    """Return the request of a form. Raise ToolRequestRefused with what would fit."""
    if len(form.schools) > MAX_SCHOOLS:
        raise ToolRequestRefused("schools", f"at most {MAX_SCHOOLS} schools would fit")
    return AskedTool(
        name=clean_line("name", form.name, required="the name of the tool would fit"),
        requester=clean_line("requester", form.requester, required="the name of who asks would fit"),
        class_name=clean_line("class_name", form.class_name, required="a class, course or group would fit"),
        grades=clean_line("grades", form.grades),
        schools=tuple(dict.fromkeys(filter(None, (clean_line("schools", name) for name in form.schools)))),
        does=tuple(dict.fromkeys(form.does)),
        reason=clean_text("reason", form.reason, required="what it is to be used for would fit, in a sentence"),
        needed_by=_parse_day("needed_by", form.needed_by, today=today) if form.needed_by.strip() else None,
    )


def check_decision(form: DecisionForm, *, state: str, today: date) -> ToolDecision:
    """Return the decision of a form about a request in a state. Raise ToolRequestRefused with what would fit.

    A withdrawn request is not decided; a decision may be replaced by another.
    """
    if state == RequestState.WITHDRAWN:
        raise ToolRequestRefused("outcome", "the request was withdrawn; a new request would fit")
    if form.outcome not in DECISIONS:
        raise ToolRequestRefused("outcome", f"{form.outcome[:40]!r} is no decision; {', '.join(DECISIONS)} would fit")
    outcome = RequestState(form.outcome)
    reason = clean_text("reason", form.reason, required="why it was decided so would fit, in a sentence")
    has_conditions = outcome is RequestState.CONDITIONS
    conditions = clean_text(
        "conditions", form.conditions, required="what has to be kept to would fit" if has_conditions else ""
    )
    if conditions and not has_conditions:
        raise ToolRequestRefused("outcome", "there are conditions; approved with conditions would fit")
    if outcome is RequestState.REFUSED:
        return ToolDecision(state=outcome, reason=reason, conditions="", until=None)
    until = _parse_day("until", form.until, today=today)
    return ToolDecision(state=outcome, reason=reason, conditions=conditions, until=until)


def check_withdrawal(reason: str, *, state: str) -> str:
    """Return why a request is withdrawn. Raise ToolRequestRefused for one that is refused or withdrawn already."""
    if state not in (RequestState.OPEN, *APPROVED):
        raise ToolRequestRefused("reason", f"the request is {state}; one that is open or approved would fit")
    return clean_text("reason", reason, required="why it is not needed any more would fit")


def clean_line(field: str, text: str, *, required: str = "") -> str:
    """Return a line without odd blanks. Raise ToolRequestRefused if it is too long, or empty where it is required."""
    line = " ".join(text.split())
    return _check_length(field, line, limit=MAX_NAME, required=required)


def clean_text(field: str, text: str, *, required: str = "") -> str:
    """Return a text without blanks around it. Raise ToolRequestRefused as for a line."""
    return _check_length(field, text.strip(), limit=MAX_TEXT, required=required)


def _check_length(field: str, text: str, *, limit: int, required: str) -> str:
    if required and not text:
        raise ToolRequestRefused(field, f"it is empty; {required}")
    if len(text) > limit:
        raise ToolRequestRefused(field, f"a text of at most {limit} characters would fit")
    return text


def _parse_day(field: str, text: str, *, today: date) -> date:
    """Return a day from today on. Raise ToolRequestRefused for none, or one that has passed or is too far away."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ToolRequestRefused(field, f"{text.strip()[:20]!r} is no day; a day such as {today} would fit") from None
    if not today <= day <= today + LONGEST:
        raise ToolRequestRefused(field, f"{day} is not possible; a day from {today} to {today + LONGEST} would fit")
    return day
