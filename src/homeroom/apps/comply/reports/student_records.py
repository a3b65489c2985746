"""What is held of one student, and to whom it was disclosed, as files for the family: other people are masked."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from homeroom.apps.comply.privacy.disclosures.queries import DisclosureLine, list_disclosures
from homeroom.apps.comply.privacy.held_records import MAX_ROWS, HeldRecords, HeldTable, find_held_records
from homeroom.apps.comply.privacy.masking import OTHER_PEOPLE_COLUMNS, PeopleMask, build_people_mask, format_cell
from homeroom.apps.comply.privacy.opt_outs.queries import list_opted_out
from homeroom.apps.comply.privacy.product_flows import list_product_flows
from homeroom.apps.comply.privacy.students import StudentView, load_students
from homeroom.apps.comply.reports.csv_export import name_report, render_csv_files
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.report import ENGLISH, DistrictReport, ReportColumn, ReportSection
from homeroom.apps.comply.reports.report_data import get_report_language
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content
from homeroom.domain.platform.district import District

MAX_DISCLOSURES = 5_000
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


class NoSuchStudent(LookupError):
    """Evidence has nobody of this id."""


@dataclass(frozen=True, kw_only=True)
class FamilyFile:
    """A file for the family: its name, content, and the SHA-256 that the audit trail has."""

    name: str
    content: bytes
    sha256: str


def write_records_file(
    *, district: District, student: str, form: str, today: date, actor: str, at: datetime, language: str = ENGLISH
) -> FamilyFile:
    """Return what is held of a student as html, pdf or zip (both, and CSV files).

    Raise NoSuchStudent, KeyError for another form, and QueryTimeout.
    """
    with translation.override(language):
        report = build_records_report(district=district, student=student, today=today)
        return _write_file(report, form, district=district, student=student, actor=actor, at=at)


def write_disclosures_file(
    *, district: District, student: str, form: str, today: date, actor: str, at: datetime, language: str = ENGLISH
) -> FamilyFile:
    """Return the log of disclosures of a student as html, pdf or zip.

    Raise NoSuchStudent, KeyError for another form, and QueryTimeout.
    """
    view = _get_student(district, student)
    with translation.override(language):
        report = _create_report(
            district,
            name="disclosures",
            title=_("Disclosures of education records"),
            lead=_("To whom the records of %(name)s were disclosed, and why (34 CFR 99.32).") % {"name": view.name},
            sections=(_build_disclosure_section(district, student),),
            today=today,
            as_of=at,
        )
        return _write_file(report, form, district=district, student=student, actor=actor, at=at)


def build_records_report(*, district: District, student: str, today: date) -> DistrictReport:
    """Build the report of what is held of a student, with other people masked. Raise NoSuchStudent, QueryTimeout."""
    view = _get_student(district, student)
    records = find_held_records(district=district, student=student)
    derived = get_evidence_store(district=district).get_latest_derived()
    mask = build_people_mask(district=district, student=view, records=records)
    return _create_report(
        district,
        name="records",
        title=_("Records of %(name)s") % {"name": view.name},
        lead=_("What the district’s systems hold of this student, as Homeroom loaded it."),
        sections=(
            _build_summary_section(records),
            _build_product_section(district),
            *(_build_table_section(number, table, mask) for number, table in enumerate(records.tables, 1)),
            _build_disclosure_section(district, student),
            _build_opt_out_section(district, student),
        ),
        notes=(
            _("Names, addresses and numbers of other people are masked (34 CFR 99.12)."),
            _("Paper files, and systems of which no export came to Homeroom, are not in it."),
        ),
        today=today,
        as_of=derived.at if derived else None,
    )


def _get_student(district: District, student: str) -> StudentView:
    view = load_students(district=district, students=[student]).get(student) if student else None
    if view is None:
        raise NoSuchStudent(student)
    return view


def _build_summary_section(records: HeldRecords) -> ReportSection:
    rows = [
        (product_word(table.connector), table.system, translate_content(table.meaning), table.count)
        for table in records.tables
    ]
    titles = (_("Product"), _("Source"), _("What"))
    columns = (*(ReportColumn(title=title) for title in titles), ReportColumn(title=_("Records"), number=True))
    return ReportSection(name="systems", title=_("Where records are"), columns=columns, rows=rows)


def _build_product_section(district: District) -> ReportSection:
    flows = list_product_flows(district=district)
    return ReportSection(
        name="products",
        title=_("Products that get data of students"),
        columns=(ReportColumn(title=_("Product")), ReportColumn(title=_("Data"))),
        rows=[(flow.name, ", ".join(map(translate_content, flow.elements))) for flow in flows],
        note=_(
            "What was sent to a product, and what students allowed it to read; of all students, not of this one alone."
        ),
    )


def _build_table_section(number: int, table: HeldTable, mask: PeopleMask) -> ReportSection:
    rows = [
        (position, translate_content(column.name.replace("_", " ")), text)
        for position, row in enumerate(table.rows, 1)
        for column, value in zip(table.columns, row, strict=True)
        if (text := _format_masked(column.name, value, mask))
    ]
    more = table.count - len(table.rows)
    return ReportSection(
        name=f"{number}-{table.table.replace('_', '-')}",
        title=f"{table.system}: {translate_content(table.meaning).rstrip('.')}",
        columns=(
            ReportColumn(title=_("Record"), number=True),
            ReportColumn(title=_("Field")),
            ReportColumn(title=_("Value")),
        ),
        rows=rows,
        note=_("The first %(most)s records; %(more)s more are held.") % {"most": MAX_ROWS, "more": more}
        if more
        else "",
    )


def _format_masked(name: str, value: Any, mask: PeopleMask) -> str:
    texts = format_cell(value)
    if name in OTHER_PEOPLE_COLUMNS:
        return ", ".join(_("[another person]") for _text in texts)
    return ", ".join(mask.mask(text) for text in texts)


def _build_disclosure_section(district: District, student: str) -> ReportSection:
    lines, _more = list_disclosures(district=district, student=student, limit=MAX_DISCLOSURES)
    titles = (_("Day"), _("To whom"), _("What"), _("Why"), _("Ground"))
    return ReportSection(
        name="disclosures",
        title=_("Disclosures to others"),
        columns=tuple(ReportColumn(title=title) for title in titles),
        rows=[_build_disclosure_cells(line) for line in lines if line.withdrawn_at is None],
        note=_("School officials, the family itself and directory information need no entry (34 CFR 99.32(d))."),
    )


def _build_disclosure_cells(line: DisclosureLine) -> tuple[Any, ...]:
    basis = translate_content(line.basis.title)
    ground = f"{basis} ({line.basis.citation})" if line.basis.citation else basis
    return (line.disclosed_on, line.recipient, ", ".join(map(translate_content, line.elements)), line.purpose, ground)


def _build_opt_out_section(district: District, student: str) -> ReportSection:
    words = {"directory": _("Directory information"), "media": _("Pictures and other media")}
    opted_out = list_opted_out(district=district, students=[student])
    return ReportSection(
        name="opt-outs",
        title=_("Not to be disclosed"),
        columns=(ReportColumn(title=_("What")),),
        rows=[(words.get(kind, kind),) for kind in sorted(opted_out.students)],
    )


def _create_report(
    district: District,
    *,
    name: str,
    title: str,
    lead: str,
    sections: tuple[ReportSection, ...],
    today: date,
    as_of: datetime | None,
    notes: tuple[str, ...] = (),
) -> DistrictReport:
    return DistrictReport(
        name=name,
        title=title,
        lead=lead,
        district=district.name,
        timezone=district.timezone,
        today=today,
        as_of=as_of,
        sections=sections,
        notes=notes,
        students=1,
        language=get_report_language(),
    )


def _write_file(
    report: DistrictReport, form: str, *, district: District, student: str, actor: str, at: datetime
) -> FamilyFile:
    forms: Mapping[str, Callable[[DistrictReport], bytes]] = {
        "html": render_html,
        "pdf": render_pdf,
        "zip": _render_zip,
    }
    content = forms[form](report)
    sha256 = hashlib.sha256(content).hexdigest()
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=f"write {report.name} for family",
        subject_kind="person",
        subject=student,
        detail={
            "form": form,
            "sha256": sha256,
            **({} if report.language == ENGLISH else {"language": report.language}),
        },
    )
    return FamilyFile(name=f"{name_report(report)}.{form}", content=content, sha256=sha256)


def _render_zip(report: DistrictReport) -> bytes:
    stem = name_report(report)
    files = {f"{stem}.html": render_html(report), f"{stem}.pdf": render_pdf(report)}
    tables = {name: data for name, data in render_csv_files(report).items() if not name.endswith("-figures.csv")}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, **tables}.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_DAY), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()
