"""Today: what needs the team before first bell, and the reasons for the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.duties.queries import DistrictDuty, list_soon_duties, share_duties
from homeroom.apps.know.connections.queries import list_expected_ages
from homeroom.apps.know.inventory.named_lists import NameableList, list_nameable_lists
from homeroom.apps.know.sources.nightly_verification import VerificationResult, read_verification
from homeroom.apps.know.sources.queries import has_waiting_jobs
from homeroom.apps.manage.planning.queries import MorningBriefing, SourceAge, load_morning
from homeroom.apps.manage.tool_requests.queries import get_request_reminders
from homeroom.apps.platform.backups.status import BackupHealth, check_backups
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.monitoring.service_state import NOT_NEEDED, WorkerStatus, describe_worker
from homeroom.apps.platform.second_factors.break_glass import find_unseen_use
from homeroom.apps.protect.detection.alert_pages import summarize_open_alerts
from homeroom.apps.protect.frameworks.queries import HOLDS, AttestationView, list_attestations
from homeroom.apps.protect.incidents.queries import get_reminders
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    AssessmentChanges,
    AssessmentRef,
    OpenFinding,
    count_changes_since_last,
    load_control_results,
)
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.engines.charts.bullet import BulletBar, build_bullet_bar
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.know.inventory.schools_today import render_schools_today
from homeroom.web.protect.posture.overview import build_cache_context
from homeroom.web.protect.posture.pictures import build_finding_picture
from homeroom.web.shared.access import DistrictRequest, Visit, district_view
from homeroom.web.shared.navigation import NavItem

NAV_ITEM = NavItem(order=1, title=gettext_lazy("Today"), name="today")
MAX_LATER_FINDINGS = 40
"""So many findings are listed after the first ones; Posture has all of them."""
MAX_DRAWN_SOURCES = 5
"""So many late sources are in the picture of data freshness, the latest first; all other sources are folded."""
MAX_WAIT = timedelta(minutes=1)
"""A job that waits longer needs a worker."""
MAX_DUTIES = 8
"""So many duties of laws are listed; all are on their page."""
MAX_NAMED_LOADS = 3
"""So many loads with rejected rows are named, and the others are counted."""


@district_view(permission="today.read", change="plan.change")
def show_today(request: DistrictRequest, *, district: District, schools: SchoolScope) -> HttpResponse:
    """Show the morning's page: at most five items, the rest as counts, open questions, and recent changes.

    A member of some schools gets what their lists hold instead.
    """
    visit = request.visit
    if schools.is_limited:
        return render_schools_today(request, district=district, schools=schools)
    with share_duties():
        duties = _list_duties(district, visit)
        briefing = load_morning(
            district=district, today=visit.today, expected_ages=list_expected_ages(district=district)
        )
    context = {
        **_describe_notices(visit, district, briefing),
        **_describe_findings(district, briefing),
        **_describe_sources(briefing.sources),
        **build_cache_context(request, briefing.judgment),
        "duties": duties,
        "asked": _list_questions(visit, district),
        "week": briefing.week,
        "school_days": sum(day.school for day in briefing.week),
        "setup_url": _reverse_or_empty("setup"),
    }
    return render(request, "today/today.html", context)


def _describe_notices(visit: Visit, district: District, briefing: MorningBriefing) -> dict[str, Any]:
    """Return what is shown above and below the findings: what is wrong, waits or runs late."""
    may_decide = visit.holds("tool_requests.decide")
    notices = {
        "alerts": summarize_open_alerts(district=district),
        "incidents": get_reminders(district=district, at=visit.now),
        "break_glass_use": find_unseen_use(district=district),
        "to_check": briefing.loads_to_check[:MAX_NAMED_LOADS],
        "more_to_check": len(briefing.loads_to_check[MAX_NAMED_LOADS:]),
        "tool_requests": get_request_reminders(district=district, today=visit.today) if may_decide else None,
    }
    if not visit.may_change:
        return notices
    return {
        **notices,
        "unnamed": _list_open_lists(district),
        "worker": _find_worker_trouble(district, at=visit.now),
        "backup": _find_backup_trouble(at=visit.now),
        "trail": _find_trail_trouble(district),
    }


def _describe_findings(district: District, briefing: MorningBriefing) -> dict[str, Any]:
    """Return the findings; what an assessment alone decides is a function, called if the page's cache lacks it."""
    later = briefing.later[:MAX_LATER_FINDINGS]
    return {
        "judgment": briefing.judgment,
        "judged_anybody": briefing.has_subjects,
        "not_planned": briefing.not_planned,
        "planned": briefing.planned,
        "first": [
            (
                entry,
                briefing.results.get(entry.control.id),
                briefing.minutes.get(entry.control.id),
                briefing.reasons.get(entry.id, ""),
            )
            for entry in briefing.first
        ],
        "later": lambda: _list_numbers(later, district, briefing.judgment),
        "later_key": [(entry.public, str(briefing.planned.get(entry.public, ""))) for entry in later],
        "later_listed": len(later),
        "later_count": len(briefing.later),
        "more_later": len(briefing.later) > MAX_LATER_FINDINGS,
        "since": lambda: _count_changes(district, briefing.judgment),
        "finding_picture": lambda: _build_picture(district, briefing.judgment),
    }


