"""The visitor's own 2-step verification: passkeys, an authenticator app, recovery codes, and linked accounts."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from qrcode import QRCode
from qrcode.image.svg import SvgPathImage

from homeroom.apps.platform.accounts.commands import end_own_access
from homeroom.apps.platform.districts.queries import OFFICE_ROLES
from homeroom.apps.platform.people_sign_in.providers import list_registrations
from homeroom.apps.platform.second_factors.authenticator_apps import (
    activate_app,
    build_app_address,
    find_app,
    prepare_app,
    read_prepared_secret,
    remove_app,
)
from homeroom.apps.platform.second_factors.passkeys import (
    PasskeyRefused,
    list_passkeys,
    register_passkey,
    remove_passkey,
    request_registration,
)
from homeroom.apps.platform.second_factors.provider_links import list_links, remove_link
from homeroom.apps.platform.second_factors.queries import APP, PASSKEY, find_factors
from homeroom.apps.platform.second_factors.recovery_codes import count_recovery_codes, issue_recovery_codes
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.passkey_states import (
    get_site_name,
    read_passkey_answer,
    send_passkey_request,
    take_passkey_state,
)
from homeroom.web.platform.users.ended_access import describe_ended, describe_ended_tokens
from homeroom.web.shared.access import attach_visit, get_current_time
from homeroom.web.shared.sign_in_proofs import (
    add_factor,
    get_proof,
    lacks_second_factor,
    list_open_memberships,
    may_change_factors,
)

_PREPARED = "homeroom.prepared-app"
_LINK_SALT = "homeroom.second_factors.link"
View = Callable[..., HttpResponseBase]


def check_office(view: View) -> View:
    """Decorate a page for users of the office; others sign in by their district's account alone, and get 404."""

    @never_cache
    @login_required
    @wraps(view)
    def page(request: HttpRequest, **url_arguments: Any) -> HttpResponseBase:
        if not any(membership.role in OFFICE_ROLES for membership in list_open_memberships(request)):
            raise Http404
        return view(request, **url_arguments)

    return page


def check_recent_sign_in(view: View) -> View:
    """Decorate a change that needs a recent sign-in: a session that was left open must not add a key of its own."""

    @check_office
    @wraps(view)
    def change(request: HttpRequest, **url_arguments: Any) -> HttpResponseBase:
        is_recent = get_proof(request).is_recent(at=get_current_time())
        if not is_recent or not may_change_factors(request):
            return redirect("account-two-step")
        return view(request, **url_arguments)

    return change


