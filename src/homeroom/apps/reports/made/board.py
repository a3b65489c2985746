"""Board One-Pager: where the district stands, what changed and what is next, without a name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.planning.queries import ranked_findings
from homeroom.apps.posture.queries import OpenFinding, Result, open_findings, results, since
from homeroom.apps.posture.words import area_word
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.patching import late_figures, patching, time_figure
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.domain.states import Severity

FIRST = 5
GRAVE = (Severity.CRITICAL, Severity.HIGH)


def make(asked: Asked) -> Report:
    """The controls and patching as counts, the five weightiest findings by title, and what changed since the judgement before."""
    every = results(district=asked.district, of=asked.of)
    ranked = ranked_findings(open_findings(district=asked.district, of=asked.of))
    found = patching(asked)
    sections = (_first(asked, ranked[:FIRST]), _areas(every))
    lead = _("What the district's technology team checks every day, and where it stands. No person is named here.")
    return asked.report(
        name=KIND.name,
        title=str(KIND.title),
        lead=lead,
        figures=(*_held(asked, every), *late_figures(found), *time_figure(found), *_changed(asked)),
        sections=sections,
        notes=(_("A check that could not be made is never counted as held."),),
    )


def _held(asked: Asked, every: Sequence[Result]) -> tuple[Figure, ...]:
    asks = [one for one in every if one.numbers.population]
    unknown = [one for one in asks if not one.numbers.failing and one.numbers.cannot_tell]
    held = sum(not one.numbers.failing and not one.numbers.cannot_tell for one in asks)
    grave = [one for one in asks if one.control.severity in GRAVE]
    failing = sum(one.numbers.failing > 0 for one in grave)
    sources = asked.every_source()
    return (
        Figure(
            label=_("Checks that hold everywhere"),
            part=held,
            whole=len(asks),
            cannot_tell=len(unknown),
            sources=sources,
        ),
        Figure(
            label=_("Grave checks that fail somewhere"),
            part=failing,
            whole=len(grave),
            cannot_tell=sum(one in unknown for one in grave),
            sources=sources,
        ),
    )


def _changed(asked: Asked) -> tuple[Figure, ...]:
    told = since(district=asked.district, of=asked.of)
    if told.last is None:
        return ()
    sources = asked.every_source()
    labels = (
        (_("Fixed since the last judgement"), told.fixed),
        (_("New since then"), told.new),
        (_("Returned"), told.returned),
    )
    return tuple(Figure(label=label, part=count, sources=sources) for label, count in labels)


def _first(asked: Asked, ranked: Sequence[OpenFinding]) -> Section:
    """The weightiest findings; a group's name (a cart, a school) is not shown."""
    rows = []
    for one in ranked:
        figure = asked.figure(one.control.id, label=one.control.title)
        number = figure.number if figure else ""
        rows.append((one.control.title, number, one.control.because))
    columns = (Column(title=_("What")), Column(title=_("How many fail")), Column(title=_("Why it matters")))
    return Section(name="first", title=_("What comes first"), columns=columns, rows=rows)


def _areas(every: Sequence[Result]) -> Section:
    areas = sorted({one.control.area for one in every if one.control.area})
    rows = []
    for area in areas:
        mine = [one for one in every if one.control.area == area and one.numbers.population]
        held = sum(not one.numbers.failing and not one.numbers.cannot_tell for one in mine)
        fail = sum(one.numbers.failing > 0 for one in mine)
        rows.append((area_word(area), len(mine), held, fail, len(mine) - held - fail))
    titles = (_("Checks"), _("Hold"), _("Fail somewhere"), _("Cannot tell for somebody"))
    columns = (Column(title=_("Area")), *(Column(title=title, number=True) for title in titles))
    return Section(name="areas", title=_("By area"), columns=columns, rows=rows)


KIND = Kind(
    name="board",
    title=gettext_lazy("Board One-Pager"),
    about=gettext_lazy("Where the district stands on one page, without a name."),
    make=make,
)
