"""Second Factor by Building: how many staff sign in with one, as counts that identify nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.domain.protect.control_states import State
from homeroom.domain.small_counts import MIN_COUNT, select_hidden_cells

CONTROL = "staff-second-factor"
_COLUMN_STATES = (State.PASS, State.FAIL, State.CANNOT_TELL, State.EXCEPTED)


def build_report(data: ReportData) -> DistrictReport:
    """Report the numbers of `staff-second-factor` by school; buildings under ten accounts are combined in one row.

    The district's own number follows the same rule as its buildings': a total under ten would reveal one of them.
    """
    total = data.build_figure(CONTROL, label=_("Staff accounts without MFA"))
    titles = (_("Accounts"), _("With MFA"), _("Without MFA"), _("Unknown"), _("Risk accepted"))
    section = ReportSection(
        name="buildings",
        title=_("By building"),
        columns=(ReportColumn(title=_("Building")), *(ReportColumn(title=title, number=True) for title in titles)),
        rows=build_building_rows(data.count_states_by(CONTROL, column="school")),
        note=_("Small counts are hidden to protect privacy."),
    )
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_("Staff accounts with and without MFA, by building."),
        figures=(replace(total, min_count=MIN_COUNT) if total else None,),
        sections=(section,),
    )


def build_building_rows(by_school: Mapping[Any, Mapping[str, int]]) -> list[tuple[Any, ...]]:
    """Build a row per building, then one for all with fewer than ten accounts and for accounts without a building.

    If those are fewer than ten together, the smallest other building joins them: the district's total would reveal
    their number.
    """
    counts_by_school = {
        school: [states.get(str(state), 0) for state in _COLUMN_STATES] for school, states in by_school.items()
    }
    large = sorted(
        school for school, counts in counts_by_school.items() if school is not None and sum(counts) >= MIN_COUNT
    )
    small = [school for school in counts_by_school if school not in large]
    while large and 0 < sum(sum(counts_by_school[school]) for school in small) < MIN_COUNT:
        smallest = min(large, key=lambda school: (sum(counts_by_school[school]), school))
        large.remove(smallest)
        small.append(smallest)
    small_total = [sum(column) for column in zip(*(counts_by_school[school] for school in small), strict=True)]
    table = [*(counts_by_school[school] for school in large), *([small_total] if sum(small_total) else [])]
    names = [*large, _("Small buildings, or none")]
    hidden = select_hidden_cells(table)
    return [
        (name, *_mask_row(counts, row=number, hidden=hidden))
        for number, (name, counts) in enumerate(zip(names, table, strict=False))
    ]


def _mask_row(counts: Sequence[int], *, row: int, hidden: frozenset[tuple[int, int]]) -> tuple[Any, ...]:
    row_total = sum(counts)
    cells = (_("not shown") if (row, column) in hidden else count for column, count in enumerate(counts))
    return (row_total if row_total >= MIN_COUNT else _("fewer than ten"), *cells)


KIND = ReportKind(
    name="second-factor",
    title=gettext_lazy("MFA by Building"),
    about=gettext_lazy("Counts for principals. Small counts are hidden to protect privacy."),
    build=build_report,
)
