"""Roster Differences: what receivers of a roster have otherwise than the student information system says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.engines.rosters.comparing import KINDS, NEEDED, Differences, by_school, compare_rosters
from homeroom.evidence.tables import TABLES, Privacy
from homeroom.library.connectors import connectors

_SOURCES = """SELECT instance, connector, count(DISTINCT person_key) AS pupils FROM role_records WHERE role = 'student'
GROUP BY ALL ORDER BY pupils DESC, instance"""


def words() -> dict[str, str]:
    """The kinds of differences as people read them."""
    return {
        "missing": _("Missing there"),
        "extra": _("Only there"),
        "moved": _("Other school"),
        "grade": _("Other grade"),
        "email": _("Other address"),
        "section missing": _("Missing in a class"),
        "section extra": _("Only there in a class"),
    }


def make(asked: Asked) -> Report:
    """Every other source that carries pupils, held against the one that decides who is one and has most of them."""
    sis, others = asked.answer(_sides)
    found = {}
    if others:
        ours = asked.answer(lambda session: rows_of(session, source=sis))
        for other in others:
            theirs = asked.answer(lambda session, source=other: rows_of(session, source=source))  # type: ignore[misc]
            found[other] = compare_rosters(sis=ours, received=theirs, today=asked.today)
    lead = _("Only one source carries pupils, so there is nothing to compare.")
    if found:
        lead = _("What %(others)s has of the roster, held against what %(sis)s says.") % {
            "others": ", ".join(found),
            "sis": sis,
        }
    return asked.report(
        name=KIND.name,
        title=str(KIND.title),
        lead=lead,
        figures=[
            figure for other, one in found.items() for figure in figures(one, received=other if others[1:] else "")
        ],
        sections=tuple(part for other, one in found.items() for part in sections(one, sis=sis, received=other)),
        notes=notes(found.values()),
        pupils=sum(pupils(one) for one in found.values()),
    )


def rows_of(session: duckdb.DuckDBPyConnection, *, source: str) -> Mapping[str, pl.DataFrame]:
    """One source's standing rows of the tables that are compared."""
    return {name: _rows(session, name, source) for name in NEEDED}


def figures(found: Differences, *, received: str) -> list[Figure]:
    """How many people both have, and how many differences of each kind there are."""
    told, counts = words(), dict(found.rows.group_by("kind").len().iter_rows())
    before = f"{received}: " if received else ""
    both = Figure(label=before + _("People whom both have"), part=found.matched)
    return [both, *(Figure(label=before + told[kind], part=counts.get(kind, 0)) for kind in KINDS)]


def sections(found: Differences, *, sis: str, received: str) -> tuple[Section, Section]:
    """The differences one by one and by school."""
    return _one_by_one(found, sis=sis, received=received), _schools(found, received=received)


def notes(found: Iterable[Differences]) -> tuple[str, ...]:
    """What to know when reading: who is not compared, and where classes could not be."""
    told = [_("Parents and guardians are not compared. Whoever has left or is to be deleted is counted as not there.")]
    if any(not one.sections for one in found):
        told.append(_("Places in classes were compared only where both have a class under the same id."))
    return tuple(told)


def pupils(found: Differences) -> int:
    """How many rows are about a pupil, or about somebody of whom nobody knows."""
    return found.rows.filter(pl.col("role").str.contains("student").fill_null(True)).height


def _sides(session: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
    decides = {one.name for one in connectors() if "student" in one.authority}
    rows = session.execute(_SOURCES).fetchall()
    ordered = [str(row[0]) for row in sorted(rows, key=lambda row: row[1] not in decides)]
    return (ordered[0], ordered[1:]) if ordered else ("", [])


def _rows(session: duckdb.DuckDBPyConnection, table: str, source: str) -> pl.DataFrame:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    return session.execute(f"SELECT {columns} FROM {table} WHERE instance = ?", [source]).pl()


def _schools(found: Differences, *, received: str) -> Section:
    told = words()
    columns = (Column(title=_("School")), *(Column(title=told[kind], number=True) for kind in KINDS))
    rows = [(row[0] or _("no school"), *row[1:]) for row in by_school(found).iter_rows()]
    title = _("%(source)s by school") % {"source": received}
    return Section(name=f"{_short(received)}-schools", title=title, columns=columns, rows=rows)


def _one_by_one(found: Differences, *, sis: str, received: str) -> Section:
    told = words()
    rows: Sequence[tuple[object, ...]] = [
        (school, told[kind], name, key, role, said, there)
        for kind, school, key, name, role, said, there in found.rows.iter_rows()
    ]
    titles = (_("School"), _("What"), _("Name"), _("Id"), _("Role"), sis, received)
    columns = tuple(
        Column(title=title, privacy=Privacy.STUDENT if number in (2, 3, 5, 6) else Privacy.PUBLIC)
        for number, title in enumerate(titles)
    )
    return Section(
        name=_short(received), title=_("%(source)s one by one") % {"source": received}, columns=columns, rows=rows
    )


def _short(source: str) -> str:
    """A source's name as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-") or "received"


KIND = Kind(
    name="roster-differences",
    title=gettext_lazy("Roster Differences"),
    about=gettext_lazy(
        "Who is missing, extra or otherwise in Clever, ClassLink or Microsoft, for whoever keeps the syncs."
    ),
    make=make,
)
