"""Expected activity: what is announced, announcing it with a preview, ending it early and taking it back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.announcing.commands import (
    InvalidAnnouncement,
    announce_work,
    end_announced_work,
    withdraw_announced_work,
)
from homeroom.apps.protect.detection.announcing.drafts import FIELDS, Draft, parse_draft
from homeroom.apps.protect.detection.announcing.queries import (
    PAGE,
    DraftPreview,
    EntryStage,
    list_announced_page,
    preview_draft,
    suggest_draft,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES
from homeroom.web.protect.alerts.list_paging import build_list_url, build_paging, parse_start
from homeroom.web.protect.alerts.story import get_story_or_404
from homeroom.web.protect.posture.findings import may_accept_severity
from homeroom.web.shared.access import DistrictRequest, Visit, district_view

if TYPE_CHECKING:
    from homeroom.apps.protect.detection.models import StoredAlert

STAGES = {
    EntryStage.NOW: gettext_lazy("Now"),
    EntryStage.COMING: gettext_lazy("Coming"),
    EntryStage.OVER: gettext_lazy("Over"),
}


@district_view(permission="alerts.read", change="alerts.handle")
def list_expected(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the announced work of one stage, of files and of this page."""
    stage, after = _parse_stage(request), parse_start(request)
    page = list_announced_page(
        district=district, store=get_evidence_store(district=district), stage=stage, after=after, at=request.visit.now
    )
    context = {
        "lines": page.lines,
        "stage": stage,
        "stages": [(title, page.counts[name], _build_url(name), name == stage) for name, title in STAGES.items()],
        "is_empty": not any(page.counts.values()),
        **build_paging(
            partial(_build_url, stage), after=after, lines=len(page.lines), size=PAGE, has_more=page.has_more
        ),
    }
    return render(request, "alerts/expected.html", context)


@district_view(permission="alerts.handle", methods=("GET", "POST"))
def announce(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the form, filled from an alert if one is named; posting it shows what it would cover, then announces it."""
    alert = _find_alert(request, district)
    form = _read_form(request, district, alert)
    if request.method != "POST":
        return _render_form(request, form, alert=alert)
    draft = parse_draft(form)
    if draft.errors:
        return _render_form(request, form, alert=alert, errors=dict(draft.errors))
    store = get_evidence_store(district=district)
    preview = preview_draft(district=district, store=store, draft=draft, at=request.visit.now)
    errors = _check_severity(request.visit, preview)
    if errors or request.POST.get("act") != "announce" or request.POST.get("previewed") != draft.key:
        return _render_form(request, form, alert=alert, errors=errors, draft=draft, preview=preview)
    try:
        outcome = announce_work(
            district=district, store=store, at=request.visit.now, actor=request.visit.actor, draft=draft
        )
    except InvalidAnnouncement:
        errors = {"reason": gettext("The same work is announced already; another day, name or time would fit.")}
        return _render_form(request, form, alert=alert, errors=errors, draft=draft, preview=preview)
    messages.success(request, _describe_outcome(outcome.covered), extra_tags="good")
    return redirect("alert", public=alert.public) if alert else redirect("expected")


@district_view(permission="alerts.handle", methods=("POST",))
def end_expected(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """End announced work now, or take it back so that what it covered alerts again."""
    visit = request.visit
    values: dict[str, Any] = {"district": district, "at": visit.now, "actor": visit.actor, "number": number}
    try:
        if request.POST.get("act") == "withdraw":
            withdraw_announced_work(**values, store=get_evidence_store(district=district))
            messages.success(request, gettext("Taken back. What it covered alerts again."), extra_tags="good")
        else:
            end_announced_work(**values)
            messages.success(
                request, gettext("Ended. What comes from now on alerts; what it covered stays."), extra_tags="good"
            )
    except LookupError as error:
        raise Http404 from error
    except InvalidAnnouncement:
        messages.error(request, gettext("This work is over already."), extra_tags="bad")
    return redirect("expected")


def _find_alert(request: DistrictRequest, district: District) -> StoredAlert | None:
    """Return the alert that the form is about; raise PermissionDenied if the role may not silence one like it."""
    values = request.POST if request.method == "POST" else request.GET
    public = values.get("alert", "")
    if not public:
        return None
    alert = get_story_or_404(district, public).alert
    if alert.state not in OPEN_STATES:
        raise Http404
    if not may_accept_severity(request.visit, Severity(alert.severity)):
        raise PermissionDenied(gettext("Your role may silence alerts of medium and low severity; ask your director."))
    return alert


def _read_form(request: DistrictRequest, district: District, alert: StoredAlert | None) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.POST.get(name, "").strip() for name in FIELDS}
    if alert is None:
        return dict.fromkeys(FIELDS, "")
    since = localtime(alert.first_seen).date().isoformat()
    return dict.fromkeys(FIELDS, "") | suggest_draft(district=district, alert=alert.public) | {"from_day": since}


def _check_severity(visit: Visit, preview: DraftPreview) -> dict[str, str]:
    severity = preview.covered.open_severity
    if severity is None or may_accept_severity(visit, severity):
        return {}
    text = gettext("It covers an open alert that is more than medium; your director may announce it.")
    return {"who": text}


def _render_form(
    request: DistrictRequest,
    form: dict[str, str],
    *,
    alert: StoredAlert | None,
    errors: dict[str, str] | None = None,
    draft: Draft | None = None,
    preview: DraftPreview | None = None,
) -> HttpResponse:
    context = {
        "given": form,
        "wrong": errors or {},
        "alert": alert,
        "previewed": draft.key if draft and not errors else "",
        "preview": preview,
        "has_no_end": bool(draft and not draft.values.get("ends")),
        "zone": request.visit.district.timezone.replace("_", " "),
    }
    return render(request, "alerts/announce.html", context, status=422 if errors else 200)


def _describe_outcome(covered: int) -> str:
    if not covered:
        return gettext("Announced. What it sets off is shown as expected and alerts nobody.")
    return ngettext(
        "Announced. %(many)d detection is expected now and alerts nobody.",
        "Announced. %(many)d detections are expected now and alert nobody.",
        covered,
    ) % {"many": covered}


def _parse_stage(request: DistrictRequest) -> EntryStage:
    name = request.GET.get("state", "")
    return EntryStage(name) if name in set(EntryStage) else EntryStage.NOW


def _build_url(stage: EntryStage, after: int = 0) -> str:
    return build_list_url("expected", state="" if stage == EntryStage.NOW else str(stage), after=after)


urlpatterns = [
    path("alerts/expected", list_expected, name="expected"),
    path("alerts/expected/new", announce, name="announce"),
    path("alerts/expected/<int:number>/end", end_expected, name="expected-end"),
]
