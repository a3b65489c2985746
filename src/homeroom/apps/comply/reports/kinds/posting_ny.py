"""Posting for New York: the supplement to the bill of rights for each contract (8 NYCRR 121.3)."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.posting import (
    Agreement,
    build_all_breaches,
    build_posting,
    list_element_titles,
    load_register,
)
from homeroom.apps.comply.reports.report import (
    ENGLISH,
    SPANISH,
    DistrictReport,
    ReportColumn,
    ReportKind,
    ReportSection,
)
from homeroom.apps.comply.reports.report_data import ReportData


def build_report(data: ReportData) -> DistrictReport:
    """Report the supplement of each contract, one section a contract."""
    return build_posting(
        data,
        kind=KIND,
        lead=_("What each contract with a vendor that has student data provides, beside the parents’ bill of rights."),
        sections=(
            *(_build_supplement(number, agreement) for number, agreement in enumerate(load_register(data), start=1)),
            *build_all_breaches(data),
        ),
        notes=(_("A parent may challenge the accuracy of data by asking the district in writing."),),
    )


def _build_supplement(number: int, agreement: Agreement) -> ReportSection:
    absent = _("not recorded")
    name = agreement["product"] or agreement["vendor"]
    rows = (
        (_("Vendor"), agreement["vendor"]),
        (_("Used for"), agreement["purpose"] or absent),
        (_("Kinds of data"), "; ".join(list_element_titles(agreement)) or absent),
        (_("Passed on to"), "; ".join(agreement["subprocessors"] or ()) or absent),
        (_("Signed"), agreement["signed_on"]),
        (_("Ends"), agreement["ends_on"] or _("open")),
        (_("What becomes of the data"), _describe_deletion(agreement) or absent),
        (_("Where it is stored and how it is protected"), agreement["stored_in"] or absent),
    )
    return ReportSection(
        name=f"supplement-{number}",
        title=_("Supplement: %(name)s") % {"name": name},
        columns=(ReportColumn(title=_("Question")), ReportColumn(title=_("Answer"))),
        rows=rows,
    )


def _describe_deletion(agreement: Agreement) -> str:
    if agreement["delete_on"]:
        return _("Deleted by %(day)s") % {"day": date_format(agreement["delete_on"], _("M j, Y"))}
    if agreement["delete_days"] is not None:
        return _("Deleted within %(n)s days of the end") % {"n": agreement["delete_days"]}
    return ""


KIND = ReportKind(
    name="posting-ny",
    title=gettext_lazy("Supplements to the Parents’ Bill of Rights (New York)"),
    about=gettext_lazy("The web site: a supplement for each contract"),
    build=build_report,
    languages=(ENGLISH, SPANISH),
)
