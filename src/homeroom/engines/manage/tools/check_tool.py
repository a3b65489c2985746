"""Check a tool before it is adopted: is it here, what does the same, whom does it reach, who would lose what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import duckdb

from homeroom.domain.manage.tools.adoption import (
    CheckedContract,
    CheckedTool,
    Doubt,
    NamedRecord,
    SchoolLoss,
    SimilarTool,
    ToolCheck,
    ToolReach,
)
from homeroom.domain.manage.tools.portfolio import KnownBy
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.school_names import SchoolNames
from homeroom.domain.manage.tools.stated_tools import StatedTool
from homeroom.domain.manage.tools.words import RESELLERS, fold_words
from homeroom.engines.manage.tools.contracts import read_contracts
from homeroom.engines.manage.tools.find_tool import (
    MatchedTool,
    ToolRow,
    list_likely,
    list_named_records,
    match_tool,
    read_tool_rows,
)
from homeroom.engines.manage.tools.portfolio import ToolContent
from homeroom.engines.manage.tools.reach import ReachCounts, build_losses, build_reach, read_reach
from homeroom.engines.manage.tools.read_records import read_stated
from homeroom.engines.manage.tools.schools import read_schools
from homeroom.engines.manage.tools.tool_index import ToolIndex

SOURCES = (
    "contract_records", "agreement_records", "app_use_records", "app_grants", "extension_records", "coverage_records",
    "backup_records", "tool_records", "orgs", "person_records",
    "people", "accounts", "devices", "links", "software", "tools", "tool_links",
)  # fmt: skip
"""Tables that a check reads."""
_CONTRACTS_SQL = "SELECT DISTINCT instance, key FROM contract_records"
_VENDORS_SQL = """SELECT DISTINCT vendor FROM contract_records WHERE list_contains(?::VARCHAR[], key)
    AND trim(vendor) <> ''
    UNION SELECT DISTINCT publisher FROM app_grants WHERE list_contains(?::VARCHAR[], app_key)
    AND trim(publisher) <> '' ORDER BY ALL"""
_LOADED_SQL = """SELECT (SELECT count(*) FROM contract_records), (SELECT count(*) FROM app_use_records),
    (SELECT count(*) FROM app_grants)"""
CACHED_INDEXES = 8
_STATE = ("runs", "seats", "costs", "year_minor", "currency", "hollow")


def check_tool(
    session: duckdb.DuckDBPyConnection, *, content: ToolContent, text: str, does: Collection[str] = (), today: date
) -> ToolCheck:
    """Check the tool that a text names. The session has the current records, and the resolved and derived tables.

    `does` are capabilities that it is wanted for, beside those that are known of it.
    """
    index = _build_index(tuple(content.products), read_stated(session))
    rows = read_tool_rows(session)
    matched = match_tool(session, index, rows, text)
    tool = _build_tool(matched)
    wanted = tuple(dict.fromkeys((*(tool.does if tool else ()), *sorted(does))))
    records = list_named_records(session, matched.row) if matched.row else ()
    names = read_schools(session).names
    row = matched.row
    counts = read_reach(session, tool=row.tool, records=records, schools=row.schools, names=names) if row else None
    return ToolCheck(
        query=text,
        does=wanted,
        tool=tool,
        records=records,
        vendors=_list_vendors(session, matched, records),
        contracts=_list_contracts(session, records, names=names, today=today),
        same=_list_same(rows, own=tool.id if tool else "", wanted=wanted),
        reach=build_reach(counts) if counts else ToolReach(),
        loses=_list_losses(counts, tool, rows) if counts and tool else (),
        questions=() if matched.is_known else list_likely(index, rows, text),
        doubts=tuple(_iter_doubts(session, matched, counts, wanted)),
    )


@lru_cache(maxsize=CACHED_INDEXES)
def _build_index(products: tuple[ToolProduct, ...], stated: tuple[StatedTool, ...]) -> ToolIndex:
    """Return the names of products and of what a district states; no record is added to it."""
    return ToolIndex(products, stated=stated)


def _build_tool(matched: MatchedTool) -> CheckedTool | None:
    product, row = matched.product, matched.row
    common: dict[str, Any] = {
        "vendor": product.vendor if product else "",
        "software": product.software if product else (),
    }
    if row is not None:
        return CheckedTool(
            **common,
            **{name: getattr(row, name) for name in _STATE},
            id=row.tool,
            name=row.name,
            known=KnownBy(row.known),
            does=tuple(row.does),
            also_does=tuple(row.also_does),
            schools=tuple(row.schools),
        )
    if product is None:
        return None
    return CheckedTool(
        **common,
        id=product.id,
        name=product.name,
        known=KnownBy.CONTENT,
        does=tuple(sorted(product.does)),
        also_does=tuple(sorted(product.also_does)),
    )


def _list_vendors(
    session: duckdb.DuckDBPyConnection, matched: MatchedTool, records: Sequence[NamedRecord]
) -> tuple[str, ...]:
    """List who makes or sells a tool, without resellers: an agreement with one covers no product of another."""
    made_by = [matched.product.vendor] if matched.product and matched.product.vendor else []
    if not records:
        return tuple(made_by)
    keys = [[entry.key for entry in records if entry.table == table] for table in ("contract_records", "app_grants")]
    rows = session.execute(_VENDORS_SQL, keys).fetchall()
    sellers = [str(name) for (name,) in rows if fold_words(str(name)) not in RESELLERS]
    return tuple(dict.fromkeys((*made_by, *sellers)))


def _list_contracts(
    session: duckdb.DuckDBPyConnection, records: Sequence[NamedRecord], *, names: SchoolNames, today: date
) -> tuple[CheckedContract, ...]:
    own = {entry.key for entry in records if entry.table == "contract_records"}
    if not own:
        return ()
    keys = {(str(instance), str(key)): str(key) for instance, key in session.execute(_CONTRACTS_SQL).fetchall()}
    return tuple(
        CheckedContract(
            key=contract.key,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            runs=contract.is_running(today),
            seats=contract.seats,
            year_minor=contract.year_minor,
            currency=contract.currency,
        )
        for contract in read_contracts(session, tools=keys, names=names)
        if contract.key in own
    )


def _list_same(rows: Mapping[str, ToolRow], *, own: str, wanted: Sequence[str]) -> tuple[SimilarTool, ...]:
    """List the running tools that do any of what is wanted: first those that are paid for and are bought for it."""
    similar = [
        SimilarTool(
            tool=tool.tool,
            name=tool.name,
            capabilities=tuple(name for name in wanted if name in (*tool.does, *tool.also_does)),
            comes_with=not set(wanted) & set(tool.does),
            costs=tool.costs,
            year_minor=tool.year_minor,
            currency=tool.currency,
            schools=tuple(tool.schools),
            hollow=tool.hollow,
        )
        for tool in rows.values()
        if tool.runs and tool.tool != own and set(wanted) & {*tool.does, *tool.also_does}
    ]
    return tuple(sorted(similar, key=lambda entry: (not entry.costs, entry.comes_with, entry.name.casefold())))


def _list_losses(counts: ReachCounts, tool: CheckedTool, rows: Mapping[str, ToolRow]) -> tuple[SchoolLoss, ...]:
    own = tuple(dict.fromkeys((*tool.does, *tool.also_does)))
    covered = {
        name: {
            school for other in rows.values() if _has(other, name) and other.tool != tool.id for school in other.schools
        }
        for name in own
    }

    def list_only_here(school: str) -> tuple[str, ...]:
        return tuple(name for name in own if school in tool.schools and school not in covered[name])

    return build_losses(counts, schools=tool.schools, list_only_here=list_only_here)


def _has(tool: ToolRow, capability: str) -> bool:
    return tool.runs and (capability in tool.does or capability in tool.also_does)


def _iter_doubts(
    session: duckdb.DuckDBPyConnection, matched: MatchedTool, counts: ReachCounts | None, wanted: Sequence[str]
) -> Iterator[Doubt]:
    """Yield what the evidence does not show, and why."""
    contracts, use, grants = session.execute(_LOADED_SQL).fetchone() or (0, 0, 0)
    if not wanted:
        yield Doubt(about="same", why="nobody knows what it does; name a capability that it is wanted for")
    if not contracts:
        yield Doubt(about="same", why="no list of contracts was loaded, so a paid tool may be missing here")
    if matched.row is None and not (use and grants):
        yield Doubt(about="here", why="no list of use, or no list of permissions, was loaded")
    if counts is not None:
        if "users" not in counts.by_school:
            reason = "no list of use has it" if use else "no list of use was loaded"
            yield Doubt(about="users", why=f"{reason}, so nobody knows how many use it")
        elif not counts.has_schools and counts.users:
            yield Doubt(about="users by school", why="its list of use counts the district alone")
        if "accounts" not in counts.by_school and not grants:
            yield Doubt(about="accounts", why="no list of permissions was loaded")
