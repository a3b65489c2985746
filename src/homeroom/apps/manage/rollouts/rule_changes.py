"""Change one rule of a rollout as its plan offers: another deadline, or the least change that completes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.manage.rollouts.records import DRAFT, PLANNED, RolloutRefused, get_quiet_rollout, record_change
from homeroom.domain.manage.rollouts.plan import RelaxedRule
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import MIDNIGHT, format_clock_time, parse_clock_time

Rules = Mapping[str, Any]
SEPARATOR = "; "
"""What stands between several changes of a rule that make the plan complete together."""
_LIMIT = re.compile(r"(visits_a_day_in_a_school|visits_a_week): (\d+)")
_SOAK = re.compile(r".*: (\d+)")
_WEEK = re.compile(r"(.*): (\d+) minutes a week")
_TIME = re.compile(r"(.*): (\d+) minutes (earlier|later)")


def apply_offer(*, district: District, public: str, until: date, actor: str, at: datetime) -> bool:
    """Use a deadline that the plan offers; where it costs class, class may be disturbed from then on.

    Return whether the next plan is to keep what it can: something is approved, locked or has begun.

    Raise LookupError, and RolloutRefused if the plan offers no such deadline.
    """
    with transaction.atomic():
        rollout = get_quiet_rollout(district, public)
        offer = next((item for item in rollout.figures.get("offers", ()) if item["until"] == until.isoformat()), None)
        if offer is None:
            raise RolloutRefused("until", f"the plan does not offer {until}; a deadline on its page would fit")
        rules = {**rollout.rules, "until": until.isoformat()}
        if offer["disrupted_minutes"]:
            rules["class_time"] = "costs"
        return _write_rules(rollout, rules, district=district, actor=actor, at=at, detail={"until": until.isoformat()})


def apply_relaxation(*, district: District, public: str, rule: str, to: str, actor: str, at: datetime) -> bool:
    """Relax a rule as the plan suggests; return whether the next plan is to keep what it can.

    Raise LookupError, and RolloutRefused if the plan does not suggest that, or no key of the rules has it.
    """
    with transaction.atomic():
        rollout = get_quiet_rollout(district, public)
        if not any((item["rule"], item["to"]) == (rule, to) for item in rollout.figures.get("relax", ())):
            raise RolloutRefused("rule", "the plan does not suggest that; a change on its page would fit")
        rules = relax_rules(rollout.rules, rule, to)
        if rules is None:
            raise RolloutRefused("rule", "no single rule has that; change it on the pages of the steps")
        return _write_rules(rollout, rules, district=district, actor=actor, at=at, detail={rule: to})


def relax_rules(rules: Rules, rule: str, to: str) -> Rules | None:
    """Return rules with a suggestion of the plan applied; None where no key of the rules has it."""
    change = _CHANGES.get(rule)
    relaxed: Rules | None = rules
    for part in to.split(SEPARATOR):
        relaxed = change(relaxed, part) if change and relaxed is not None else None
    return relaxed


def _move_deadline(rules: Rules, to: str) -> Rules:
    return {**rules, "until": to}


def _allow_class(rules: Rules, to: str) -> Rules:
    return {**rules, "class_time": to}


def _raise_limit(rules: Rules, to: str) -> Rules | None:
    match = _LIMIT.fullmatch(to)
    return {**rules, "limits": {**rules.get("limits", {}), match[1]: int(match[2])}} if match else None


def _reduce_soak(rules: Rules, to: str) -> Rules | None:
    match = _SOAK.fullmatch(to)
    return {**rules, "soak_days": int(match[1])} if match else None


def _extend_hours(rules: Rules, to: str) -> Rules | None:
    team = list(rules.get("team", ()))
    match = _WEEK.fullmatch(to) or _TIME.fullmatch(to)
    number = next((index for index, person in enumerate(team) if match and person["id"] == match[1]), None)
    if match is None or number is None:
        return None
    if match.re is _WEEK:
        team[number] = {**team[number], "minutes_a_week": int(match[2])}
    else:
        works = {day: _extend_day(hours, int(match[2]), match[3]) for day, hours in team[number]["works"].items()}
        team[number] = {**team[number], "works": works}
    return {**rules, "team": team}


def _extend_day(hours: list[Any], minutes: int, direction: str) -> list[Any]:
    """Return the hours of a day that begin so many minutes earlier, or end so many minutes later."""
    pairs = [list(pair) for pair in hours] if hours and isinstance(hours[0], list) else [list(hours)]
    if direction == "earlier":
        pairs[0][0] = format_clock_time(max(0, (parse_clock_time(pairs[0][0]) or 0) - minutes))
    else:
        pairs[-1][1] = format_clock_time(min(MIDNIGHT, (parse_clock_time(pairs[-1][1]) or 0) + minutes))
    return pairs if len(pairs) > 1 else pairs[0]


_CHANGES: Mapping[str, Callable[[Rules, str], Rules | None]] = {
    RelaxedRule.UNTIL: _move_deadline,
    RelaxedRule.CLASS_TIME: _allow_class,
    RelaxedRule.LIMITS: _raise_limit,
    RelaxedRule.SOAK: _reduce_soak,
    RelaxedRule.HOURS: _extend_hours,
}


def _write_rules(
    rollout: Rollout, rules: Rules, *, district: District, actor: str, at: datetime, detail: Mapping[str, Any]
) -> bool:
    rollout.rules = dict(rules)
    rollout.save(update_fields=["rules"])
    record_change(rollout, "relax rollout rule", district=district, actor=actor, at=at, detail=detail)
    visits = RolloutVisit.objects.of(district).filter(rollout=rollout)
    return rollout.state not in (DRAFT, PLANNED) or visits.filter(Q(locked=True) | ~Q(outcome="")).exists()
