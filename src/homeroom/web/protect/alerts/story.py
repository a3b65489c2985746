"""One alert: why it is there, what it means, the first step, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext

from homeroom.apps.protect.detection.alert_pages import AlertStory, load_alert_story
from homeroom.apps.protect.detection.commands import (
    MIN_REASON_LENGTH,
    InvalidAlertChange,
    acknowledge_alert,
    close_alert,
    reopen_alert,
)
from homeroom.apps.protect.detection.queries import FALSE_ALARM, REAL, VERDICTS, get_judged_until
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES, AlertState
from homeroom.web.protect.posture.findings import may_accept_severity
from homeroom.web.shared.access import DistrictRequest, district_view


class AlertIdConverter(StringConverter):
    """The id of an alert in an address, which no name of another page is."""

    regex = "alert-[0-9a-z]+"


register_converter(AlertIdConverter, "alert")


@district_view(permission="alerts.read", change="alerts.handle")
def show_alert(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show an alert; an id that it had before leads to it."""
    story = get_story_or_404(district, public)
    if story.alert.public != public:
        return redirect("alert", public=story.alert.public)
    return _render_story(request, district, story)


@district_view(permission="alerts.handle", methods=("POST",))
def acknowledge_alert_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Note that somebody looks after the alert."""
    message = gettext("You look after it now. Close it when you know what it was.")
    return _change_alert(request, district, public, acknowledge_alert, message)


@district_view(permission="alerts.handle", methods=("POST",))
def close_alert_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Close the alert as real, or as a false alarm with its reason."""
    verdict, reason = (request.POST.get(name, "").strip() for name in ("verdict", "reason"))
    wrong = ""
    if verdict not in VERDICTS:
        wrong = gettext("Choose whether it was real or a false alarm.")
    elif verdict == FALSE_ALARM and len(reason) < MIN_REASON_LENGTH:
        wrong = gettext("Say in a sentence why it was a false alarm, so that the rule gets better.")
    if wrong:
        return _render_story(request, district, get_story_or_404(district, public), wrong=wrong)
    message = gettext("Closed. It opens again by itself if another rule fires or it gets worse.")
    return _change_alert(
        request, district, public, close_alert, message, verdict=verdict, reason=reason if verdict != REAL else ""
    )


@district_view(permission="alerts.handle", methods=("POST",))
def reopen_alert_view(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Open a closed alert again."""
    return _change_alert(request, district, public, reopen_alert, gettext("Open again."))


def get_story_or_404(district: District, public: str) -> AlertStory:
    """Return an alert of the district; raise Http404 if there is none."""
    story = load_alert_story(district=district, public=public)
    if story is None:
        raise Http404
    return story


def _change_alert(
    request: DistrictRequest,
    district: District,
    public: str,
    change: Callable[..., Any],
    message: str,
    **arguments: str,
) -> HttpResponse:
    visit = request.visit
    try:
        change(district=district, at=visit.now, actor=visit.actor, public=public, **arguments)
    except LookupError as error:
        raise Http404 from error
    except InvalidAlertChange:
        wrong = gettext("Somebody changed this alert in the meantime; it stays as it is now.")
        return _render_story(request, district, get_story_or_404(district, public), wrong=wrong)
    messages.success(request, message, extra_tags="good")
    return redirect("alert", public=public)


def _render_story(request: DistrictRequest, district: District, story: AlertStory, *, wrong: str = "") -> HttpResponse:
    state = AlertState(story.alert.state)
    context = {
        "story": story,
        "alert": story.alert,
        "wrong": wrong,
        "judged": get_judged_until(district=district),
        "may_acknowledge": request.visit.may_change and state == AlertState.NEW,
        "may_close": request.visit.may_change and state in OPEN_STATES,
        "may_reopen": request.visit.may_change and state == AlertState.CLOSED,
        "may_suppress": request.visit.may_change
        and state in OPEN_STATES
        and may_accept_severity(request.visit, Severity(story.alert.severity)),
    }
    return render(request, "alerts/alert.html", context, status=422 if wrong else 200)


urlpatterns = [
    path("alerts/<alert:public>", show_alert, name="alert"),
    path("alerts/<alert:public>/acknowledge", acknowledge_alert_view, name="alert-acknowledge"),
    path("alerts/<alert:public>/close", close_alert_view, name="alert-close"),
    path("alerts/<alert:public>/reopen", reopen_alert_view, name="alert-reopen"),
]
