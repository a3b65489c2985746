"""What reports say of patching: devices with flaws, what is past its day, and how long a fix takes; each with its sources."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Figure, Source
from homeroom.apps.vulnerabilities.standing import Standing, standing
from homeroom.apps.vulnerabilities.tallies import times
from homeroom.apps.vulnerabilities.words import class_word
from homeroom.domain.questionnaires import LATE, TIME_TO_FIX
from homeroom.engines.vulnerabilities.lasting import Lasting
from homeroom.engines.vulnerabilities.lives import Sums

_DEVICES = """SELECT count(*), count(*) FILTER (d.os_version IS NULL AND d.id NOT IN (SELECT device FROM software WHERE name IS NOT NULL)
    AND d.id NOT IN (SELECT device FROM flaws)) FROM devices d"""
_EXPLOITED = "SELECT count(DISTINCT cve) FILTER (exploited IS NULL) FROM vulnerabilities"
_ENDED = """SELECT count(DISTINCT p.device) FROM vulnerable_installs p JOIN ends_of_life e USING (item) WHERE e.ended"""
_BEHIND = """connector IN (SELECT unnest(coalesce(told_by, []) || coalesce(matched_by, [])) FROM vulnerabilities)
    OR connector IN ('cisa', 'epss')"""


@dataclass(frozen=True, kw_only=True)
class Patching:
    """What the judged snapshot and its review say; `sums` is None where that snapshot was not reviewed.

    `devices` are all, `untold` those of which no tool says the system, software or flaws, `unrated` the flaws of which
    nobody says whether they are exploited, `ended` the devices with something out of support.
    """

    stands: Standing | None
    sums: Sums | None
    devices: int
    untold: int
    unrated: int
    ended: int
    took: tuple[Lasting, ...]
    sources: tuple[Source, ...]


def patching(asked: Asked) -> Patching:
    """Asks once for everything. Raises TooSlow."""
    stands = standing(district=asked.district)
    fits = stands is not None and stands.derived == asked.of.derived
    review = stands.review if stands is not None and fits else None
    compared = stands is not None and stands.compared
    devices, untold = asked.rows(_DEVICES)[0]
    return Patching(
        stands=stands if fits else None,
        sums=review.sums if review else None,
        devices=devices,
        untold=untold if compared else devices,
        unrated=asked.rows(_EXPLOITED)[0][0],
        ended=asked.rows(_ENDED)[0][0],
        took=times(district=asked.district, today=asked.today),
        sources=asked.behind(_BEHIND) if compared else asked.sources("devices"),
    )


def standing_figures(found: Patching) -> tuple[Figure, ...]:
    """Devices that have a flaw, that are past a day, and that run what nobody mends any more."""
    told = [(_("Devices with something out of support"), found.ended)]
    if found.sums is not None:
        told = [
            (_("Devices with a known flaw that nobody let stand"), found.sums.open_devices),
            (_("Devices with a flaw past its day"), found.sums.overdue_devices),
            *told,
        ]
    return tuple(
        Figure(label=label, part=part, whole=found.devices, cannot_tell=found.untold, sources=found.sources)
        for label, part in told
    )


def late_figures(found: Patching) -> tuple[Figure, ...]:
    """Flaws known to be exploited that are open, and what of them is past the day of CISA's catalogue."""
    sums = found.sums
    if sums is None:
        return ()
    flaws = (
        (_("Open flaws that are known to be exploited"), sums.exploited_flaws),
        (_("Open exploited flaws past the day of CISA's catalogue"), sums.late_flaws),
    )
    devices = Figure(
        label=_("Devices with an exploited flaw past the day of CISA's catalogue"),
        part=sums.late_devices,
        whole=found.devices,
        cannot_tell=found.untold,
        sources=found.sources,
    )
    every = (Figure(label=label, part=part, cannot_tell=found.unrated, sources=found.sources) for label, part in flaws)
    return (*every, devices)


def time_figure(found: Patching) -> tuple[Figure, ...]:
    """The mean days to fix over all devices; empty where nothing was seen fixed."""
    fixed = sum(one.fixed for one in found.took)
    if not fixed:
        return ()
    mean = sum(one.mean * one.fixed for one in found.took) / fixed
    label = _("Mean days from first sight to fix, over %(n)s updates of a year") % {"n": f"{fixed:,}"}
    return (Figure(label=label, part=round(mean), sources=found.sources),)


def measured(found: Patching, measure: str) -> tuple[Figure, ...]:
    """The figures of one of a questionnaire's MEASURES."""
    return {LATE: late_figures, TIME_TO_FIX: time_figure}[measure](found)


def took_rows(found: Patching) -> list[tuple[str, int, float, float]]:
    """By class of device: its name, updates seen, mean and middle days."""
    return [(class_word(one.kind), one.fixed, round(one.mean, 1), round(one.median, 1)) for one in found.took]
