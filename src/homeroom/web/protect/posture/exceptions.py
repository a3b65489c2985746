"""Exceptions: everything that was accepted for a while, with the reason, the owner and the expiry date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.queries import (
    Acceptance,
    page_active_acceptances,
    page_active_suppressions,
    page_expired_acceptances,
    page_expired_suppressions,
)
from homeroom.apps.protect.posture.catalog.controls import SETTINGS, get_control
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Suppression
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.vulnerability_life import describe_suppression

LISTS = ("held", "ended", "lets", "lets_ended")
SHOWN_EXPIRED = timedelta(days=90)
SOON = timedelta(days=30)


@district_view(permission="posture.read", change="posture.accept")
def show_exceptions(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show what is accepted today, soonest to expire first, then what expired within the last 90 days.

    Each list has its own pages.
    """
    visit = request.visit
    people = {name: full_name for name, full_name, _role in list_members(district=district)}
    today, since = visit.today, visit.today - SHOWN_EXPIRED
    after = {name: request.GET.get(name, "") for name in LISTS}
    accepted = page_active_acceptances(district=district, today=today, after=after["held"])
    expired = page_expired_acceptances(district=district, since=since, today=today, after=after["ended"])
    suppressions = page_active_suppressions(district=district, today=today, after=after["lets"])
    expired_suppressions = page_expired_suppressions(
        district=district, since=since, today=today, after=after["lets_ended"]
    )
    context = {
        "held": [
            _build_acceptance_row(entry, people, soon=entry.expires_on <= today + SOON) for entry in accepted.rows
        ],
        "ended": [_build_acceptance_row(entry, people, soon=False) for entry in expired.rows],
        "lets": [
            _build_suppression_row(entry, people, soon=entry.expires_on <= today + SOON) for entry in suppressions.rows
        ],
        "lets_ended": [_build_suppression_row(entry, people, soon=False) for entry in expired_suppressions.rows],
        "turn": {
            name: _build_pagination_links(request, name, page.after)
            for name, page in zip(LISTS, (accepted, expired, suppressions, expired_suppressions), strict=True)
        },
    }
    return render(request, "posture/exceptions.html", context)


def _build_pagination_links(request: DistrictRequest, name: str, after: str) -> dict[str, str]:
    """Return the addresses of the first page and the next page of a list, if any.

    The other lists keep their pages.
    """
    parameters = request.GET.dict()
    return {
        "first": _build_list_url(request, {**parameters, name: ""}, part=name) if parameters.get(name) else "",
        "next": _build_list_url(request, {**parameters, name: after}, part=name) if after else "",
    }


def _build_list_url(request: DistrictRequest, parameters: dict[str, str], *, part: str) -> str:
    """Return the address of this page at one of its lists."""
    page_keys = {name: parameters[name] for name in LISTS if parameters.get(name)}
    return f"{request.path}{f'?{urlencode(page_keys)}' if page_keys else ''}#{part}"


def _build_suppression_row(suppression: Suppression, people: dict[str, str], *, soon: bool) -> dict[str, Any]:
    """Return a suppression of vulnerabilities, with its subject in words."""
    return {
        **describe_suppression(suppression),
        "owner": people.get(suppression.owner, suppression.owner),
        "soon": soon,
    }


def _build_acceptance_row(acceptance: Acceptance, people: dict[str, str], *, soon: bool) -> dict[str, Any]:
    """Return an exception with its subject in words, and the subject's page."""
    control = get_control(acceptance.control)
    address = reverse("setting-of-tenants" if control.area == SETTINGS else "control", args=[acceptance.control])
    return {
        "one": acceptance,
        "title": control.title,
        "url": address,
        "owner": people.get(acceptance.owner, acceptance.owner),
        "soon": soon,
    }


urlpatterns = [path("exceptions", show_exceptions, name="exceptions")]
