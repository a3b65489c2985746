"""Make and revoke the calendar feed of a person, and find it by the secret in its address.

A person has one at a time: a new address replaces the last one, which opens nothing from then on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from homeroom.apps.manage.agendas.models import PersonalFeed
from homeroom.apps.manage.rollouts.feeds.visit_feeds import hash_token
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class PersonalFeedView:
    """The feed of a person that is not revoked."""

    made_at: datetime
    with_deadlines: bool


def get_personal_feed(*, district: District, person: str) -> PersonalFeedView | None:
    """Return the feed of a user name; None if there is none."""
    row = PersonalFeed.objects.of(district).filter(person=person, ended_at=None).first()
    return PersonalFeedView(made_at=row.made_at, with_deadlines=row.with_deadlines) if row else None


@transaction.atomic
def make_personal_feed(*, district: District, person: str, with_deadlines: bool, at: datetime) -> str:
    """Make the feed of a user name, and revoke the one before; return its secret, which is shown once.

    It continues the numbers of the feed before, so that a calendar that has both shows each event once.
    """
    rows = PersonalFeed.objects.of(district).filter(person=person)
    before = rows.order_by("-pk").first()
    rows.filter(ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(24)
    PersonalFeed.objects.create(
        district_id=district.pk,
        person=person,
        token_hash=hash_token(token),
        with_deadlines=with_deadlines,
        made_at=at,
        changed_at=at,
        entries=before.entries if before else [],
    )
    _record(district, person, "make calendar feed", at, detail={"deadlines": with_deadlines})
    return token


@transaction.atomic
def revoke_personal_feed(*, district: District, person: str, at: datetime) -> None:
    """Revoke the feed of a user name: its address opens nothing anymore. Raise LookupError if there is none."""
    if not PersonalFeed.objects.of(district).filter(person=person, ended_at=None).update(ended_at=at):
        raise LookupError(f"{person} has no calendar feed")
    _record(district, person, "revoke calendar feed", at)


def find_personal_feed(*, district: District, token: str) -> PersonalFeed | None:
    """Return the feed of a secret; None if there is none, or it was revoked."""
    return PersonalFeed.objects.of(district).filter(token_hash=hash_token(token), ended_at=None).first()


def _record(district: District, person: str, action: str, at: datetime, detail: dict[str, bool] | None = None) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=person,
        action=action,
        subject_kind="user",
        subject=person[:80],
        detail={"feed of": person, **(detail or {})},
    )
