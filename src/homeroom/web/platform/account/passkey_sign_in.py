"""Signing in with a passkey, without a name and a passphrase."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from homeroom.apps.platform.districts.queries import list_memberships
from homeroom.apps.platform.districts.sign_in_attempts import register_sign_in_attempt
from homeroom.apps.platform.second_factors.passkeys import PasskeyRefused, request_passkey, use_passkey
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.passkey_states import (
    get_site_name,
    read_passkey_answer,
    send_passkey_request,
    take_passkey_state,
)
from homeroom.web.platform.account.sign_in_page import build_sign_in_context, get_redirect_url
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import complete_sign_in, record_failed_sign_in
from homeroom.web.shared.sign_in.known_devices import remember_device
from homeroom.web.shared.sign_in.stranger_sessions import begin_stranger_session

PASSKEY = "passkey"


@require_permission("site.open")
@never_cache
@require_POST
def request_any_passkey(request: HttpRequest) -> HttpResponse:
    """Return the request for a passkey of whoever is there; 429 beyond the budget of a network."""
    if not begin_stranger_session(request):
        return HttpResponse(status=429)
    return send_passkey_request(request, request_passkey(host=get_site_name(request)), purpose="sign in")


@require_permission("site.open")
@never_cache
@require_POST
def sign_in_with_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whose passkey signed the request; a passkey with its PIN or fingerprint is both steps."""
    after = get_redirect_url(request)
    try:
        passkey = use_passkey(
            host=get_site_name(request),
            state=take_passkey_state(request, purpose="sign in"),
            answer=read_passkey_answer(request),
            at=get_current_time(),
        )
    except PasskeyRefused as error:
        return _refuse(request, after, user=error.user)
    if not passkey.user.is_active or not list_memberships(user=passkey.user):
        return _refuse(request, after, user=passkey.user)
    complete_sign_in(request, passkey.user, method=PASSKEY, factor=PASSKEY)
    response = redirect(after)
    remember_device(request, response, user=passkey.user)
    return response


def _refuse(request: HttpRequest, after: str, *, user: Any | None) -> HttpResponse:
    """Show the refusal; record the first ones of a known user's passkey: the key may be a copy."""
    if user is not None and not register_sign_in_attempt(
        username=str(user.pk), address="", kind=PASSKEY, at=get_current_time()
    ):
        record_failed_sign_in(username=user.get_username(), way=PASSKEY)
    context = build_sign_in_context(request, after=after) | {"passkey_refused": True}
    return render(request, "account/sign_in.html", context, status=422)


urlpatterns = [
    path("sign-in/passkey/options", request_any_passkey, name="sign-in-passkey-options"),
    path("sign-in/passkey", sign_in_with_passkey, name="sign-in-passkey"),
]
