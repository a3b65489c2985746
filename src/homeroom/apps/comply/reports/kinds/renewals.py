"""Renewals: one sheet for the renewal meeting, with what is suggested about each contract of the next 120 days."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.tool_findings import (
    ToolFindings,
    describe_suggestion,
    format_count,
    format_few,
    format_money,
    format_people,
    load_tool_findings,
)
from homeroom.domain.ids import format_public_id, hash_tool_id
from homeroom.domain.manage.tools.portfolio import Renewal, Suggestion

OPEN = (Suggestion.DROP, Suggestion.CHOOSE, Suggestion.FEWER)


def build_report(data: ReportData) -> DistrictReport:
    """Report the renewals, the earliest to decide first, and the tools that nobody can judge."""
    findings = load_tool_findings(data)
    figures = (
        data.build_figure("renewal-decided", label=_("Renewals to decide")),
        data.build_figure("renewal-in-time", label=_("Day of notice has passed")),
        data.build_figure("tool-not-paid-twice", label=_("Paid tools beside another that does the same")),
        data.build_figure("tool-used", label=_("Paid tools that are not used")),
    )
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_("What to decide before contracts renew, the earliest first. Each tool opens to its contracts and use."),
        figures=figures,
        sections=(_build_renewals(findings), _build_unknown(findings)),
        notes=(
            _("Use is that of the newest period that a list tells of. Counts of fewer than ten people are not shown."),
            _("A price that no list has is unknown, never 0."),
        ),
    )


def _build_renewals(findings: ToolFindings) -> ReportSection:
    titles = (_("Tool"), _("Contract"), _("A year"), _("Notice by"), _("Last day"), _("Suggestion"), _("Why"))
    further = (_("Users of seats"), _("What else does the same"))
    numeric = {_("A year"), _("Users of seats")}
    renewals = findings.portfolio.renewals
    return ReportSection(
        name="renewals",
        title=_("To decide in the next 120 days"),
        columns=tuple(ReportColumn(title=title, number=title in numeric) for title in (*titles, *further)),
        rows=[_build_row(renewal, findings) for renewal in renewals],
        opens=[format_public_id("tool", hash_tool_id(renewal.tool)) for renewal in renewals],
        note=_sum_open(findings),
    )


def _build_row(renewal: Renewal, findings: ToolFindings) -> tuple[Any, ...]:
    tool = findings.tools[renewal.tool]
    return (
        tool.name,
        renewal.contract,
        format_money(renewal.dollars_minor, currency=tool.currency),
        renewal.notice_on,
        renewal.ends_on,
        describe_suggestion(renewal.suggestion, seats=renewal.seats),
        findings.describe_why(renewal.tool, renewal.suggestion, renewal.why),
        _("%(users)s of %(seats)s") % {"users": format_people(tool.users), "seats": format_count(tool.seats)},
        format_few(findings.list_alike(tool)),
    )


def _sum_open(findings: ToolFindings) -> str:
    """Return how much a year the renewals cost about which something is to be decided; a missing price is named."""
    renewals = [renewal for renewal in findings.portfolio.renewals if renewal.suggestion in OPEN]
    if not renewals:
        return ""
    amounts = [renewal.dollars_minor for renewal in renewals if renewal.dollars_minor is not None]
    currencies = {findings.tools[renewal.tool].currency for renewal in renewals if renewal.dollars_minor is not None}
    if len(currencies) != 1:
        return ""
    amount = format_money(sum(amounts), currency=currencies.pop())
    text = _("To drop, choose or shrink: %(amount)s a year.") % {"amount": amount}
    missing = len(renewals) - len(amounts)
    return f"{text} {_('%(n)s have no price.') % {'n': missing}}" if missing else text


def _build_unknown(findings: ToolFindings) -> ReportSection:
    unknown = [entry for entry in findings.portfolio.cannot_tell if entry.about == "tool"]
    return ReportSection(
        name="unknown",
        title=_("Paid tools that cannot be judged"),
        columns=(ReportColumn(title=_("Tool")), ReportColumn(title=_("Why"))),
        rows=[(findings.tools[entry.id].name, entry.why) for entry in unknown],
        opens=[format_public_id("tool", hash_tool_id(entry.id)) for entry in unknown],
    )


KIND = ReportKind(
    name="renewals",
    title=gettext_lazy("Renewals"),
    about=gettext_lazy("One sheet for the renewal meeting: which contracts to keep, shrink, choose between or drop."),
    build=build_report,
)
