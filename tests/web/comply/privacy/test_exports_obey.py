"""Every module that writes a file for others states how it obeys opt-outs, and those that mask do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from homeroom.apps.comply.privacy.opt_outs.commands import add_opt_outs
from homeroom.apps.comply.privacy.opt_outs.masking import OptOutMask, list_opted_out_records, load_opt_out_mask
from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportSection, mask_opted_out
from homeroom.evidence.tables import Privacy
from tests.apps.comply.privacy.conftest import ANA, BEN, FamilyDistrict

PACKAGE = Path("src/homeroom")
WRITES = re.compile(
    r"iterate_csv_lines|write_csv_file|import render_(?:pdf|html|csv_files)|write_bundle_folder|typst\.compile"
    r"|ZipFile\([^)]*\"w"
)
MASKS, FAMILY = "masks those who opted out", "goes to the family itself"
NO_STUDENT, OWN_CONSOLE = "has no name, address or number of a student", "goes to the district's own console"
PART = "a part of what others write: they decide"
HOW_EXPORTS_OBEY = {
    "apps/manage/budget/problem_files.py": NO_STUDENT,  # groups of devices, by school and kind
    "apps/manage/budget/saved_problems.py": NO_STUDENT,
    "apps/teach/courses/scorm.py": NO_STUDENT,
    "apps/protect/fixes/package.py": OWN_CONSOLE,
    "apps/protect/frameworks/serialize.py": NO_STUDENT,
    "apps/protect/incidents/first_hour_sheet.py": NO_STUDENT,
    "apps/protect/loose_data/store_results.py": NO_STUDENT,  # paths, kinds and counts, loaded again by Homeroom itself
    "apps/comply/reports/commands.py": MASKS,
    "apps/comply/reports/csv_export.py": PART,
    "apps/comply/reports/pdf.py": PART,
    "apps/comply/reports/student_records.py": FAMILY,
    "apps/manage/rollouts/rooms/room_lists.py": NO_STUDENT,  # rooms, with their minutes and dates
    "apps/manage/rollouts/teachers/room_pages_pdf.py": NO_STUDENT,
    "apps/comply/rosters/commands.py": MASKS,
    "apps/know/sources/reject_export.py": NO_STUDENT,  # values of rejects are masked for everybody
    "cli/teach/awareness/asks.py": NO_STUDENT,  # staff only
    "cli/teach/awareness/trials.py": NO_STUDENT,  # staff only
    "cli/comply/privacy/disclosures.py": "the log itself: an entry says whose record went to whom, opted out or not",
    "domain/protect/remedies.py": OWN_CONSOLE,
    "domain/spreadsheets.py": PART,
    "ingest/oneroster/bundle_writer.py": PART,
    "sample/demo_privacy.py": NO_STUDENT,  # invented people
    "sample/files/oneroster.py": NO_STUDENT,  # invented people
    "web/protect/alerts/reach.py": NO_STUDENT,  # students are shown by their ids
    "web/platform/audit.py": NO_STUDENT,
    "web/teach/awareness/ask_files.py": NO_STUDENT,  # staff only
    "web/teach/awareness/class_lessons.py": NO_STUDENT,  # classes are counted without a student
    "web/teach/awareness/courses.py": NO_STUDENT,  # staff only
    "web/teach/awareness/drills.py": NO_STUDENT,  # counts
    "web/teach/awareness/trials.py": NO_STUDENT,  # staff only
    "web/manage/budget/plan_page.py": NO_STUDENT,
    "web/know/inventory/export.py": MASKS,
    "apps/protect/fixes/demo_exports.py": "the invented district of the demo alone",
    "web/protect/posture/external_verdicts.py": NO_STUDENT,
    "web/protect/posture/findings.py": MASKS,
    "web/comply/privacy/disclosures.py": "the log itself: an entry says whose record went to whom, opted out or not",
    "web/manage/rollouts/devices.py": NO_STUDENT,
    "web/manage/rollouts/office_lists.py": NO_STUDENT,
    "web/manage/rollouts/teachers.py": NO_STUDENT,
    "web/manage/rollouts/training.py": NO_STUDENT,  # staff only
    "web/manage/rollouts/visit_files.py": NO_STUDENT,
    "web/shared/csv_files.py": PART,
    "web/manage/tools/approved_tools.py": NO_STUDENT,
    "web/protect/vulnerabilities/export.py": MASKS,
}
"""By module that writes CSV, PDF, HTML or an archive: how it obeys opt-outs. A new module needs a line."""
ASKS = re.compile(r"load_opt_out_mask|list_opted_out|build_report\b")


def iter_writers() -> Iterator[str]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if WRITES.search(path.read_text(encoding="utf-8")):
            yield path.relative_to(PACKAGE).as_posix()


def test_every_module_that_writes_a_file_states_how_it_obeys_opt_outs() -> None:
    writers = set(iter_writers())
    assert writers - set(HOW_EXPORTS_OBEY) == set(), "how does it obey opt-outs of students? Add a line"
    assert set(HOW_EXPORTS_OBEY) - writers == set(), "writes no file any more"


def test_modules_that_mask_ask_for_the_opt_outs() -> None:
    masking = [name for name, rule in HOW_EXPORTS_OBEY.items() if rule == MASKS]
    assert [name for name in masking if not ASKS.search((PACKAGE / name).read_text(encoding="utf-8"))] == []


@pytest.fixture
def opted_out(family: FamilyDistrict) -> FamilyDistrict:
    students = {family.get_id(ANA): ("directory",), family.get_id(BEN): ("media",)}
    add_opt_outs(students=students, since=date(2026, 1, 5), source="list.csv", **family.common)
    return family


def test_a_report_masks_only_the_student_who_opted_out_of_directory_information(opted_out: FamilyDistrict) -> None:
    student = ReportColumn(title="Name", privacy=Privacy.STUDENT)
    section = ReportSection(
        name="list",
        title="List",
        columns=(student, replace(student, title="Address"), ReportColumn(title="School")),
        rows=[
            ("Ana Rivera", "unknown@maple.test", "Cedar"),
            ("A. R.", "ANA.RIVERA@maple.test", "Cedar"),
            ("Ben Ode", "ben.ode@maple.test", "Cedar"),
            ("Anabel Rivera", None, "Cedar"),
        ],
    )
    report = DistrictReport(
        name="r",
        title="R",
        lead="",
        district="Maple Valley",
        timezone="UTC",
        today=date(2026, 1, 15),
        as_of=None,
        sections=(section, replace(section, name="import", plain=True)),
    )
    masked = mask_opted_out(report, load_opt_out_mask(district=opted_out.cast.district))
    assert masked.sections[0].rows == [
        ("opted out", "opted out", "Cedar"),
        ("opted out", "opted out", "Cedar"),
        ("Ben Ode", "ben.ode@maple.test", "Cedar"),
        ("Anabel Rivera", None, "Cedar"),
    ]
    assert masked.sections[1].rows == section.rows
    other = load_opt_out_mask(district=opted_out.cast.next_district)
    assert other == OptOutMask()


def test_the_rows_of_a_roster_to_leave_out_are_those_of_each_source(opted_out: FamilyDistrict) -> None:
    assert list_opted_out_records(district=opted_out.cast.district) == {("oneroster", "s-ana")}
    assert list_opted_out_records(district=opted_out.cast.next_district) == frozenset()
