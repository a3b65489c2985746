"""Users of the district's office: who they are, adding and changing them, their sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.feeds.visit_feeds import list_feeds_of_user, revoke_feeds_of_user
from homeroom.apps.platform.accounts import commands
from homeroom.apps.platform.accounts.queries import OfficeUser, get_user, list_user_sessions, list_users
from homeroom.apps.platform.districts.memberships import MemberRefused, NoSuchMember
from homeroom.apps.platform.districts.queries import OFFICE_ROLES, ROLES
from homeroom.apps.platform.districts.school_names import list_school_choices
from homeroom.domain.platform.district import District
from homeroom.web.platform.users.ended_access import describe_ended
from homeroom.web.shared.access import DistrictRequest, district_view

REFUSED = 422


@district_view(permission="users.read", change="users.manage")
def show_users(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show all users of the office, and to a director the form that adds one."""
    return _render_users(request, district)


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def add_user(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Add a user, and show the one-time password once."""
    form = request.POST
    try:
        new = commands.add_user(
            district=district,
            username=form.get("username", ""),
            role=form.get("role", ""),
            schools=form.getlist("schools"),
            first_name=form.get("first_name", ""),
            last_name=form.get("last_name", ""),
            actor=request.visit.actor,
            at=request.visit.now,
        )
    except MemberRefused as error:
        return _render_users(request, district, refusal=str(error), status=REFUSED)
    return _render_users(request, district, issued=new)


@district_view(permission="users.read", change="users.manage")
def show_user(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show one user, and to a director their sessions and what can be changed."""
    return _render_user(request, district, number)


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def change_role(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Change a user's role and schools."""
    role, schools = request.POST.get("role", ""), request.POST.getlist("schools")
    return _change(
        request,
        district,
        number,
        lambda name, **by: commands.change_role(district=district, username=name, role=role, schools=schools, **by),
        done=gettext("The role is changed."),
    )


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def deactivate_user(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Deactivate a user in the district."""
    return _change(
        request,
        district,
        number,
        lambda name, **by: commands.deactivate_user(district=district, username=name, **by),
        done=gettext("The user is deactivated and signed out of this district."),
    )


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def activate_user(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Activate a user again."""
    return _change(
        request,
        district,
        number,
        lambda name, **by: commands.activate_user(district=district, username=name, **by),
        done=gettext("The user is active again, with the role and password of before."),
    )


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def reset_passphrase(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Reset a user's password, and show the one-time password once."""
    user, visit = _get_user(district, number), request.visit
    try:
        new = commands.reset_passphrase(district=district, username=user.username, actor=visit.actor, at=visit.now)
    except MemberRefused as error:
        return _render_user(request, district, number, refusal=str(error), status=REFUSED)
    return _render_user(request, district, number, issued=new)


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def reset_two_step(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Remove a user's second factors."""
    return _change(
        request,
        district,
        number,
        lambda name, **by: commands.reset_two_step(district=district, username=name, **by),
        done=gettext("2-step verification is reset. The user sets it up again at the next sign-in if it is required."),
    )


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def end_sessions(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """End one session of a user, or all of them."""
    user, visit = _get_user(district, number), request.visit
    try:
        count = commands.end_user_sessions(
            district=district,
            username=user.username,
            record=request.POST.get("session", ""),
            actor=visit.actor,
            at=visit.now,
        )
    except MemberRefused as error:
        return _render_user(request, district, number, refusal=str(error), status=REFUSED)
    messages.success(request, describe_ended(count), extra_tags="good")
    return redirect("user", number=number)


@district_view(permission="users.read", change="users.manage", methods=("POST",))
def revoke_feeds(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Revoke the calendar feeds that a user can still read."""
    user, visit = _get_user(district, number), request.visit
    try:
        revoke_feeds_of_user(district=district, username=user.username, name=user.name, actor=visit.actor, at=visit.now)
    except MemberRefused as error:
        return _render_user(request, district, number, refusal=str(error), status=REFUSED)
    messages.success(request, gettext("The calendar feeds are revoked."), extra_tags="good")
    return redirect("user", number=number)


def _change(
    request: DistrictRequest, district: District, number: int, change: Callable[..., Any], *, done: str
) -> HttpResponse:
    user = _get_user(district, number)
    try:
        change(user.username, actor=request.visit.actor, at=request.visit.now)
    except MemberRefused as error:
        return _render_user(request, district, number, refusal=str(error), status=REFUSED)
    messages.success(request, done, extra_tags="good")
    return redirect("user", number=number)


def _get_user(district: District, number: int) -> OfficeUser:
    try:
        return get_user(district=district, number=number, at=timezone.now())
    except NoSuchMember:
        raise Http404 from None


def _render_users(request: DistrictRequest, district: District, *, status: int = 200, **context: Any) -> HttpResponse:
    users = list_users(district=district, at=timezone.now())
    context |= _build_choices(request, district) | {
        "users": users,
        "given": request.POST,
        "given_schools": request.POST.getlist("schools"),
    }
    return render(request, "users/users.html", context, status=status)


def _render_user(
    request: DistrictRequest, district: District, number: int, *, status: int = 200, **context: Any
) -> HttpResponse:
    user = _get_user(district, number)
    context |= _build_choices(request, district) | {"user_shown": user, "is_own": user.username == request.visit.actor}
    if context["may_manage"]:
        context["sessions"] = list_user_sessions(district=district, username=user.username, at=timezone.now())
        context["today"] = request.visit.today
    if context["may_manage"] and not user.is_active:
        context["feeds"] = list_feeds_of_user(district=district, username=user.username, name=user.name)
    return render(request, "users/user.html", context, status=status)


def _build_choices(request: DistrictRequest, district: District) -> dict[str, Any]:
    if not request.visit.holds("users.manage"):
        return {"may_manage": False}
    roles = [(name, title) for name, title in ROLES.items() if name in OFFICE_ROLES]
    return {"may_manage": True, "roles": roles, "schools": list_school_choices(district=district)}


urlpatterns = [
    path("users", show_users, name="users"),
    path("users/add", add_user, name="user-add"),
    path("users/<int:number>", show_user, name="user"),
    path("users/<int:number>/role", change_role, name="user-role"),
    path("users/<int:number>/deactivate", deactivate_user, name="user-deactivate"),
    path("users/<int:number>/activate", activate_user, name="user-activate"),
    path("users/<int:number>/reset", reset_passphrase, name="user-reset"),
    path("users/<int:number>/reset-2-step", reset_two_step, name="user-reset-2-step"),
    path("users/<int:number>/revoke-feeds", revoke_feeds, name="user-revoke-feeds"),
    path("users/<int:number>/end-sessions", end_sessions, name="user-end-sessions"),
]
