"""Posting for Illinois: operators, agreements, elements, subcontractors and breaches (105 ILCS 85/27)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.posting import (
    build_large_breaches,
    build_operators,
    build_posting,
    build_subcontractors,
    load_register,
)
from homeroom.apps.comply.reports.report import ENGLISH, SPANISH, DistrictReport, ReportKind
from homeroom.apps.comply.reports.report_data import ReportData


def build_report(data: ReportData) -> DistrictReport:
    """Report the operators of covered information."""
    agreements = load_register(data)
    return build_posting(
        data,
        kind=KIND,
        lead=_("Vendors with a written agreement that have information about students, and what they have."),
        sections=(
            build_operators(agreements, name="operators", title=_("Operators")),
            build_subcontractors(agreements),
            build_large_breaches(data),
        ),
        notes=(_("Parents may inspect, copy and correct what is held about their child: ask the school."),),
    )


KIND = ReportKind(
    name="posting-il",
    title=gettext_lazy("Student Data at Vendors (Illinois)"),
    about=gettext_lazy("The web site: operators, their agreements, data, subcontractors and breaches"),
    build=build_report,
    languages=(ENGLISH, SPANISH),
)
