"""One finding: its evidence rows, remedy and history; accepting it, withdrawing that, and its rows as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext

from homeroom.apps.comply.privacy.opt_outs.masking import OptOutMask, load_opt_out_mask
from homeroom.apps.manage.planning.visits import list_planned_remedies
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.commands import create_exception, withdraw_exception
from homeroom.apps.protect.exceptions.queries import Acceptance, get_acceptance, list_acceptances
from homeroom.apps.protect.exceptions.rules import MAX_DURATION, MIN_REASON_LENGTH
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.finding_work.queries import get_progress, list_work_entries, load_row_states
from homeroom.apps.protect.finding_work.row_filter import ACCEPTED, WORK_FILTERS, select_rows_by_work
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import SETTINGS, get_control
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    OpenFinding,
    get_control_result,
    get_finding,
    get_published_assessment,
    list_finding_events,
)
from homeroom.apps.protect.posture.rows.evidence_rows import get_finding_page, iter_finding_pages
from homeroom.apps.protect.posture.rows.member_selection import MemberSelection
from homeroom.apps.protect.posture.rows.page import EvidencePage
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.spreadsheets import escape_formula
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.protect.posture.masking import mask_cells, mask_page
from homeroom.web.protect.posture.overview import (
    build_page_links,
    parse_row_key,
    record_students,
    should_show_all_columns,
)
from homeroom.web.protect.posture.row_links import list_row_links
from homeroom.web.protect.posture.work_labels import (
    ACCEPT,
    ACT_BUTTONS,
    describe_acceptance,
    describe_entry,
    describe_state,
    list_filter_links,
)
from homeroom.web.shared.access import DistrictRequest, Visit, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.navigation import find_page_of_table
from homeroom.web.templatetags.homeroom import shown

LIMITED_SEVERITIES = (Severity.MEDIUM, Severity.LOW)
"""What may be accepted without the permission to accept any severity."""
PLACED_KINDS = ("device", "person", "account", "room")
"""Kinds of subjects that somebody can visit in a room, so that a rollout can be planned for a finding about them."""
USUAL_DURATION = timedelta(days=90)
"""The form proposes an acceptance of a quarter, by the visitor."""


@district_view(permission="posture.read", change="posture.accept")
def show_finding(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the finding and a page of its members."""
    assessment, open_finding = get_finding_or_404(district=district, public=public)
    after, work = parse_row_key(request, "after"), parse_work_filter(request.GET.get("work", ""))
    rows = _load_rows(request, district, assessment, open_finding, after=after, work=work)
    control_result = get_control_result(district=district, assessment=assessment, control=open_finding.control.id)
    accepted = [
        entry
        for entry in list_acceptances(district=district, today=request.visit.today, control=open_finding.control.id)
        if entry.group == open_finding.group
    ]
    context = {
        "judgment": assessment,
        "finding": open_finding,
        "result": control_result,
        "rows": rows,
        "asked_work": work,
        "work_filters": list_filter_links(reverse("finding", args=[public]), work=work),
        "page_of_table": find_page_of_table(open_finding.control.asks, holds=request.visit.holds),
        **build_page_links(request, reverse("finding", args=[public]), rows, after=after),
        "events": list_finding_events(district=district, assessment=assessment, finding_id=open_finding.id),
        "accepted": accepted,
        "may_accept": may_accept(request.visit, open_finding),
        **_build_work_context(request, district, assessment, open_finding, rows, work=work, accepted=accepted),
        "has_places": open_finding.subject_kind in PLACED_KINDS,
        "remedy": list_planned_remedies(district=district, assessment=assessment).get(open_finding.public),
    }
    return render(request, "posture/finding.html", context)


