"""Records of sessions: starting, extending and ending them.

Django's session table answers who is signed in. A record beside it states how, from where and until when, and outlives
the session. Ending a session deletes Django's row, so that its next request is that of a stranger.

Times are those of the machine's clock, as Django's sessions have them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from homeroom.apps.platform.accounts.models import UserSession

SIGNED_OUT, ENDED, EXPIRED = "signed out", "ended", "expired"
RESET, DEACTIVATED, CHANGED = "reset", "deactivated", "changed"
MAX_ADDRESS_LENGTH, MAX_AGENT_LENGTH = 45, 200


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """What a request states about a session: its key, the visitor's address and browser, and how they signed in.

    `method` is a word such as `passphrase`, `passkey` or `google`; empty if unknown.
    """

    session_key: str
    address: str = ""
    agent: str = ""
    method: str = ""


def start_session_record(*, user: Any, facts: SessionFacts, at: datetime, expires_at: datetime) -> str:
    """Record that a session started, and return the record's id."""
    record = UserSession.objects.create(
        public=secrets.token_hex(8),
        user=user,
        session_key=facts.session_key,
        method=facts.method,
        address=facts.address[:MAX_ADDRESS_LENGTH],
        agent=facts.agent[:MAX_AGENT_LENGTH],
        started_at=at,
        last_seen_at=at,
        expires_at=expires_at,
    )
    return record.public


def extend_session_record(*, record: str, facts: SessionFacts, at: datetime) -> datetime | None:
    """Record that a session was used, under its present key; return when it expires, None if it has ended."""
    active = UserSession.objects.filter(public=record, ended_at=None, expires_at__gt=at)
    is_active = active.update(
        session_key=facts.session_key,
        address=facts.address[:MAX_ADDRESS_LENGTH],
        agent=facts.agent[:MAX_AGENT_LENGTH],
        last_seen_at=at,
    )
    return active.values_list("expires_at", flat=True).first() if is_active else None


def end_session_by_key(*, session_key: str, at: datetime, because: str = SIGNED_OUT) -> None:
    """Record that the session with a key has ended, and delete it."""
    if session_key:
        _end(UserSession.objects.filter(session_key=session_key), at=at, by="", because=because)


def end_sessions(
    *, user: Any, at: datetime, by: str = "", because: str = ENDED, record: str = "", except_key: str = ""
) -> int:
    """End the active sessions of a user, only that of one record if it is given; return how many.

    `except_key` is the key of a session that stays. `by` is the user name of who ends them.
    """
    rows = UserSession.objects.filter(user=user)
    if record:
        rows = rows.filter(public=record)
    return _end(rows.exclude(session_key=except_key) if except_key else rows, at=at, by=by, because=because)


def has_session() -> Exists:
    """Return the condition that the session of a record is there: after a restore records are, and sessions are not."""
    return Exists(Session.objects.filter(session_key=OuterRef("session_key")))


def delete_old_session_records(at: datetime) -> int:
    """Close the records of sessions that expired or are gone, and delete those that ended long ago; return how many."""
    expired = Q(expires_at__lte=at) | Q(last_seen_at__lte=at - settings.SESSION_IDLE) | ~has_session()
    _end(UserSession.objects.filter(expired), at=at, by="", because=EXPIRED)
    count, _ = UserSession.objects.filter(ended_at__lt=at - settings.SESSION_RECORD_AGE).delete()
    return count


@transaction.atomic
def _end(rows: QuerySet[UserSession], *, at: datetime, by: str, because: str) -> int:
    active = list(rows.filter(ended_at=None).values_list("pk", "session_key"))
    ended = UserSession.objects.filter(pk__in=[pk for pk, _ in active], ended_at=None)
    count = ended.update(session_key="", ended_at=at, ended_by=by, ended_because=because)
    Session.objects.filter(session_key__in=[key for _, key in active if key]).delete()
    return count
