"""A report as PDF: tagged for assistive technology (PDF/UA-1), typeset from data that is never markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _

from homeroom.apps.reports.pages import body
from homeroom.apps.reports.report import Report

TEMPLATE = Path(__file__).parent / "templates" / "reports" / "paper.typ"
ROWS = 2_000
"""Rows of one table that are printed; a note says how many more the CSV has."""


def paper(report: Report, *, hide_pupils: bool = False) -> bytes:
    """The PDF. Every text reaches the typesetter as a value beside the template, so none of it can be run."""
    made: bytes = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(_plain(report, hide_pupils))}, pdf_standards=["ua-1"]
    )
    return made


def _plain(report: Report, hide_pupils: bool) -> dict[str, Any]:
    told = body(report, hide_pupils=hide_pupils)
    return {
        "title": report.title,
        "district": report.district,
        "lead": report.lead,
        "day": report.told(report.today),
        "as_of": _("As of %(time)s") % {"time": told["as_of"]},
        "rests": _("Rests on"),
        "notes": list(report.notes),
        "figures": [
            {"label": label, "number": number, "sources": rests} for label, number, rests, _control in told["figures"]
        ],
        "sections": [
            {
                "title": section.title,
                "note": section.note,
                "titles": [title for title, _number in section.titles],
                "numbers": [number for _title, number in section.titles],
                "rows": [[text for _title, text, _number in row] for row in section.rows[:ROWS]],
                "more": _("%(n)s more rows stand in the CSV.") % {"n": len(section.rows) - ROWS}
                if len(section.rows) > ROWS
                else "",
                "empty": _("Nothing to list."),
            }
            for section in told["sections"]
        ],
    }