def _describe_sources(sources: Sequence[SourceAge]) -> dict[str, Any]:
    """Return the sources by their freshness: the latest are drawn, all others are folded."""
    lines = build_source_lines(sources)
    late_lines = [line for line in lines if line[0].old][:MAX_DRAWN_SOURCES]
    return {
        "old": [entry for entry in sources if entry.old],
        "fresh": [entry for entry in sources if not entry.old],
        "late_lines": late_lines,
        "other_lines": lines[len(late_lines) :],
    }


def _list_questions(visit: Visit, district: District) -> list[AttestationView]:
    """Return the questions that the visitor has to answer."""
    if not visit.may_attest:
        return []
    views = list_attestations(district=district, today=visit.today, owner=visit.actor)
    return [view for view in views if view.state != HOLDS]


def build_source_lines(sources: Iterable[SourceAge]) -> list[tuple[SourceAge, BulletBar]]:
    """Return each source with its bar of age against what is expected, the latest of them first."""
    ordered = sorted(sources, key=lambda source: (-source.lateness, source.instance))
    return [(source, build_bullet_bar(source.days, expected=source.expected_days)) for source in ordered]


def _build_picture(district: District, assessment: AssessmentRef | None) -> dict[str, Any]:
    return build_finding_picture(district=district, assessment=assessment) if assessment else {}


def _list_numbers(
    findings: Sequence[OpenFinding], district: District, assessment: AssessmentRef | None
) -> list[tuple[OpenFinding, AssessedControl | None]]:
    """Return findings, each with the numbers of its control."""
    if assessment is None:
        return []
    controls = {entry.control.id for entry in findings}
    results = load_control_results(district=district, assessment=assessment, controls=controls)
    return [(entry, results.get(entry.control.id)) for entry in findings]


def _count_changes(district: District, assessment: AssessmentRef | None) -> AssessmentChanges | None:
    return count_changes_since_last(district=district, assessment=assessment) if assessment else None


def _find_worker_trouble(district: District, *, at: datetime) -> WorkerStatus | None:
    """Return the state of the background worker if it does not run although something needs it."""
    status = describe_worker(settings.DATA)
    if status.state == NOT_NEEDED and has_waiting_jobs(district=district, since=at - MAX_WAIT):
        status = describe_worker(settings.DATA, jobs_wait=True)
    return None if status.well else status


def _find_backup_trouble(*, at: datetime) -> BackupHealth | None:
    """Return the state of backups if the last good one is old or missing, or if the last try failed."""
    health = check_backups(at=at)
    return None if health.well else health


def _find_trail_trouble(district: District) -> VerificationResult | None:
    """Return the result of the last verification of the audit trail if it found a problem."""
    last = read_verification(district=district)
    return last if last is not None and last.problems else None


def _list_duties(district: District, visit: Visit) -> tuple[DistrictDuty, ...]:
    """Return the duties of laws that are late or due within two weeks."""
    try:
        return list_soon_duties(district=district, today=visit.today, at=visit.now)[:MAX_DUTIES]
    except QueryTimeout:
        return ()


def _list_open_lists(district: District) -> list[NameableList]:
    """Return the lists whose authority is an open question."""
    lists = list_nameable_lists(district=district, store=get_evidence_store(district=district))
    return [item for item in lists if item.is_open]


def _reverse_or_empty(name: str) -> str:
    """Return the address of that name, or empty text if the site has none."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


urlpatterns = [path("", show_today, name="today")]
