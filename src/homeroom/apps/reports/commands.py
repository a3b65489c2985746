"""Handing a report over: as files in a folder, or as one file for a browser, with an entry in the audit trail."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.audit.commands import record
from homeroom.apps.reports.pages import page
from homeroom.apps.reports.papers import paper
from homeroom.apps.reports.queries import report
from homeroom.apps.reports.report import Report
from homeroom.apps.reports.sheets import sheets
from homeroom.evidence.blobs import write_file


def write_report(
    *, district: Any, name: str, out: Path, today: date, at: datetime, actor: str = ""
) -> tuple[Report, tuple[Path, ...]]:
    """Writes the report's HTML, PDF and CSV files into a folder and names them. Raises as `queries.report` does.

    Each file appears whole or not at all. Raises OSError where the folder cannot be written.
    """
    made = report(district=district, name=name, today=today)
    files = {f"{name}.html": page(made), f"{name}.pdf": paper(made), **sheets(made)}
    out.mkdir(parents=True, exist_ok=True)
    for file, data in files.items():
        write_file(out / file, data)
    _handed_over(district, made, at=at, actor=actor, form="html, pdf, csv", hidden=False)
    return made, tuple(out / file for file in files)


def handed(
    *, district: Any, name: str, form: str, today: date, at: datetime, actor: str, hide_pupils: bool
) -> tuple[str, bytes]:
    """One file of a report, by its name, for a browser. Raises KeyError for a form that is none.

    `form` is html, pdf, csv (the first table), the name of another table, or figures.
    """
    made = report(district=district, name=name, today=today)
    tables = sheets(made, hide_pupils=hide_pupils)
    forms = {
        "html": lambda: (f"{name}.html", page(made, hide_pupils=hide_pupils)),
        "pdf": lambda: (f"{name}.pdf", paper(made, hide_pupils=hide_pupils)),
        "csv": lambda: (f"{name}.csv", tables.get(f"{name}.csv", tables[f"{name}-figures.csv"])),
        "figures": lambda: (f"{name}-figures.csv", tables[f"{name}-figures.csv"]),
    }
    others = {section.name: f"{name}-{section.name}.csv" for section in made.sections[1:]}
    file, data = (others[form], tables[others[form]]) if form in others else forms[form]()
    _handed_over(district, made, at=at, actor=actor, form=form, hidden=hide_pupils)
    return file, data


def looked_at(*, district: Any, made: Report, at: datetime, actor: str) -> None:
    """Somebody opened a report that lists pupils: the list is logged as its name and how many it showed."""
    if made.pupils:
        record(
            district=district,
            at=at,
            actor=actor,
            action="open report",
            subject_kind="report",
            subject=made.name,
            detail={"pupils": made.pupils},
        )


def _handed_over(district: Any, made: Report, *, at: datetime, actor: str, form: str, hidden: bool) -> None:
    record(
        district=district,
        at=at,
        actor=actor,
        action="hand over report",
        subject_kind="report",
        subject=made.name,
        detail={"form": form, "pupils": made.pupils, "masked": hidden},
    )
