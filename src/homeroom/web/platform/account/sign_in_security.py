"""How the office of a district signs in: what is required, who set it up, invitations, and the break-glass account."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.accounts.commands import reset_two_step
from homeroom.apps.platform.districts.memberships import MemberRefused, NoSuchMember
from homeroom.apps.platform.people_sign_in.providers import list_registrations
from homeroom.apps.platform.second_factors.break_glass import acknowledge_use, find_break_glass, find_unseen_use
from homeroom.apps.platform.second_factors.policies import FactorPolicy, get_policy, set_policy
from homeroom.apps.platform.second_factors.provider_links import LinkRefused, invite_address
from homeroom.apps.platform.second_factors.queries import list_member_factors
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view

IN_VISITOR_LANGUAGE = False  # a page of the office


@district_view(permission="sign_in.manage", change="sign_in.manage")
def show_sign_in_security(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show what the district requires, and who has set up what."""
    return _render(cast("DistrictRequest", request), district)


@district_view(permission="sign_in.manage", methods=("POST",))
def change_policy(request: HttpRequest, *, district: District) -> HttpResponse:
    """Set what the district requires."""
    visit = cast("DistrictRequest", request).visit
    policy = FactorPolicy(is_required="required" in request.POST, provider_counts="provider_counts" in request.POST)
    set_policy(district=district, policy=policy, actor=visit.actor, at=visit.now)
    messages.success(request, gettext("Saved."), extra_tags="good")
    return redirect("sign-in-security")


@district_view(permission="sign_in.manage", methods=("POST",))
def invite_account(request: HttpRequest, *, district: District) -> HttpResponse:
    """Invite an account at the district's provider for a user."""
    visit = cast("DistrictRequest", request).visit
    try:
        invite_address(
            district=district,
            username=request.POST.get("username", ""),
            provider=request.POST.get("provider", ""),
            address=request.POST.get("address", ""),
            actor=visit.actor,
            at=visit.now,
        )
    except LinkRefused as error:
        return _render(cast("DistrictRequest", request), district, problem=str(error))
    messages.success(request, gettext("Invited: the account is linked at its first sign-in, within seven days."))
    return redirect("sign-in-security")


@district_view(permission="sign_in.manage", methods=("POST",))
def reset_user(request: HttpRequest, *, district: District) -> HttpResponse:
    """Remove what a user of the district has set up."""
    visit = cast("DistrictRequest", request).visit
    username = request.POST.get("username", "")
    try:
        reset_two_step(district=district, username=username, actor=visit.actor, at=visit.now)
    except (NoSuchMember, MemberRefused) as error:
        return _render(cast("DistrictRequest", request), district, problem=str(error))
    messages.success(request, gettext("Reset. The user sets 2-step verification up again."), extra_tags="good")
    return redirect("sign-in-security")


@district_view(permission="sign_in.manage", methods=("POST",))
def acknowledge_break_glass(request: HttpRequest, *, district: District) -> HttpResponse:
    """Record that the director noticed the last use of the break-glass account."""
    visit = cast("DistrictRequest", request).visit
    acknowledge_use(district=district, actor=visit.actor, at=visit.now)
    return redirect("sign-in-security")


def _render(request: DistrictRequest, district: District, *, problem: str = "") -> HttpResponse:
    members = list_member_factors(district=district, at=request.visit.now)
    context = {
        "policy": get_policy(district=district),
        "members": members,
        "without": sum(not member.has_any for member in members),
        "providers": [item.provider for item in list_registrations(district=district)],
        "break_glass": find_break_glass(district=district),
        "unseen_use": find_unseen_use(district=district),
        "problem": problem,
    }
    return render(request, "account/sign_in_security.html", context, status=422 if problem else 200)


urlpatterns = [
    path("sign-in-security", show_sign_in_security, name="sign-in-security"),
    path("sign-in-security/policy", change_policy, name="sign-in-security-policy"),
    path("sign-in-security/invite", invite_account, name="sign-in-security-invite"),
    path("sign-in-security/reset", reset_user, name="sign-in-security-reset"),
    path("sign-in-security/break-glass", acknowledge_break_glass, name="sign-in-security-break-glass"),
]
