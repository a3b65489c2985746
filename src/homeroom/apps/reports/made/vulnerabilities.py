"""Vulnerabilities by Remedy: what to update first, what is past its day, and what nobody could compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.patching import (
    Patching,
    late_figures,
    patching,
    standing_figures,
    time_figure,
    took_rows,
)
from homeroom.apps.reports.report import Column, Kind, Report, Section
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.queries import Ending, Remedy, Unmatched
from homeroom.apps.vulnerabilities.words import closes_what, justification_word, reached, silent_word, why_first
from homeroom.domain.excepting import Suppression


def make(asked: Asked) -> Report:
    """Remedies as their page ranks them, ends of support, days to fix, what is let stand, and what was compared with nothing."""
    found = patching(asked)
    stands = found.stands
    sections = [
        _remedies(stands.remedies if stands else ()),
        _endings(stands.endings if stands else ()),
        _took(found),
        _let(suppressions(district=asked.district, today=asked.today)),
        _silent(stands.unmatched if stands else ()),
    ]
    return asked.report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_("What closes the most harm first: each line is one thing to do, with the flaws that it closes."),
        figures=(*standing_figures(found), *late_figures(found), *time_figure(found)),
        sections=tuple(sections),
        notes=_notes(found),
    )


def _notes(found: Patching) -> tuple[str, ...]:
    notes = [
        _("A device of which no tool says what it runs is in no list: it cannot be told, and is not free of flaws.")
    ]
    if found.stands is None:
        notes.append(_("Newer data stands than was judged; the next judgement says what is open."))
    elif not found.stands.compared:
        notes.append(_("No feed is loaded and no tool reports flaws, so nothing could be compared."))
    elif found.sums is None:
        notes.append(_("What is past its day is said from the next judgement on."))
    if not found.took:
        notes.append(_("Nothing was seen fixed within a year, so that there is no mean time to fix."))
    return tuple(notes)


def _remedies(remedies: Sequence[Remedy]) -> Section:
    columns = (
        Column(title=_("What")),
        Column(title=_("What to do")),
        Column(title=_("Worst")),
        Column(title=_("Known exploited"), number=True),
        Column(title=_("No fix named"), number=True),
        Column(title=_("Devices"), number=True),
        Column(title=_("Overdue"), number=True),
        Column(title=_("Excepted"), number=True),
        Column(title=_("Since")),
        Column(title=_("Due")),
        Column(title=_("Why it comes first")),
    )
    rows = [
        (
            one.title, closes_what(one), one.worst or "", one.exploited, one.without_fix, one.devices, one.overdue,
            one.excepted, one.since, one.due_on, why_first(one.reasons),
        )
        for one in remedies
    ]  # fmt: skip
    note = _(
        "Ranked by harm: severity, known use, likelihood, reach and how many devices; what is let stand weighs nothing."
    )
    return Section(name="remedies", title=_("What to do, the heaviest first"), columns=columns, rows=rows, note=note)


def _endings(endings: Sequence[Ending]) -> Section:
    columns = (
        Column(title=_("What")), Column(title=_("Release")), Column(title=_("Support ends")), Column(title=_("The last of them")),
        Column(title=_("Over")), Column(title=_("Could go on until")), Column(title=_("Devices"), number=True),
    )  # fmt: skip
    rows = [
        (one.title, one.cycle, one.ends_on, _last(one), one.ended, one.extended_until, one.devices) for one in endings
    ]
    return Section(name="endings", title=_("End of life"), columns=columns, rows=rows)


def _last(one: Ending) -> date | None:
    """The last day, where devices end on several days of one month."""
    return one.last_on if one.last_on != one.ends_on else None


def _took(found: Patching) -> Section:
    columns = (
        Column(title=_("Class of device")), Column(title=_("Updates seen"), number=True),
        Column(title=_("Mean days"), number=True), Column(title=_("Half within days"), number=True),
    )  # fmt: skip
    note = _(
        "From the day on which a device was first known to lack an update to the day on which it had it, over a year."
    )
    return Section(
        name="time-to-fix", title=_("How long a fix takes"), columns=columns, rows=took_rows(found), note=note
    )


def _let(lets: Sequence[Suppression]) -> Section:
    columns = tuple(Column(title=title) for title in (_("What"), _("Where"), _("Why"), _("Who answers"), _("Until")))
    rows = [(one.cve or one.thing, reached(one), _why(one), one.owner, one.expires_on) for one in lets]
    return Section(name="let-stand", title=_("What is let stand"), columns=columns, rows=rows)


def _why(one: Suppression) -> str:
    reason = _("the reason is withheld") if one.private else one.reason
    return f"{justification_word(one.justification)}. {reason}"


def _silent(unmatched: Sequence[Unmatched]) -> Section:
    columns = (
        Column(title=_("Why nothing was compared")), Column(title=_("Names"), number=True),
        Column(title=_("Installations"), number=True), Column(title=_("Such as")),
    )  # fmt: skip
    rows = [(silent_word(one.reason), one.names, one.installs, one.examples) for one in unmatched]
    return Section(name="not-compared", title=_("What could not be told"), columns=columns, rows=rows)


KIND = Kind(
    name="vulnerabilities",
    title=gettext_lazy("Vulnerabilities by Remedy"),
    about=gettext_lazy("What to update first, what is overdue, exploited or out of support, and how long fixes take."),
    make=make,
)
