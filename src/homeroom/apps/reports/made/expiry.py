"""Expiry by School, Fiscal Year and Funding Source: how many Chromebooks end when, and who paid for them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section

_YEAR = "year(d.expires_on) + CASE WHEN $starts > 1 AND month(d.expires_on) >= $starts THEN 1 ELSE 0 END"
_IN_USE = "d.platform = 'chromeos' AND d.active AND d.retired IS NOT TRUE"
_ROWS = f"""SELECT d.school, {_YEAR} AS year, d.funding, count(*), min(d.expires_on), max(d.expires_on) FROM devices d
WHERE {_IN_USE} AND d.expires_on IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2, 3 NULLS LAST"""
_YEARS = f"SELECT {_YEAR} AS year, count(*) FROM devices d WHERE {_IN_USE} AND d.expires_on IS NOT NULL GROUP BY 1 ORDER BY 1"
_TOLD = f"SELECT count(*), count(*) FILTER (d.expires_on IS NULL), count(*) FILTER (d.expires_on < $today) FROM devices d WHERE {_IN_USE}"


def make(asked: Asked) -> Report:
    """Chromebooks in use by the fiscal year in which their updates end; a fiscal year has the name of the year in which it ends."""
    starts = asked.district.fiscal_year_starts
    cells = asked.rows(_ROWS, starts=starts)
    whole, unknown, past = asked.rows(_TOLD, today=asked.of.today)[0]
    sources = asked.sources("devices")
    ended = Figure(
        label=_("Chromebooks in use whose updates have ended"),
        part=past,
        whole=whole,
        cannot_tell=unknown,
        sources=sources,
    )
    years = tuple(
        Figure(
            label=_("Updates end in fiscal year %(year)s") % {"year": year},
            part=count,
            whole=whole,
            cannot_tell=unknown,
            sources=sources,
        )
        for year, count in asked.rows(_YEARS, starts=starts)
    )
    columns = (
        Column(title=_("School")),
        Column(title=_("Fiscal year")),
        Column(title=_("Funding source")),
        Column(title=_("Devices"), number=True),
        Column(title=_("First ends on")),
        Column(title=_("Last ends on")),
    )
    section = Section(
        name="expiry",
        title=_("By school, fiscal year and funding source"),
        columns=columns,
        rows=[(row[0], str(row[1]), row[2] or _("not recorded"), *row[3:]) for row in cells],
        note=_(
            "The date is the one that applies with the extended updates that a device has opted in to. What the asset list calls retired is left out, though a console may still manage it."
        ),
    )
    return asked.report(
        name=KIND.name, title=str(KIND.title), lead=_lead(starts), figures=(ended, *years), sections=(section,)
    )


def _lead(starts: int) -> str:
    if starts == 1:
        return _("When Chromebooks in use stop getting updates. Fiscal years are calendar years.")
    return _(
        "When Chromebooks in use stop getting updates. A fiscal year begins in month %(month)s and has the name of the year in which it ends."
    ) % {"month": starts}


KIND = Kind(
    name="expiry",
    title=gettext_lazy("Expiry by School, Fiscal Year and Funding Source"),
    about=gettext_lazy("How many Chromebooks must be replaced when, for next year's budget."),
    make=make,
)
