"""Make, list and revoke feeds of visits, and find one by the secret in its address.

The secret is shown once; only its hash is stored, so that no copy of the database opens a feed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom, VisitFeed
from homeroom.apps.manage.rollouts.records import RolloutRefused, get_rollout_row, record_change
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.memberships import MemberRefused, get_member
from homeroom.apps.platform.districts.queries import list_members
from homeroom.domain.platform.district import District

PERSON, SCHOOL = "person", "school"
KINDS = (PERSON, SCHOOL)
MAX_FEEDS = 500
"""Feeds of a district that are not revoked."""


@dataclass(frozen=True, kw_only=True)
class FeedView:
    """A feed that is not revoked; `is_of_all` if it has the visits of all rollouts."""

    number: int
    kind: str
    name: str
    is_of_all: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class FeedChoices:
    """The people and schools of a rollout that can have a feed."""

    people: Sequence[str]
    schools: Sequence[str]


def list_feed_choices(*, district: District, public: str) -> FeedChoices:
    """Return the people and schools of a rollout."""
    rollout = Rollout.objects.of(district).get(public=public)
    team = {str(person["id"]) for person in rollout.rules.get("team", ())}
    visits = RolloutVisit.objects.of(district).filter(rollout=rollout).values_list("people", flat=True)
    schools = TargetRoom.objects.of(district).filter(rollout=rollout).values_list("school", flat=True)
    return FeedChoices(
        people=sorted(team | {person for people in visits for person in people}), schools=sorted(set(schools))
    )


def list_feeds(*, district: District, public: str) -> tuple[FeedView, ...]:
    """Return the feeds of a rollout and those of all rollouts that are not revoked, by kind and name."""
    rows = VisitFeed.objects.of(district).filter(ended_at=None)
    chosen = rows.filter(rollout__public=public) | rows.filter(rollout=None)
    return tuple(
        FeedView(
            number=row.pk,
            kind=row.kind,
            name=row.name,
            is_of_all=row.rollout_id is None,
            made_by=row.made_by,
            made_at=row.made_at,
        )
        for row in chosen.order_by("kind", "name", "made_at")
    )


@transaction.atomic
def make_feed(*, district: District, public: str, kind: str, name: str, of_all: bool, actor: str, at: datetime) -> str:
    """Make a feed of a person or a school of a rollout, or of theirs in all rollouts; return its secret.

    It continues the numbers of the last feed of the same visits. Raise LookupError, and RolloutRefused for a person or
    school that the rollout does not have.
    """
    rollout = get_rollout_row(district, public)
    choices = list_feed_choices(district=district, public=public)
    if name not in {PERSON: choices.people, SCHOOL: choices.schools}.get(kind, ()):
        raise RolloutRefused("name", "nobody and no school of this rollout; one of the list would fit")
    rows = VisitFeed.objects.of(district)
    if rows.filter(ended_at=None).count() >= MAX_FEEDS:
        raise RolloutRefused("name", f"there are {MAX_FEEDS} feeds; revoke some first")
    scope = None if of_all else rollout
    before = rows.filter(kind=kind, name=name, rollout=scope).order_by("-pk").first()
    token = secrets.token_urlsafe(24)
    VisitFeed.objects.create(
        district_id=district.pk,
        rollout=scope,
        kind=kind,
        name=name,
        token_hash=hash_token(token),
        made_by=actor,
        made_at=at,
        changed_at=at,
        entries=before.entries if before else [],
    )
    detail = {"feed of": name, "all rollouts": of_all}
    record_change(rollout, "make calendar feed", district=district, actor=actor, at=at, detail=detail)
    return token


@transaction.atomic
def revoke_feed(*, district: District, public: str, number: int, actor: str, at: datetime) -> None:
    """Revoke a feed: its address opens nothing anymore. Raise LookupError if there is none."""
    rollout = get_rollout_row(district, public)
    row = VisitFeed.objects.of(district).select_for_update().filter(pk=number, ended_at=None).first()
    if row is None or row.rollout_id not in (None, rollout.pk):
        raise LookupError(f"there is no feed {number}")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    detail = {"feed of": row.name, "all rollouts": row.rollout_id is None}
    record_change(rollout, "revoke calendar feed", district=district, actor=actor, at=at, detail=detail)


def list_feeds_of_user(*, district: District, username: str, name: str) -> tuple[str, ...]:
    """Return whose the feeds are that a user can still read: those of their name, and those that they made, by name.

    Feeds of a full name that an active user has as well may be theirs, and are left out.
    """
    return tuple(_select_feeds_of_user(district, username, name).order_by("name").values_list("name", flat=True))


@transaction.atomic
def revoke_feeds_of_user(*, district: District, username: str, name: str, actor: str, at: datetime) -> int:
    """Revoke the feeds of a deactivated user's name, and those that they made; return how many.

    Raise NoSuchMember, and MemberRefused for an active user, who revokes feeds at their rollouts.
    """
    if get_member(district=district, username=username).is_active:
        raise MemberRefused(gettext("The user is active. Revoke single feeds at their rollouts instead."))
    rows = _select_feeds_of_user(district, username, name)
    names = sorted(rows.values_list("name", flat=True))
    count = rows.update(ended_at=at)
    if count:
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="revoke calendar feeds",
            subject_kind="user",
            subject=username[:80],
            detail={"feeds of": ", ".join(dict.fromkeys(names))},
        )
    return count


def find_feed(*, district: District, token: str) -> VisitFeed | None:
    """Return the feed of a secret; None if there is none, or it was revoked."""
    return VisitFeed.objects.of(district).filter(token_hash=hash_token(token), ended_at=None).first()


def _select_feeds_of_user(district: District, username: str, name: str) -> QuerySet[VisitFeed]:
    others = {full_name for other, full_name, _ in list_members(district=district) if other != username}
    names = [username, *({name} - others - {""})]
    named = Q(kind=PERSON, name__in=names)
    return VisitFeed.objects.of(district).filter(Q(made_by=username) | named, ended_at=None)


def hash_token(token: str) -> str:
    """Return the hash that is stored of a secret; it has 192 random bits, so that a slow hash adds nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
