"""A sign-in between its two steps: who passed the first, in the session of somebody who is not signed in yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from homeroom.apps.platform.districts.queries import find_active_user, list_memberships
from homeroom.apps.platform.second_factors.policies import get_policy
from homeroom.apps.platform.second_factors.queries import find_factors
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import complete_sign_in
from homeroom.web.shared.sign_in_proofs import PROVIDER

LIFETIME = timedelta(minutes=10)
_PENDING = "homeroom.pending"


@dataclass(frozen=True, kw_only=True)
class PendingSignIn:
    """Who passed the first step, by which method, and where they go after the second."""

    user: Any
    method: str
    district: District | None
    after: str


def continue_sign_in(
    request: HttpRequest, user: Any, *, method: str, after: str, district: District | None = None
) -> HttpResponse:
    """Sign a user in who passed the first step, or lead to the second if they have a second factor.

    A sign-in by a `district`'s provider needs no other step where the director trusts the provider to require it.
    """
    is_vouched = district is not None and get_policy(district=district).provider_counts
    if not is_vouched and find_factors(user=user).is_ready:
        _remember(request, user, method=method, after=after, district=district)
        return redirect("sign-in-confirm")
    complete_sign_in(request, user, method=method, factor=PROVIDER if is_vouched else "", district=district)
    return redirect(after)


def find_pending(request: HttpRequest) -> PendingSignIn | None:
    """Return the sign-in that waits for its second step in this session; None if there is none, or it is too old.

    It ends with the passphrase, and with the user or the membership.
    """
    stored = request.session.get(_PENDING)
    if not isinstance(stored, dict):
        return None
    age = get_current_time() - datetime.fromisoformat(stored["at"])
    user = find_active_user(username=stored["username"])
    if user is None or not timedelta(0) <= age <= LIFETIME or user.get_session_auth_hash() != stored["hash"]:
        return None
    number = stored["district"]
    districts = [item.district for item in list_memberships(user=user) if number in (None, item.district.pk)]
    if not districts:
        return None
    district = None if number is None else districts[0]
    return PendingSignIn(user=user, method=stored["method"], district=district, after=stored["after"])


def finish_pending(request: HttpRequest, pending: PendingSignIn, *, factor: str) -> HttpResponse:
    """Sign the user in who passed both steps."""
    complete_sign_in(request, pending.user, method=pending.method, factor=factor, district=pending.district)
    return redirect(pending.after)


def _remember(request: HttpRequest, user: Any, *, method: str, after: str, district: District | None) -> None:
    request.session.flush()
    request.session[_PENDING] = {
        "username": user.get_username(),
        "hash": user.get_session_auth_hash(),
        "method": method,
        "after": after,
        "district": None if district is None else district.pk,
        "at": get_current_time().isoformat(),
    }
    request.session.set_expiry(LIFETIME)
