"""Words of trials on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.domain.teach.awareness.trial_plans import DrawnKind, TrialState, TrialStrata
from homeroom.domain.teach.awareness.trials import TrialVerdict

STATES: Mapping[str, Any] = {
    TrialState.PLANNED: gettext_lazy("Planned"),
    TrialState.STARTED: gettext_lazy("Running"),
    TrialState.ENDED: gettext_lazy("Ended"),
    TrialState.CANCELED: gettext_lazy("Canceled"),
}
STATE_TAGS: Mapping[str, str] = {TrialState.PLANNED: "low", TrialState.STARTED: "warn", TrialState.ENDED: "good"}
UNITS: Mapping[str, Any] = {
    DrawnKind.PERSON: gettext_lazy("People, one by one"),
    DrawnKind.SCHOOL: gettext_lazy("Schools, with all their staff"),
}
STRATA: Mapping[str, Any] = {
    TrialStrata.NONE: gettext_lazy("All together"),
    TrialStrata.SCHOOL: gettext_lazy("Within each school (people)"),
    TrialStrata.SIZE: gettext_lazy("Within larger and smaller schools (schools)"),
}
VERDICTS: Mapping[str, Any] = {
    TrialVerdict.LOWER: gettext_lazy("Lower: those trained missed fewer drills"),
    TrialVerdict.HIGHER: gettext_lazy("Higher: those trained missed more drills"),
    TrialVerdict.INCONCLUSIVE: gettext_lazy("Inconclusive: no difference was found"),
}
HIDDEN = gettext_lazy("Hidden: an arm has fewer than ten people")
FIELDS: Mapping[str, Any] = {
    "question": gettext_lazy("Question"),
    "courses": gettext_lazy("Extra training"),
    "schools": gettext_lazy("Schools"),
    "title": gettext_lazy("Job titles"),
    "unit": gettext_lazy("What is drawn"),
    "strata": gettext_lazy("Drawn within"),
    "percent": gettext_lazy("Held out"),
    "drills": gettext_lazy("Drills"),
    "ends_on": gettext_lazy("Last day"),
    "reason": gettext_lazy("Reason"),
    "start": gettext_lazy("Start"),
    "end": gettext_lazy("End"),
}
_NUMBERS = (
    gettext_lazy("one"), gettext_lazy("two"), gettext_lazy("three"), gettext_lazy("four"), gettext_lazy("five"),
    gettext_lazy("six"), gettext_lazy("seven"), gettext_lazy("eight"), gettext_lazy("nine"), gettext_lazy("ten"),
)  # fmt: skip


def format_points(share: float) -> str:
    """Format a share as percentage points without a sign."""
    return gettext("%(points)s points") % {"points": f"{100 * abs(share):.1f}"}


def format_signed_points(share: float) -> str:
    """Format a difference of shares as percentage points with a sign."""
    value = round(100 * share, 1) + 0.0
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return gettext("%(points)s points") % {"points": f"{sign}{abs(value):.1f}"}


def describe_outlook(outlook: Mapping[str, Any], *, drills: int) -> str:
    """Return which difference a trial could see, as a sentence."""
    number = str(_NUMBERS[drills - 1]) if drills <= len(_NUMBERS) else f"{drills:,}"
    people = ngettext("%(count)s person", "%(count)s people", outlook["people"]) % {"count": f"{outlook['people']:,}"}
    words = {"people": people, "drills": ngettext("%(number)s drill", "%(number)s drills", drills) % {"number": number}}
    if outlook["smallest_detectable"] is None:
        return gettext("%(people)s, %(drills)s: too few are drawn for any difference to be found.") % words
    words["points"] = format_points(outlook["smallest_detectable"])
    return gettext("%(people)s, %(drills)s: %(points)s; what is smaller stays inconclusive.") % words


def describe_basis(outlook: Mapping[str, Any]) -> str:
    """Return what the smallest difference is computed from, as a sentence."""
    words = {
        "rate": f"{100 * outlook['rate']:.0f}",
        "person": f"{outlook['person_correlation']:.2f}",
        "school": f"{outlook['school_correlation']:.2f}",
        "drills": f"{outlook['from_drills']:,}",
    }
    if outlook["from_drills"]:
        text = ngettext(
            "From your own %(drills)s drill of the last two years: %(rate)s%% missed it. Correlation: %(person)s "
            "between drills of one person, %(school)s between people of one school.",
            "From your own %(drills)s drills of the last two years: %(rate)s%% missed them. Correlation: %(person)s "
            "between drills of one person, %(school)s between people of one school.",
            outlook["from_drills"],
        )
    else:
        text = gettext(
            "Assumed, since fewer than a hundred of these people have results of drills: %(rate)s%% miss a drill. "
            "Correlation: %(person)s between drills of one person, %(school)s between people of one school."
        )
    return text % words


def get_verdict_title(result: Mapping[str, Any]) -> str:
    """Return the verdict of a result as a title."""
    return str(HIDDEN if result["suppressed"] else VERDICTS[result["verdict"]])


def describe_result(result: Mapping[str, Any]) -> str:
    """Return the estimate, its interval and what could have been seen, as sentences."""
    if result["suppressed"]:
        return gettext("Outcomes of fewer than ten people are never shown, and neither is a verdict from them.")
    low, high = format_signed_points(result["low"]), format_signed_points(result["high"])
    words = {"points": format_points(result["estimate"]), "low": low, "high": high}
    text = (
        gettext("Those trained missed %(points)s more than those held out (95%% interval: %(low)s to %(high)s).")
        if round(100 * result["estimate"], 1) > 0
        else gettext("Those trained missed %(points)s less than those held out (95%% interval: %(low)s to %(high)s).")
    ) % words
    if result["verdict"] != TrialVerdict.INCONCLUSIVE or result["smallest_detectable"] is None:
        return text
    more = gettext("That does not prove that there is none: %(least)s or more would be found four times in five.")
    return f"{text} {more % {'least': format_points(result['smallest_detectable'])}}"
