"""Patching figures of reports: vulnerable devices, overdue updates, and time to fix, each with its sources."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import FigureSource, ReportFigure
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.vulnerabilities.published.labels import class_word
from homeroom.apps.protect.vulnerabilities.published.summary import VulnerabilitySummary, get_current_summary
from homeroom.apps.protect.vulnerabilities.published.tallies import summarize_time_to_fix
from homeroom.domain.comply.questionnaires import LATE_MEASURE, TIME_TO_FIX_MEASURE
from homeroom.engines.protect.vulnerabilities.lifecycle import VulnerabilityTotals
from homeroom.engines.protect.vulnerabilities.time_to_fix import TimeToFix

_DEVICES_SQL = """SELECT count(*), count(*) FILTER (d.os_version IS NULL AND d.id NOT IN (SELECT device FROM software
    WHERE name IS NOT NULL)
    AND d.id NOT IN (SELECT device FROM vulnerabilities_found)) FROM devices d"""
_UNRATED_SQL = "SELECT count(DISTINCT cve) FILTER (exploited IS NULL) FROM vulnerabilities"
_ENDED_SQL = (
    """SELECT count(DISTINCT p.device) FROM vulnerable_installs p JOIN ends_of_life e USING (item) WHERE e.ended"""
)
_SOURCES_CONDITION_SQL = """connector IN (SELECT unnest(coalesce(told_by, []) || coalesce(matched_by, []))
    FROM vulnerabilities)
    OR connector IN ('cisa', 'epss')"""


@dataclass(frozen=True, kw_only=True)
class PatchingSummary:
    """Numbers from the assessed snapshot and its review; `sums` is None if that snapshot was not reviewed.

    `devices` counts all, `unreported` those without any report of system, software or vulnerabilities, `unrated` the
    vulnerabilities without information on exploitation, `ended` the devices with something out of support.
    """

    summary: VulnerabilitySummary | None
    sums: VulnerabilityTotals | None
    devices: int
    unreported: int
    unrated: int
    ended: int
    times_to_fix: tuple[TimeToFix, ...]
    sources: tuple[FigureSource, ...]


def load_patching(data: ReportData) -> PatchingSummary:
    """Load all patching numbers at once. Raise QueryTimeout."""
    summary = get_current_summary(district=data.district)
    is_same_snapshot = summary is not None and summary.derived == data.assessment.derived
    review = summary.review if summary is not None and is_same_snapshot else None
    compared = summary is not None and summary.compared
    devices, unreported = data.query_rows(_DEVICES_SQL)[0]
    return PatchingSummary(
        summary=summary if is_same_snapshot else None,
        sums=review.sums if review else None,
        devices=devices,
        unreported=unreported if compared else devices,
        unrated=data.query_rows(_UNRATED_SQL)[0][0],
        ended=data.query_rows(_ENDED_SQL)[0][0],
        times_to_fix=summarize_time_to_fix(district=data.district, today=data.today),
        sources=data.find_sources(_SOURCES_CONDITION_SQL) if compared else data.list_sources("devices"),
    )


def build_exposure_figures(patching_summary: PatchingSummary) -> tuple[ReportFigure, ...]:
    """Build figures of devices with a vulnerability, past a due date, and with unsupported software."""
    counts = [(_("Devices with end-of-life software"), patching_summary.ended)]
    if patching_summary.sums is not None:
        counts = [
            (_("Devices with an open vulnerability"), patching_summary.sums.open_devices),
            (_("Devices with an overdue vulnerability"), patching_summary.sums.overdue_devices),
            *counts,
        ]
    return tuple(
        ReportFigure(
            label=label,
            part=part,
            total=patching_summary.devices,
            cannot_tell=patching_summary.unreported,
            sources=patching_summary.sources,
        )
        for label, part in counts
    )


def build_overdue_figures(patching_summary: PatchingSummary) -> tuple[ReportFigure, ...]:
    """Build figures of open exploited vulnerabilities, and of those past the due date in CISA's catalog."""
    sums = patching_summary.sums
    if sums is None:
        return ()
    counts = (
        (_("Open known-exploited vulnerabilities"), sums.exploited_vulnerabilities),
        (_("Open known-exploited vulnerabilities past CISA’s due date"), sums.late_vulnerabilities),
    )
    devices = ReportFigure(
        label=_("Devices with a known-exploited vulnerability past CISA’s due date"),
        part=sums.late_devices,
        total=patching_summary.devices,
        cannot_tell=patching_summary.unreported,
        sources=patching_summary.sources,
    )
    count_figures = (
        ReportFigure(label=label, part=part, cannot_tell=patching_summary.unrated, sources=patching_summary.sources)
        for label, part in counts
    )
    return (*count_figures, devices)


def build_time_figure(patching_summary: PatchingSummary) -> tuple[ReportFigure, ...]:
    """Build the figure of the mean days to fix over all devices; empty if nothing was seen fixed."""
    fixed_count = sum(entry.fixed for entry in patching_summary.times_to_fix)
    if not fixed_count:
        return ()
    mean = sum(entry.mean * entry.fixed for entry in patching_summary.times_to_fix) / fixed_count
    label = _("Mean days from first sight to fix, over %(n)s updates of a year") % {"n": f"{fixed_count:,}"}
    return (ReportFigure(label=label, part=round(mean), sources=patching_summary.sources),)


def build_measure_figures(patching_summary: PatchingSummary, measure: str) -> tuple[ReportFigure, ...]:
    """Build the figures of one of a questionnaire's MEASURES."""
    return {LATE_MEASURE: build_overdue_figures, TIME_TO_FIX_MEASURE: build_time_figure}[measure](patching_summary)


def list_times_to_fix(patching_summary: PatchingSummary) -> list[tuple[str, int, float, float]]:
    """Return for each class of device its name, updates seen, mean and median days."""
    return [
        (class_word(entry.kind), entry.fixed, round(entry.mean, 1), round(entry.median, 1))
        for entry in patching_summary.times_to_fix
    ]
