"""A teacher of the demo who has something to do: the address of their own page, and a code to sign in once."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.cli.options import CommandContext

_ACTOR = "director"


@dataclass(frozen=True, kw_only=True)
class DemoTeacher:
    """A teacher who works here, with an open ask and an assigned course; `page` is the path of their own page."""

    name: str
    email: str
    page: str
    code: str


def provide_demo_teacher(context: CommandContext) -> DemoTeacher | None:
    """Return the teacher with the fewest open asks and a course to take, with a new code; None if nobody has both.

    The district must be assessed, and courses assigned.
    """
    from homeroom.apps.platform.people_sign_in.codes import print_codes

    email = _choose_teacher(context)
    if email is None:
        return None
    (code,) = print_codes(district=context.district, addresses=[email], actor=_ACTOR, at=context.at)
    return DemoTeacher(name=code.name, email=code.address, page=f"/d/{context.district.slug}/my", code=code.code)


def _choose_teacher(context: CommandContext) -> str | None:
    """Return the address of the teacher; of teachers with as many asks, the first by school and name."""
    from homeroom.apps.platform.people_sign_in.queries import list_people
    from homeroom.apps.teach.asks.queries import list_asked_people
    from homeroom.apps.teach.courses.progress import load_assignments

    people = list_asked_people(district=context.district, today=context.today, now=context.at, language="en")
    asks = {person.email.lower(): len(person.asks) for person in people}
    learners = {
        item.person.id
        for view in load_assignments(district=context.district, today=context.today)
        if view.course
        for item in view.unfinished
        if "teacher" in (*item.person.roles, *item.person.title.lower().split())
    }
    staff = list_people(district=context.district)
    teachers = [person.email for person in staff if person.id in learners and asks.get(person.email)]
    return min(teachers, key=lambda email: asks[email], default=None)
