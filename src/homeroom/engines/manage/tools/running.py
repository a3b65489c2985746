"""Tools as they run on a day: with their contracts, what they cost, where they run, and how they are used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.engines.manage.tools.contracts import Contract, ToolMoney, sum_money, sum_seats
from homeroom.engines.manage.tools.fleet_lists import FleetList
from homeroom.engines.manage.tools.schools import Schools, Scope
from homeroom.engines.manage.tools.tool_index import ToolEntry
from homeroom.engines.manage.tools.use import ToolUse


@dataclass(frozen=True, kw_only=True)
class RunningTool:
    """A tool on a day.

    `running` are its contracts that run; `runs` is whether it runs by one of them or by other evidence. `scope` are the
    schools where it runs, None for all; it is empty where it does not run.
    """

    entry: ToolEntry
    contracts: tuple[Contract, ...]
    running: tuple[Contract, ...]
    runs: bool
    scope: Scope
    use: ToolUse | None
    fleet: FleetList | None

    @property
    def id(self) -> str:
        """The tool's id."""
        return self.entry.id

    @property
    def money(self) -> ToolMoney:
        """What its running contracts cost together."""
        return sum_money(self.running)

    @property
    def seats(self) -> int | None:
        """The seats of its running contracts; None where any does not say."""
        return sum_seats(self.running)


def build_running_tools(
    entries: Iterable[ToolEntry],
    *,
    contracts: Sequence[Contract],
    use: Mapping[str, ToolUse],
    fleet: Mapping[str, FleetList],
    present: Collection[str],
    today: date,
) -> dict[str, RunningTool]:
    """Return the tools by id; `present` are those of loaded consoles and of what administrators install."""
    by_tool: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts:
        by_tool[contract.tool].append(contract)
    return {
        entry.id: _build_tool(
            entry,
            tuple(by_tool[entry.id]),
            use=use.get(entry.id),
            fleet=fleet.get(entry.id),
            is_present=entry.id in present,
            today=today,
        )
        for entry in sorted(entries, key=lambda item: item.id)
    }


def list_schools(tool: RunningTool, schools: Schools, capabilities: Mapping[str, Capability]) -> tuple[str, ...]:
    """List the schools of a tool by name; of a tool for all, those of the audiences of what it does."""
    if tool.scope is not None:
        return tuple(sorted(tool.scope))
    audiences = {capabilities[name].audience for name in tool.entry.does if name in capabilities}
    return tuple(
        sorted({school for audience in audiences or {Audience.DISTRICT} for school in schools.list_for(audience)})
    )


def _build_tool(
    entry: ToolEntry,
    contracts: tuple[Contract, ...],
    *,
    use: ToolUse | None,
    fleet: FleetList | None,
    is_present: bool,
    today: date,
) -> RunningTool:
    running = tuple(contract for contract in contracts if contract.is_running(today))
    scope = _find_scope(contracts, running, use=use, is_present=is_present or fleet is not None)
    return RunningTool(
        entry=entry,
        contracts=contracts,
        running=running,
        runs=scope is None or bool(scope),
        scope=scope,
        use=use,
        fleet=fleet,
    )


def _find_scope(
    contracts: Sequence[Contract], running: Sequence[Contract], *, use: ToolUse | None, is_present: bool
) -> Scope:
    """Return the schools of the running contracts, else those of other evidence; empty where it does not run.

    Use up to the last day of a contract that ended does not show that the tool still runs.
    """
    if running:
        scopes = [contract.scope for contract in running]
        named = [scope for scope in scopes if scope is not None]
        return frozenset().union(*named) if len(named) == len(scopes) else None
    if is_present:
        return None
    ends = [contract.ends_on for contract in contracts if contract.ends_on is not None]
    if use is None or (ends and use.newest.end <= max(ends)):
        return frozenset()
    return use.schools
