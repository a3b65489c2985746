"""The list of rollouts, and the four steps of one: what is done, to which rooms, by whom, and under which rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, ngettext

from homeroom.apps.manage.rollouts.commands import make_rollout, set_description, set_rooms, set_rules
from homeroom.apps.manage.rollouts.queries import RolloutView, list_rollout_rooms, list_rollouts, sum_rooms_by_school
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.rooms.class_rooms import write_class_rooms
from homeroom.apps.manage.rollouts.rooms.room_lists import RoomList, decode_room_list, parse_room_list, write_room_list
from homeroom.apps.manage.rollouts.rule_forms import ParsedForm, format_rules, format_team, parse_rules, parse_team
from homeroom.apps.platform.districts.queries import TECHNICIAN, list_members
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.web.manage.rollouts import origins
from homeroom.web.manage.rollouts.labels import KINDS, STATE_TAGS, STATES, STEPS, get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.request_bodies import FORM_BYTES, accept_files, mark_file_view, read_content_length

MAX_UPLOAD_BYTES = 5 << 20
MAX_SHOWN = 200
ROOM_MINUTES = 30
"""How long a visit takes until somebody changes it, where rosters name the rooms."""
_WHAT_FIELDS = ("title", "kind", "noun", "noun_es", "finding")
_RULE_FIELDS = (
    "from", "until", "class_time", "opens", "closes", "at_once", "walk", "travel", "types", "no_visit_days",
    "soak_days", "quiet_days", "edge_weeks", "one_a_week", "school_lines", "travel_lines", "visits_a_day_in_a_school",
    "visits_a_week",
)  # fmt: skip

_EMPTY_RULES = ("limits", "soak_days", "walk", "quiet_days", "edge_weeks", "one_a_week", "own_schools")
"""Rules that are dropped where the form leaves them empty."""


@district_view(permission="rollouts.read", change="rollouts.change")
def list_rollouts_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the rollouts, those that are not over first."""
    lines = [(item, STATES[item.state], STATE_TAGS.get(item.state, "")) for item in list_rollouts(district=district)]
    return render(request, "rollouts/rollouts.html", {"lines": lines})


