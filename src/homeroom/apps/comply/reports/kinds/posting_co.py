"""Posting for Colorado: contract providers, their contracts and the data that they have (C.R.S. 22-16-107)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.posting import (
    build_all_breaches,
    build_operators,
    build_posting,
    build_subcontractors,
    load_register,
)
from homeroom.apps.comply.reports.report import ENGLISH, SPANISH, DistrictReport, ReportKind
from homeroom.apps.comply.reports.report_data import ReportData


def build_report(data: ReportData) -> DistrictReport:
    """Report the contract providers and the data elements that each has."""
    agreements = load_register(data)
    return build_posting(
        data,
        kind=KIND,
        lead=_("Contract providers that have information about students, their contracts, and what they have."),
        sections=(
            build_operators(agreements, name="providers", title=_("Contract providers")),
            build_subcontractors(agreements),
            *build_all_breaches(data),
        ),
        notes=(_("Parents may ask the district what is held about their child, and for its correction."),),
    )


KIND = ReportKind(
    name="posting-co",
    title=gettext_lazy("Student Data at Vendors (Colorado)"),
    about=gettext_lazy("The web site: contract providers, their contracts and data"),
    build=build_report,
    languages=(ENGLISH, SPANISH),
)
