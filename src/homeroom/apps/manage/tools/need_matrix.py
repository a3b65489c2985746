"""The matrix: which capability each school has, and where one that is needed is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from homeroom.apps.manage.tools.published_portfolio import PublishedNeed, PublishedPortfolio
from homeroom.library.manage.tools.capability_files import load_capabilities


class CellState(StrEnum):
    """What a school has of a capability."""

    HAS = "has"
    TWICE = "twice"
    MISSING = "missing"
    UNKNOWN = "unknown"
    NOTHING = "nothing"


class MatrixCell(NamedTuple):
    """A capability in a school, with how many tools have it there."""

    state: CellState
    tools: int


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """A capability in all schools; `need` is None where it is not needed."""

    capability: str
    title: str
    need: PublishedNeed | None
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, kw_only=True)
class NeedMatrix:
    """The capabilities by need and title, the schools by name."""

    schools: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def build_need_matrix(portfolio: PublishedPortfolio, *, school: str = "", is_needed_only: bool = False) -> NeedMatrix:
    """Build the matrix of all schools or of one, of all capabilities or of those that are needed."""
    schools = tuple(name for name in portfolio.schools if not school or name == school)
    needs = {need.capability: need for need in portfolio.needs}
    titles = get_capability_titles()
    twice = {
        (overlap.capability, name)
        for overlap in portfolio.overlaps
        if overlap.kind == "paid twice"
        for name in overlap.schools
    }
    names = [name for name in portfolio.capabilities if name in needs or not is_needed_only]
    rows = [
        MatrixRow(
            capability=name,
            title=titles.get(name, name),
            need=needs.get(name),
            cells=tuple(_build_cell(portfolio, name, place, needs.get(name), twice) for place in schools),
        )
        for name in names
    ]
    rows.sort(key=lambda row: (row.need is None, row.title.casefold()))
    return NeedMatrix(schools=schools, rows=tuple(rows))


@cache
def get_capability_titles() -> dict[str, str]:
    """Return the titles of capabilities by id."""
    return {entry.id: entry.title for entry in load_capabilities()}


def _build_cell(
    portfolio: PublishedPortfolio, name: str, school: str, need: PublishedNeed | None, twice: set[tuple[str, str]]
) -> MatrixCell:
    tools = portfolio.cover.get((name, school), 0)
    if need is not None and (need.gap == "none" or school in need.schools):
        state = CellState.MISSING
    elif tools:
        state = CellState.TWICE if (name, school) in twice else CellState.HAS
    else:
        state = CellState.UNKNOWN if need is not None and need.cannot_tell else CellState.NOTHING
    return MatrixCell(state, tools)
