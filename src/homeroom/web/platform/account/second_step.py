"""The second step of a sign-in: a passkey, a code of the authenticator app, or a recovery code."""

from __future__ import annotations

import math
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from homeroom.apps.platform.districts.sign_in_attempts import clear_sign_in_attempts, register_sign_in_attempt
from homeroom.apps.platform.second_factors.authenticator_apps import use_app_code
from homeroom.apps.platform.second_factors.break_glass import is_break_glass
from homeroom.apps.platform.second_factors.passkeys import PasskeyRefused, request_passkey, use_passkey
from homeroom.apps.platform.second_factors.queries import APP, PASSKEY, RECOVERY, find_factors
from homeroom.apps.platform.second_factors.recovery_codes import use_recovery_code
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.passkey_states import (
    get_site_name,
    read_passkey_answer,
    send_passkey_request,
    take_passkey_state,
)
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import record_failed_sign_in
from homeroom.web.shared.sign_in.known_devices import remember_device
from homeroom.web.shared.sign_in.pending_sign_in import PendingSignIn, find_pending, finish_pending

_KIND = "second step"
"""Tries at the second step of a user are counted apart from passphrases: no name that somebody types reaches them."""


@require_permission("site.open")
@never_cache
@sensitive_post_parameters("code")
def confirm_sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the second step, and take a code; after five wrong codes of a user, require a wait."""
    pending = find_pending(request)
    if pending is None:
        return redirect("sign_in")
    if request.method != "POST":
        return _render(request, pending)
    wait = _register_try(pending)
    if wait and not is_break_glass(user=pending.user):
        return _render(request, pending, wait=wait)
    factor = _use_code(pending, request.POST.get("code", ""))
    if not factor:
        return _fail(request, pending, way="code", is_recorded=not wait)
    return _finish(request, pending, factor=factor)


@require_permission("site.open")
@never_cache
@require_POST
def request_own_passkey(request: HttpRequest) -> HttpResponse:
    """Return the request for a passkey of the user who passed the first step."""
    pending = find_pending(request)
    if pending is None:
        return HttpResponse(status=403)
    passkey_request = request_passkey(host=get_site_name(request), user=pending.user)
    return send_passkey_request(request, passkey_request, purpose="confirm")


@require_permission("site.open")
@never_cache
@require_POST
def confirm_with_passkey(request: HttpRequest) -> HttpResponse:
    """Take the signature of a passkey as second step."""
    pending = find_pending(request)
    if pending is None:
        return redirect("sign_in")
    try:
        use_passkey(
            host=get_site_name(request),
            state=take_passkey_state(request, purpose="confirm"),
            answer=read_passkey_answer(request),
            at=get_current_time(),
            user=pending.user,
        )
    except PasskeyRefused:
        wait = _register_try(pending)
        if wait and not is_break_glass(user=pending.user):
            return _render(request, pending, wait=wait)
        return _fail(request, pending, way="passkey", is_recorded=not wait)
    return _finish(request, pending, factor=PASSKEY)


def _use_code(pending: PendingSignIn, code: str) -> str:
    """Use a code up and return which factor it is of; empty text if it is of none."""
    now = get_current_time()
    if use_app_code(user=pending.user, code=code, at=now):
        return APP
    return RECOVERY if use_recovery_code(user=pending.user, code=code, at=now) else ""


def _register_try(pending: PendingSignIn) -> timedelta:
    """Count a try, from wherever it comes, and return how long it has to wait.

    Those of a break-glass account are not refused, since nobody guesses its codes and nobody may lock them out; but
    failures beyond the budget are not recorded.
    """
    return register_sign_in_attempt(username=str(pending.user.pk), address="", kind=_KIND, at=get_current_time())


def _finish(request: HttpRequest, pending: PendingSignIn, *, factor: str) -> HttpResponse:
    clear_sign_in_attempts(username=str(pending.user.pk), address="", kind=_KIND)
    response = finish_pending(request, pending, factor=factor)
    remember_device(request, response, user=pending.user)
    return response


def _fail(request: HttpRequest, pending: PendingSignIn, *, way: str, is_recorded: bool) -> HttpResponse:
    if is_recorded:
        record_failed_sign_in(username=pending.user.get_username(), way=way, district=pending.district)
    return _render(request, pending, problem=way)


def _render(
    request: HttpRequest, pending: PendingSignIn, *, wait: timedelta = timedelta(0), problem: str = ""
) -> HttpResponse:
    seconds = math.ceil(wait.total_seconds())
    context = {
        "factors": find_factors(user=pending.user),
        "minutes": math.ceil(seconds / 60),
        "problem": problem,
        "after": pending.after,
        "language_next": reverse("sign-in-confirm"),
    }
    status = 429 if seconds else 422 if problem else 200
    response = render(request, "account/second_step.html", context, status=status)
    if seconds:
        response["Retry-After"] = str(seconds)
    return response


urlpatterns = [
    path("sign-in/confirm", confirm_sign_in, name="sign-in-confirm"),
    path("sign-in/confirm/passkey/options", request_own_passkey, name="sign-in-confirm-options"),
    path("sign-in/confirm/passkey", confirm_with_passkey, name="sign-in-confirm-passkey"),
]
