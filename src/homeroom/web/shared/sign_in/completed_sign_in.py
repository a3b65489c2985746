"""The end of each sign-in, whatever proved who somebody is: a new session, and an entry in the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import find_user, list_districts_of_user, list_memberships
from homeroom.apps.platform.districts.sign_in_attempts import register_sign_in_attempt
from homeroom.apps.platform.second_factors.break_glass import record_break_glass_use
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.session_records import end_own_session, set_sign_in_method
from homeroom.web.shared.sign_in_proofs import remember_proof

PASSPHRASE = "passphrase"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def complete_sign_in(
    request: HttpRequest,
    user: Any,
    *,
    method: str,
    factor: str = "",
    district: District | None = None,
    is_recorded: bool = False,
) -> None:
    """Sign a user in, in a new session, and record it in the audit trail of each district of theirs.

    `method` is `passphrase`, `passkey`, `code`, or the name of a provider, whose `district` then is the only one that
    the session opens. `factor` is the second factor that was proved, if any. `is_recorded` is true if the caller
    recorded the sign-in.
    """
    now = get_current_time()
    end_own_session(request)
    request.session.flush()
    login(request, user, backend=_BACKEND)
    set_sign_in_method(request, method)
    remember_proof(request, method=method, factor=factor, district=district, at=now)
    record_break_glass_use(user=user, at=now)
    if is_recorded:
        return
    for membership in list_memberships(user=user):
        if district is None or membership.district.pk == district.pk:
            record_audit_entry(
                district=membership.district,
                at=now,
                actor=user.get_username(),
                action="sign in",
                detail={"way": method, **({"second_factor": factor} if factor else {})},
            )


def record_failed_sign_in(*, username: str, way: str, district: District | None = None) -> None:
    """Record that somebody failed to sign in as a user, in the trail of each district of that user, or of one.

    A user who was deactivated has an entry too, marked as such. Nothing is recorded for a name that nobody has, and
    nothing of what was typed besides the name.
    """
    user = find_user(username=username)
    if user is None:
        return
    is_open = {membership.district.pk for membership in list_memberships(user=user)} if user.is_active else set()
    for own in list_districts_of_user(user=user):
        if district is None or own.pk == district.pk:
            detail = {"way": way, **({} if own.pk in is_open else {"deactivated": True})}
            _record_failure(own, detail, subject_kind="user", subject=user.get_username()[:80])


def record_refused_arrival(*, district: District, way: str) -> None:
    """Record that a district refused an account of its provider, or a printed code, of nobody whom it knows.

    After some tries of a way in a quarter of an hour only a few more a minute are recorded, so that nobody fills the
    trail.
    """
    now = get_current_time()
    if not register_sign_in_attempt(username=f"{district.pk} {way}", address="", kind="arrival", at=now):
        _record_failure(district, {"way": way})


def _record_failure(district: District, detail: dict[str, Any], *, subject_kind: str = "", subject: str = "") -> None:
    record_audit_entry(
        district=district,
        at=get_current_time(),
        actor="",
        action="fail to sign in",
        subject_kind=subject_kind,
        subject=subject,
        detail=detail,
    )
