"""Template filters for duties of laws: states, reasons and moments in words."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.manage.planning.tasks import DUTY, PlanTask
from homeroom.domain.comply.laws.duties import DutyState

register = template.Library()

STATES = {
    DutyState.LATE: gettext_lazy("Late"),
    DutyState.DUE: gettext_lazy("Due"),
    DutyState.CANNOT_TELL: gettext_lazy("Unknown"),
    DutyState.WAITS: gettext_lazy("Waits"),
    DutyState.MET_BY_DATA: gettext_lazy("Met by data"),
    DutyState.MET_BY_ATTESTATION: gettext_lazy("Met by attestation"),
    DutyState.DOES_NOT_APPLY: gettext_lazy("Does not apply"),
}
TAGS = {DutyState.LATE: "critical", DutyState.DUE: "warn", DutyState.CANNOT_TELL: "warn"}
MOMENTS = {
    "discovered": gettext_lazy("The district discovered it"),
    "determined": gettext_lazy("It was determined to be a breach"),
    "believed": gettext_lazy("The district reasonably believed that it happened"),
    "vendor_discovered": gettext_lazy("The vendor discovered it"),
    "vendor_notified": gettext_lazy("The vendor notified the district"),
    "ransom_paid": gettext_lazy("A ransom was paid"),
    "recovered": gettext_lazy("Systems were recovered"),
    "delay_ended": gettext_lazy("A delay for law enforcement ended"),
    "requested": gettext_lazy("The request arrived"),
    "complained": gettext_lazy("The complaint arrived"),
    "signed": gettext_lazy("The agreement was signed"),
    "ended": gettext_lazy("The agreement ended"),
    "refused": gettext_lazy("A request was refused"),
    "appealed": gettext_lazy("Somebody appealed or asked for a hearing"),
    "no_longer_needed": gettext_lazy("The data is no longer needed"),
    "survey_planned": gettext_lazy("A survey of a protected area was planned"),
    "policy_changed": gettext_lazy("The policy was changed"),
}
FACTS = {
    "incident.data": gettext_lazy("whose data is affected"),
    "incident.affected_students": gettext_lazy("how many students are affected"),
    "incident.affected_residents": gettext_lazy("how many residents are affected"),
    "incident.percent_of_enrollment": gettext_lazy("the affected percent of enrollment"),
    "e_rate": gettext_lazy("E-Rate"),
    "hhs_funds": gettext_lazy("money from Health and Human Services"),
    "kind": gettext_lazy("kind of agency"),
}
_NAME = re.compile(r"\b(?:incident\.)?[a-z]+(?:_[a-z]+)*\b")
_PLAIN_MOMENTS = frozenset({
    "discovered", "determined", "believed", "recovered", "requested", "complained", "signed", "ended", "refused",
    "appealed",
})  # fmt: skip


@register.filter
def duty_state(state: DutyState) -> str:
    """Return the label of a duty's state."""
    return str(STATES[state])


@register.filter
def duty_tag(state: DutyState) -> str:
    """Return the class of the tag that shows a duty's state."""
    return TAGS.get(state, "")


@register.filter
def moment_word(name: str) -> str:
    """Return what happened at a moment, or what a fact is, in words."""
    return str(MOMENTS.get(name) or FACTS.get(name) or name.replace("_", " "))


@register.filter
def reason_words(reason: str) -> str:
    """Return a reason or a reading with the names of facts and moments in words."""
    return _NAME.sub(lambda match: _name_in_words(match[0]), reason)


def _name_in_words(name: str) -> str:
    if name in FACTS and (name.startswith("incident.") or "_" in name or name == "kind"):
        return str(FACTS[name])
    if name in MOMENTS and name not in _PLAIN_MOMENTS:
        return f"“{MOMENTS[name]}”"
    return name.replace("_", " ").removeprefix("incident.")


@register.filter
def task_url(task: PlanTask) -> str:
    """Return the address of what a task of the plan comes from: an incident, or a duty."""
    if task.origin_kind == DUTY:
        duty, _at, case = task.origin.partition("@")
        return reverse("duty-case", args=[case]) if case else f"{reverse('duties')}#{duty.replace(':', '-')}"
    return reverse("incident", args=[task.origin])


@register.filter
def duty_anchor(name: Any) -> str:
    """Return the id of a duty's row on a page."""
    return str(name).replace(":", "-")
