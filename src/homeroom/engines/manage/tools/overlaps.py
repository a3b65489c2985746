"""Overlaps: two tools that are paid for and do the same in a school, and paid tools that another already covers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.domain.manage.tools.portfolio import Overlap, OverlapKind
from homeroom.engines.manage.tools.contracts import share_cost
from homeroom.engines.manage.tools.running import RunningTool
from homeroom.engines.manage.tools.schools import Schools, Scope, intersect_scopes


def find_overlaps(
    tools: Sequence[RunningTool], *, schools: Schools, capabilities: Mapping[str, Capability]
) -> tuple[Overlap, ...]:
    """Find the overlaps of running tools, by capability and tools; each pair once for each capability."""
    finder = _OverlapFinder(schools, capabilities)
    running = [tool for tool in tools if tool.runs]
    overlaps = [*finder.find_paid_twice(running), *finder.find_owned_already(running)]
    return tuple(sorted(overlaps, key=lambda overlap: (overlap.capability, overlap.kind, overlap.tools)))


class _OverlapFinder:
    def __init__(self, schools: Schools, capabilities: Mapping[str, Capability]) -> None:
        self._schools = schools
        self._capabilities = capabilities

    def find_paid_twice(self, tools: Sequence[RunningTool]) -> Iterator[Overlap]:
        """Yield the pairs that both cost money, share a capability that they are for, and meet in a school."""
        by_capability: dict[str, list[RunningTool]] = defaultdict(list)
        for tool in tools:
            if tool.money.costs:
                for capability in tool.entry.does:
                    by_capability[capability].append(tool)
        for capability, doing in by_capability.items():
            for first, second in combinations(sorted(doing, key=lambda tool: tool.id), 2):
                shared = intersect_scopes(first.scope, second.scope)
                if shared is None or shared:
                    cheaper = self._find_cheaper(first, second, shared)
                    yield self._build(capability, OverlapKind.PAID_TWICE, (first, second), shared, cheaper)

    def find_owned_already(self, tools: Sequence[RunningTool]) -> Iterator[Overlap]:
        """Yield the paid tools all of whose capabilities come with another tool that runs in all of their schools."""
        also: dict[str, list[RunningTool]] = defaultdict(list)
        for tool in tools:
            for capability in tool.entry.also_does:
                also[capability].append(tool)
        for paid in tools:
            if not paid.money.costs or not paid.entry.does:
                continue
            for owner in also[min(paid.entry.does)]:
                if owner.id != paid.id and paid.entry.does <= owner.entry.also_does and self._covers(owner, paid):
                    for capability in paid.entry.does:
                        yield self._build(
                            capability, OverlapKind.OWNED_ALREADY, (paid, owner), paid.scope, paid.money.year_minor
                        )

    def _covers(self, owner: RunningTool, paid: RunningTool) -> bool:
        if owner.scope is None:
            return True
        own = self._list_names(paid.scope, paid.entry.does)
        return bool(own) and owner.scope.issuperset(own)

    def _find_cheaper(self, first: RunningTool, second: RunningTool, shared: Scope) -> int | None:
        """Return a year of the one that costs less in the shared schools; None where that cannot be compared."""
        costs = [
            share_cost(tool.money, scope=tool.scope, shared=shared, schools=self._schools) for tool in (first, second)
        ]
        amounts = [cost for cost in costs if cost is not None]
        return min(amounts) if len(amounts) == 2 and first.money.currency == second.money.currency else None

    def _build(
        self, capability: str, kind: OverlapKind, pair: tuple[RunningTool, RunningTool], shared: Scope, cost: int | None
    ) -> Overlap:
        names = self._list_names(shared, (capability,))
        entry = self._capabilities.get(capability)
        audience = entry.audience if entry else Audience.EVERYBODY
        return Overlap(
            capability=capability,
            kind=kind,
            tools=(pair[0].id, pair[1].id),
            schools=names,
            people=self._schools.count_people(names or None, audience),
            dollars_minor=cost,
        )

    def _list_names(self, scope: Scope, does: Sequence[str] | frozenset[str]) -> tuple[str, ...]:
        if scope is not None:
            return tuple(sorted(scope))
        audiences = {self._capabilities[name].audience for name in does if name in self._capabilities}
        return tuple(
            sorted(
                {school for audience in audiences or {Audience.DISTRICT} for school in self._schools.list_for(audience)}
            )
        )
