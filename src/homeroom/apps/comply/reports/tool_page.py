"""The board's page about tools: what is paid twice, missing, hollow, what the next years cost, and what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import ReportColumn, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.tool_findings import (
    ToolFindings,
    describe_gap,
    format_count,
    format_few,
    format_money,
    load_tool_findings,
    name_capability,
)
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content
from homeroom.domain.ids import format_public_id, hash_need_id, hash_tool_id
from homeroom.domain.manage.tools.portfolio import Overlap, OverlapKind

MAX_ROWS = 6
"""Rows of each table, so that all are on one page; a note counts further ones."""


def build_tool_sections(data: ReportData, *, plan: Mapping[str, Any] | None = None) -> tuple[ReportSection, ...]:
    """Build the sections of the page, the first of them on a new sheet. Raise QueryTimeout.

    `plan` is the document of the district's refresh plan, as `homeroom refresh --json` prints it; None without any.
    """
    findings = load_tool_findings(data)
    return (
        _build_overlaps(findings),
        _build_gaps(findings),
        _build_hollow(findings),
        build_years_section(plan),
        _build_unknown(findings),
    )


def _build_overlaps(findings: ToolFindings) -> ReportSection:
    overlaps = [*findings.list_overlaps(OverlapKind.PAID_TWICE), *findings.list_overlaps(OverlapKind.OWNED_ALREADY)]
    return _build_section(
        "paid-twice",
        _("Tools: what is paid twice"),
        (_("For"), _("Tools"), _("What it is"), _("Where"), _("A year of the one that could go")),
        [_build_overlap_row(overlap, findings) for overlap in overlaps],
        starts_page=True,
    )


def _build_overlap_row(overlap: Overlap, findings: ToolFindings) -> tuple[Any, ...]:
    kind = _("paid twice") if overlap.kind is OverlapKind.PAID_TWICE else _("owned already")
    where = format_few(overlap.schools) if overlap.schools else _("the district")
    cost = findings.format_cost(overlap.dollars_minor, overlap.tools[0])
    return name_capability(overlap.capability), findings.format_names(overlap.tools), kind, where, cost


def _build_gaps(findings: ToolFindings) -> ReportSection:
    gaps = findings.portfolio.gaps
    rows = [
        (
            name_capability(gap.capability),
            translate_content(gap.audience),
            describe_gap(gap),
            translate_content(gap.because),
        )
        for gap in gaps
    ]
    opens = [format_public_id("need", hash_need_id(gap.capability)) for gap in gaps]
    titles = (_("Need"), _("For whom"), _("Where"), _("Why it is needed"))
    return _build_section("missing", _("Tools: what is missing"), titles, rows, opens=opens)


def _build_hollow(findings: ToolFindings) -> ReportSection:
    hollow = findings.list_hollow()
    rows = [
        (
            findings.tools[entry.tool].name,
            findings.describe_hollow(entry),
            findings.format_cost(entry.dollars_minor, entry.tool),
        )
        for entry in hollow
    ]
    opens = [format_public_id("tool", hash_tool_id(entry.tool)) for entry in hollow]
    titles = (_("Tool"), _("What is wrong"), _("A year"))
    return _build_section("hollow", _("Tools: paid for and of little use"), titles, rows, opens=opens)


def build_years_section(plan: Mapping[str, Any] | None) -> ReportSection:
    """Build the section of what the next years cost by a refresh plan; without one that is unknown."""
    titles = (_("Fiscal year"), _("Cost"))
    if plan is None:
        rows = [(_("the next five"), _("unknown: no refresh plan was made"))]
        return _build_section("years", _("Devices: what the next five years cost"), titles, rows)
    rows = [(str(year), format_money(sum_year(plan["paid"], year))) for year in plan["years"]]
    later = sum(sum(by_year.values()) for by_year in plan["committed"].values())
    if later:
        rows.append((_("later, already agreed to"), format_money(later)))
    waiting = plan["past_support"] + plan["missing"]
    if waiting:
        rows.append(
            (_("what that leaves"), _("%(n)s device-years past support or missing") % {"n": format_count(waiting)})
        )
    section = _build_section("years", _("Devices: what the next years cost"), titles, rows)
    return replace(section, rows=rows, note="")


def sum_year(payments: Mapping[str, Mapping[str, int]], year: int) -> int:
    """Return what all funds pay in a year, in cents."""
    return sum(by_year.get(str(year), 0) for by_year in payments.values())


def _build_unknown(findings: ToolFindings) -> ReportSection:
    unknown = findings.portfolio.cannot_tell
    tools = [findings.tools[entry.id].name for entry in unknown if entry.about == "tool"]
    needs = [name_capability(entry.id) for entry in unknown if entry.about == "capability"]
    unstated = [tool.name for tool in findings.portfolio.tools if tool.runs and tool.costs and not tool.does]
    unpriced = [tool.name for tool in findings.portfolio.tools if tool.runs and tool.costs is None]
    rows = [
        (what, format_count(len(names)), format_few(names))
        for what, names in (
            (_("Whether a paid tool is used and works"), tools),
            (_("What a paid tool is for, and so if another does the same"), unstated),
            (_("What a tool costs"), unpriced),
            (_("Whether a need is met"), needs),
        )
        if names
    ]
    titles = (_("What"), _("How many"), _("Such as"))
    return _build_section("unknown", _("Tools: what is not known"), titles, rows)


def _build_section(
    name: str,
    title: str,
    titles: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    opens: Sequence[str] = (),
    starts_page: bool = False,
) -> ReportSection:
    """Build a section of at most six rows; its note counts the others."""
    more = len(rows) - MAX_ROWS
    return ReportSection(
        name=name,
        title=title,
        columns=tuple(ReportColumn(title=text) for text in titles),
        rows=rows[:MAX_ROWS],
        opens=opens[:MAX_ROWS],
        note=_("The first %(shown)s; %(more)s more are on the Tools page.") % {"shown": MAX_ROWS, "more": more}
        if more > 0
        else "",
        starts_page=starts_page,
    )
