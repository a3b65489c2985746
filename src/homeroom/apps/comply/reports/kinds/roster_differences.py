"""Roster Differences: how the rosters of receiving systems differ from the student information system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.engines.comply.rosters.roster_diff import (
    KINDS,
    REQUIRED_ROSTER_TABLES,
    RosterDifferences,
    compare_rosters,
    count_differences,
)
from homeroom.evidence.tables import TABLES, Privacy
from homeroom.library.know.connectors import load_connectors

_SOURCES_SQL = """SELECT instance, connector, count(DISTINCT person_key) AS students FROM role_records
    WHERE role = 'student'
GROUP BY ALL ORDER BY students DESC, instance"""


def get_difference_labels() -> dict[str, str]:
    """Return the labels of the kinds of differences."""
    return {
        "missing": _("Missing there"),
        "extra": _("Only there"),
        "moved": _("Other school"),
        "grade": _("Other grade"),
        "email": _("Other address"),
        "section missing": _("Missing in a class"),
        "section extra": _("Only there in a class"),
    }


def build_report(data: ReportData) -> DistrictReport:
    """Report the differences of every other source with students to the deciding source that has most of them."""
    sis, receivers = data.query_snapshot(_find_sis_and_receivers)
    by_receiver = {}
    if receivers:
        sis_rows = data.query_snapshot(lambda session: load_compared_rows(session, source=sis))
        for receiver in receivers:
            receiver_rows = data.query_snapshot(
                lambda session, source=receiver: load_compared_rows(session, source=source)  # type: ignore[misc]
            )
            by_receiver[receiver] = compare_rosters(sis=sis_rows, received=receiver_rows, today=data.today)
    lead = _("Only one source carries students, so there is nothing to compare.")
    if by_receiver:
        lead = _("What %(others)s has of the roster, held against what %(sis)s says.") % {
            "others": ", ".join(by_receiver),
            "sis": sis,
        }
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=lead,
        figures=[
            figure
            for receiver, differences in by_receiver.items()
            for figure in build_figures(differences, received=receiver if receivers[1:] else "")
        ],
        sections=tuple(
            part
            for receiver, differences in by_receiver.items()
            for part in build_sections(differences, sis=sis, received=receiver)
        ),
        notes=build_notes(by_receiver.values()),
        students=sum(count_student_rows(differences) for differences in by_receiver.values()),
    )


def load_compared_rows(session: duckdb.DuckDBPyConnection, *, source: str) -> Mapping[str, pl.DataFrame]:
    """Return one source's current rows of the compared tables."""
    return {name: _load_rows(session, name, source) for name in REQUIRED_ROSTER_TABLES}


def build_figures(differences: RosterDifferences, *, received: str) -> list[ReportFigure]:
    """Build figures of the people in both rosters and of each kind of difference."""
    labels, counts = get_difference_labels(), dict(differences.rows.group_by("kind").len().iter_rows())
    prefix = f"{received}: " if received else ""
    matched_figure = ReportFigure(label=prefix + _("People whom both have"), part=differences.matched)
    return [matched_figure, *(ReportFigure(label=prefix + labels[kind], part=counts.get(kind, 0)) for kind in KINDS)]


def build_sections(differences: RosterDifferences, *, sis: str, received: str) -> tuple[ReportSection, ReportSection]:
    """Build the sections of the differences one by one and by school."""
    return _build_detail_section(differences, sis=sis, received=received), _build_school_section(
        differences, received=received
    )


def build_notes(comparisons: Iterable[RosterDifferences]) -> tuple[str, ...]:
    """Return the notes for readers: who is not compared, and if classes could not be."""
    texts = [_("Parents and guardians are not compared. Whoever has left or is to be deleted is counted as not there.")]
    if any(not differences.sections for differences in comparisons):
        texts.append(_("Places in classes were compared only where both have a class under the same id."))
    return tuple(texts)


def count_student_rows(differences: RosterDifferences) -> int:
    """Count the rows about a student, or about a person with unknown role."""
    return differences.rows.filter(pl.col("role").str.contains("student").fill_null(True)).height


def _find_sis_and_receivers(session: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
    deciding = {connector.name for connector in load_connectors() if "student" in connector.authority}
    rows = session.execute(_SOURCES_SQL).fetchall()
    ordered = [str(row[0]) for row in sorted(rows, key=lambda row: row[1] not in deciding)]
    return (ordered[0], ordered[1:]) if ordered else ("", [])


def _load_rows(session: duckdb.DuckDBPyConnection, table: str, source: str) -> pl.DataFrame:
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    return session.execute(f"SELECT {columns} FROM {table} WHERE instance = ?", [source]).pl()


def _build_school_section(differences: RosterDifferences, *, received: str) -> ReportSection:
    labels = get_difference_labels()
    columns = (ReportColumn(title=_("School")), *(ReportColumn(title=labels[kind], number=True) for kind in KINDS))
    rows = [(row[0] or _("no school"), *row[1:]) for row in count_differences(differences).iter_rows()]
    title = _("%(source)s by school") % {"source": received}
    return ReportSection(name=f"{_format_slug(received)}-schools", title=title, columns=columns, rows=rows)


def _build_detail_section(differences: RosterDifferences, *, sis: str, received: str) -> ReportSection:
    labels = get_difference_labels()
    rows: Sequence[tuple[object, ...]] = [
        (school, labels[kind], name, key, role, sis_value, received_value)
        for kind, school, key, name, role, sis_value, received_value in differences.rows.iter_rows()
    ]
    titles = (_("School"), _("What"), _("Name"), _("Id"), _("Role"), sis, received)
    columns = tuple(
        ReportColumn(title=title, privacy=Privacy.STUDENT if number in (2, 3, 5, 6) else Privacy.PUBLIC)
        for number, title in enumerate(titles)
    )
    return ReportSection(
        name=_format_slug(received), title=_("%(source)s one by one") % {"source": received}, columns=columns, rows=rows
    )


def _format_slug(source: str) -> str:
    """Return a source's name as a part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-") or "received"


KIND = ReportKind(
    name="roster-differences",
    title=gettext_lazy("Roster Differences"),
    about=gettext_lazy(
        "Who is missing, extra or otherwise in Clever, ClassLink or Microsoft, for whoever keeps the syncs."
    ),
    build=build_report,
)
