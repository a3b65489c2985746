"""Sentences about a moved visit: the rule that it breaks and what would fit, and why it is not earlier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.manage.rollouts.visits.teacher_texts import format_clock
from homeroom.domain.manage.rollouts.moves import BrokenRule, MoveRule

OBSTACLES: Mapping[MoveRule | None, Any] = {
    MoveRule.SCHOOL_DAY: gettext_lazy("no visits in its school: no class, or testing"),
    MoveRule.ROOM_DAY: gettext_lazy("does not suit the room"),
    MoveRule.RING: gettext_lazy("its ring waits for the one before, or the next one has begun"),
    MoveRule.STOCK: gettext_lazy("its devices have not arrived, or others use them"),
    MoveRule.DAY_LIMIT: gettext_lazy("the school has as many visits as a day may have"),
    MoveRule.WEEK_LIMIT: gettext_lazy("the week has as many visits as it may have"),
    MoveRule.CLASS_TIME: gettext_lazy("class all day, with no stretch that is long enough"),
    MoveRule.AGENDA: gettext_lazy("nobody of the team has time when the room is free"),
    None: gettext_lazy("it could be then"),
}
"""What keeps a visit from a day, in the order in which a page lists it."""


def describe_broken_rule(broken: BrokenRule) -> str:
    """Return the sentence about a rule that a move breaks, with what would fit."""
    return _SENTENCES[broken.rule](broken.values)


def format_day(day: date) -> str:
    """Return a day with its weekday."""
    return date_format(day, "l, F j")


def _describe_dates(values: Mapping[str, Any]) -> str:
    days = {"first": format_day(values["first"]), "last": format_day(values["last"])}
    return gettext("The rollout is from %(first)s to %(last)s; a day between them would fit.") % days


def _describe_past(values: Mapping[str, Any]) -> str:
    if "minute" in values:
        return gettext("It is later than that already; after %(time)s would fit.") % {
            "time": format_clock(values["minute"])
        }
    return gettext("That day is over; %(day)s or later would fit.") % {"day": format_day(values["day"])}


def _describe_school_day(values: Mapping[str, Any]) -> str:
    named = {"school": values["school"], "type": values["type"]}
    if values["type"]:
        return gettext("%(school)s has no visits on that day (%(type)s); another day would fit.") % named
    return gettext("%(school)s has no visits on that day; another day would fit.") % named


def _describe_room_day(values: Mapping[str, Any]) -> str:
    if values["after"]:
        day = {"day": format_day(values["after"])}
        return gettext("The day does not suit the room; one after %(day)s that suits it would fit.") % day
    return gettext("The day does not suit the room; one that nobody refused would fit.")


def _describe_ring(values: Mapping[str, Any]) -> str:
    named = {"ring": values["ring"], "other": values["other"], "day": format_day(values["day"])}
    if values["is_early"]:
        return gettext("%(ring)s goes after %(other)s and its wait; %(day)s or later would fit.") % named
    return gettext("%(other)s goes after %(ring)s and its wait; %(day)s or earlier would fit.") % named


def _describe_stock(values: Mapping[str, Any]) -> str:
    text = ngettext(
        "By then %(missing)d device is missing; a later day would fit.",
        "By then %(missing)d devices are missing; a later day would fit.",
        values["missing"],
    )
    return text % {"missing": values["missing"]}


def _describe_day_limit(values: Mapping[str, Any]) -> str:
    return gettext("%(school)s has at most %(limit)d visits a day; another day would fit.") % values


def _describe_week_limit(values: Mapping[str, Any]) -> str:
    return gettext("A week has at most %(limit)d visits; another week would fit.") % values


def _describe_grid(values: Mapping[str, Any]) -> str:
    times = {"grid": values["grid"], "before": format_clock(values["before"]), "after": format_clock(values["after"])}
    return gettext("Visits start every %(grid)d minutes; %(before)s or %(after)s would fit.") % times


def _describe_school_hours(values: Mapping[str, Any]) -> str:
    times = {"opens": format_clock(values["opens"]), "closes": format_clock(values["closes"])}
    named = {"school": values["school"], **times}
    return gettext("%(school)s may be visited from %(opens)s to %(closes)s; a time within that would fit.") % named


def _describe_class_time(values: Mapping[str, Any]) -> str:
    text = ngettext(
        "It would disturb %(minutes)d minute of class, and no class may be disturbed; a time without class would fit.",
        "It would disturb %(minutes)d minutes of class, and no class may be disturbed; a time without class would fit.",
        values["minutes"],
    )
    return text % values


def _describe_at_once(values: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(school)s has at most %(limit)d visit at the same time; another time would fit.",
        "%(school)s has at most %(limit)d visits at the same time; another time would fit.",
        values["limit"],
    )
    return text % values


def _describe_team(values: Mapping[str, Any]) -> str:
    return gettext("%(people)s is not in the team; somebody who is would fit.") % {
        "people": ", ".join(values["people"])
    }


def _describe_hands(values: Mapping[str, Any]) -> str:
    text = ngettext(
        "The visit needs %(hands)d person; choose exactly %(hands)d.",
        "The visit needs %(hands)d people; choose exactly %(hands)d.",
        values["hands"],
    )
    return text % values


def _describe_person_hours(values: Mapping[str, Any]) -> str:
    spans = ", ".join(f"{format_clock(begins)}–{format_clock(ends)}" for begins, ends in values["hours"])
    if spans:
        named = {"person": values["person"], "spans": spans}
        return gettext("%(person)s is at work %(spans)s on that day; a time within that would fit.") % named
    return gettext("%(person)s is not at work on that day; another day or person would fit.") % values


def _describe_agenda(values: Mapping[str, Any]) -> str:
    named = {
        "person": values["person"],
        "room": values["room"],
        "starts": format_clock(values["starts"]),
        "ends": format_clock(values["ends"]),
        "needed": values["needed"],
    }
    if not values["needed"]:
        return gettext("%(person)s is in %(room)s, %(starts)s–%(ends)s; another time or person would fit.") % named
    return (
        gettext(
            "%(person)s is in %(room)s, %(starts)s–%(ends)s, and needs %(needed)d minutes between the two; "
            "another time or person would fit."
        )
        % named
    )


def _describe_person_week(values: Mapping[str, Any]) -> str:
    hours = {
        "person": values["person"],
        "hours": f"{values['minutes'] / 60:.1f}",
        "limit": f"{values['limit'] / 60:.1f}",
    }
    return (
        gettext("%(person)s would work %(hours)s hours in that week, of %(limit)s; another week or person would fit.")
        % hours
    )


_SENTENCES: Mapping[MoveRule, Callable[[Mapping[str, Any]], str]] = {
    MoveRule.DATES: _describe_dates,
    MoveRule.PAST: _describe_past,
    MoveRule.SCHOOL_DAY: _describe_school_day,
    MoveRule.ROOM_DAY: _describe_room_day,
    MoveRule.RING: _describe_ring,
    MoveRule.STOCK: _describe_stock,
    MoveRule.DAY_LIMIT: _describe_day_limit,
    MoveRule.WEEK_LIMIT: _describe_week_limit,
    MoveRule.GRID: _describe_grid,
    MoveRule.SCHOOL_HOURS: _describe_school_hours,
    MoveRule.CLASS_TIME: _describe_class_time,
    MoveRule.AT_ONCE: _describe_at_once,
    MoveRule.TEAM: _describe_team,
    MoveRule.HANDS: _describe_hands,
    MoveRule.PERSON_HOURS: _describe_person_hours,
    MoveRule.AGENDA: _describe_agenda,
    MoveRule.PERSON_WEEK: _describe_person_week,
}
