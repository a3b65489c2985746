"""Records of visits that a phone sends from its outbox, and what the inventory has about a label that was scanned."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from homeroom.apps.know.inventory.labelled_devices import find_labelled_devices
from homeroom.apps.manage.rollouts.queries import find_current_visit, find_visit
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.visits.teacher_texts import format_clock
from homeroom.apps.manage.rollouts.visits.visit_records import record_arrival, record_outcome
from homeroom.apps.manage.rollouts.visits.visit_versions import VisitChanged
from homeroom.apps.platform.outbox.commands import OutboxAnswer, OutboxRecord, OutboxRefused, apply_once
from homeroom.domain.know.devices.labels import LabelRefused, parse_device_labels
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.manage.rollouts.visit_forms import ARRIVAL, create_record_key, parse_visit_form, read_visit_form
from homeroom.web.shared.access import DistrictRequest, Visit, district_view

KIND = "visit"


def record_form_once(form: dict[str, Any], *, visit: Visit, public: str, number: int) -> OutboxAnswer:
    """Record a form of a visit, unless its key was received before.

    Raise LookupError if there is no such visit, OutboxRefused, and RolloutRefused for a field that does not fit.
    """
    district = visit.district
    record = OutboxRecord(
        key=form["key"] or create_record_key(),
        kind=KIND,
        subject=f"{public}/{number}",
        actor=visit.actor,
        at=visit.now,
    )

    def apply() -> dict[str, Any]:
        item = find_visit(district=district, public=public, number=number)
        parsed = parse_visit_form(form, item=item, visit=visit)
        command = record_arrival if parsed.outcome == ARRIVAL else record_outcome
        command(district=district, public=public, number=number, record=parsed, actor=visit.actor, at=visit.now)
        return {"outcome": parsed.outcome}

    return apply_once(district=district, record=record, apply=apply)


@district_view(permission="rollouts.change", methods=("POST",))
def receive_visit_record(request: DistrictRequest, *, district: District, public: str, number: int) -> HttpResponse:
    """Record what a phone kept; answer with what became of it, in words that the phone shows."""
    visit, form = request.visit, read_visit_form(request.POST)
    get_rollout_or_404(district, public)
    if request.POST.get("scope", visit.scope) != visit.scope:
        message = gettext("Somebody else is signed in.")
        return JsonResponse({"state": "other", "message": message}, status=409)
    try:
        answer = record_form_once(form, visit=visit, public=public, number=number)
    except VisitChanged as error:
        changed = {"state": "changed", "message": str(error), "version": error.version}
        return JsonResponse(changed, status=409)
    except LookupError:
        return _answer_gone(district, public, room=request.POST.get("room", ""))
    except OutboxRefused as error:
        return JsonResponse({"state": "refused", "message": capfirst(str(error))}, status=422)
    except RolloutRefused as error:
        refused = {"state": "refused", "message": capfirst(str(error)), "field": error.field}
        return JsonResponse(refused, status=422)
    return JsonResponse({"state": "recorded", "repeated": answer.is_repeated, **answer.answer})


def _answer_gone(district: District, public: str, *, room: str) -> HttpResponse:
    """Answer for a visit that a new plan dropped, with the visit that its room has now."""
    item = find_current_visit(district=district, public=public, room=room)
    if item is None:
        message = gettext("The plan changed: the room is not in it anymore.")
        return JsonResponse({"state": "refused", "message": message}, status=422)
    values = {"day": f"{item.day:%A, %B} {item.day.day}", "clock": format_clock(item.starts)}
    message = gettext("The plan changed: the room’s visit is another one now, on %(day)s at %(clock)s.") % values
    return JsonResponse(
        {
            "state": "changed",
            "message": message,
            "version": item.version,
            "address": reverse("rollout-visit-record", args=[public, item.number]),
            "subject": reverse("rollout-visit", args=[public, item.number]),
        },
        status=409,
    )


@district_view(permission="rollouts.read")
def describe_label(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Return the devices of the inventory that have a label."""
    get_rollout_or_404(district, public)
    try:
        labels = parse_device_labels(request.GET.get("label", "")[:200])
    except LabelRefused as error:
        raise Http404 from error
    devices = find_labelled_devices(district=district, labels=labels[:1]).values()
    descriptions = [{"model": device.model, "place": device.place} for matches in devices for device in matches[:3]]
    return JsonResponse({"devices": descriptions})


urlpatterns = [
    path("rollouts/<str:public>/visits/<int:number>/record", receive_visit_record, name="rollout-visit-record"),
    path("rollouts/<str:public>/label", describe_label, name="rollout-label"),
]
