"""The districts of a visitor: what each needs today, the most urgent first, and the way into each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from homeroom.apps.districts.queries import OFFICE_ROLES, PERSON, list_memberships
from homeroom.apps.service_center.queries import summarize_districts
from homeroom.domain.permissions.requirement import require_permission
from homeroom.web.shared.access import get_current_time


@never_cache
@require_permission("account.use")
@login_required
def list_districts(request: HttpRequest) -> HttpResponse:
    """Show the visitor's districts side by side; who has only pages of their own is led there."""
    memberships = list_memberships(user=request.user)
    if not memberships:
        raise Http404
    if all(membership.role == PERSON for membership in memberships):
        return redirect("my")
    role_titles = {item.district.slug: item.role_title for item in memberships}
    offices = [item.district for item in memberships if item.role in OFFICE_ROLES]
    statuses = summarize_districts(districts=offices, at=get_current_time())
    context = {
        "statuses": [(status, role_titles[status.slug]) for status in statuses],
        "waiting": sum(status.needs_somebody for status in statuses),
        "own_pages": [item for item in memberships if item.role == PERSON],
    }
    return render(request, "districts/districts.html", context)


urlpatterns = [path("districts", list_districts, name="districts")]
