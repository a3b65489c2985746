"""Build the portfolio of a district from its evidence, content, and what it states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from homeroom.domain.manage.tools.capabilities import Capability
from homeroom.domain.manage.tools.portfolio import CannotTell, HollowKind, Overlap, Portfolio, Tool
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.engines.manage.tools.contracts import read_contracts
from homeroom.engines.manage.tools.fleet_lists import read_fleet_lists
from homeroom.engines.manage.tools.gaps import find_gaps, list_needs
from homeroom.engines.manage.tools.hollow import HealthRules, SchoolDayCounter, judge_health
from homeroom.engines.manage.tools.overlaps import find_overlaps
from homeroom.engines.manage.tools.read_records import JoinedRecords, infer_capabilities, join_records, read_stated
from homeroom.engines.manage.tools.renewals import Findings, find_renewals
from homeroom.engines.manage.tools.running import RunningTool, build_running_tools, list_schools
from homeroom.engines.manage.tools.schools import Schools, read_schools
from homeroom.engines.manage.tools.tool_index import ToolIndex
from homeroom.engines.manage.tools.use import read_use

_PROGRAMS_SQL = "SELECT DISTINCT name, product FROM software WHERE product IS NOT NULL ORDER BY ALL"
_NEEDS_SQL = "SELECT capability, audience FROM need_records ORDER BY ALL"
_SCHOOL_DAYS_SQL = "SELECT date FROM district_days WHERE kind = 'school'"
_INSTALLED_SQL = """SELECT DISTINCT app_key FROM extension_records WHERE install_kind = 'admin'
    AND NOT coalesce(disabled, false) AND coalesce(browsers, 0) + coalesce(users, 0) > 0"""


@dataclass(frozen=True, kw_only=True)
class ToolContent:
    """What content knows: products, capabilities by id, and the titles of connectors by name."""

    products: Sequence[ToolProduct]
    capabilities: Mapping[str, Capability]
    consoles: Mapping[str, str] = field(default_factory=dict)


def build_portfolio(
    session: duckdb.DuckDBPyConnection, *, content: ToolContent, today: date, same: Iterable[tuple[str, str]] = ()
) -> Portfolio:
    """Build the portfolio. The session has the current records and the resolved people, accounts and devices.

    `same` are pairs of names that are answered to be one tool.
    """
    index = ToolIndex(content.products, stated=read_stated(session), same=same)
    programs = dict(session.execute(_PROGRAMS_SQL).fetchall())
    joined = join_records(session, index, consoles=content.consoles, programs=programs)
    infer_capabilities(session, index, joined, capabilities=content.capabilities)
    schools = read_schools(session)
    contracts = read_contracts(session, tools=joined.contracts, names=schools.names)
    use, listed = read_use(session, names=schools.names)
    running = build_running_tools(
        index.entries.values(),
        contracts=contracts,
        use=use,
        fleet=read_fleet_lists(session),
        present=_list_present(session, joined),
        today=today,
    )
    tools = tuple(running.values())
    stated = session.execute(_NEEDS_SQL).fetchall()
    is_known = bool(tools or stated or schools.listed or any(schools.people.values()))
    needs = list_needs(content.capabilities, stated=stated) if is_known else ()
    rules = HealthRules(
        schools=schools,
        capabilities=content.capabilities,
        audiences={need.capability: need.audience for need in needs},
        listed=listed,
        calendar=SchoolDayCounter([row[0] for row in session.execute(_SCHOOL_DAYS_SQL).fetchall()]),
        today=today,
    )
    overlaps = find_overlaps(tools, schools=schools, capabilities=content.capabilities)
    gaps, unknown_needs = find_gaps(needs, tools, schools=schools, has_contracts=bool(contracts))
    health = judge_health(tools, rules)
    findings = Findings(
        hollow={entry.tool: entry for entry in health.hollow},
        overlaps=_group_overlaps(overlaps),
        cannot_tell={entry.id: entry for entry in health.cannot_tell},
    )
    return Portfolio(
        tools=tuple(
            _build_tool(tool, schools, content.capabilities, checks=health.checks.get(tool.id, {})) for tool in tools
        ),
        needs=needs,
        overlaps=overlaps,
        gaps=gaps,
        hollow=health.hollow,
        cannot_tell=_order_unknown((*health.cannot_tell, *unknown_needs)),
        renewals=find_renewals(tools, findings, today=today),
    )


def _list_present(session: duckdb.DuckDBPyConnection, joined: JoinedRecords) -> frozenset[str]:
    """Return the tools of loaded consoles, and of extensions that administrators install."""
    extensions = joined.named["extension_records"]
    installed = {extensions[key] for (key,) in session.execute(_INSTALLED_SQL).fetchall() if key in extensions}
    return frozenset({*joined.named["sources"].values(), *installed})


def _group_overlaps(overlaps: Iterable[Overlap]) -> dict[str, list[Overlap]]:
    grouped: dict[str, list[Overlap]] = defaultdict(list)
    for overlap in overlaps:
        for tool in overlap.tools:
            grouped[tool].append(overlap)
    return grouped


def _order_unknown(unknown: Iterable[CannotTell]) -> tuple[CannotTell, ...]:
    return tuple(sorted(unknown, key=lambda entry: (entry.about, entry.id)))


def _build_tool(
    tool: RunningTool,
    schools: Schools,
    capabilities: Mapping[str, Capability],
    *,
    checks: Mapping[HollowKind, bool | None],
) -> Tool:
    return Tool(
        id=tool.id,
        name=tool.entry.name,
        known=tool.entry.known,
        does=tuple(sorted(tool.entry.does)),
        also_does=tuple(sorted(tool.entry.also_does)),
        runs=tool.runs,
        schools=list_schools(tool, schools, capabilities) if tool.runs else (),
        costs=tool.money.costs,
        year_minor=tool.money.year_minor,
        currency=tool.money.currency,
        users=tool.use.newest.users if tool.use else None,
        seats=tool.seats,
        records=tuple(sorted(tool.entry.records)),
        contracts={contract.key: contract.year_minor for contract in tool.contracts},
        checks=checks,
    )
