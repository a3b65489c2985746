"""What people do on the page of an incident: each button posts its act here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from homeroom.apps.protect.fixes.commands import FixNotPossible
from homeroom.apps.protect.fixes.containment import ContainmentTarget, prepare_containment
from homeroom.apps.protect.incidents import cases, commands, open_tasks, respond
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import EntityKind, Role
from homeroom.web.shared.access import DistrictRequest, district_view

_ADMINISTRATORS = (Role.ADMINISTRATOR, Role.SUPER_ADMINISTRATOR)


@district_view(permission="incidents.handle", methods=("POST",))
def change_incident_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Carry out an act on an incident, and lead to the page that shows it."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    visit = request.visit
    common = {"district": district, "public": public, "actor": visit.actor, "at": visit.now}
    try:
        address = act(request.POST, common)
    except LookupError as error:
        raise Http404 from error
    except (IncidentRefused, FixNotPossible) as error:
        messages.error(request, str(error), extra_tags="bad")
        return redirect("incident", public=public)
    if isinstance(address, tuple):
        return redirect(address[0], public=address[1])
    messages.success(request, gettext("Recorded."), extra_tags="good")
    return redirect("incident", public=address or public)


type Form = Mapping[str, Any]
type Common = dict[str, Any]


def _open(_form: Form, common: Common) -> str:
    return cases.open_case(**common)


def _open_from_alert(_form: Form, common: Common) -> str:
    """Open an incident about the alert of this id, with all that is proposed beside it."""
    return cases.open_case_from_alert(
        district=common["district"], alert=common["public"], actor=common["actor"], at=common["at"]
    )


def _join(form: Form, common: Common) -> str:
    """Add the alerts of this proposed incident to one that is open."""
    into = str(form.get("into", ""))
    cases.join_case(**{**common, "public": into}, proposal=common["public"])
    return into


def _merge(form: Form, common: Common) -> None:
    cases.merge_cases(**common, other=form.get("other", "").strip())


def _split(form: Form, common: Common) -> str:
    return cases.split_case(**common, alerts=form.getlist("alert"), title=form.get("title", ""))  # type: ignore[attr-defined]


def _change_details(form: Form, common: Common) -> None:
    commands.change_details(
        **common, title=form.get("title", ""), owner=form.get("owner", ""), severity=form.get("severity", "")
    )


def _follow_playbook(form: Form, common: Common) -> None:
    respond.follow_playbook(**common, playbook=form.get("playbook", ""))


def _add_task(form: Form, common: Common) -> None:
    respond.add_task(
        **common,
        title=form.get("title", ""),
        minutes=_parse_number(form.get("minutes", "")) or 0,
        owner=form.get("owner", ""),
    )


def _change_task(form: Form, common: Common) -> None:
    respond.change_task(
        **common,
        task=_parse_number(form.get("task", "")) or 0,
        state=form.get("state", ""),
        owner=form.get("owner", ""),
        actual=_parse_number(form.get("minutes", "")),
        reason=form.get("reason", ""),
    )


def _finish_tasks(form: Form, common: Common) -> None:
    numbers = (_parse_number(text) for text in form.getlist("not_needed"))  # type: ignore[attr-defined]
    open_tasks.finish_tasks(
        **common,
        minutes=_parse_number(form.get("minutes", "")),
        not_needed={number for number in numbers if number is not None},
        reason=form.get("reason", ""),
    )


def _write_note(form: Form, common: Common) -> None:
    respond.write_note(**common, text=form.get("text", ""), happened_at=_parse_time(form))


def _record_decision(form: Form, common: Common) -> None:
    respond.record_decision(
        **common, text=form.get("text", ""), reason=form.get("reason", ""), happened_at=_parse_time(form)
    )


def _mark_moment(form: Form, common: Common) -> None:
    commands.mark_moment(
        **common,
        moment=form.get("moment", ""),
        happened_at=_parse_time(form) or common["at"],
        reason=form.get("reason", ""),
    )


def _declare(form: Form, common: Common) -> None:
    commands.declare_incident(
        **common,
        declared_as=form.get("declared_as", ""),
        counsel=form.get("counsel", ""),
        reason=form.get("reason", ""),
    )


def _close(form: Form, common: Common) -> None:
    cases.close_case(**common, reason=form.get("reason", ""), verdict=form.get("verdict", "real"))


def _reopen(form: Form, common: Common) -> None:
    commands.reopen_incident(**common, reason=form.get("reason", ""))


def _contain(form: Form, common: Common) -> tuple[str, str]:
    """Prepare a fix file about the ticked accounts, and lead to its page."""
    view = cases.find_case(district=common["district"], public=common["public"])
    if view is None:
        raise LookupError(common["public"])
    names = set(form.getlist("account"))  # type: ignore[attr-defined]
    targets = [
        ContainmentTarget(
            name=entity.name,
            public=entity.id,
            administrator=entity.role in _ADMINISTRATORS,
            student=entity.role == Role.STUDENT,
            value=form.get("value", "").strip(),
            back=form.get("back", "").strip(),
        )
        for entity in view.entities
        if entity.kind == EntityKind.ACCOUNT and entity.name in names
    ]
    public = prepare_containment(
        district=common["district"],
        incident=view.id,
        action=form.get("action", ""),
        targets=targets,
        actor=common["actor"],
        at=common["at"],
    )
    return "fix", public


def _parse_number(text: str) -> int | None:
    """Return a posted whole number; None if empty, and one that no command accepts if it is none."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def _parse_time(form: Form) -> datetime | None:
    """Return the posted local time in UTC, or None if it is empty; raise IncidentRefused if it is none."""
    text = form.get("happened_at", "").strip()
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise IncidentRefused("happened_at", gettext("a date and a time would fit")) from None
    return (local if local.tzinfo else local.replace(tzinfo=get_current_timezone())).astimezone(UTC)


ACTS: Mapping[str, Callable[[Form, Common], str | tuple[str, str] | None]] = {
    "open": _open,
    "open-from-alert": _open_from_alert,
    "join": _join,
    "merge": _merge,
    "split": _split,
    "details": _change_details,
    "playbook": _follow_playbook,
    "new-task": _add_task,
    "task": _change_task,
    "all-tasks": _finish_tasks,
    "note": _write_note,
    "decision": _record_decision,
    "moment": _mark_moment,
    "declare": _declare,
    "close": _close,
    "reopen": _reopen,
    "contain": _contain,
}
urlpatterns = [path("alerts/incidents/<slug:public>/act", change_incident_view, name="incident-act")]
