"""Accounts at a district's Google or Microsoft that sign users of its office in.

An account is linked by the issuer and the subject that it has there. Its address links nothing by itself: a user links
the account while signed in, or a director invites the address, which the provider has to have verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import OFFICE_ROLES, find_active_user, list_districts, list_memberships
from homeroom.apps.platform.people_sign_in.providers import list_registrations
from homeroom.apps.platform.second_factors.models import BreakGlassAccount, ProviderInvitation, ProviderLink
from homeroom.domain.platform.district import District

INVITATION_LIFETIME = timedelta(days=7)


class LinkRefused(ValueError):
    """An account cannot be linked or invited; the message states why, and names no other user."""


@dataclass(frozen=True, kw_only=True)
class ProvedAccount:
    """An account whose provider proved it: `address` is verified, and in lower case."""

    provider: str
    issuer: str
    subject: str
    address: str


@transaction.atomic
def link_account(
    *, district: District, user: Any, account: ProvedAccount, actor: str, at: datetime, is_invited: bool = False
) -> None:
    """Link an account to a user of the office, in place of an earlier one of the provider. Raise LinkRefused.

    `actor` is the user, or the director whose invitation it is. The entry in the audit trail has the address, and which
    one it replaces.
    """
    if not _is_of_office(user, district):
        raise LinkRefused("the user does not work in the office of this district")
    if BreakGlassAccount.objects.of(district).filter(user=user).exists():
        raise LinkRefused("a break-glass account signs in without a provider")
    links = ProviderLink.objects.of(district)
    before = links.filter(user=user, provider=account.provider).first()
    if links.filter(issuer=account.issuer, subject=account.subject).exclude(user=user).exists():
        raise LinkRefused("this account is linked to another user")
    links.update_or_create(
        district_id=district.pk,
        user_id=user.pk,
        provider=account.provider,
        defaults={
            "issuer": account.issuer,
            "subject": account.subject,
            "address": account.address[:255],
            "made_at": at,
            "used_at": None,
        },
    )
    detail = _describe(account.provider, [account.address])
    if is_invited:
        detail["by invitation"] = True
    if before is not None and (before.issuer, before.subject) != (account.issuer, account.subject):
        detail["replaces"] = before.address
    _record(district, user, actor=actor, at=at, action="link account", detail=detail)


@transaction.atomic
def admit_account(*, district: District, account: ProvedAccount, at: datetime) -> Any | None:
    """Return the active user of the office whom an account signs in, or None; an open invitation links it first."""
    links = ProviderLink.objects.of(district).select_related("user")
    link = links.filter(issuer=account.issuer, subject=account.subject).first()
    if link is None and _accept_invitation(district, account, at=at):
        link = links.filter(issuer=account.issuer, subject=account.subject).first()
    if link is None or not link.user.is_active or not _is_of_office(link.user, district):
        return None
    ProviderLink.objects.of(district).filter(pk=link.pk).update(used_at=at)
    return link.user


@transaction.atomic
def invite_address(
    *, district: District, username: str, provider: str, address: str, actor: str, at: datetime
) -> ProviderInvitation:
    """Let the account with a verified address sign a user in: it is linked at its first sign-in, within seven days.

    Raise LinkRefused.
    """
    user = find_active_user(username=username)
    if user is None or not _is_of_office(user, district):
        raise LinkRefused("there is no such user in the office of this district")
    if user.get_username() == actor:
        raise LinkRefused("link your own account under 2-step verification, where you sign in to it")
    if BreakGlassAccount.objects.of(district).filter(user=user).exists():
        raise LinkRefused("a break-glass account signs in without a provider")
    if provider not in {item.provider.name for item in list_registrations(district=district)}:
        raise LinkRefused("the district has no registration at this provider; enter it under Staff sign-in first")
    clean = address.strip().lower()
    if clean.count("@") != 1 or len(clean) > 255:
        raise LinkRefused("an e-mail address such as dana.whitfield@maplevalley.example would fit")
    invitations = ProviderInvitation.objects.of(district).filter(provider=provider)
    invitations.filter(expires_at__lte=at).delete()
    if invitations.filter(address=clean).exclude(user=user).exists():
        raise LinkRefused("this address is invited for another user")
    invitation, _ = ProviderInvitation.objects.of(district).update_or_create(
        district_id=district.pk,
        user_id=user.pk,
        provider=provider,
        defaults={"address": clean, "made_at": at, "made_by": actor, "expires_at": at + INVITATION_LIFETIME},
    )
    detail = _describe(provider, [clean])
    if link := ProviderLink.objects.of(district).filter(user=user, provider=provider).first():
        detail["will replace"] = link.address
    _record(district, user, actor=actor, at=at, action="invite account", detail=detail)
    return invitation


@transaction.atomic
def remove_link(*, district: District, user: Any, provider: str, actor: str, at: datetime) -> bool:
    """Remove the link and the invitation of a user at a provider; return False if there is neither."""
    links = ProviderLink.objects.of(district).filter(user=user, provider=provider)
    invitations = ProviderInvitation.objects.of(district).filter(user=user, provider=provider)
    addresses = [*links.values_list("address", flat=True), *invitations.values_list("address", flat=True)]
    if not addresses:
        return False
    links.delete()
    invitations.delete()
    _record(district, user, actor=actor, at=at, action="unlink account", detail=_describe(provider, addresses))
    return True


def list_links(*, user: Any, districts: Iterable[District]) -> Sequence[ProviderLink]:
    """Return the linked accounts of a user in some districts of theirs."""
    return [
        link
        for district in districts
        for link in ProviderLink.objects.of(district).filter(user=user).order_by("provider").select_related("district")
    ]


def find_linked_address(*, district: District, user: Any) -> str:
    """Return the address that a provider of the district proved of a user, the latest one; empty text if none did."""
    links = ProviderLink.objects.of(district).filter(user=user).order_by("-made_at")
    return links.values_list("address", flat=True).first() or ""


def delete_expired_invitations(at: datetime) -> int:
    """Delete invitations of all districts that are over; return how many."""
    expired = (ProviderInvitation.objects.of(district).filter(expires_at__lte=at) for district in list_districts())
    return sum(rows.delete()[0] for rows in expired)


def _accept_invitation(district: District, account: ProvedAccount, *, at: datetime) -> bool:
    invitations = ProviderInvitation.objects.of(district).select_related("user")
    invitation = invitations.filter(provider=account.provider, address=account.address, expires_at__gt=at).first()
    if invitation is None:
        return False
    try:
        user = invitation.user
        actor = invitation.made_by
        link_account(district=district, user=user, account=account, actor=actor, at=at, is_invited=True)
    except LinkRefused:
        return False
    ProviderInvitation.objects.of(district).filter(pk=invitation.pk).delete()
    return True


def _is_of_office(user: Any, district: District) -> bool:
    memberships = list_memberships(user=user)
    return any(item.district.pk == district.pk and item.role in OFFICE_ROLES for item in memberships)


def _describe(provider: str, addresses: Iterable[str]) -> dict[str, Any]:
    """Return what an entry in the audit trail states about accounts at a provider."""
    return {"provider": provider, "address": ", ".join(dict.fromkeys(addresses))}


def _record(district: District, user: Any, *, actor: str, at: datetime, action: str, detail: dict[str, Any]) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="user",
        subject=user.get_username()[:80],
        detail=detail,
    )