@require_permission("account.use")
@check_office
def show_two_step(request: HttpRequest) -> HttpResponse:
    """Show what the visitor has set up."""
    return _render(request)


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def request_new_passkey(request: HttpRequest) -> HttpResponse:
    """Return the request for a new passkey."""
    try:
        passkey_request = request_registration(user=request.user, host=get_site_name(request))
    except PasskeyRefused:
        return HttpResponse(status=409)
    return send_passkey_request(request, passkey_request, purpose="register")


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Store the passkey that the browser made."""
    is_first = not find_factors(user=request.user).is_ready
    try:
        register_passkey(
            user=request.user,
            host=get_site_name(request),
            name=request.POST.get("name", "") or gettext("Passkey"),
            state=take_passkey_state(request, purpose="register"),
            answer=read_passkey_answer(request),
            at=get_current_time(),
        )
    except PasskeyRefused:
        return _render(request, problem="passkey")
    return _finish_adding(request, PASSKEY, gettext("The passkey is added."), is_first=is_first)


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def delete_passkey(request: HttpRequest, *, number: int) -> HttpResponse:
    """Remove a passkey of the visitor's."""
    user: Any = request.user
    if remove_passkey(user=user, number=number, actor=user.get_username(), at=get_current_time()):
        messages.success(request, gettext("The passkey is removed."), extra_tags="good")
        _end_other_access(request)
    return redirect("account-two-step")


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def start_app(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new secret, which becomes the visitor's with its first code."""
    request.session[_PREPARED] = prepare_app(user=request.user)
    return _render_app(request)


@require_permission("account.use")
@sensitive_post_parameters("code")
@require_POST
@check_recent_sign_in
def confirm_app(request: HttpRequest) -> HttpResponse:
    """Take the first code of a new authenticator app."""
    sealed = request.session.get(_PREPARED, "")
    if not sealed:
        return redirect("account-two-step")
    code, is_first = request.POST.get("code", ""), not find_factors(user=request.user).is_ready
    if not activate_app(user=request.user, sealed=sealed, code=code, at=get_current_time()):
        return _render_app(request, is_wrong=True)
    del request.session[_PREPARED]
    return _finish_adding(request, APP, gettext("The authenticator app is set up."), is_first=is_first)


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def delete_app(request: HttpRequest) -> HttpResponse:
    """Remove the visitor's authenticator app."""
    user: Any = request.user
    if remove_app(user=user, actor=user.get_username(), at=get_current_time()):
        messages.success(request, gettext("The authenticator app is removed."), extra_tags="good")
        _end_other_access(request)
    return redirect("account-two-step")


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def show_new_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes and show them once."""
    return _render_codes(request)


@require_permission("account.use")
@require_POST
@check_recent_sign_in
def delete_link(request: HttpRequest, *, slug: str, provider: str) -> HttpResponse:
    """Remove the visitor's link to an account at a provider."""
    user: Any = request.user
    districts = [item.district for item in list_open_memberships(request) if item.district.slug == slug]
    if not districts:
        raise Http404
    if remove_link(
        district=districts[0], user=user, provider=provider, actor=user.get_username(), at=get_current_time()
    ):
        messages.success(request, gettext("The account is no longer linked."), extra_tags="good")
        _end_other_access(request)
    return redirect("account-two-step")


def compute_link_key(request: HttpRequest) -> str:
    """Return what a link for linking an account has to hold: no other site can send the visitor on that way."""
    return salted_hmac(_LINK_SALT, request.session.session_key or "", algorithm="sha256").hexdigest()


def _finish_adding(request: HttpRequest, factor: str, done: str, *, is_first: bool) -> HttpResponse:
    """Show recovery codes with the first factor; else the page again.

    Other sessions and API tokens from before the user had a factor end: somebody may have begun or made them with the
    password alone.
    """
    if is_first:
        _end_other_access(request)
    add_factor(request, factor)
    messages.success(request, done, extra_tags="good")
    return redirect("account-two-step") if count_recovery_codes(user=request.user) else _render_codes(request)


def _end_other_access(request: HttpRequest) -> None:
    key = request.session.session_key or ""
    ended = end_own_access(user=request.user, current_key=key, at=get_current_time())
    if ended.sessions:
        messages.success(request, describe_ended(ended.sessions), extra_tags="good")
    if ended.tokens:
        messages.success(request, describe_ended_tokens(ended.tokens), extra_tags="good")


def _render_codes(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    codes = issue_recovery_codes(user=user, actor=user.get_username(), at=get_current_time())
    return render(request, "account/recovery_codes.html", {"codes": codes, "username": user.get_username()})


def _render_app(request: HttpRequest, *, is_wrong: bool = False) -> HttpResponse:
    secret = read_prepared_secret(user=request.user, sealed=request.session[_PREPARED])
    address = build_app_address(user=request.user, secret=secret)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    context = {"drawing": _draw_qr_code(address), "secret": groups, "is_wrong": is_wrong}
    return render(request, "account/authenticator_app.html", context, status=422 if is_wrong else 200)


def _draw_qr_code(address: str) -> str:
    """Return the path of a QR code as SVG, without a document around it."""
    code = QRCode(border=2)
    code.add_data(address)
    stream = io.BytesIO()
    code.make_image(image_factory=SvgPathImage).save(stream)
    text = stream.getvalue().decode()
    return text[text.index("<svg") :]


def _render(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    user: Any = request.user
    memberships = list_open_memberships(request)
    links = list_links(user=user, districts=[membership.district for membership in memberships])
    linked = {(link.district.pk, link.provider) for link in links}
    context = {
        "passkeys": list_passkeys(user=user),
        "app": find_app(user=user),
        "factors": find_factors(user=user),
        "links": links,
        "linkable": [
            (membership.district, registration.provider)
            for membership in memberships
            for registration in list_registrations(district=membership.district)
            if (membership.district.pk, registration.provider.name) not in linked
        ],
        "link_key": compute_link_key(request),
        "is_recent": get_proof(request).is_recent(at=get_current_time()),
        "may_change": may_change_factors(request),
        "is_missing": any(lacks_second_factor(request, membership=membership) for membership in memberships),
        "problem": problem,
    }
    attach_visit(request)
    return render(request, "account/two_step.html", context, status=422 if problem else 200)


urlpatterns = [
    path("account/2-step", show_two_step, name="account-two-step"),
    path("account/2-step/passkeys/options", request_new_passkey, name="account-passkey-options"),
    path("account/2-step/passkeys", add_passkey, name="account-passkey-add"),
    path("account/2-step/passkeys/<int:number>/remove", delete_passkey, name="account-passkey-remove"),
    path("account/2-step/app", start_app, name="account-app"),
    path("account/2-step/app/confirm", confirm_app, name="account-app-confirm"),
    path("account/2-step/app/remove", delete_app, name="account-app-remove"),
    path("account/2-step/codes", show_new_codes, name="account-codes"),
    path("account/2-step/links/<slug:slug>/<slug:provider>/remove", delete_link, name="account-link-remove"),
]
