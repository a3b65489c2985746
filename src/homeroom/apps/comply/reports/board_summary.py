"""What a board reads first: the score with its trend, what was done in a quarter, and what is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.apps.comply.reports.report import ReportColumn, ReportSection, ReportTrend
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.tool_findings import format_money
from homeroom.apps.comply.reports.tool_page import sum_year
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content
from homeroom.apps.protect.posture.published.outcomes import count_fixed_since
from homeroom.apps.protect.posture.published.queries import OpenFinding
from homeroom.apps.protect.posture.published.score_history import DayScore, list_score_history
from homeroom.domain.protect.control_states import Severity

QUARTER_DAYS = 91
MAX_DONE = 3
"""So many controls are named of those on which the most was fixed."""
SEVERE = (Severity.CRITICAL, Severity.HIGH)


def build_sentences(
    data: ReportData,
    *,
    history: Sequence[DayScore],
    findings: Sequence[OpenFinding],
    plan: Mapping[str, Any] | None,
) -> tuple[str, ...]:
    """Return three sentences: the score, what was fixed in the last quarter, and what is needed."""
    if not history:
        return ()
    return (_describe_score(history), _describe_fixed(data), _describe_needs(findings, plan))


def build_score_trend(history: Sequence[DayScore]) -> ReportTrend | None:
    """Return the trend of the score; None before a second day."""
    if len(history) < 2:
        return None
    alt = _("Score: %(then)s on %(day)s, %(now)s now.") % {
        "then": format_score(history[0]),
        "day": date_format(history[0].on, _("M j, Y")),
        "now": format_score(history[-1]),
    }
    return ReportTrend(
        title=_("Score over time. Solid: confirmed passing. Dashed: not known to fail."),
        alt=alt,
        days=tuple(day.on for day in history),
        low=tuple(day.low for day in history),
        high=tuple(day.high for day in history),
    )


def load_score_history(data: ReportData) -> tuple[DayScore, ...]:
    """Return the history of the score up to the report's assessment."""
    return list_score_history(district=data.district, assessment=data.assessment)


def build_done_section(data: ReportData) -> tuple[ReportSection, ...]:
    """Build the section of the controls on which the most was fixed in the last quarter; none if nothing was."""
    fixed = _count_fixed(data)
    rows = [
        (translate_content(get_control(control).title), count)
        for control, count in sorted(fixed.items(), key=lambda pair: (-pair[1], pair[0]))[:MAX_DONE]
    ]
    columns = (ReportColumn(title=_("Check")), ReportColumn(title=_("Fixed"), number=True))
    section = ReportSection(name="done", title=_("Done in the last 3 months"), columns=columns, rows=rows)
    return (section,) if rows else ()


def format_score(score: DayScore) -> str:
    """Format a score as a range of whole percents; 100% only where all of it is, and 0% only where nothing is."""
    low, high = _round_percent(score.low), _round_percent(score.high)
    return f"{low}%" if low == high else f"{low}–{high}%"


def _round_percent(share: float) -> int:
    percent = round(100 * share)
    return 99 if percent == 100 and share < 1 else 1 if percent == 0 and share > 0 else percent


def _describe_score(history: Sequence[DayScore]) -> str:
    now = history[-1]
    sentence = _("Score: %(score)s of what the district checks passes (%(measured)s%% of %(n)s checks measured)") % {
        "score": format_score(now),
        "measured": _round_percent(now.measured),
        "n": number_format(now.controls, force_grouping=True),
    }
    if len(history) < 2:
        return _("%(sentence)s. The trend starts after the second load.") % {"sentence": sentence}
    return _("%(sentence)s; on %(day)s it was %(then)s.") % {
        "sentence": sentence,
        "day": date_format(history[0].on, _("M j, Y")),
        "then": format_score(history[0]),
    }


def _describe_fixed(data: ReportData) -> str:
    count = sum(_count_fixed(data).values())
    if not count:
        return _("Nothing was fixed in the last 3 months.")
    sentence = ngettext(
        "%(n)s problem on an account, device or setting was fixed in the last 3 months.",
        "%(n)s problems on accounts, devices and settings were fixed in the last 3 months.",
        count,
    )
    return sentence % {"n": number_format(count, force_grouping=True)}


def _describe_needs(findings: Sequence[OpenFinding], plan: Mapping[str, Any] | None) -> str:
    hours = round(sum(finding.minutes for finding in findings if finding.control.severity in SEVERE) / 60)
    needed = ngettext(
        "Needed: about %(n)s hour of work on critical and high findings",
        "Needed: about %(n)s hours of work on critical and high findings",
        hours,
    ) % {"n": number_format(hours, force_grouping=True)}
    if plan is None or not plan["years"]:
        return _("%(needed)s. What devices will cost is unknown: no refresh plan was made.") % {"needed": needed}
    year = plan["years"][0]
    return _("%(needed)s, and %(money)s for devices in fiscal year %(year)s.") % {
        "needed": needed,
        "money": format_money(sum_year(plan["paid"], year)),
        "year": year,
    }


def _count_fixed(data: ReportData) -> Mapping[str, int]:
    since = data.assessment.today - timedelta(days=QUARTER_DAYS)
    return count_fixed_since(district=data.district, assessment=data.assessment, since=since)
