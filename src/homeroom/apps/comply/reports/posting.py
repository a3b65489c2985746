"""What districts post of their agreements with vendors: the operators, their data, subcontractors, and breaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.vendor_breaches import VendorBreach, list_vendor_breaches
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content
from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary

_COLUMNS = (
    "vendor", "product", "address", "url", "signed_on", "ends_on", "data_kinds", "purpose", "subprocessors",
    "stored_in", "delete_on", "delete_days", "breached_on", "breach_percent",
)  # fmt: skip
_REGISTER_SQL = f"""SELECT {", ".join(_COLUMNS)} FROM agreements WHERE state = 'signed' AND NOT replaced
    AND (ends_on IS NULL OR ends_on >= $today) AND student_data IS DISTINCT FROM false
    AND coalesce(kind, '') NOT IN ('security', 'insurance') ORDER BY lower(vendor), lower(product)"""
_LEAST_PERCENT = 10
"""From this share of the enrollment on a breach is posted (105 ILCS 85/27)."""

Agreement = Mapping[str, Any]


def load_register(data: ReportData) -> tuple[Agreement, ...]:
    """Return the agreements in force about student data, by vendor."""
    rows = data.query_rows(_REGISTER_SQL, today=data.assessment.today)
    return tuple(dict(zip(_COLUMNS, row, strict=True)) for row in rows)


def list_element_titles(agreement: Agreement) -> list[str]:
    """Return the kinds of data that an agreement names, in our words, and in its own where they are not known."""
    reading = load_vocabulary().read_agreement(agreement["data_kinds"] or [])
    titles = [translate_content(entry.title) for entry in load_elements() if entry.id in reading.elements]
    return [*titles, *reading.unknown]


def build_posting(
    data: ReportData, *, kind: ReportKind, lead: str, sections: Sequence[ReportSection], notes: Sequence[str]
) -> DistrictReport:
    """Build the posting of a state, with how many agreements are in it."""
    figure = ReportFigure(
        label=_("Agreements in force about student data"),
        part=len(load_register(data)),
        sources=data.list_sources("agreements"),
    )
    return data.create_report(
        name=kind.name,
        title=str(kind.title),
        lead=lead,
        figures=(figure,),
        sections=tuple(sections),
        notes=tuple(notes),
    )


def build_operators(agreements: Sequence[Agreement], *, name: str, title: str) -> ReportSection:
    """Build the list of vendors: address, agreement, kinds of data, and what for."""
    titles = (_("Vendor"), _("Product"), _("Address"), _("Agreement"), _("Until"), _("Kinds of data"), _("Used for"))
    return ReportSection(
        name=name,
        title=title,
        columns=tuple(map(_build_column, titles)),
        rows=[
            (
                agreement["vendor"],
                agreement["product"],
                agreement["address"] or _("not recorded"),
                agreement["url"] or _("not recorded"),
                agreement["ends_on"],
                "; ".join(list_element_titles(agreement)) or _("not recorded"),
                agreement["purpose"] or _("not recorded"),
            )
            for agreement in agreements
        ],
    )


def build_subcontractors(agreements: Sequence[Agreement]) -> ReportSection:
    """Build the list of those whom vendors pass data on to."""
    return ReportSection(
        name="subcontractors",
        title=_("Whom vendors pass data on to"),
        columns=tuple(map(_build_column, (_("Vendor"), _("Product"), _("Passed on to")))),
        rows=[
            (
                agreement["vendor"],
                agreement["product"],
                "; ".join(agreement["subprocessors"] or ()) or _("not recorded"),
            )
            for agreement in agreements
        ],
    )


def build_large_breaches(data: ReportData) -> ReportSection:
    """Build the list of breaches that concerned a tenth of the enrollment or more. Raise QueryTimeout."""
    breaches = list_vendor_breaches(data)
    unknown = sum(breach.percent is None for breach in breaches)
    note = _("From the district’s list of agreements, and its incidents at vendors.")
    if unknown:
        missing = ngettext(
            "Not listed: %(n)s breach without a number of students.",
            "Not listed: %(n)s breaches without a number of students.",
            unknown,
        )
        note = f"{note} {missing % {'n': unknown}}"
    return _build_breaches(
        [breach for breach in breaches if breach.percent is not None and breach.percent >= _LEAST_PERCENT],
        title=_("Breaches that concerned a tenth of the students or more"),
        note=note,
    )


def build_all_breaches(data: ReportData) -> tuple[ReportSection, ...]:
    """Build the list of breaches of any size; none where no breach is known. Raise QueryTimeout."""
    breaches = list_vendor_breaches(data)
    note = _("From the district’s list of agreements, and its incidents at vendors.")
    return (_build_breaches(breaches, title=_("Breaches at vendors"), note=note),) if breaches else ()


def _build_breaches(breaches: Sequence[VendorBreach], *, title: str, note: str) -> ReportSection:
    return ReportSection(
        name="breaches",
        title=title,
        columns=tuple(map(_build_column, (_("Vendor"), _("Product"), _("Known since"), _("Percent of students")))),
        rows=[
            (
                breach.vendor,
                breach.product or None,
                breach.known_on,
                _("not recorded") if breach.percent is None else breach.percent,
            )
            for breach in breaches
        ],
        note=note,
    )


def _build_column(title: str) -> ReportColumn:
    return ReportColumn(title=title)
