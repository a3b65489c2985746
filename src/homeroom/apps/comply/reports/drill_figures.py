"""The latest drill as a figure for a board: how many reported it, and how fast. Never who missed, nor two drills."""

from __future__ import annotations

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.apps.comply.reports.report import FigureSource, ReportFigure
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.domain.teach.awareness.drill_results import PeopleRate

_LATEST_SQL = """SELECT sent_on, delivered, reported, first_minutes, connector, instance FROM drills
    WHERE delivered >= $least AND sent_on <= $today ORDER BY sent_on DESC, key LIMIT 1"""


def build_drill_figures(data: ReportData) -> tuple[ReportFigure, ...]:
    """Build the figure of staff who reported the latest drill, with its interval of 95 %; none without a drill.

    A drill of fewer than ten people has no outcomes. Raise QueryTimeout.
    """
    rows = data.query_rows(_LATEST_SQL, least=MIN_COUNT, today=data.assessment.today)
    if not rows:
        return ()
    sent_on, delivered, reported, first_minutes, connector, instance = rows[0]
    label = _("Staff who reported the latest drill, of %(day)s: %(share)s") % {
        "day": date_format(sent_on, _("M j, Y")),
        "share": _format_share(PeopleRate(people=reported, total=delivered)),
    }
    if first_minutes is not None:
        after = ngettext("the first after %(n)s minute", "the first after %(n)s minutes", first_minutes)
        label = f"{label}; {after % {'n': number_format(first_minutes, force_grouping=True)}}"
    return (
        ReportFigure(
            label=label, part=reported, total=delivered, sources=_list_sources(data, connector, instance=instance)
        ),
    )


def _list_sources(data: ReportData, connector: str, *, instance: str) -> tuple[FigureSource, ...]:
    """Return the drill's tool with its newest load; with the time of the assessed data where no load is left."""
    loads = [load.loaded_at for load in data.store.list_newest_event_loads() if load.instance == instance]
    loaded_at = max(loads, default=data.assessment.as_of or data.assessment.at)
    return (FigureSource(name=product_word(connector), loaded_at=loaded_at),)


def _format_share(rate: PeopleRate) -> str:
    """Format a share with its interval, in percent."""
    interval = rate.interval
    if interval is None or rate.rate is None:
        return ""
    return _("%(share)s%% (95%% interval: %(low)s%% to %(high)s%%)") % {
        "share": round(100 * rate.rate),
        "low": round(100 * interval.low),
        "high": round(100 * interval.high),
    }
