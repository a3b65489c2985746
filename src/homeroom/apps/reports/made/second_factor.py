"""Second Factor by Building: how many of the staff sign in with one, in counts that point at nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Kind, Report, Section
from homeroom.domain.states import State
from homeroom.domain.suppression import FEW, hidden_cells

CONTROL = "staff-second-factor"
_STATES = (State.PASS, State.FAIL, State.CANNOT_TELL, State.EXCEPTED)


def make(asked: Asked) -> Report:
    """The numbers of `staff-second-factor` by school. Buildings with fewer than ten accounts are added up in one row.

    The district's own number is told as its buildings' are: a count under ten of the whole is one of theirs as well.
    """
    every = asked.figure(CONTROL, label=_("Staff accounts without a second factor"))
    titles = (_("Accounts"), _("With a second factor"), _("Without"), _("Cannot tell"), _("Accepted for now"))
    section = Section(
        name="buildings",
        title=_("By building"),
        columns=(Column(title=_("Building")), *(Column(title=title, number=True) for title in titles)),
        rows=rows_of(asked.states_by(CONTROL, column="school")),
        note=_("Counts under ten are not shown, nor those that would tell them, so that nobody can be picked out."),
    )
    return asked.report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_("Staff accounts that would stop a thief who has the password, building by building."),
        figures=(replace(every, few=FEW) if every else None,),
        sections=(section,),
    )


def rows_of(by_school: Mapping[Any, Mapping[str, int]]) -> list[tuple[Any, ...]]:
    """A row a building, then one of those with fewer than ten and of accounts without a building.

    Where these are fewer than ten together, the smallest of the others joins them: the district's total would tell how many.
    """
    counted = {school: [states.get(str(state), 0) for state in _STATES] for school, states in by_school.items()}
    large = sorted(school for school, counts in counted.items() if school is not None and sum(counts) >= FEW)
    rest = [school for school in counted if school not in large]
    while large and 0 < sum(sum(counted[school]) for school in rest) < FEW:
        smallest = min(large, key=lambda school: (sum(counted[school]), school))
        large.remove(smallest)
        rest.append(smallest)
    together = [sum(column) for column in zip(*(counted[school] for school in rest), strict=True)]
    table = [*(counted[school] for school in large), *([together] if sum(together) else [])]
    names = [*large, _("Small buildings, or none")]
    hidden = hidden_cells(table)
    return [
        (name, *_shown(counts, row=n, hidden=hidden))
        for n, (name, counts) in enumerate(zip(names, table, strict=False))
    ]


def _shown(counts: Sequence[int], *, row: int, hidden: frozenset[tuple[int, int]]) -> tuple[Any, ...]:
    size = sum(counts)
    cells = (_("not shown") if (row, column) in hidden else count for column, count in enumerate(counts))
    return (size if size >= FEW else _("fewer than ten"), *cells)


KIND = Kind(
    name="second-factor",
    title=gettext_lazy("Second Factor by Building"),
    about=gettext_lazy("Counts of ten and more, for principals; nobody can be picked out."),
    make=make,
)
