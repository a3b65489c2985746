"""How the visitor of a session proved who they are, and what that opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from homeroom.apps.platform.districts.queries import (
    OFFICE_ROLES,
    DistrictMembership,
    count_memberships,
    list_memberships,
)
from homeroom.apps.platform.second_factors.policies import get_policy
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission

RECENT = timedelta(minutes=15)
"""How long after signing in the visitor may change how they sign in, without signing in again."""
PROVIDER = "provider"
"""The second factor of a session whose provider asks for one itself, if the director of the district says so."""
_PROOF = "homeroom.proof"


@dataclass(frozen=True, kw_only=True)
class SignInProof:
    """How the visitor of a session proved who they are, and when; empty text and None where that is not known.

    `factor` is what was proved besides the first method. `district_id` is the district whose provider vouches for the
    visitor: such a session opens that district alone.
    """

    method: str = ""
    factor: str = ""
    district_id: int | None = None
    at: datetime | None = None

    def is_recent(self, *, at: datetime) -> bool:
        """Check whether the visitor signed in within the last quarter of an hour."""
        return self.at is not None and timedelta(0) <= at - self.at <= RECENT


def remember_proof(request: HttpRequest, *, method: str, factor: str, district: District | None, at: datetime) -> None:
    """Remember in the session how its visitor proved who they are."""
    request.session[_PROOF] = {
        "method": method,
        "factor": factor,
        "district": None if district is None else district.pk,
        "at": at.isoformat(),
    }


def add_factor(request: HttpRequest, factor: str) -> None:
    """Remember that the visitor proved a second factor after signing in: the one that they just set up."""
    if stored := request.session.get(_PROOF):
        request.session[_PROOF] = {**stored, "factor": stored["factor"] or factor}


def get_proof(request: HttpRequest) -> SignInProof:
    """Return how the visitor of the session proved who they are; an empty proof if that is not known."""
    stored = request.session.get(_PROOF)
    if not isinstance(stored, dict):
        return SignInProof()
    return SignInProof(
        method=stored["method"],
        factor=stored["factor"],
        district_id=stored["district"],
        at=datetime.fromisoformat(stored["at"]),
    )


def list_open_memberships(request: HttpRequest) -> tuple[DistrictMembership, ...]:
    """Return the districts that the session opens: those of the visitor, or the one whose provider vouches for them."""
    memberships = list_memberships(user=request.user)
    vouching = get_proof(request).district_id
    return tuple(item for item in memberships if vouching is None or item.district.pk == vouching)


def lacks_second_factor(request: HttpRequest, *, membership: DistrictMembership) -> bool:
    """Check whether the district requires a second factor of the visitor, and the session has none that counts."""
    factor = get_proof(request).factor
    if membership.role not in OFFICE_ROLES or factor not in ("", PROVIDER):
        return False
    policy = get_policy(district=membership.district)
    return policy.is_required and not (factor == PROVIDER and policy.provider_counts)


def is_sign_in_recent(request: HttpRequest, *, change: str, at: datetime) -> bool:
    """Check whether the visitor signed in recently enough for changes under a permission; most need nothing of it."""
    return not get_permission(change).needs_recent_sign_in or get_proof(request).is_recent(at=at)


def may_change_factors(request: HttpRequest) -> bool:
    """Check whether the session may change how its user signs in, once it is recent.

    A session by the provider of one district may not if the user belongs to others too, which it does not open.
    """
    return len(list_open_memberships(request)) == count_memberships(user=request.user)