@district_view(permission="rollouts.change", methods=("GET", "POST"))
def start_rollout(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Ask what is done, also for a finding, devices of a list or a room; posting it makes a rollout with its rooms."""
    form, visit = _read_form(request, _WHAT_FIELDS), request.visit
    source = {name: request.POST.get(name, "") or request.GET.get(name, "") for name in origins.FIELDS}
    origin = origins.describe_origin(request, source)
    if request.method != "POST":
        kind = "hand" if source["finding"] or source["room"] else "swap"
        return _render_what(request, form | source | {"kind": kind, "title": origin.title}, origin=origin.sentence)
    placed = origins.place_origin(request, source, minutes=ROOM_MINUTES) if origin.sentence else None
    form["finding"] = source["finding"]
    try:
        public = make_rollout(district=district, actor=visit.actor, at=visit.now, devices=placed, **form)
    except RolloutRefused as error:
        return _render_what(request, form | source, errors={error.field: str(error)}, origin=origin.sentence)
    return redirect("rollout-rooms", public=public)


@district_view(permission="rollouts.change", methods=("GET", "POST"))
def change_what(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show what is done, and change it."""
    rollout = get_rollout_or_404(district, public)
    if request.method != "POST":
        form = {name: str(getattr(rollout, name)) for name in _WHAT_FIELDS}
        return _render_what(request, form, rollout=rollout)
    form, visit = _read_form(request, _WHAT_FIELDS) | {"finding": rollout.finding}, request.visit
    try:
        set_description(district=district, public=public, actor=visit.actor, at=visit.now, **form)
    except RolloutRefused as error:
        return _render_what(request, form, rollout=rollout, errors={error.field: str(error)})
    return redirect("rollout-rooms", public=public)


@mark_file_view
@district_view(permission="rollouts.change", methods=("GET", "POST"))
def change_rooms(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Show the rooms; posted lines or a posted file add to them or replace them."""
    if request.method != "POST":
        rollout = get_rollout_or_404(district, public)
        today = request.visit.today
        typed = ""
        if request.GET.get("classes"):
            typed = write_class_rooms(district=district, minutes=ROOM_MINUTES, today=today)
        elif request.GET.get("rooms"):
            typed = write_room_list(list_rollout_rooms(district=district, public=public))
        return _render_rooms(request, district, rollout, typed=typed)
    if read_content_length(request) > MAX_UPLOAD_BYTES + FORM_BYTES:
        rollout = get_rollout_or_404(district, public)
        return _render_rooms(request, district, rollout, wrong=gettext("The file is too large; 5 MB would fit."))
    return _accept_rooms(request, district=district, public=public)


@accept_files
def _accept_rooms(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    rollout, visit = get_rollout_or_404(district, public), request.visit
    file, lines = request.FILES.get("file"), request.POST.get("lines", "")
    try:
        text = decode_room_list(file.read(), name=file.name or "") if file else lines
        if not text.strip():
            return _render_rooms(request, district, rollout, wrong=gettext("Choose a file, or type a line a room."))
        name = (file.name if file else "") or gettext("the lines")
        listed = parse_room_list(text, name=name, schools=list_school_keys(district=district).names)
        if listed.rooms:
            replaces = request.POST.get("replace") == "1"
            set_rooms(
                district=district,
                public=public,
                rooms=listed.rooms,
                replace=replaces,
                actor=visit.actor,
                at=visit.now,
            )
    except FileRefused as error:
        return _render_rooms(request, district, rollout, rejects=error.problems, typed=lines)
    except RolloutRefused as error:
        return _render_rooms(request, district, rollout, wrong=str(error), typed=lines)
    return _report_rooms(request, district, public, listed, typed=lines)


def _report_rooms(
    request: DistrictRequest, district: District, public: str, listed: RoomList, *, typed: str
) -> HttpResponse:
    count = len(listed.rooms)
    text = ngettext("%(many)d room read.", "%(many)d rooms read.", count) % {"many": count}
    if not listed.rejects:
        messages.success(request, text, extra_tags="good")
        return redirect("rollout-rooms", public=public)
    rollout = get_rollout_or_404(district, public)
    return _render_rooms(request, district, rollout, rejects=listed.rejects, typed=typed, read=text)


@district_view(permission="rollouts.change", methods=("GET", "POST"))
def change_team(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show who does it and when devices arrive; posting changes it."""
    rollout = get_rollout_or_404(district, public)
    if request.method == "POST":
        form = _read_form(request, ("team", "stock"))
        return _save_rules(
            request, district, rollout, "rollout-team", form, parse_team(form), following="rollout-rules"
        )
    form = format_team(rollout.rules)
    if not form["team"]:
        names = [name for _, name, role in list_members(district=district) if role == TECHNICIAN]
        form["team"] = "\n".join(f"{name.replace(',', ' ')}, mon-fri, 07:30-15:30" for name in names)
    return _render_step(request, rollout, "rollout-team", form)


@district_view(permission="rollouts.change", methods=("GET", "POST"))
def change_rules(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show the rules, sensible ones at first; posting changes them."""
    rollout = get_rollout_or_404(district, public)
    if request.method != "POST":
        return _render_step(request, rollout, "rollout-rules", format_rules(rollout.rules))
    form = _read_form(request, _RULE_FIELDS)
    schools = {fold_name(room.school): room.school for room in list_rollout_rooms(district=district, public=public)}
    schools = {**schools, **list_school_keys(district=district).names}
    parsed = parse_rules(form, today=request.visit.today, schools=schools)
    return _save_rules(request, district, rollout, "rollout-rules", form, parsed, following="rollout")


def _save_rules(
    request: DistrictRequest,
    district: District,
    rollout: RolloutView,
    step: str,
    form: dict[str, str],
    parsed: ParsedForm,
    *,
    following: str,
) -> HttpResponse:
    if parsed.errors:
        return _render_step(request, rollout, step, form, errors=parsed.errors)
    visit = request.visit
    keys = ("stock",) if step == "rollout-team" else _EMPTY_RULES
    dropped = [key for key in keys if key not in parsed.values]
    try:
        set_rules(
            district=district,
            public=rollout.public,
            values=parsed.values,
            dropped=dropped,
            actor=visit.actor,
            at=visit.now,
        )
    except RolloutRefused as error:
        return _render_step(request, rollout, step, form, errors={"": str(error)})
    if rollout.planned_at and following == "rollout":
        messages.success(request, gettext("Saved. The plan is from before: plan again to use it."), extra_tags="good")
    return redirect(following, public=rollout.public)


def _render_what(
    request: DistrictRequest,
    form: dict[str, str],
    *,
    rollout: RolloutView | None = None,
    errors: Mapping[str, str] | None = None,
    origin: str = "",
) -> HttpResponse:
    context = {"kinds": list(KINDS.items()), "origin": origin, **_build_step("rollout-what", rollout, form, errors)}
    return render(request, "rollouts/what.html", context, status=422 if errors else 200)


def _render_rooms(
    request: DistrictRequest,
    district: District,
    rollout: RolloutView,
    *,
    rejects: Sequence[Problem] = (),
    wrong: str = "",
    typed: str = "",
    read: str = "",
) -> HttpResponse:
    rooms = list_rollout_rooms(district=district, public=rollout.public)
    replaces = request.POST.get("replace", "") if request.method == "POST" else request.GET.get("rooms", "")
    context = {
        "rooms": rooms[:MAX_SHOWN],
        "more": max(0, len(rooms) - MAX_SHOWN),
        "schools": sum_rooms_by_school(rooms),
        "unplaced": [(school, count) for school, count in rollout.unplaced.items() if count],
        "rejects": rejects[:MAX_SHOWN],
        "more_rejects": max(0, len(rejects) - MAX_SHOWN),
        "wrong_list": wrong,
        "read": read,
        **_build_step("rollout-rooms", rollout, {"lines": typed, "replace": replaces}),
    }
    return render(request, "rollouts/rooms.html", context, status=422 if rejects or wrong else 200)


def _render_step(
    request: DistrictRequest,
    rollout: RolloutView,
    step: str,
    form: dict[str, str],
    *,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    template = {"rollout-team": "rollouts/team.html", "rollout-rules": "rollouts/rules.html"}[step]
    return render(request, template, _build_step(step, rollout, form, errors), status=422 if errors else 200)


def _build_step(
    step: str, rollout: RolloutView | None, form: dict[str, str], errors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    return {
        "rollout": rollout,
        "steps": [(number, title, name, name == step) for number, (name, _, title) in enumerate(STEPS, start=1)],
        "given": form,
        "wrong": dict(errors or {}),
    }


def _read_form(request: DistrictRequest, fields: Sequence[str]) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in fields}


urlpatterns = [
    path("rollouts", list_rollouts_view, name="rollouts"),
    path("rollouts/new", start_rollout, name="rollout-new"),
    path("rollouts/<str:public>/what", change_what, name="rollout-what"),
    path("rollouts/<str:public>/rooms", change_rooms, name="rollout-rooms"),
    path("rollouts/<str:public>/team", change_team, name="rollout-team"),
    path("rollouts/<str:public>/rules", change_rules, name="rollout-rules"),
]
