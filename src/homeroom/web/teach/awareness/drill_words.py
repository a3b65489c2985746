"""Words of drills: shares with their intervals, minutes, and what each rule means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.teach.awareness.published_drills import DrillView, SchoolBounds
from homeroom.domain.teach.awareness.drill_results import PeopleRate
from homeroom.web.templatetags.homeroom import counted, minutes

RULES: Mapping[str, tuple[Any, Any]] = {
    "known-network": (gettext_lazy("Known network"), gettext_lazy("From a network of a program that looks at mail.")),
    "known-program": (gettext_lazy("Known program"), gettext_lazy("By a program that looks at mail, by its own name.")),
    "took-bait": (
        gettext_lazy("Took the bait"),
        gettext_lazy("Followed the link that no person sees, or asked for the head alone; then all from that browser."),
    ),
    "too-fast": (gettext_lazy("Too fast"), gettext_lazy("Opened and clicked within a second.")),
    "no-script": (gettext_lazy("No script"), gettext_lazy("The page’s script did not run, as it does for people.")),
    "serves-many": (
        gettext_lazy("Serves many"),
        gettext_lazy("One address and browser for many people, with signs of a machine."),
    ),
    "looked-again": (
        gettext_lazy("Looked again"),
        gettext_lazy("Nearly always comes within a minute of somebody’s click, as a web filter does."),
    ),
    "after-report": (
        gettext_lazy("After the report"),
        gettext_lazy("A look after the person reported it, from where the person was not before."),
    ),
    "too-soon": (gettext_lazy("Too soon"), gettext_lazy("More clicks in the first minutes than people make.")),
    "many-in-a-sitting": (
        gettext_lazy("Many in a sitting"),
        gettext_lazy("One browser opened many people’s links: somebody who looks into forwarded mail."),
    ),
    "first-time-only": (
        gettext_lazy("First time only"),
        gettext_lazy("The tool has only the first click, and that was a machine’s."),
    ),
}


@dataclass(frozen=True, kw_only=True)
class ShareText:
    """A share with its interval in words, and both ends in hundredths for a bar; None where there is none."""

    share: str
    interval: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """Width of the interval in hundredths; at least one, so that it is seen."""
        return max(1.0, round(self.high - self.low, 2))


def build_share(rate: PeopleRate | None) -> ShareText | None:
    """Return a share in words; None among nobody, or of few people."""
    if rate is None or rate.rate is None or rate.interval is None:
        return None
    low, high = 100 * rate.interval.low, 100 * rate.interval.high
    return ShareText(
        share=gettext("%(n)s%%") % {"n": round(100 * rate.rate)},
        interval=gettext("%(low)s to %(high)s%%") % {"low": round(low), "high": round(high)},
        low=round(low, 2),
        high=round(high, 2),
    )


def build_drill_line(drill: DrillView) -> dict[str, Any]:
    """Return the texts of a drill for its table and its own page."""
    return {
        "drill": drill,
        "reported": build_share(drill.reported),
        "missed": build_share(drill.missed),
        "first": format_minutes(drill.first_minutes),
        "median": format_minutes(drill.median_minutes),
        "people": counted(drill.people) if not drill.is_small else gettext("fewer than 10"),
        "delivered": counted(drill.delivered) if not drill.is_small else gettext("fewer than 10"),
    }


def format_minutes(value: int | None) -> str:
    """Format minutes to a report; empty if nobody reported."""
    if value is None:
        return ""
    return str(minutes(value)) if value else gettext("under a minute")


def build_rule_lines(drill: DrillView) -> list[tuple[str, str, int]]:
    """Return (title, meaning, removed events) of each rule, the rule with most events first."""
    ordered = sorted(drill.by_rule, key=lambda pair: (-pair[1], pair[0]))
    words = ((RULES.get(rule, (rule, "")), count) for rule, count in ordered)
    return [(str(title), str(meaning), count) for (title, meaning), count in words]


def build_school_line(school: SchoolBounds) -> dict[str, Any]:
    """Return the texts of a school's bounds."""
    return {
        "school": _translate_school(school.school),
        "delivered": counted(school.delivered),
        "reported": _format_bounds(school.reported_low, school.reported_high),
        "missed": _format_bounds(school.missed_low, school.missed_high),
    }


def _translate_school(name: str) -> str:
    return {"Small schools": gettext("Small schools"), "No school": gettext("School not known")}.get(name, name)


def _format_bounds(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return gettext("Unknown")
    return gettext("%(low)s to %(high)s%%") % {"low": round(100 * low), "high": round(100 * high)}
