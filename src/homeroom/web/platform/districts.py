"""The districts of a visitor: what each needs today, the most urgent first, and the way into each."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from homeroom.apps.manage.service_center.queries import summarize_districts
from homeroom.apps.platform.districts.queries import OFFICE_ROLES, PERSON
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in_proofs import lacks_second_factor, list_open_memberships


@never_cache
@require_permission("account.use")
@login_required
def list_districts(request: HttpRequest) -> HttpResponse:
    """Show the visitor's districts side by side; who has only pages of their own is led there."""
    memberships = list_open_memberships(request)
    if not memberships:
        raise Http404
    if all(membership.role == PERSON for membership in memberships):
        return redirect("my")
    role_titles = {item.district.slug: item.role_title for item in memberships}
    closed = [item for item in memberships if lacks_second_factor(request, membership=item)]
    offices = [
        item.district for item in memberships if item.role in OFFICE_ROLES and not item.schools and item not in closed
    ]
    statuses = summarize_districts(districts=offices, at=get_current_time())
    context = {
        "statuses": [(status, role_titles[status.slug]) for status in statuses],
        "waiting": sum(status.needs_somebody for status in statuses),
        "closed": closed,
        "of_schools": [item for item in memberships if item.schools and item not in closed],
        "own_pages": [item for item in memberships if item.role == PERSON],
    }
    return render(request, "districts/districts.html", context)


urlpatterns = [path("districts", list_districts, name="districts")]
