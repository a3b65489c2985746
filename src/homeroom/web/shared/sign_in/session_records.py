"""The record of each session: every response extends it, starts it where there is none, or ends the session.

A record is written when a session begins, when its key changes, and every five minutes of use; other requests cost no
query. The session expires with its record: some hours after the sign-in, earlier if nobody uses it.

A user whose passphrase somebody else chose reaches no page but the one that changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from homeroom.apps.platform.accounts.sessions import (
    CHANGED,
    SessionFacts,
    end_session_by_key,
    end_sessions,
    extend_session_record,
    start_session_record,
)
from homeroom.apps.platform.accounts.temporary_passphrases import is_passphrase_temporary, mark_passphrase_own
from homeroom.apps.platform.api_tokens.commands import PASSWORD_CHANGED, end_user_tokens

INTERVAL = timedelta(minutes=5)
OPEN_VIEWS = frozenset({"password", "sign_in", "sign_out", "language"})
"""Views that who has to choose a passphrase opens."""
_MARK, _METHOD, _MUST_CHANGE = "homeroom-session", "homeroom-sign-in-method", "homeroom-must-change"


class SessionRecords:
    """Middleware that writes the record of the visitor's session, and leads to what they have to do first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response to the request, after the session's record is written."""
        response = self.get_response(request)
        if request.session.accessed and SESSION_KEY in request.session:
            write_session_record(request, at=timezone.now())
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], arguments: Any, named_arguments: Any
    ) -> HttpResponse | None:
        """Redirect a user who has to choose a passphrase."""
        match = request.resolver_match
        is_open = match is None or match.view_name in OPEN_VIEWS
        if is_open or settings.SESSION_COOKIE_NAME not in request.COOKIES or not must_change_passphrase(request):
            return None
        return redirect("/password")


def set_sign_in_method(request: HttpRequest, method: str) -> None:
    """Remember how the visitor signed in, for the record of the session that begins."""
    request.session[_METHOD] = method


def must_change_passphrase(request: HttpRequest) -> bool:
    """Check whether the visitor has to choose a passphrase before anything else."""
    return bool(request.session.get(_MUST_CHANGE)) and request.user.is_authenticated


def finish_passphrase_change(request: HttpRequest, *, at: datetime) -> int:
    """Record that the visitor chose their passphrase: end their other sessions, and open every page to this one.

    Their API tokens end too, since whoever knew the passphrase may have made one; return how many.
    """
    request.session.pop(_MUST_CHANGE, None)
    mark_passphrase_own(user=request.user)
    key = request.session.get(_MARK, {}).get("key", "")
    end_sessions(user=request.user, at=timezone.now(), because=CHANGED, except_key=key)
    name = request.user.get_username()
    return end_user_tokens(user=request.user, district=None, because=PASSWORD_CHANGED, actor=name, at=at)


def end_own_session(request: HttpRequest) -> None:
    """Record that the visitor's session ends, if there is one; the caller ends the session itself."""
    end_session_by_key(session_key=request.session.session_key or "", at=timezone.now())


def write_session_record(request: HttpRequest, *, at: datetime) -> None:
    """Start or extend the record of the visitor's session if that is due; end the session if its record has ended."""
    session = request.session
    if session.session_key is None:
        session.save()
    key, seen = session.get(_MARK, {}).get("key", ""), session.get(_MARK, {}).get("seen", 0)
    if key == session.session_key and at.timestamp() - seen < INTERVAL.total_seconds():
        return
    if not request.user.is_authenticated:
        return
    expires_at = _extend(request, at=at) if key else _start(request, at=at)
    if expires_at is None:
        session.flush()
        return
    session[_MARK] = session[_MARK] | {"key": session.session_key, "seen": at.timestamp()}
    session.set_expiry(min(expires_at, at + settings.SESSION_IDLE))


def _start(request: HttpRequest, *, at: datetime) -> datetime:
    session = request.session
    expires_at = min(session.get_expiry_date(), at + settings.SESSION_LIFETIME)
    facts = _read_facts(request, method=session.pop(_METHOD, ""))
    record = start_session_record(user=request.user, facts=facts, at=at, expires_at=expires_at)
    session[_MARK] = {"record": record}
    if facts.method in ("", "passphrase") and is_passphrase_temporary(user=request.user):
        session[_MUST_CHANGE] = True
    return expires_at


def _extend(request: HttpRequest, *, at: datetime) -> datetime | None:
    return extend_session_record(record=request.session[_MARK]["record"], facts=_read_facts(request), at=at)


def _read_facts(request: HttpRequest, *, method: str = "") -> SessionFacts:
    return SessionFacts(
        session_key=request.session.session_key or "",
        address=request.META.get("REMOTE_ADDR", ""),
        agent=request.META.get("HTTP_USER_AGENT", ""),
        method=method,
    )
