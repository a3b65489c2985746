"""One request for exemption: the ask, why the person cannot, and the decision with its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.teach.asks.commands import ExemptionForm, decide_exemption
from homeroom.apps.teach.asks.queries import find_exemption_request
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.ask_states import AskRefused, ExemptionState
from homeroom.web.protect.posture.findings import may_accept_severity
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "asks"
USUAL_EXEMPTION = timedelta(days=90)
FIELDS = ("outcome", "reason", "until", "answer")


@district_view(permission="awareness.change", methods=("GET", "POST"))
def decide_request(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show a request with the form of the decision, or decide it."""
    visit = request.visit
    entry = find_exemption_request(district=district, public=public)
    if entry is None:
        raise Http404
    may_grant = may_accept_severity(request.visit, entry.control.severity)
    fields = {name: request.POST.get(name, "").strip() for name in FIELDS}
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        if fields["outcome"] == ExemptionState.GRANTED and not may_grant:
            message = gettext("Your role may grant this for findings of medium and low severity; ask your director.")
            raise PermissionDenied(message)
        try:
            decide_exemption(
                district=district,
                public=public,
                form=ExemptionForm(**fields),
                today=visit.today,
                actor=visit.actor,
                at=visit.now,
            )
        except AskRefused as error:
            errors = {error.field: str(error)}
        except LookupError as error:
            raise Http404 from error
        else:
            messages.success(request, gettext("Decided. The person reads your answer."), extra_tags="good")
            return redirect("asks")
    else:
        fields["until"] = (visit.today + USUAL_EXEMPTION).isoformat()
    context = {"asked": entry, "given": fields, "wrong": errors, "may_grant": may_grant}
    return render(request, "awareness/ask_exemption.html", context, status=422 if errors else 200)


urlpatterns = [path("awareness/asks/exemptions/<slug:public>", decide_request, name="ask-exemption")]
