"""One's own sessions: where a user is signed in, and ending it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from homeroom.apps.platform.accounts.commands import end_own_sessions
from homeroom.apps.platform.accounts.queries import list_own_sessions
from homeroom.apps.platform.api_tokens.commands import NoSuchToken, revoke_own_token
from homeroom.apps.platform.api_tokens.queries import list_active_tokens
from homeroom.apps.platform.districts.queries import OFFICE_ROLES, DistrictMembership
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.users.ended_access import describe_ended
from homeroom.web.shared.access import attach_visit, get_current_time
from homeroom.web.shared.sign_in_proofs import list_open_memberships, may_change_factors


@require_permission("account.use")
@never_cache
@login_required
def show_own_sessions(request: HttpRequest) -> HttpResponse:
    """Show where the visitor is signed in, and where they were; who is not of an office gets 404.

    The visitor's active API tokens are listed here as well, also if they may not make any now.
    """
    membership = _get_office_membership(request)
    _check_all_districts_open(request)
    attach_visit(request)
    sessions = list_own_sessions(user=request.user, current_key=_get_key(request), at=timezone.now())
    with timezone.override(ZoneInfo(membership.district.timezone)):
        tokens = list_active_tokens(user=request.user, at=get_current_time())
        context = {"sessions": sessions, "tokens": tokens, "today": timezone.localdate()}
        return render(request, "users/own_sessions.html", context)


@require_permission("account.use")
@require_POST
@login_required
def end_own_sessions_view(request: HttpRequest) -> HttpResponse:
    """End one session of the visitor's, or all but this one."""
    _get_office_membership(request)
    _check_all_districts_open(request)
    count = end_own_sessions(
        user=request.user,
        current_key=_get_key(request),
        record=request.POST.get("session", ""),
        at=get_current_time(),
    )
    messages.success(request, describe_ended(count), extra_tags="good")
    return redirect("own-sessions")


@require_permission("account.use")
@require_POST
@login_required
def revoke_own_token_view(request: HttpRequest) -> HttpResponse:
    """Revoke an API token of the visitor's, in any of their districts."""
    _get_office_membership(request)
    _check_all_districts_open(request)
    try:
        revoke_own_token(user=request.user, token=request.POST.get("token", ""), at=get_current_time())
    except NoSuchToken as error:
        raise Http404 from error
    messages.success(request, gettext("Revoked. The token opens nothing any more."), extra_tags="good")
    return redirect("own-sessions")


def _get_office_membership(request: HttpRequest) -> DistrictMembership:
    memberships = [item for item in list_open_memberships(request) if item.role in OFFICE_ROLES]
    if not memberships:
        raise Http404
    return memberships[0]


def _check_all_districts_open(request: HttpRequest) -> None:
    """Raise PermissionDenied in a session of one district's provider, which opens no other district of the user."""
    if not may_change_factors(request):
        raise PermissionDenied(gettext("Sign in with your password to see and end all of your sessions."))


def _get_key(request: HttpRequest) -> str:
    return request.session.session_key or ""


urlpatterns = [
    path("account/sessions", show_own_sessions, name="own-sessions"),
    path("account/sessions/end", end_own_sessions_view, name="own-sessions-end"),
    path("account/sessions/revoke-token", revoke_own_token_view, name="own-token-revoke"),
]
