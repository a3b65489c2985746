"""What a plan suggests to relax, in plain words: the least change, and the page where it is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from homeroom.apps.manage.rollouts.rule_changes import SEPARATOR
from homeroom.domain.manage.rollouts.plan import RelaxedRule

STEP_PAGES: Mapping[str, str] = {
    RelaxedRule.TEAM: "rollout-team",
    RelaxedRule.HOURS: "rollout-team",
    RelaxedRule.STOCK: "rollout-team",
    RelaxedRule.ROOM: "rollout-rooms",
}
"""The page on which a rule is changed by hand; the page of the rules for all others."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def describe_relaxation(rule: str, to: str) -> str:
    """Return the least change of a rule as a sentence without its period; several changes follow each other."""
    describe = _DESCRIBERS.get(rule)
    if describe is None:
        return to
    first, *others = (describe(_format_days(part)) for part in to.split(SEPARATOR))
    return "; ".join([first, *(text[:1].lower() + text[1:] for text in others)])


def get_step_page(rule: str) -> str:
    """Return the name of the page on which a rule is changed by hand."""
    return STEP_PAGES.get(rule, "rollout-rules")


def _format_days(text: str) -> str:
    """Return a text with its days as people write them."""
    return _DAY.sub(lambda match: date_format(date.fromisoformat(match[0]), "F j, Y"), text)


def _split(to: str) -> dict[str, str]:
    name, _, value = to.rpartition(": ")
    return {"name": name, "value": value}


def _describe_deadline(to: str) -> str:
    return gettext("Move the last day to %(day)s") % {"day": to}


def _describe_class_time(_to: str) -> str:
    return gettext("Allow that class is disturbed")


def _describe_no_visits(to: str) -> str:
    return gettext("Allow visits in %(name)s on %(value)s") % _split(to)


def _describe_at_once(to: str) -> str:
    return gettext("Allow %(value)s visits at the same time in %(name)s") % _split(to)


def _describe_limits(to: str) -> str:
    parts = _split(to)
    if parts["name"] == "visits_a_week":
        return gettext("Allow %(value)s visits a week") % parts
    return gettext("Allow %(value)s visits a day in a school") % parts


def _describe_stock(to: str) -> str:
    devices, _, day = to.partition(" more by ")
    return gettext("Get %(devices)s more devices by %(day)s") % {"devices": devices, "day": day}


def _describe_soak(to: str) -> str:
    parts = _split(to)
    days = int(parts["value"]) if parts["value"].isdecimal() else 0
    text = ngettext("Wait only %(days)d day after %(name)s", "Wait only %(days)d days after %(name)s", days)
    return text % {"days": days, "name": parts["name"]}


def _describe_team(_to: str) -> str:
    return gettext("Add one more person with the hours of the team")


def _describe_hours(to: str) -> str:
    parts = _split(to)
    if match := re.fullmatch(r"(\d+) minutes a week", parts["value"]):
        hours = f"{int(match[1]) / 60:.1f}".removesuffix(".0")
        return gettext("Let %(name)s work %(hours)s hours a week") % {"name": parts["name"], "hours": hours}
    if match := re.fullmatch(r"(\d+) minutes (earlier|later)", parts["value"]):
        values = {"name": parts["name"], "minutes": match[1]}
        if match[2] == "earlier":
            return gettext("Let %(name)s begin %(minutes)s minutes earlier") % values
        return gettext("Let %(name)s end %(minutes)s minutes later") % values
    return to


def _describe_room(to: str) -> str:
    parts = _split(to)
    if parts["value"].startswith("after "):
        return gettext("Allow %(name)s to be visited %(value)s") % parts
    return gettext("Allow %(name)s to be visited on %(value)s") % parts


_DESCRIBERS: Mapping[str, Callable[[str], Any]] = {
    RelaxedRule.UNTIL: _describe_deadline,
    RelaxedRule.CLASS_TIME: _describe_class_time,
    RelaxedRule.NO_VISITS: _describe_no_visits,
    RelaxedRule.AT_ONCE: _describe_at_once,
    RelaxedRule.LIMITS: _describe_limits,
    RelaxedRule.STOCK: _describe_stock,
    RelaxedRule.SOAK: _describe_soak,
    RelaxedRule.TEAM: _describe_team,
    RelaxedRule.HOURS: _describe_hours,
    RelaxedRule.ROOM: _describe_room,
}
