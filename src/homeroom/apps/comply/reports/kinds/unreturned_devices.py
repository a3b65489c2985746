"""Unreturned Devices of Withdrawn Students: what students who left still have, by school and homeroom."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import Privacy

CONTROL = "holder-gone"
MAX_SNAPSHOTS = 40
_ROWS_SQL = f"""SELECT p.id, coalesce(p.school, d.school), p.homeroom, coalesce(p.name, d.holder_name), p.grade,
    p.left_on, d.asset_tag, d.serial, d.model, d.last_seen
FROM devices d JOIN ({SUBJECT_IDS_SQL}) g ON g.id = d.id LEFT JOIN people p ON p.id = d.holder
WHERE d.holder_kind = 'student' ORDER BY 2 NULLS LAST, 3 NULLS LAST, 4, 7"""
_HOMEROOMS_SQL = f"SELECT id, homeroom FROM people JOIN ({SUBJECT_IDS_SQL}) USING (id) WHERE homeroom IS NOT NULL"


def build_report(data: ReportData) -> DistrictReport:
    """Report devices that fail `holder-gone` and are held by a student, with each student's last known homeroom."""
    failing = data.list_failing_subjects(CONTROL)
    device_rows = data.query_rows(_ROWS_SQL, ids=join_ids(failing))
    homerooms = _find_last_homerooms(data, {row[0] for row in device_rows if row[2] is None and row[0] is not None})
    rows = [(row[1], row[2] or homerooms.get(row[0]), *row[3:]) for row in device_rows]
    rows.sort(key=lambda row: tuple((value is None, str(value or "")) for value in row[:3]))
    total = data.build_figure(CONTROL, label=_("Devices still assigned to former staff and students"))
    part = ReportFigure(
        label=_("Of these, devices of withdrawn students"),
        part=len(rows),
        total=len(failing),
        sources=data.list_sources("devices"),
        control=CONTROL,
    )
    section = ReportSection(
        name="devices", title=_("By school and homeroom"), columns=_build_columns(), rows=rows, note=_build_note(rows)
    )
    lead = _(
        "These devices are checked out to students who are no longer enrolled. The homeroom is the last one that is "
        "known."
    )
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(total, part), sections=(section,), students=len(rows)
    )


def _build_columns() -> tuple[ReportColumn, ...]:
    student_titles = (_("Homeroom"), _("Student"), _("Grade"), _("Left on"))
    return (
        ReportColumn(title=_("School")),
        *(ReportColumn(title=title, privacy=Privacy.STUDENT) for title in student_titles),
        *(ReportColumn(title=title) for title in (_("Asset tag"), _("Serial number"), _("Model"), _("Last seen"))),
    )


def _build_note(rows: Iterable[tuple[object, ...]]) -> str:
    unknown = sum(row[1] is None for row in rows)
    return _("The homeroom of %(n)s is unknown.") % {"n": unknown} if unknown else ""


def _find_last_homerooms(data: ReportData, people: set[int]) -> dict[int, str]:
    """Return the newest homeroom in an earlier snapshot for people who have none in the current one."""
    homerooms: dict[int, str] = {}
    store = data.store
    for derived in islice(store.iter_earlier_derived(before=data.assessment.derived), MAX_SNAPSHOTS):
        missing = sorted(people - homerooms.keys())
        if not missing:
            break
        with (
            suppress(NoSuchLoad),
            open_session(store.pin_snapshot(derived=derived).restrict_to("people")) as session,
        ):
            homerooms.update(session.execute(_HOMEROOMS_SQL, {"ids": join_ids(missing)}).fetchall())
    return homerooms


KIND = ReportKind(
    name="unreturned-devices",
    title=gettext_lazy("Unreturned Devices of Withdrawn Students"),
    about=gettext_lazy("Devices that withdrawn students still have, by school and homeroom."),
    build=build_report,
)