@district_view(permission="posture.read", change="posture.accept", methods=("GET", "POST"))
def accept_finding_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the form that accepts a finding for a while: the reason, the owner, and the expiry date."""
    _, open_finding = get_finding_or_404(district=district, public=public)
    if not may_accept(request.visit, open_finding):
        raise PermissionDenied(gettext("Your role may accept findings of medium and low severity; ask your director."))
    people = list_members(district=district)
    form = {name: request.POST.get(name, "").strip() for name in ("reason", "owner", "expires_on", "private")}
    errors = (
        find_form_errors(form, owners=[name for name, _, _ in people], today=request.visit.today)
        if request.method == "POST"
        else {}
    )
    if request.method != "POST":
        form |= {"owner": request.visit.actor, "expires_on": (request.visit.today + USUAL_DURATION).isoformat()}
    if request.method != "POST" or errors:
        context = {"finding": open_finding, "people": people, "given": form, "wrong": errors}
        return render(request, "posture/accept.html", context, status=422 if errors else 200)
    visit = request.visit
    create_exception(
        district=district,
        at=visit.now,
        today=visit.today,
        actor=visit.actor,
        scope=FindingScope(control=open_finding.control.id, group=open_finding.group),
        reason=form["reason"],
        owner=form["owner"],
        expires_on=date.fromisoformat(form["expires_on"]),
        private=form["private"] == "1",
    )
    messages.success(
        request,
        gettext("Accepted. The numbers count it from the next judgment; it comes back when the date has passed."),
        extra_tags="good",
    )
    return redirect("finding", public=public)


@district_view(permission="posture.accept", methods=("POST",))
def withdraw_acceptance_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Withdraw an acceptance."""
    existing = get_acceptance(district=district, number=number)
    if existing is None:
        raise Http404
    visit = request.visit
    if not visit.holds("posture.accept_any") and existing.made_by != visit.actor:
        raise PermissionDenied(gettext("Only a director, or who accepted it, may withdraw this."))
    withdraw_exception(district=district, at=visit.now, actor=visit.actor, number=number, scope_class=FindingScope)
    messages.success(request, gettext("Withdrawn. The next judgment counts it again."), extra_tags="good")
    if get_control(existing.control).area == SETTINGS:
        return redirect("setting-of-tenants", policy=existing.control)
    return redirect("control", control=existing.control)


@district_view(permission="posture.read")
def export_rows_csv(request: DistrictRequest, *, district: District, public: str) -> HttpResponse | FileResponse:
    """Export every open member as CSV; students are masked for auditors, and where they opted out for everybody.

    Individual values are in no file.
    """
    assessment, open_finding = get_finding_or_404(district=district, public=public)
    if is_confined(open_finding.control.id):
        raise Http404
    hidden = not request.visit.may_read_private
    work = parse_work_filter(request.GET.get("work", ""))
    selection = select_rows(request, district, assessment, open_finding, work)
    pages = iter_finding_pages(district=district, assessment=assessment, finding=open_finding, selection=selection)
    mask = load_opt_out_mask(district=district)
    file = write_csv_file(_iter_csv_rows(pages, hide_students=hidden, mask=mask))
    visit = request.visit
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export finding",
        subject_kind="finding",
        subject=open_finding.public,
        detail={
            "control": open_finding.control.id,
            "rows": open_finding.members,
            "masked": hidden,
            **({"work": work} if work else {}),
        },
    )
    name = f"{open_finding.control.id}-{assessment.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def may_accept(visit: Visit, open_finding: OpenFinding) -> bool:
    """Check whether the visitor may accept a finding: of any severity, or only of medium and low severity, or none."""
    return may_accept_severity(visit, open_finding.control.severity)


def may_accept_severity(visit: Visit, severity: Severity) -> bool:
    """Check whether the visitor may accept findings of that severity."""
    return visit.holds("posture.accept_any") or (visit.holds("posture.accept") and severity in LIMITED_SEVERITIES)


def _iter_csv_rows(pages: Iterator[EvidencePage], *, hide_students: bool, mask: OptOutMask) -> Iterator[list[str]]:
    for page_number, page in enumerate(pages):
        if page_number == 0:
            yield ["id", *page.titles, gettext("Open since"), gettext("Not seen since")]
        yield from _iter_page_lines(page, hide_students=hide_students, mask=mask)


def _iter_page_lines(page: EvidencePage, *, hide_students: bool, mask: OptOutMask) -> Iterator[list[str]]:
    for row in page.rows:
        cells_without_opt_outs = mask.mask_cells(row.cells, page.private)
        values = mask_cells(page, row, cells_without_opt_outs, hide_students=hide_students)
        cells = [row.public, *map(shown, values), row.since, row.not_seen_since or ""]
        yield [escape_formula(str(cell)) for cell in cells]


