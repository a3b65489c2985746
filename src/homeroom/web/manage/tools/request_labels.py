"""Words of requests to use a tool, on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.domain.manage.tools.requests import RequestState

STATES: Mapping[str, Any] = {
    RequestState.OPEN: gettext_lazy("Open"),
    RequestState.APPROVED: gettext_lazy("Approved"),
    RequestState.CONDITIONS: gettext_lazy("Approved with conditions"),
    RequestState.REFUSED: gettext_lazy("Refused"),
    RequestState.WITHDRAWN: gettext_lazy("Withdrawn"),
    RequestState.EXPIRED: gettext_lazy("Expired"),
}
STATE_TAGS: Mapping[str, str] = {
    RequestState.OPEN: "warn",
    RequestState.APPROVED: "good",
    RequestState.CONDITIONS: "good",
    RequestState.REFUSED: "bad",
    RequestState.EXPIRED: "bad",
}
ACTS: Mapping[str, Any] = {**STATES, "asked": gettext_lazy("Asked")}
DECISIONS: Sequence[tuple[str, Any]] = (
    (RequestState.APPROVED, gettext_lazy("Approve")),
    (RequestState.CONDITIONS, gettext_lazy("Approve with conditions")),
    (RequestState.REFUSED, gettext_lazy("Refuse")),
)
VERDICTS: Mapping[str, Any] = {
    "covered": gettext_lazy("Covered"),
    "expires": gettext_lazy("Covered, ends soon"),
    "missing": gettext_lazy("Missing"),
    "cannot tell": gettext_lazy("Unknown"),
}
STATUSES: Mapping[str, Any] = {
    "ended": gettext_lazy("the agreement has ended"),
    "refused": gettext_lazy("the vendor refused to sign"),
    "asked": gettext_lazy("requested, not signed yet"),
    "unsigned": gettext_lazy("not signed"),
    "none": gettext_lazy("no agreement on record"),
    "unknown": gettext_lazy("no list of agreements was loaded"),
}
FIELDS: Mapping[str, Any] = {
    "name": gettext_lazy("Tool"),
    "requester": gettext_lazy("Who asks"),
    "class_name": gettext_lazy("Class or group"),
    "grades": gettext_lazy("Grades"),
    "schools": gettext_lazy("Schools"),
    "does": gettext_lazy("What it is for"),
    "reason": gettext_lazy("Reason"),
    "needed_by": gettext_lazy("Needed by"),
    "outcome": gettext_lazy("Decision"),
    "conditions": gettext_lazy("Conditions"),
    "until": gettext_lazy("Until"),
}


def get_word(words: Mapping[str, Any], value: str) -> str:
    """Return the word of a value; the value itself if it has none."""
    return str(words.get(value, value))


def join_schools(schools: Sequence[str]) -> str:
    """Return the schools of a request, by name up to three."""
    if not schools:
        return gettext("All schools")
    if len(schools) <= 3:
        return ", ".join(schools)
    return ngettext("%(many)s school", "%(many)s schools", len(schools)) % {"many": len(schools)}
