"""Signing in with a passphrase, signing out, and the change of the user's own passphrase."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from homeroom.apps.platform.accounts.temporary_passphrases import is_passphrase_expired
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_memberships
from homeroom.apps.platform.districts.sign_in_attempts import (
    clear_sign_in_attempts,
    get_sign_in_wait,
    register_sign_in_attempt,
)
from homeroom.apps.platform.second_factors.break_glass import is_break_glass_name
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.sign_in_page import build_sign_in_context, get_redirect_url
from homeroom.web.platform.users.ended_access import describe_ended_tokens
from homeroom.web.shared.access import attach_visit, get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import PASSPHRASE, record_failed_sign_in
from homeroom.web.shared.sign_in.hashing_queue import KNOWN, RETRY_SECONDS, STRANGERS
from homeroom.web.shared.sign_in.known_devices import find_known_device, remember_device
from homeroom.web.shared.sign_in.pending_sign_in import continue_sign_in
from homeroom.web.shared.sign_in.session_records import end_own_session, finish_passphrase_change

BUSY = timedelta(seconds=RETRY_SECONDS)
EXPIRED = "expired"
_CHANGE = "password change"


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One attempt to sign in: the form that was checked, or how long the visitor has to wait before it is.

    `is_recorded` is false for tries beyond the number that is recorded if they fail.
    """

    form: AuthenticationForm
    wait: timedelta = timedelta(0)
    is_busy: bool = False
    is_recorded: bool = True


class NewPasswordForm(PasswordChangeForm):
    """The form for a new password, which is not the old one."""

    def clean(self) -> dict[str, Any]:
        """Return the values; refuse the old password as the new one."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("new_password1") and values.get("new_password1") == values.get("old_password"):
            self.add_error("new_password1", gettext("Choose a password that differs from the old one."))
        return values


@require_permission("site.open")
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in form; after five failures for one account from one network, require a wait."""
    after = get_redirect_url(request)
    if request.user.is_authenticated:
        return redirect(after)
    if request.method != "POST":
        return _render_sign_in(request, _Attempt(form=AuthenticationForm(request)), after=after)
    username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    device = find_known_device(request, username=username)
    attempt = _try_sign_in(request, username=username, address=address, device=device)
    if attempt.wait or not attempt.form.is_valid():
        if not attempt.wait and attempt.is_recorded:
            record_failed_sign_in(username=username, way=PASSPHRASE)
        return _render_sign_in(request, attempt, after=after)
    clear_sign_in_attempts(username=username, address=address, device=device)
    response = continue_sign_in(request, attempt.form.get_user(), method=PASSPHRASE, after=after)
    if request.user.is_authenticated:
        remember_device(request, response, user=request.user)
    return response


def _try_sign_in(request: HttpRequest, *, username: str, address: str, device: str) -> _Attempt:
    """Check the passphrase, unless the visitor has to wait; hashing waits for its place in the queue.

    An unknown name costs as much as a known one: Django hashes for both.
    """
    now, empty_form = get_current_time(), AuthenticationForm(request)
    if is_break_glass_name(username=username):
        return _try_break_glass(request)
    if wait := get_sign_in_wait(username=username, address=address, device=device, at=now):
        return _Attempt(form=empty_form, wait=wait)
    with (KNOWN if device else STRANGERS).reserve() as is_reserved:
        if not is_reserved:
            return _Attempt(form=empty_form, wait=BUSY, is_busy=True)
        if wait := register_sign_in_attempt(username=username, address=address, device=device, at=now):
            return _Attempt(form=empty_form, wait=wait)
        form = AuthenticationForm(request, data=request.POST)
        if form.is_valid() and is_passphrase_expired(user=form.get_user(), at=now):
            form.add_error(None, ValidationError("", code=EXPIRED))
        return _Attempt(form=form)


def _try_break_glass(request: HttpRequest) -> _Attempt:
    """Check the passphrase of a break-glass account, however often others tried: nobody guesses it or locks it out.

    Hashing waits for its place in the queue of known devices, so that a crowd of strangers does not delay it.
    """
    username, address = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", "")
    with KNOWN.reserve() as is_reserved:
        if not is_reserved:
            return _Attempt(form=AuthenticationForm(request), wait=BUSY, is_busy=True)
        is_late = bool(register_sign_in_attempt(username=username, address=address, at=get_current_time()))
        form = AuthenticationForm(request, data=request.POST)
        form.is_valid()
        return _Attempt(form=form, is_recorded=not is_late)


@require_permission("account.use")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    end_own_session(request)
    logout(request)
    return redirect("/sign-in")


@require_permission("account.use")
@never_cache
@sensitive_post_parameters()
@login_required
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the user's own password, which has at least 15 characters; who has none gets 404.

    The old password is guessed no faster here than on the sign-in page: five tries, then waits.
    """
    user: Any = request.user
    if not user.has_usable_password() or is_break_glass_name(username=user.get_username()):
        raise Http404
    if request.method != "POST":
        return _render_password(request, NewPasswordForm(user))
    with KNOWN.reserve() as is_reserved:
        if not is_reserved:
            return _render_password(request, NewPasswordForm(user), wait=BUSY, is_busy=True)
        if wait := register_sign_in_attempt(username=str(user.pk), address="", kind=_CHANGE, at=get_current_time()):
            return _render_password(request, NewPasswordForm(user), wait=wait)
        form = NewPasswordForm(user, data=request.POST)
        is_changed = form.is_valid()
        if form.has_error("old_password"):
            record_failed_sign_in(username=user.get_username(), way=_CHANGE)
        else:
            clear_sign_in_attempts(username=str(user.pk), address="", kind=_CHANGE)
        if not is_changed:
            return _render_password(request, form)
        update_session_auth_hash(request, form.save())
    count = finish_passphrase_change(request, at=get_current_time())
    _record_everywhere(request, action="change password")
    messages.success(request, gettext("Your password is changed."), extra_tags="good")
    if count:
        messages.success(request, describe_ended_tokens(count), extra_tags="good")
    return redirect("today")


def _render_password(
    request: HttpRequest, form: NewPasswordForm, *, wait: timedelta = timedelta(0), is_busy: bool = False
) -> HttpResponse:
    seconds = math.ceil(wait.total_seconds())
    context = {"form": form, "busy": is_busy, "minutes": math.ceil(seconds / 60)}
    status = 429 if seconds else 422 if form.errors else 200
    attach_visit(request)
    response = render(request, "account/password.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


def _render_sign_in(request: HttpRequest, attempt: _Attempt, *, after: str) -> HttpResponse:
    seconds = math.ceil(attempt.wait.total_seconds())
    is_wrong = not seconds and attempt.form.is_bound
    context = build_sign_in_context(request, after=after) | {
        "form": attempt.form,
        "busy": attempt.is_busy,
        "minutes": math.ceil(seconds / 60),
        "wrong": is_wrong,
        "expired": attempt.form.has_error("__all__", EXPIRED),
    }
    response = render(request, "account/sign_in.html", context, status=429 if seconds else 422 if is_wrong else 200)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


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
]
