"""Vulnerabilities by Remedy: what to update first, what is past its day, and what nobody could compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.patching import (
    PatchingSummary,
    build_exposure_figures,
    build_overdue_figures,
    build_time_figure,
    list_times_to_fix,
    load_patching,
)
from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.vulnerabilities.published.labels import (
    closes_what,
    justification_word,
    reached,
    silent_word,
    why_first,
)
from homeroom.apps.protect.vulnerabilities.published.queries import EndOfSupport, RemedySummary, UnmatchedSummary
from homeroom.domain.protect.suppressions import Suppression


def build_report(data: ReportData) -> DistrictReport:
    """Report remedies as their page ranks them, ends of support, time to fix, suppressions, and unmatched software."""
    patching_summary = load_patching(data)
    summary = patching_summary.summary
    sections = [
        _build_remedy_section(summary.remedies if summary else ()),
        _build_end_of_life_section(summary.endings if summary else ()),
        _build_time_section(patching_summary),
        _build_suppression_section(list_active_suppressions(district=data.district, today=data.today)),
        _build_unmatched_section(summary.unmatched if summary else ()),
    ]
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_("Highest impact first. Each line is one fix and the vulnerabilities it closes."),
        figures=(
            *build_exposure_figures(patching_summary),
            *build_overdue_figures(patching_summary),
            *build_time_figure(patching_summary),
        ),
        sections=tuple(sections),
        notes=_build_notes(patching_summary),
    )


def _build_notes(patching_summary: PatchingSummary) -> tuple[str, ...]:
    notes = [_("A device without an installed-software list is unknown, not free of vulnerabilities.")]
    if patching_summary.summary is None:
        notes.append(_("Newer data was loaded after the last scan. The next scan updates what is open."))
    elif not patching_summary.summary.compared:
        notes.append(
            _("No vulnerability feed is loaded and no tool reports vulnerabilities, so nothing could be checked.")
        )
    elif patching_summary.sums is None:
        notes.append(_("Overdue dates appear after the next scan."))
    if not patching_summary.times_to_fix:
        notes.append(_("Nothing was fixed in the past year, so there is no mean time to fix."))
    return tuple(notes)


def _build_remedy_section(remedies: Sequence[RemedySummary]) -> ReportSection:
    columns = (
        ReportColumn(title=_("What")),
        ReportColumn(title=_("What to do")),
        ReportColumn(title=_("Worst")),
        ReportColumn(title=_("Known exploited"), number=True),
        ReportColumn(title=_("No fix named"), number=True),
        ReportColumn(title=_("Devices"), number=True),
        ReportColumn(title=_("Overdue"), number=True),
        ReportColumn(title=_("Excepted"), number=True),
        ReportColumn(title=_("Since")),
        ReportColumn(title=_("Due")),
        ReportColumn(title=_("Why it’s first")),
    )
    rows = [
        (
            remedy.title,
            closes_what(remedy),
            remedy.worst or "",
            remedy.exploited,
            remedy.without_fix,
            remedy.devices,
            remedy.overdue,
            remedy.excepted,
            remedy.since,
            remedy.due_on,
            why_first(remedy.reasons),
        )
        for remedy in remedies
    ]
    note = _(
        "Ranked by risk: severity, known exploitation, likelihood, exposure and number of devices. Accepted "
        "vulnerabilities are not counted."
    )
    return ReportSection(
        name="remedies", title=_("What to do, highest risk first"), columns=columns, rows=rows, note=note
    )


def _build_end_of_life_section(endings: Sequence[EndOfSupport]) -> ReportSection:
    columns = (
        ReportColumn(title=_("What")),
        ReportColumn(title=_("Release")),
        ReportColumn(title=_("Support ends")),
        ReportColumn(title=_("The last of them")),
        ReportColumn(title=_("Over")),
        ReportColumn(title=_("Could go on until")),
        ReportColumn(title=_("Devices"), number=True),
    )
    rows = [
        (
            ending.title,
            ending.cycle,
            ending.ends_on,
            _get_last_day(ending),
            ending.ended,
            ending.extended_until,
            ending.devices,
        )
        for ending in endings
    ]
    return ReportSection(name="endings", title=_("End of life"), columns=columns, rows=rows)


def _get_last_day(ending: EndOfSupport) -> date | None:
    """Return the last day if devices reach end of life on several days of one month, else None."""
    return ending.last_on if ending.last_on != ending.ends_on else None


def _build_time_section(patching_summary: PatchingSummary) -> ReportSection:
    columns = (
        ReportColumn(title=_("Class of device")), ReportColumn(title=_("Updates seen"), number=True),
        ReportColumn(title=_("Mean days"), number=True), ReportColumn(title=_("Half within days"), number=True),
    )  # fmt: skip
    note = _("Days from when a device first needed an update until it had it, over one year.")
    return ReportSection(
        name="time-to-fix",
        title=_("How long a fix takes"),
        columns=columns,
        rows=list_times_to_fix(patching_summary),
        note=note,
    )


def _build_suppression_section(active_suppressions: Sequence[Suppression]) -> ReportSection:
    columns = tuple(
        ReportColumn(title=title) for title in (_("What"), _("Where"), _("Why"), _("Who answers"), _("Until"))
    )
    rows = [
        (
            suppression.cve or suppression.product_key,
            reached(suppression),
            _describe_reason(suppression),
            suppression.owner,
            suppression.expires_on,
        )
        for suppression in active_suppressions
    ]
    return ReportSection(name="let-stand", title=_("Accepted"), columns=columns, rows=rows)


def _describe_reason(suppression: Suppression) -> str:
    reason = _("the reason is withheld") if suppression.private else suppression.reason
    return f"{justification_word(suppression.justification)}. {reason}"


def _build_unmatched_section(unmatched: Sequence[UnmatchedSummary]) -> ReportSection:
    columns = (
        ReportColumn(title=_("Why nothing was compared")), ReportColumn(title=_("Names"), number=True),
        ReportColumn(title=_("Installations"), number=True), ReportColumn(title=_("Such as")),
    )  # fmt: skip
    rows = [(silent_word(entry.reason), entry.names, entry.installs, entry.examples) for entry in unmatched]
    return ReportSection(name="not-compared", title=_("What could not be told"), columns=columns, rows=rows)


KIND = ReportKind(
    name="vulnerabilities",
    title=gettext_lazy("Vulnerabilities by Remedy"),
    about=gettext_lazy("What to update first, what is overdue, exploited or out of support, and how long fixes take."),
    build=build_report,
)
