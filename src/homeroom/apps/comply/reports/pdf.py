"""A report as PDF: tagged for assistive technology (PDF/UA-1), typeset from data that is never markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typst
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.html import build_context
from homeroom.apps.comply.reports.report import DistrictReport

TYPST_TEMPLATE = Path(__file__).parent / "templates" / "reports" / "paper.typ"
MAX_TABLE_ROWS = 2_000
"""Rows printed per table; a note gives the number of further rows in the CSV."""


def render_pdf(report: DistrictReport, *, hide_students: bool = False) -> bytes:
    """Render the PDF. Every text reaches the typesetter as data beside the template, so none of it can run."""
    content: bytes = typst.compile(
        TYPST_TEMPLATE.read_bytes(),
        sys_inputs={"data": json.dumps(_build_template_data(report, hide_students))},
        pdf_standards=["ua-1"],
    )
    return content


def _render_trend(context: dict[str, Any] | None) -> dict[str, str] | None:
    """Return {title, alt, svg} of a report's trend."""
    if context is None:
        return None
    trend = context["trend"]
    return {"title": trend.title, "alt": trend.alt, "svg": render_to_string("reports/_trend.svg", context)}


def _build_template_data(report: DistrictReport, hide_students: bool) -> dict[str, Any]:
    context = build_context(report, hide_students=hide_students)
    return {
        "title": report.title,
        "lang": report.language,
        "language": report.language_title,
        "district": report.district,
        "lead": report.lead,
        "day": report.format_value(report.today),
        "as_of": _("As of %(time)s") % {"time": context["as_of"]},
        "rests": _("Sources"),
        "notes": list(report.notes),
        "sentences": list(report.sentences),
        "trend": _render_trend(context["trend"]),
        "figures": [
            {"label": label, "number": number, "sources": sources}
            for label, number, sources, _control in context["figures"]
        ],
        "sections": [
            {
                "title": section.title,
                "note": section.note,
                "titles": [title for title, _number in section.titles],
                "numbers": [number for _title, number in section.titles],
                "rows": [[text for _title, text, _number in row.cells] for row in section.rows[:MAX_TABLE_ROWS]],
                "starts_page": section.starts_page,
                "more": _("%(n)s more rows are in the CSV.") % {"n": len(section.rows) - MAX_TABLE_ROWS}
                if len(section.rows) > MAX_TABLE_ROWS
                else "",
                "empty": _("Nothing to list."),
            }
            for section in context["sections"]
        ],
    }
