"""Export a report as files in a folder or as one file for a browser, with an audit entry."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.utils import translation

from homeroom.apps.comply.reports.csv_export import name_report, render_csv_files
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import ENGLISH, DistrictReport
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.evidence.files.blobs import write_file


def write_report(
    *,
    district: District,
    name: str,
    out: Path,
    today: date,
    at: datetime,
    actor: str = "",
    language: str = ENGLISH,
) -> tuple[DistrictReport, tuple[Path, ...]]:
    """Write the report's HTML, PDF and CSV files into a folder and return their paths.

    Each file is written atomically. Raise the errors of `build_report`, and OSError if the folder cannot be written.
    """
    document = build_report(district=district, name=name, today=today, language=language)
    stem = name_report(document)
    with translation.override(language):
        tables = render_csv_files(document)
        files = {f"{stem}.html": render_html(document), f"{stem}.pdf": render_pdf(document), **tables}
    out.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_file(out / file, data)
    _record_export(district, document, at=at, actor=actor, form="html, pdf, csv", hidden=False)
    return document, tuple(out / file for file in files)


def export_report(
    *,
    district: District,
    name: str,
    form: str,
    today: date,
    at: datetime,
    actor: str,
    hide_students: bool,
    language: str = ENGLISH,
) -> tuple[str, bytes]:
    """Return one file of a report (name, content) for a browser. Raise KeyError for an unknown form.

    `form` is html, pdf, csv (the first table), the name of another table, or figures.
    """
    document = build_report(district=district, name=name, today=today, language=language)
    stem = name_report(document)
    with translation.override(language):
        tables = render_csv_files(document, hide_students=hide_students)
        forms = {
            "html": lambda: (f"{stem}.html", render_html(document, hide_students=hide_students)),
            "pdf": lambda: (f"{stem}.pdf", render_pdf(document, hide_students=hide_students)),
            "csv": lambda: (f"{stem}.csv", tables.get(f"{stem}.csv", tables[f"{stem}-figures.csv"])),
            "figures": lambda: (f"{stem}-figures.csv", tables[f"{stem}-figures.csv"]),
        }
        table_files = {section.name: f"{stem}-{section.name}.csv" for section in document.sections[1:]}
        file, data = (table_files[form], tables[table_files[form]]) if form in table_files else forms[form]()
    _record_export(district, document, at=at, actor=actor, form=form, hidden=hide_students)
    return file, data


def log_report_view(*, district: District, viewed_report: DistrictReport, at: datetime, actor: str) -> None:
    """Log that a user opened a report that lists students: its name and how many it showed."""
    if viewed_report.students:
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="open report",
            subject_kind="report",
            subject=viewed_report.name,
            detail={"students": viewed_report.students},
        )


def _describe_language(document: DistrictReport) -> dict[str, str]:
    return {} if document.language == ENGLISH else {"language": document.language}


def _record_export(
    district: District, document: DistrictReport, *, at: datetime, actor: str, form: str, hidden: bool
) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="hand over report",
        subject_kind="report",
        subject=document.name,
        detail={"form": form, "students": document.students, "masked": hidden, **_describe_language(document)},
    )
