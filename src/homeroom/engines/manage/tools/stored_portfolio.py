"""Read the portfolio back from the derived tables of tools, as it was built when the snapshot was resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.domain.manage.tools.portfolio import (
    CannotTell,
    GapKind,
    HollowKind,
    HollowTool,
    KnownBy,
    Need,
    NeedGap,
    Overlap,
    OverlapKind,
    Portfolio,
    Renewal,
    Suggestion,
    Tool,
    ToolRecord,
)
from homeroom.engines.manage.tools.tables import CHECK_COLUMNS

type Session = duckdb.DuckDBPyConnection
type Ids = Mapping[int, str]

_TOOLS_SQL = """SELECT id, tool AS slug, name, known, does, also_does, runs, schools, costs, year_minor, currency,
    users, seats, cannot_tell, checked, works, deployed, reports, used FROM tools ORDER BY slug"""
_LINKS_SQL = "SELECT tool, record_table, record_key FROM tool_links ORDER BY ALL"
_CONTRACTS_SQL = "SELECT tool, contract, year_minor FROM tool_contracts ORDER BY ALL"
_OVERLAPS_SQL = "SELECT capability, kind, first, second, schools, people, dollars_minor FROM tool_overlaps"
_NEEDS_SQL = "SELECT capability, audience, because, gap, schools, cannot_tell FROM tool_needs ORDER BY capability"
_HOLLOW_SQL = "SELECT tool, kind, total, working, dollars_minor FROM tool_hollow"
_RENEWALS_SQL = """SELECT contract, tool, suggestion, seats, notice_on, ends_on, dollars_minor, why
    FROM tool_renewals ORDER BY position"""


def read_portfolio(session: Session) -> Portfolio:
    """Return the portfolio of the session's snapshot, equal to what was built when it was resolved."""
    rows = _fetch(session, _TOOLS_SQL)
    ids: Ids = {row["id"]: row["slug"] for row in rows}
    needs = _fetch(session, _NEEDS_SQL)
    unknown = [CannotTell(about="tool", id=row["slug"], why=row["cannot_tell"]) for row in rows if row["cannot_tell"]]
    unknown += [
        CannotTell(about="capability", id=row["capability"], why=row["cannot_tell"])
        for row in needs
        if row["cannot_tell"]
    ]
    return Portfolio(
        tools=_build_tools(session, rows),
        needs=tuple(_build_need(row) for row in needs),
        overlaps=_read_overlaps(session, ids),
        gaps=tuple(_build_gap(row) for row in needs if row["gap"]),
        hollow=_read_hollow(session, ids),
        cannot_tell=tuple(sorted(unknown, key=lambda entry: (entry.about, entry.id))),
        renewals=_read_renewals(session, ids),
    )


def _fetch(session: Session, sql: str) -> list[dict[str, Any]]:
    result = session.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _build_tools(session: Session, rows: list[dict[str, Any]]) -> tuple[Tool, ...]:
    records: dict[int, list[ToolRecord]] = defaultdict(list)
    for row in _fetch(session, _LINKS_SQL):
        records[row["tool"]].append(ToolRecord(table=row["record_table"], key=row["record_key"]))
    contracts: dict[int, dict[str, int | None]] = defaultdict(dict)
    for row in _fetch(session, _CONTRACTS_SQL):
        contracts[row["tool"]][row["contract"]] = row["year_minor"]
    return tuple(
        Tool(
            id=row["slug"],
            name=row["name"],
            known=KnownBy(row["known"]),
            does=_list_texts(row["does"]),
            also_does=_list_texts(row["also_does"]),
            runs=row["runs"],
            schools=_list_texts(row["schools"]),
            costs=row["costs"],
            year_minor=row["year_minor"],
            currency=row["currency"],
            users=row["users"],
            seats=row["seats"],
            records=tuple(sorted(records[row["id"]])),
            contracts=contracts[row["id"]],
            checks={kind: row[name] for kind, name in CHECK_COLUMNS.items() if name in (row["checked"] or ())},
        )
        for row in rows
    )


def _list_texts(values: list[str] | None) -> tuple[str, ...]:
    return tuple(values or ())


def _build_need(row: Mapping[str, Any]) -> Need:
    return Need(capability=row["capability"], audience=Audience(row["audience"]), because=row["because"])


def _build_gap(row: Mapping[str, Any]) -> NeedGap:
    kind = GapKind(row["gap"])
    return NeedGap(
        capability=row["capability"],
        audience=row["audience"],
        kind=kind,
        schools=None if kind is GapKind.NONE else _list_texts(row["schools"]),
        because=row["because"],
    )


def _read_overlaps(session: Session, ids: Ids) -> tuple[Overlap, ...]:
    overlaps = [
        Overlap(
            capability=row["capability"],
            kind=OverlapKind(row["kind"]),
            tools=(ids[row["first"]], ids[row["second"]]),
            schools=_list_texts(row["schools"]),
            people=row["people"],
            dollars_minor=row["dollars_minor"],
        )
        for row in _fetch(session, _OVERLAPS_SQL)
    ]
    return tuple(sorted(overlaps, key=lambda overlap: (overlap.capability, overlap.kind, overlap.tools)))


def _read_hollow(session: Session, ids: Ids) -> tuple[HollowTool, ...]:
    hollow = [
        HollowTool(
            tool=ids[row["tool"]],
            kind=HollowKind(row["kind"]),
            of=row["total"],
            working=row["working"],
            dollars_minor=row["dollars_minor"],
        )
        for row in _fetch(session, _HOLLOW_SQL)
    ]
    return tuple(sorted(hollow, key=lambda entry: entry.tool))


def _read_renewals(session: Session, ids: Ids) -> tuple[Renewal, ...]:
    return tuple(
        Renewal(
            contract=row["contract"],
            tool=ids[row["tool"]],
            suggestion=Suggestion(row["suggestion"]),
            seats=row["seats"],
            notice_on=row["notice_on"],
            ends_on=row["ends_on"],
            dollars_minor=row["dollars_minor"],
            why=row["why"],
        )
        for row in _fetch(session, _RENEWALS_SQL)
    )
