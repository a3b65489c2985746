"""Staff sign-in: the registrations at Google and Microsoft, and codes to print for people without either."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from homeroom.apps.platform.people_sign_in.codes import CodesRefused, print_codes
from homeroom.apps.platform.people_sign_in.identity_providers import PROVIDERS
from homeroom.apps.platform.people_sign_in.overview import build_overview
from homeroom.apps.platform.people_sign_in.providers import (
    Registration,
    RegistrationRefused,
    register_provider,
    remove_provider,
)
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.shared.own_pages import build_own_page_link

AREA_PAGE = NavItem(order=5, title=gettext_lazy("Staff sign-in"), name="awareness-staff")
_FIELDS = ("provider", "client_id", "pinned")


@district_view(permission="awareness.read", change="staff_sign_in.manage")
def show_staff_sign_in(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show how people sign in, and what is still to do."""
    return _render(cast("DistrictRequest", request), district)


@sensitive_post_parameters("secret")
@district_view(permission="staff_sign_in.manage", methods=("POST",))
def set_provider(request: HttpRequest, *, district: District) -> HttpResponse:
    """Store a registration."""
    visit = cast("DistrictRequest", request).visit
    entered = {name: request.POST.get(name, "").strip() for name in _FIELDS}
    secret = request.POST.get("secret", "").strip()
    try:
        registration = register_provider(district=district, secret=secret, actor=visit.actor, at=visit.now, **entered)
    except RegistrationRefused as error:
        return _render(cast("DistrictRequest", request), district, entered=entered, error=error)
    done = gettext("Staff sign in with %(provider)s.") % {"provider": registration.provider.title}
    messages.success(request, done, extra_tags="good")
    return redirect("awareness-staff")


@district_view(permission="staff_sign_in.manage", methods=("POST",))
def delete_provider(request: HttpRequest, *, district: District) -> HttpResponse:
    """Remove a registration with its secret."""
    visit = cast("DistrictRequest", request).visit
    name = request.POST.get("provider", "")
    if remove_provider(district=district, provider=name, actor=visit.actor, at=visit.now):
        messages.success(request, gettext("Removed. Who is signed in stays so for the day."), extra_tags="good")
    return redirect("awareness-staff")


@district_view(permission="staff_sign_in.manage", methods=("POST",))
def show_codes(request: HttpRequest, *, district: District) -> HttpResponse:
    """Make codes and show them once, to print."""
    visit = cast("DistrictRequest", request).visit
    addresses = request.POST.get("addresses", "").replace(",", " ").split()
    school = request.POST.get("school", "")
    if not addresses and not school:
        problem = gettext("Choose a school, or name addresses.")
        return _render(cast("DistrictRequest", request), district, problem=problem)
    try:
        codes = print_codes(district=district, addresses=addresses, school=school, actor=visit.actor, at=visit.now)
    except CodesRefused as error:
        return _render(cast("DistrictRequest", request), district, problem=str(error))
    address = build_own_page_link(request, district)
    return render(request, "awareness/staff_codes.html", {"codes": codes, "address": address})


def _render(
    request: DistrictRequest,
    district: District,
    *,
    entered: dict[str, str] | None = None,
    error: RegistrationRefused | None = None,
    problem: str = "",
) -> HttpResponse:
    overview = build_overview(district=district, at=request.visit.now)
    registered = {item.provider.name: item for item in overview.registrations}
    context = {
        "overview": overview,
        "providers": [
            {
                "provider": provider,
                "registration": registered.get(name),
                "callback": _build_callback_url(request, district, name),
                "values": _choose_values(name, registered, entered or {}),
                "error": error if (entered or {}).get("provider") == name else None,
            }
            for name, provider in PROVIDERS.items()
        ],
        "address": build_own_page_link(request, district),
        "may_admit": request.visit.may_change,
        "problem": problem,
    }
    return render(request, "awareness/staff_sign_in.html", context, status=422 if error or problem else 200)


def _choose_values(name: str, registered: Mapping[str, Registration], entered: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the form of a provider shows: what was entered, else what is stored."""
    if entered.get("provider") == name:
        return entered
    registration = registered.get(name)
    return {"client_id": registration.client_id, "pinned": ", ".join(registration.pinned)} if registration else {}


def _build_callback_url(request: HttpRequest, district: District, provider: str) -> str:
    """Return the redirect address to register, which always has the district's slug."""
    return build_own_page_link(request, district, reverse("my-sign-in-callback", args=[provider]))


urlpatterns = [
    path("awareness/staff", show_staff_sign_in, name="awareness-staff"),
    path("awareness/staff/provider", set_provider, name="awareness-staff-provider"),
    path("awareness/staff/provider/remove", delete_provider, name="awareness-staff-remove"),
    path("awareness/staff/codes", show_codes, name="awareness-staff-codes"),
]
