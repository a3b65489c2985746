"""Gaps: needs that no running tool meets, or none in some of the schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.domain.manage.tools.portfolio import CannotTell, GapKind, Need, NeedGap
from homeroom.engines.manage.tools.running import RunningTool
from homeroom.engines.manage.tools.schools import Schools

STATED_NEED = "The district states that it needs this"
NO_CONTRACTS = "no list of contracts was loaded, so a tool that does it may be missing here"


def list_needs(capabilities: Mapping[str, Capability], *, stated: Sequence[tuple[str, str | None]]) -> tuple[Need, ...]:
    """List the needs that the district states as (capability, audience), else those that content has."""
    if not stated:
        return tuple(
            Need(capability=name, audience=entry.audience, because=entry.needed)
            for name, entry in sorted(capabilities.items())
            if entry.needed
        )
    return tuple(
        Need(
            capability=name,
            audience=Audience(audience) if audience else capabilities[name].audience,
            because=capabilities[name].needed or STATED_NEED,
        )
        for name, audience in sorted(dict(stated).items())
        if name in capabilities
    )


def find_gaps(
    needs: Sequence[Need], tools: Sequence[RunningTool], *, schools: Schools, has_contracts: bool
) -> tuple[tuple[NeedGap, ...], tuple[CannotTell, ...]]:
    """Find the gaps by capability, and the needs that cannot be judged: without contracts a tool may be missing.

    What comes with a tool counts as what it is for; a hollow tool counts too.
    """
    gaps: list[NeedGap] = []
    unknown: list[CannotTell] = []
    for need in needs:
        gap = _find_gap(need, tools, schools)
        if gap is not None and has_contracts:
            gaps.append(gap)
        elif gap is not None:
            unknown.append(CannotTell(about="capability", id=need.capability, why=NO_CONTRACTS))
    return tuple(gaps), tuple(unknown)


def _find_gap(need: Need, tools: Sequence[RunningTool], schools: Schools) -> NeedGap | None:
    doing = [tool for tool in tools if tool.runs and need.capability in tool.entry.does | tool.entry.also_does]
    if not doing:
        return NeedGap(**_describe_need(need), kind=GapKind.NONE, schools=None)
    if any(tool.scope is None for tool in doing):
        return None
    covered = frozenset[str]().union(*(tool.scope for tool in doing if tool.scope is not None))
    missing = tuple(school for school in schools.list_for(need.audience) if school not in covered)
    if not missing:
        return None
    return NeedGap(**_describe_need(need), kind=GapKind.PART, schools=missing)


def _describe_need(need: Need) -> dict[str, str]:
    return {"capability": need.capability, "audience": str(need.audience), "because": need.because}
