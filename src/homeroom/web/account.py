"""Signing in and out, the user's own password, and the choice of a district."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.districts.commands import clear_sign_in_attempts, register_sign_in_attempt
from homeroom.apps.districts.queries import list_memberships
from homeroom.web.shared.access import get_current_time


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form; after five failures for one user name from one address, require a wait."""
    after = _get_redirect_url(request)
    if request.user.is_authenticated:
        return redirect(after)
    if request.method != "POST":
        return _render_sign_in(request, AuthenticationForm(request), after=after)
    username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    wait = register_sign_in_attempt(username=username, address=address, at=get_current_time())
    if wait:
        return _render_sign_in(
            request, AuthenticationForm(request), after=after, minutes=math.ceil(wait.total_seconds() / 60)
        )
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        return _render_sign_in(request, form, after=after, wrong=True)
    clear_sign_in_attempts(username=username, address=address)
    login(request, form.get_user())
    _record_everywhere(request, action="sign in")
    return redirect(after)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/sign-in")


@never_cache
@sensitive_post_parameters()
@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the user's own password, which has at least 15 characters."""
    user: Any = request.user
    form = PasswordChangeForm(user, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        _record_everywhere(request, action="change password")
        messages.success(request, gettext("Your password is changed."), extra_tags="good")
        return redirect("today")
    return render(request, "account/password.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def list_districts(request: HttpRequest) -> HttpResponse:
    """List the visitor's districts to choose from."""
    memberships = list_memberships(user=request.user)
    if not memberships:
        raise Http404
    return render(request, "account/districts.html", {"belongings": memberships, "path": "/"})


def _render_sign_in(
    request: HttpRequest, form: AuthenticationForm, *, after: str, minutes: int = 0, wrong: bool = False
) -> HttpResponse:
    status = 429 if minutes else 422 if wrong else 200
    context = {
        "form": form,
        "after": after,
        "minutes": minutes,
        "wrong": wrong,
        "username": request.POST.get("username", ""),
    }
    return render(request, "account/sign_in.html", context, status=status)


def _get_redirect_url(request: HttpRequest) -> str:
    """Return where to go after signing in, restricted to addresses of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("today")


def _record_everywhere(request: HttpRequest, *, action: str) -> None:
    """Record one entry in the audit trail of each district that the person belongs to."""
    for belonging in list_memberships(user=request.user):
        record_audit_entry(
            district=belonging.district, at=get_current_time(), actor=request.user.get_username(), action=action
        )


urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("password", change_password, name="password"),
    path("districts", list_districts, name="districts"),
]