def find_form_errors(form: dict[str, str], *, owners: list[str], today: date) -> dict[str, str]:
    """Return the errors of the form by field; each message explains what would fit."""
    errors = {}
    if len(form["reason"]) < MIN_REASON_LENGTH:
        errors["reason"] = gettext("Say in a sentence why, so that an auditor understands it next year.")
    if form["owner"] not in owners:
        errors["owner"] = gettext("Choose somebody of this district.")
    day = _parse_date(form["expires_on"])
    if day is None or not today < day <= today + MAX_DURATION:
        errors["expires_on"] = gettext("Choose a day from tomorrow to a year from now.")
    return errors


def _parse_date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _build_work_context(
    request: DistrictRequest,
    district: District,
    assessment: AssessmentRef,
    open_finding: OpenFinding,
    rows: EvidencePage | None,
    *,
    work: str,
    accepted: Sequence[Acceptance],
) -> dict[str, Any]:
    """Return the work on the finding and on the rows of this page, in words, and what the visitor may do."""
    visit = request.visit
    people = {name: full_name for name, full_name, _role in list_members(district=district)}
    progress = get_progress(district=district, assessment=assessment, finding=open_finding, today=visit.today)
    history = list_work_entries(district=district, finding=open_finding)
    page_rows = rows.rows if rows else ()
    states = load_row_states(
        district=district,
        assessment=assessment,
        finding=open_finding,
        subjects=[row.subject for row in page_rows],
        today=visit.today,
    )
    links = list_row_links(district, assessment, rows, hide_students=not visit.may_read_private)
    ends = {entry.subject: entry.expires_on for entry in accepted if entry.subject is not None}
    lines = [
        (
            row,
            describe_acceptance(ends[row.subject])
            if row.subject in ends
            else describe_state(states.get(row.subject, progress.state), people),
            links.get(row.subject, ()),
        )
        for row in page_rows
    ]
    may_work = visit.holds("findings.work")
    return {
        "may_work": may_work,
        "progress": progress,
        "work_state": progress.state,
        "work_words": describe_state(progress.state, people),
        "history": [(describe_entry(entry, people), entry) for entry in history],
        "has_notes": any(entry.note for entry in history),
        "lines": lines,
        "any_work": any(words for _row, words, _links in lines),
        "any_links": bool(links),
        "selectable": may_work and bool(page_rows) and rows is not None and not rows.behind and work != ACCEPTED,
        "act_buttons": [
            (act, label) for act, label in ACT_BUTTONS.items() if act != ACCEPT or may_accept(visit, open_finding)
        ],
    }


def _load_rows(
    request: DistrictRequest,
    district: District,
    assessment: AssessmentRef,
    open_finding: OpenFinding,
    *,
    after: int,
    work: str,
) -> EvidencePage | None:
    """Return a page of the members that fit a filter of work, or None if the evidence took too long."""
    try:
        rows = get_finding_page(
            district=district,
            assessment=assessment,
            finding=open_finding,
            after=after,
            all_columns=should_show_all_columns(request),
            selection=select_rows(request, district, assessment, open_finding, work),
        )
    except QueryTimeout:
        return None
    record_students(request, rows, action="list subjects", subject=open_finding.control.id)
    return mask_page(rows, hide_students=not request.visit.may_read_private)


def parse_work_filter(text: str) -> str:
    """Return a filter of rows by their work; empty if the text names none."""
    return text if text in WORK_FILTERS else ""


def select_rows(
    request: DistrictRequest, district: District, assessment: AssessmentRef, open_finding: OpenFinding, work: str
) -> MemberSelection | None:
    """Return the rows that fit a filter of work, None without any."""
    visit = request.visit
    if not work:
        return None
    return select_rows_by_work(
        district=district,
        assessment=assessment,
        finding=open_finding,
        work=work,
        actor=visit.actor,
        today=visit.today,
    )


def get_finding_or_404(*, district: District, public: str) -> tuple[AssessmentRef, OpenFinding]:
    """Return the published assessment and one finding by its public id; raise Http404 if either is missing."""
    assessment = get_published_assessment(district=district)
    open_finding = get_finding(district=district, assessment=assessment, public=public) if assessment else None
    if assessment is None or open_finding is None:
        raise Http404
    return assessment, open_finding


urlpatterns = [
    path("findings/<str:public>", show_finding, name="finding"),
    path("findings/<str:public>/accept", accept_finding_view, name="accept"),
    path("findings/<str:public>/rows.csv", export_rows_csv, name="finding_csv"),
    path("acceptances/<int:number>/withdraw", withdraw_acceptance_view, name="withdraw"),
]
