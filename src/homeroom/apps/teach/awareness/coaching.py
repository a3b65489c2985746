"""The coach: who it is, and whom the coach may help, with what each of them did in drills.

Nothing here is for any other page: whoever calls it has checked that the reader is the coach, or the person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.teach.awareness.models import Coach, HelpRequest, HelpTalk
from homeroom.apps.teach.awareness.published_drills import query_resolved
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import list_roles_with
from homeroom.engines.know.resolve import HELP_TALKS_SCHEMA

MISSED_FOR_HELP = 2
"""Drills of a year that a person missed before the coach offers help, as in the control drill-help-offered."""
_PEOPLE_SQL = """
    SELECT p.id, p.name, p.title, p.school, p.drills_missed, p.helped_since, r.missed_on
    FROM people p LEFT JOIN (
        SELECT person, max(sent_on) AS missed_on FROM drill_results WHERE missed GROUP BY person
    ) r ON r.person = p.id
    WHERE p.here AND (p.drills_missed >= $least OR list_contains($asked, p.id))
    ORDER BY p.sort_name, p.id
"""

_RESULTS_SQL = """
    SELECT drill_name, lure, sent_on, missed, reported_at IS NOT NULL FROM drill_results
    WHERE person = $person AND delivered ORDER BY sent_on DESC, drill
"""

_HAS_DRILLS_SQL = """
    SELECT 1 WHERE EXISTS (SELECT 1 FROM drills) OR EXISTS (SELECT 1 FROM people WHERE drills_missed IS NOT NULL)
"""


@dataclass(frozen=True, kw_only=True)
class CoachView:
    """The coach of a district: the user name, the full name, and since when."""

    username: str
    name: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class CoachedPerson:
    """A person whom the coach may help: `missed` drills of a year, None where none is known.

    `helped` is true if the evidence has help since the last of them. `asked_at` is set while a request for help waits,
    `talked_on` is the last talk.
    """

    public: str
    number: int
    name: str
    title: str
    school: str
    missed: int | None
    missed_on: date | None
    helped: bool | None
    asked_at: datetime | None
    talked_on: date | None

    @property
    def waits(self) -> bool:
        """True if the person asked and nobody talked with them, or missed drills and had no help since."""
        if self.asked_at is not None:
            return True
        if (self.missed or 0) < MISSED_FOR_HELP or self.helped:
            return False
        return self.talked_on is None or (self.missed_on is not None and self.talked_on < self.missed_on)


@dataclass(frozen=True, kw_only=True)
class OwnResult:
    """What a person did in a drill that was delivered; `missed` is None where it cannot be known."""

    drill: str
    lure: str
    sent_on: date | None
    missed: bool | None
    reported: bool


def find_coach(*, district: District) -> CoachView | None:
    """Return the coach; None if nobody is named, or who was named is no member of the team any more."""
    row = Coach.objects.of(district).select_related("user").first()
    if row is None:
        return None
    username = row.user.get_username()
    name = next((title for member, title in list_possible_coaches(district=district) if member == username), None)
    return None if name is None else CoachView(username=username, name=name, since=row.named_at)


def list_possible_coaches(*, district: District) -> tuple[tuple[str, str], ...]:
    """Return (user name, full name) of the members of the team, by name."""
    roles = list_roles_with("awareness.change")
    return tuple((username, name) for username, name, role in list_members(district=district) if role in roles)


def is_coach(*, district: District, username: str) -> bool:
    """Check whether a user is the coach of the district."""
    coach = find_coach(district=district)
    return coach is not None and coach.username == username


def list_coached_people(*, district: District) -> tuple[CoachedPerson, ...]:
    """Return the people whom the coach may help, those who wait first, then by name. Raise QueryTimeout.

    They missed two drills or more in a year, or asked for help. For the coach alone.
    """
    requests, talks = dict(_load_requests(district)), dict(list_help_talks(district=district))
    parameters = {"least": MISSED_FOR_HELP, "asked": list(requests)}
    rows = query_resolved(district=district, sql=_PEOPLE_SQL, parameters=parameters)
    people = [_build_person(row, requests, talks) for row in rows.iter_rows()]
    return tuple(sorted(people, key=lambda person: not person.waits))


def find_coached_person(*, district: District, public: str) -> CoachedPerson | None:
    """Return a person whom the coach may help; None if it is somebody else. Raise QueryTimeout."""
    return next((person for person in list_coached_people(district=district) if person.public == public), None)


def list_person_results(*, district: District, person: int) -> tuple[OwnResult, ...]:
    """Return what a person did in drills, newest first. For the person and the coach alone. Raise QueryTimeout."""
    rows = query_resolved(district=district, sql=_RESULTS_SQL, parameters={"person": person})
    return tuple(
        OwnResult(drill=drill or "", lure=lure or "", sent_on=sent_on, missed=missed, reported=reported)
        for drill, lure, sent_on, missed, reported in rows.iter_rows()
    )


def has_drills(*, district: District) -> bool:
    """Check whether any drill, or any list of who missed drills, is loaded. Raise QueryTimeout."""
    return query_resolved(district=district, sql=_HAS_DRILLS_SQL, parameters={}).height > 0


def has_asked_for_help(*, district: District, person: int) -> bool:
    """Check whether a person's request for help waits. For the person alone."""
    return HelpRequest.objects.of(district).filter(person=person).exists()


def list_help_talks(*, district: District) -> tuple[tuple[int, date], ...]:
    """Return (person's number, day) of the talks, oldest first."""
    return tuple(HelpTalk.objects.of(district).order_by("talked_on", "person").values_list("person", "talked_on"))


def build_help_talks(*, district: District) -> pa.Table:
    """Return the talks in HELP_TALKS_SCHEMA for resolving, which counts them as help."""
    rows = [{"person": person, "talked_on": day} for person, day in list_help_talks(district=district)]
    return pa.Table.from_pylist(rows, schema=HELP_TALKS_SCHEMA)


def hash_help_talks(talks: pa.Table) -> str:
    """Return what talks add to the name of a resolve's inputs: a short hash, or an empty text without talks."""
    return f"-{hashlib.sha256(repr(talks.to_pylist()).encode()).hexdigest()[:8]}" if talks.num_rows else ""


def _load_requests(district: District) -> Iterable[tuple[int, datetime]]:
    return HelpRequest.objects.of(district).order_by("-asked_at").values_list("person", "asked_at")


def _build_person(row: tuple[Any, ...], requests: Mapping[int, datetime], talks: Mapping[int, date]) -> CoachedPerson:
    number, name, title, school, missed, helped, missed_on = row
    return CoachedPerson(
        public=format_public_id("person", number),
        number=number,
        name=name or format_public_id("person", number),
        title=title or "",
        school=school or "",
        missed=missed,
        missed_on=missed_on,
        helped=helped,
        asked_at=requests.get(number),
        talked_on=talks.get(number),
    )
