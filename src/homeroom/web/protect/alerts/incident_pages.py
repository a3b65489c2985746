"""Incidents: the list, one incident with all that belongs to it, and its files."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.fixes.commands import FixNotPossible
from homeroom.apps.protect.fixes.containment import PasteLine, list_paste_lines
from homeroom.apps.protect.fixes.queries import list_fixes
from homeroom.apps.protect.incidents.cases import find_case_page, list_case_page
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.apps.protect.incidents.contacts import list_contacts
from homeroom.apps.protect.incidents.first_hour_sheet import CONTACT_LABELS, ROLE_LABELS
from homeroom.apps.protect.incidents.incident_list import PAGE
from homeroom.apps.protect.incidents.incident_page import CasePage
from homeroom.apps.protect.incidents.legal_facts import has_legal_facts
from homeroom.apps.protect.incidents.queries import get_month_report, list_files, list_tasks
from homeroom.apps.protect.incidents.reach import get_reach
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.apps.protect.incidents.respond import AFTER, OPEN, attach_file, read_file
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import list_roles_with
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.incidents.playbooks import ResponseRole
from homeroom.domain.protect.incidents.records import IncidentState, Moment
from homeroom.library.protect.playbooks import get_playbook, load_playbooks
from homeroom.library.protect.remedies import load_containment_actions
from homeroom.web.protect.alerts.incident_lists import LISTS, build_list_context, list_accounts
from homeroom.web.protect.alerts.labels import ENTITIES, MOMENTS, PHASES, STATES, TASK_STATES, format_figure
from homeroom.web.protect.alerts.list_paging import build_list_url, build_page_url, build_paging, parse_start
from homeroom.web.protect.alerts.reach import build_reach_context
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import record_download
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

NAMED = 20
"""Entities of each kind that the page of an incident names; the list of all has more."""


@district_view(permission="alerts.read", change="incidents.handle", methods=("GET", "POST"))
def show_incidents(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List what is proposed and what people opened; posting makes an incident by hand."""
    visit, wrong = request.visit, ""
    form = {name: request.POST.get(name, "").strip() for name in ("title", "severity", "text", "playbook")}
    if request.method == "POST":
        try:
            public = make_incident(
                district=district,
                title=form["title"],
                severity=form["severity"],
                text=form["text"],
                playbook=form["playbook"],
                actor=visit.actor,
                at=visit.now,
            )
            return redirect("incident", public=public)
        except IncidentRefused as error:
            wrong = str(error)
    state, after = _parse_state(request), parse_start(request)
    page = list_case_page(district=district, state=state, after=after)
    context = {
        "incidents": [(view, STATES[view.state], build_page_url("incident", view.id)) for view in page.incidents],
        "states": [(gettext("All"), _build_url(None), state is None)]
        + [(title, _build_url(name), name == state) for name, title in STATES.items()],
        "chosen": STATES[state] if state else "",
        **build_paging(
            lambda start: _build_url(state, start),
            after=after,
            lines=len(page.incidents),
            size=PAGE,
            has_more=page.has_more,
        ),
        "months": [
            (month, *(format_figure(month.figures[name]) for name in ("detect", "acknowledge", "contain")))
            for month in get_month_report(district=district)[:12]
        ],
        "severities": list(Severity),
        "playbooks": load_playbooks(),
        "given": form,
        "wrong": wrong,
    }
    return render(request, "alerts/incidents.html", context, status=422 if wrong else 200)


def _parse_state(request: DistrictRequest) -> IncidentState | None:
    name = request.GET.get("state", "")
    return IncidentState(name) if name in set(IncidentState) else None


def _build_url(state: IncidentState | None, after: int = 0) -> str:
    return build_list_url("incidents", state=str(state) if state else "", after=after)


