"""Unreturned Devices of Withdrawn Students: what pupils who left still have, by school and homeroom."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad
from homeroom.evidence.tables import Privacy

CONTROL = "holder-gone"
LOOKED_BACK = 40
_ROWS = f"""SELECT p.id, coalesce(p.school, d.school), p.homeroom, coalesce(p.name, d.holder_name), p.grade, p.left_on, d.asset_tag, d.serial, d.model, d.last_seen
FROM devices d JOIN ({GIVEN}) g ON g.id = d.id LEFT JOIN people p ON p.id = d.holder
WHERE d.holder_kind = 'student' ORDER BY 2 NULLS LAST, 3 NULLS LAST, 4, 7"""
_HOMEROOMS = f"SELECT id, homeroom FROM people JOIN ({GIVEN}) USING (id) WHERE homeroom IS NOT NULL"


def make(asked: Asked) -> Report:
    """Devices that `holder-gone` fails and that a pupil holds, under the last homeroom that is known of each."""
    failing = asked.failing(CONTROL)
    found = asked.rows(_ROWS, ids=listed(failing))
    homerooms = _last_homerooms(asked, {row[0] for row in found if row[2] is None and row[0] is not None})
    rows = [(row[1], row[2] or homerooms.get(row[0]), *row[3:]) for row in found]
    rows.sort(key=lambda row: tuple((value is None, str(value or "")) for value in row[:3]))
    every = asked.figure(CONTROL, label=_("Devices that somebody has who left, staff included"))
    part = Figure(
        label=_("Of these, devices of withdrawn students"),
        part=len(rows),
        whole=len(failing),
        sources=asked.sources("devices"),
        control=CONTROL,
    )
    section = Section(
        name="devices", title=_("By school and homeroom"), columns=_columns(), rows=rows, note=_note(rows)
    )
    lead = _(
        "These devices are checked out to pupils who are not enrolled any more. The homeroom is the last one that is known."
    )
    return asked.report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(every, part), sections=(section,), pupils=len(rows)
    )


def _columns() -> tuple[Column, ...]:
    pupil = (_("Homeroom"), _("Student"), _("Grade"), _("Left on"))
    return (
        Column(title=_("School")),
        *(Column(title=title, privacy=Privacy.STUDENT) for title in pupil),
        *(Column(title=title) for title in (_("Asset tag"), _("Serial number"), _("Model"), _("Last seen"))),
    )


def _note(rows: Iterable[tuple[object, ...]]) -> str:
    unknown = sum(row[1] is None for row in rows)
    return _("Of %(n)s nobody here ever knew the homeroom.") % {"n": unknown} if unknown else ""


def _last_homerooms(asked: Asked, people: set[int]) -> dict[int, str]:
    """The newest homeroom that an earlier snapshot knew of people who have none any more."""
    known: dict[int, str] = {}
    store = asked.store
    for derived in islice(store.earlier_derived(before=asked.of.derived), LOOKED_BACK):
        missing = sorted(people - known.keys())
        if not missing:
            break
        with suppress(NoSuchLoad), session_of(store.pinned(derived=derived)) as session:
            known.update(session.execute(_HOMEROOMS, {"ids": listed(missing)}).fetchall())
    return known


KIND = Kind(
    name="unreturned-devices",
    title=gettext_lazy("Unreturned Devices of Withdrawn Students"),
    about=gettext_lazy("What pupils who left still have, by school and homeroom, for each front office."),
    make=make,
)
