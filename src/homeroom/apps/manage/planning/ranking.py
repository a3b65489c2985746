"""Ranking of open findings: the order of Today and of the plan, and the reason for each place in it.

The order itself is that of `homeroom.domain.protect.urgency`, which Posture and the planner use too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.protect.posture.catalog.labels import get_kind_label, get_severity_label
from homeroom.apps.protect.posture.published.queries import OpenFinding
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.urgency import Danger, UrgencyKey, UrgencyLevel, build_urgency_key, classify_urgency
from homeroom.library.manage.planning import load_planning_rules
from homeroom.library.protect.risk import load_risk_table

DANGER_REASONS = {
    Danger.DEFAULT_PASSWORD: gettext_lazy("Immediate danger: a default password still works"),
    Danger.INTERNET: gettext_lazy("Immediate danger: exposed to the internet"),
    Danger.EXPLOITED: gettext_lazy("Immediate danger: known-exploited vulnerability"),
}


def rank_findings(
    findings: Iterable[OpenFinding],
    *,
    today: date,
    pinned: frozenset[str] = frozenset(),
    waiting: frozenset[str] = frozenset(),
) -> tuple[OpenFinding, ...]:
    """Return the findings without acceptance, most urgent first.

    `pinned` are ids of controls that the team wants in this week; `waiting` those deferred or done and not proved yet,
    which come last.
    """
    open_findings = [finding for finding in findings if finding.accepted_until is None and finding.members]
    return tuple(
        sorted(
            open_findings,
            key=lambda finding: (
                finding.control.id in waiting,
                _build_key(finding, today=today, pinned=pinned),
                finding.control.id,
                finding.group,
            ),
        )
    )


def compute_due_date(control: Control, since: date | None) -> date | None:
    """Return the day by which work on a finding is due that is open since a day; None without a deadline."""
    days = load_planning_rules().due_days.get(control.severity)
    return since + timedelta(days=days) if days and since else None


def is_due_this_week(due_on: date | None, *, today: date) -> bool:
    """Check whether a deadline is in the week of `today` or has passed."""
    return due_on is not None and due_on <= today + timedelta(days=6 - today.weekday())


def build_work_key(control: Control, *, subjects: int, due_on: date | None, today: date, is_pinned: bool) -> UrgencyKey:
    """Return the key that sorts work on so many subjects of a control by urgency, most urgent first."""
    return build_urgency_key(
        load_risk_table(),
        severity=control.severity,
        danger=control.danger,
        area=control.area,
        subjects=subjects,
        is_due=is_due_this_week(due_on, today=today),
        is_pinned=is_pinned,
    )


def describe_urgency(
    control: Control,
    *,
    subject_kind: str,
    subjects: int,
    due_on: date | None,
    today: date,
    pinned_by: str | None = None,
) -> str:
    """Return in one line why the work has its place in the order; `pinned_by` names who pinned it, if anybody did."""
    level = classify_urgency(
        severity=control.severity,
        danger=control.danger,
        is_due=is_due_this_week(due_on, today=today),
        is_pinned=pinned_by is not None,
    )
    if level == UrgencyLevel.PINNED:
        return gettext("Pinned to this week by %(name)s") % {"name": pinned_by} if pinned_by else gettext("Pinned")
    if level in (UrgencyLevel.CRITICAL_DANGER, UrgencyLevel.DANGER) and control.danger:
        return str(DANGER_REASONS[control.danger])
    message_values = {
        "severity": get_severity_label(control.severity),
        "count": f"{subjects:,}",
        "kind": get_kind_label(subject_kind, subjects),
        "day": date_format(due_on, "M j") if due_on else "",
    }
    if level == UrgencyLevel.CRITICAL and due_on:
        return gettext("%(severity)s, due %(day)s: before all work that is ranked by risk") % message_values
    if level == UrgencyLevel.CRITICAL:
        return gettext("%(severity)s: before all work that is ranked by risk") % message_values
    return gettext("By risk: %(severity)s, %(count)s %(kind)s") % message_values


def _build_key(finding: OpenFinding, *, today: date, pinned: frozenset[str]) -> UrgencyKey:
    control = finding.control
    return build_work_key(
        control,
        subjects=finding.members,
        due_on=compute_due_date(control, finding.since),
        today=today,
        is_pinned=control.id in pinned,
    )
