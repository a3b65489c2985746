"""Expiry by School, Fiscal Year and Funding Source: how many Chromebooks end when, and who paid for them."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData

_YEAR_SQL = "year(d.expires_on) + CASE WHEN $starts > 1 AND month(d.expires_on) >= $starts THEN 1 ELSE 0 END"
_IN_USE_SQL = "d.platform = 'chromeos' AND d.active AND d.retired IS NOT TRUE"
_ROWS_SQL = f"""SELECT d.school, {_YEAR_SQL} AS year, d.funding, count(*), min(d.expires_on), max(d.expires_on)
    FROM devices d
WHERE {_IN_USE_SQL} AND d.expires_on IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2, 3 NULLS LAST"""
_YEARS_SQL = (
    f"SELECT {_YEAR_SQL} AS year, count(*) FROM devices d WHERE {_IN_USE_SQL} AND d.expires_on IS NOT NULL "
    f"GROUP BY 1 ORDER BY 1"
)
_TOTALS_SQL = (
    f"SELECT count(*), count(*) FILTER (d.expires_on IS NULL), count(*) FILTER (d.expires_on < $today) FROM "
    f"devices d WHERE {_IN_USE_SQL}"
)


def build_report(data: ReportData) -> DistrictReport:
    """Report Chromebooks in use by the fiscal year in which their updates end.

    A fiscal year has the name of the year in which it ends.
    """
    starts = data.district.fiscal_year_starts
    cells = data.query_rows(_ROWS_SQL, starts=starts)
    total, unknown, ended_count = data.query_rows(_TOTALS_SQL, today=data.assessment.today)[0]
    sources = data.list_sources("devices")
    ended = ReportFigure(
        label=_("Chromebooks past auto-update expiration"),
        part=ended_count,
        total=total,
        cannot_tell=unknown,
        sources=sources,
    )
    years = tuple(
        ReportFigure(
            label=_("Updates end in fiscal year %(year)s") % {"year": year},
            part=count,
            total=total,
            cannot_tell=unknown,
            sources=sources,
        )
        for year, count in data.query_rows(_YEARS_SQL, starts=starts)
    )
    columns = (
        ReportColumn(title=_("School")),
        ReportColumn(title=_("Fiscal year")),
        ReportColumn(title=_("Funding source")),
        ReportColumn(title=_("Devices"), number=True),
        ReportColumn(title=_("First ends on")),
        ReportColumn(title=_("Last ends on")),
    )
    section = ReportSection(
        name="expiry",
        title=_("By school, fiscal year and funding source"),
        columns=columns,
        rows=[(row[0], str(row[1]), row[2] or _("not recorded"), *row[3:]) for row in cells],
        note=_(
            "The date is the one that applies with the extended updates that a device has opted in to. What the asset "
            "list calls retired is left out, though a console may still manage it."
        ),
    )
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=_build_lead(starts), figures=(ended, *years), sections=(section,)
    )


def _build_lead(starts: int) -> str:
    if starts == 1:
        return _("When Chromebooks in use stop getting updates. Fiscal year is the calendar year.")
    first, last = date(2026, starts, 1), date(2027, starts - 1, 1)
    return _(
        "When Chromebooks in use stop getting updates. Fiscal year starts %(day)s (FY27 = %(first)s–%(last)s)."
    ) % {"day": date_format(first, "F j"), "first": date_format(first, "M Y"), "last": date_format(last, "M Y")}


KIND = ReportKind(
    name="expiry",
    title=gettext_lazy("Expiry by School, Fiscal Year and Funding Source"),
    about=gettext_lazy("How many Chromebooks must be replaced when, for next year's budget."),
    build=build_report,
)
