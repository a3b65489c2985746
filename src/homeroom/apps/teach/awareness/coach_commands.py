"""Name the coach, ask the coach for help, and record a talk.

The audit trail is open to the office, so that its entries name neither who asked nor with whom the coach talked.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import find_active_user
from homeroom.apps.teach.awareness.coaching import (
    find_coached_person,
    is_coach,
    list_possible_coaches,
)
from homeroom.apps.teach.awareness.models import Coach, HelpRequest, HelpTalk
from homeroom.domain.platform.district import District

MAX_AGE_DAYS = 366
"""Days for which a talk can be recorded afterward."""


class CoachRefused(ValueError):
    """The change is not possible; the text explains what would be."""


def name_coach(*, district: District, username: str, actor: str, at: datetime) -> None:
    """Name a member of the team as the district's only coach; nobody if `username` is empty. Raise CoachRefused."""
    user = find_active_user(username=username) if username else None
    if username and (user is None or username not in dict(list_possible_coaches(district=district))):
        raise CoachRefused(gettext("Choose somebody of the team."))
    current = Coach.objects.of(district).select_related("user").first()
    before = current.user.get_username() if current else ""
    if before == username:
        return
    with transaction.atomic():
        Coach.objects.of(district).delete()
        if user is not None:
            Coach.objects.create(district_id=district.pk, user=user, named_by=actor, named_at=at)
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="name coach",
            subject_kind="user",
            subject=username,
            detail={"before": before},
        )


def ask_for_help(*, district: District, person: int, at: datetime) -> None:
    """Write down that a person asks the coach for help; asking again changes nothing."""
    if not HelpRequest.objects.of(district).filter(person=person).exists():
        HelpRequest.objects.create(district_id=district.pk, person=person, asked_at=at)


def record_talk(*, district: District, public: str, talked_on: date, today: date, actor: str, at: datetime) -> None:
    """Record that the coach talked with a person, which answers the person's request.

    Raise LookupError if the actor is not the coach, or the person not among those whom the coach may help; CoachRefused
    for a day that is not within the last year; QueryTimeout.
    """
    person = find_coached_person(district=district, public=public)
    if person is None or not is_coach(district=district, username=actor):
        raise LookupError(f"there is no person {public}")
    if not 0 <= (today - talked_on).days <= MAX_AGE_DAYS:
        raise CoachRefused(gettext("Choose a day within the last year, up to today."))
    with transaction.atomic():
        HelpRequest.objects.of(district).filter(person=person.number).delete()
        HelpTalk.objects.create(
            district_id=district.pk, person=person.number, talked_on=talked_on, recorded_by=actor, recorded_at=at
        )
        record_audit_entry(district=district, at=at, actor=actor, action="record talk of coach")
