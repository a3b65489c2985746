"""Signing in and out, the own password, and which district is meant."""

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

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.commands import attempt, succeeded
from homeroom.apps.districts.queries import belongings
from homeroom.web.access import moment


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; after five failures for one user name from one address it asks to wait."""
    after = _after(request)
    if request.user.is_authenticated:
        return redirect(after)
    if request.method != "POST":
        return _form(request, AuthenticationForm(request), after=after)
    username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    wait = attempt(username=username, address=address, at=moment())
    if wait:
        return _form(request, AuthenticationForm(request), after=after, minutes=math.ceil(wait.total_seconds() / 60))
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        return _form(request, form, after=after, wrong=True)
    succeeded(username=username, address=address)
    login(request, form.get_user())
    _record_everywhere(request, action="sign in")
    return redirect(after)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect("/sign-in")


@never_cache
@sensitive_post_parameters()
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Changes the own password, of at least 15 characters."""
    user: Any = request.user
    form = PasswordChangeForm(user, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        _record_everywhere(request, action="change password")
        messages.success(request, gettext("Your password is changed."), extra_tags="good")
        return redirect("today")
    return render(request, "account/password.html", {"form": form}, status=422 if form.errors else 200)


@login_required
def districts(request: HttpRequest) -> HttpResponse:
    """The districts of the visitor, to choose one."""
    mine = belongings(user=request.user)
    if not mine:
        raise Http404
    return render(request, "account/districts.html", {"belongings": mine, "path": "/"})


def _form(
    request: HttpRequest, form: AuthenticationForm, *, after: str, minutes: int = 0, wrong: bool = False
) -> HttpResponse:
    status = 429 if minutes else 422 if wrong else 200
    given = {
        "form": form,
        "after": after,
        "minutes": minutes,
        "wrong": wrong,
        "username": request.POST.get("username", ""),
    }
    return render(request, "account/sign_in.html", given, status=status)


def _after(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site only."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if safe else reverse("today")


def _record_everywhere(request: HttpRequest, *, action: str) -> None:
    """One entry in each district that the person belongs to: each has its own trail."""
    for belonging in belongings(user=request.user):
        record(district=belonging.district, at=moment(), actor=request.user.get_username(), action=action)


urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-out", sign_out, name="sign_out"),
    path("password", password, name="password"),
    path("districts", districts, name="districts"),
]