@mark_file_view
@district_view(permission="alerts.read", change="incidents.handle", methods=("GET", "POST"))
@accept_files
def show_incident(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show one incident; posting attaches a file to it."""
    if request.method == "POST":
        return _attach_file(request, district, public)
    shown = request.GET.get("show", "")
    page = find_case_page(
        district=district, public=public, complete=request.GET.get("print") == "1", is_list=shown in LISTS
    )
    if page is None:
        raise Http404
    if page.incident.id != public:
        return redirect("incident", public=page.incident.id)
    if shown in LISTS:
        context = build_list_context(request, district=district, page=page, shown=shown)
        return render(request, "alerts/incident_all.html", context)
    return render(request, "alerts/incident.html", _build_context(request, district, page))


def _attach_file(request: DistrictRequest, district: District, public: str) -> HttpResponse:
    visit, file = request.visit, request.FILES.get("file")
    if file is None or file.file is None:
        messages.error(request, gettext("Choose a file."), extra_tags="bad")
        return redirect("incident", public=public)
    try:
        attach_file(
            district=district,
            public=public,
            name=file.name or "",
            content=cast("BinaryIO", file.file),
            note=request.POST.get("note", ""),
            actor=visit.actor,
            at=visit.now,
        )
    except LookupError:
        raise Http404 from None
    except IncidentRefused as error:
        messages.error(request, str(error), extra_tags="bad")
    else:
        messages.success(request, gettext("Attached."), extra_tags="good")
    return redirect("incident", public=public)


def _build_context(request: DistrictRequest, district: District, page: CasePage) -> dict[str, Any]:
    view, shown = page.incident, len(page.parties.entities) if page.is_complete else NAMED
    accounts = list_accounts(page)
    tasks = list_tasks(district=district, public=view.id)
    playbook = get_playbook(view.playbook) if view.playbook else None
    reach = get_reach(district=district, incident=view, at=request.visit.now, parties=page.parties)
    named = _group_entities(page, shown)
    may = request.visit.may_change and view.is_active
    may_follow_up = request.visit.may_change and view.state == IncidentState.CLOSED
    return {
        "incident": view,
        "state": STATES[view.state],
        "moments": [(MOMENTS[moment], view.moments.get(moment), moment) for moment in Moment],
        "markable": [(moment, MOMENTS[moment]) for moment in Moment if moment != Moment.CLOSED],
        "is_complete": page.is_complete,
        "more_lines": page.has_more_lines,
        "alerts_total": page.alerts_total,
        "more_alerts": page.alerts_total > len(view.alerts),
        "named": named,
        "more_named": any(total > len(members) for _title, members, total in named),
        "reach": reach,
        "reach_sections": build_reach_context(reach),
        "tasks": [(task, ROLE_LABELS.get(ResponseRole(task.role)) if task.role else "") for task in tasks],
        "open_tasks": [task for task in tasks if task.state == OPEN],
        "open_follow_ups": sum(task.phase == AFTER and task.state == OPEN for task in tasks),
        "task_states": TASK_STATES.items(),
        "phases": PHASES,
        "playbook": playbook,
        "playbooks": load_playbooks(),
        "decides": [(item, ROLE_LABELS[item.role]) for item in playbook.decisions] if playbook else [],
        "files": list_files(district=district, public=view.id),
        "contacts": [(contact, CONTACT_LABELS[contact.kind]) for contact in list_contacts(district=district)],
        "members": _list_owners(district) if may or (may_follow_up and tasks) else (),
        "severities": list(Severity),
        "actions": load_containment_actions().values(),
        "accounts": accounts[:shown],
        "more_accounts": len(accounts[shown:]),
        "containments": [
            (fix, _list_paste_lines(district, fix.public) if request.visit.may_change else ())
            for fix in list_fixes(district=district, incident=view.id)
        ],
        "has_law_clocks": has_legal_facts(district=district, public=view.id),
        "may": may,
        "may_follow_up": may_follow_up,
    }


def _list_owners(district: District) -> list[tuple[str, str]]:
    """Return the user name and the full name of who may own a task."""
    roles = list_roles_with("incidents.handle")
    return [(name, full or name) for name, full, role in list_members(district=district) if role in roles]


def _group_entities(page: CasePage, shown: int) -> list[tuple[Any, list[Any], int]]:
    """Return the entities by kind, the first of each, and how many there are: what the alerts name."""
    groups = [
        (title, [entity for entity in page.parties.entities if entity.kind == kind]) for kind, title in ENTITIES.items()
    ]
    return [(title, members[:shown], len(members)) for title, members in groups if members]


def _list_paste_lines(district: District, public: str) -> tuple[PasteLine, ...]:
    try:
        return list_paste_lines(district=district, public=public)
    except FixNotPossible:
        return ()  # nobody reviewed it and took it yet


@district_view(permission="incidents.handle")
def download_file(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponseBase:
    """Download a file of an incident as it was attached; browsers never display it."""
    try:
        name, file = read_file(district=district, public=public, number=number)
    except (LookupError, IncidentRefused):
        raise Http404 from None
    record_download(request, "download file of incident", subject_kind="incident", subject=public)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


urlpatterns = [
    path("alerts/incidents", show_incidents, name="incidents"),
    path("alerts/incidents/<slug:public>", show_incident, name="incident"),
    path("alerts/incidents/<slug:public>/files/<int:number>", download_file, name="incident-file"),
]
