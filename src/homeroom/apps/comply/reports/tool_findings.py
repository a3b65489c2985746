"""What reports show of tools: the portfolio of the assessed snapshot, in words, with small counts of people hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.manage.tools.queries import load_tool_content
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content
from homeroom.domain.manage.tools.portfolio import (
    GapKind,
    HollowKind,
    HollowTool,
    NeedGap,
    Overlap,
    OverlapKind,
    Portfolio,
    Suggestion,
    Tool,
)
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.engines.manage.tools.stored_portfolio import read_portfolio

DOLLARS = "USD"
MAX_NAMED = 3
"""Names that one cell lists; further ones are counted."""
_SMALL_PART = re.compile(r"\b[1-9] of ")
_HOLLOW_LABELS = {
    HollowKind.NOT_WORKING: gettext_lazy("Does not work"),
    HollowKind.NOT_DEPLOYED: gettext_lazy("Not on most devices"),
    HollowKind.SILENT: gettext_lazy("Devices do not report"),
    HollowKind.NOT_USED: gettext_lazy("Not used"),
}
_SUGGESTION_LABELS = {
    Suggestion.TOO_LATE: gettext_lazy("Too late"),
    Suggestion.DROP: gettext_lazy("Drop"),
    Suggestion.CHOOSE: gettext_lazy("Choose one"),
    Suggestion.CANNOT_TELL: gettext_lazy("Unknown"),
    Suggestion.FEWER: gettext_lazy("Fewer seats"),
    Suggestion.KEEP: gettext_lazy("Keep"),
}


@dataclass(frozen=True)
class ToolFindings:
    """The portfolio of one snapshot, with words for it."""

    portfolio: Portfolio

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """The tools by id."""
        return {tool.id: tool for tool in self.portfolio.tools}

    def list_overlaps(self, kind: OverlapKind) -> list[Overlap]:
        """List the overlaps of a kind, the dearest first."""
        chosen = [overlap for overlap in self.portfolio.overlaps if overlap.kind is kind]
        return sorted(chosen, key=lambda overlap: -(overlap.dollars_minor or 0))

    def list_hollow(self) -> list[HollowTool]:
        """List the hollow tools, the dearest first."""
        return sorted(self.portfolio.hollow, key=lambda entry: -(entry.dollars_minor or 0))

    def list_alike(self, tool: Tool) -> list[str]:
        """List by name the other running tools that do any of what a tool is for where it runs."""
        return [
            other.name
            for other in self.portfolio.tools
            if other.id != tool.id
            and other.runs
            and set(tool.does) & {*other.does, *other.also_does}
            and (not tool.schools or not other.schools or set(tool.schools) & set(other.schools))
        ]

    def format_names(self, tools: Iterable[str]) -> str:
        """Format tools, given by id, as their names."""
        return format_few(self.tools[tool].name for tool in tools)

    def format_cost(self, minor: int | None, tool: str) -> str:
        """Format a year's cost in the currency of a tool."""
        return format_money(minor, currency=self.tools[tool].currency)

    def describe_hollow(self, entry: HollowTool) -> str:
        """Describe what is wrong with a hollow tool, and how many of how many have it; few people are no number."""
        words = _HOLLOW_LABELS[entry.kind]
        part = format_people(entry.working) if entry.kind is HollowKind.NOT_USED else format_count(entry.working)
        return _("%(what)s: %(part)s of %(all)s") % {"what": words, "part": part, "all": format_count(entry.of)}

    def describe_why(self, tool: str, suggestion: Suggestion, reason: str) -> str:
        """Describe why something is suggested; few people are no number."""
        hollow = next((entry for entry in self.portfolio.hollow if entry.tool == tool), None)
        if suggestion is Suggestion.CHOOSE:
            others = {other for entry in self.portfolio.overlaps if tool in entry.tools for other in entry.tools}
            names = self.format_names(sorted(others - {tool}))
            return ngettext("%(tools)s does the same", "%(tools)s do the same", len(others) - 1) % {"tools": names}
        if suggestion is Suggestion.DROP and hollow is not None:
            return self.describe_hollow(hollow)
        if suggestion is Suggestion.FEWER:
            return _SMALL_PART.sub(_("fewer than %(few)s of ") % {"few": MIN_COUNT}, reason)
        return reason


def load_tool_findings(data: ReportData) -> ToolFindings:
    """Return what was found of tools in the assessed snapshot. Raise QueryTimeout."""
    return ToolFindings(data.query_snapshot(read_portfolio))


def describe_suggestion(suggestion: Suggestion, *, seats: int | None) -> str:
    """Describe a suggestion, with the seats that would do; few are no number, since people could be counted by them."""
    words = str(_SUGGESTION_LABELS[suggestion])
    if seats is None:
        return words
    if seats <= MIN_COUNT:
        return _("%(what)s: up to %(seats)s") % {"what": words, "seats": format_count(MIN_COUNT)}
    return _("%(what)s: %(seats)s") % {"what": words, "seats": format_count(seats)}


def describe_gap(gap: NeedGap) -> str:
    """Describe where a need is not met."""
    if gap.kind is GapKind.NONE or gap.schools is None:
        return _("nowhere")
    return _("missing in %(schools)s") % {"schools": format_few(gap.schools)}


def name_capability(capability: str) -> str:
    """Return what a capability is called."""
    entry = load_tool_content().capabilities.get(capability)
    return translate_content(entry.title) if entry else capability.replace("-", " ")


def format_money(minor: int | None, *, currency: str | None = DOLLARS) -> str:
    """Format an amount in minor units without cents; unknown where it is missing."""
    if minor is None:
        return _("unknown")
    amount = number_format(round(minor / 100), force_grouping=True)
    return f"${amount}" if currency in (None, DOLLARS) else f"{amount} {currency}"


def format_people(count: int | None) -> str:
    """Format a count of people: few are hidden, and none known is unknown."""
    if count is None:
        return _("unknown")
    return _("fewer than %(few)s") % {"few": MIN_COUNT} if 0 < count < MIN_COUNT else format_count(count)


def format_count(count: int | None) -> str:
    """Format a count that is not of people."""
    return _("unknown") if count is None else number_format(count, force_grouping=True)


def format_few(names: Iterable[str]) -> str:
    """Format the first three names, and how many more there are."""
    listed: Sequence[str] = tuple(names)
    shown = ", ".join(listed[:MAX_NAMED])
    return shown if len(listed) <= MAX_NAMED else _("%(names)s and %(n)s more") % {
        "names": shown, "n": len(listed) - MAX_NAMED,
    }  # fmt: skip
