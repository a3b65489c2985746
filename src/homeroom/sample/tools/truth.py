"""What is true of the planted tools, and of those of the list of contracts: findings, near misses, the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from homeroom.sample.lists.list_writer import ExpectedFindings
from homeroom.sample.tools.catalog import (
    GAPS,
    LISTED_CONTRACT_USES,
    NEAR_GAPS,
    OWNED_ALREADY,
    PAID_TWICE,
    RENEWALS,
    TOOLS,
    UNSTATED,
    PlantedContract,
    PlantedTool,
)
from homeroom.sample.tools.lists import BACKED_UP, BACKUPS, CONTRACTS, OLD_BACKUP, ToolLists

_HOLLOW_CONTROLS: Final = {
    "not used": "tool-used",
    "not deployed": "tool-deployed",
    "silent": "tool-reports",
    "not working": "tool-works",
}
_NEAR_CONTROLS: Final = {
    **_HOLLOW_CONTROLS,
    "paid twice": "tool-not-paid-twice",
    "renewal": "renewal-decided",
    "fewer": "renewal-decided",
    "gap": "need-covered",
}
_LISTED_PERIOD: Final = (32, 2)
"""First and last day, counted back from today, of the use of the products in the list of contracts."""
_LISTED_RENEWALS: Final = {"C-01": "fewer", "C-02": "fewer", "C-03": "keep", "C-04": "keep"}
_PERIOD_DAYS: Final = 10


def record_tools(written: ToolLists) -> None:
    """Record all of it in the ground truth."""
    lists = written.lists
    for tool in TOOLS:
        for contract in tool.contracts:
            lists.record_expected(CONTRACTS, _evaluate_contract(tool, contract))
    for system, _, days in BACKED_UP:
        fails = ["backup-recent"] if days == OLD_BACKUP else []
        lists.record_expected(BACKUPS, ExpectedFindings(key=system, fails=fails))
    is_short = _is_period_short(written)
    _record_tool_findings(written, is_short=is_short)
    _record_needs(written)
    renewals = {**RENEWALS, **(dict.fromkeys(_LISTED_RENEWALS, "cannot tell") if is_short else _LISTED_RENEWALS)}
    _record_renewals(written, renewals)
    lists.truth.tools = _build_portfolio(_list_unknown(is_short=is_short), renewals)


def _is_period_short(written: ToolLists) -> bool:
    """Check whether the period of use of the list of contracts has too few school days, as in summer."""
    first, last = (written.lists.subtract_days(days) for days in _LISTED_PERIOD)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(written.calendar.is_school_day(day) for day in days) < _PERIOD_DAYS


def _evaluate_contract(tool: PlantedTool, contract: PlantedContract) -> ExpectedFindings:
    """Return what the controls of contracts find: a replaced or ended one is no matter of seats."""
    fails: list[str] = []
    unknown: list[str] = []
    is_replaced = any(other.ends > contract.ends for other in tool.contracts)
    if contract.ends >= 0 and not is_replaced:
        if tool.users is None:
            unknown += ["contract-seats-used", "contract-seats-enough"]
        elif contract.seats and tool.users * 2 < contract.seats:
            fails.append("contract-seats-used")
        if not contract.renews and tool.users and contract.ends <= 90:
            fails.append("contract-runs-out")
    if contract.renews and contract.notice is not None and 0 <= contract.notice <= 60:
        fails.append("contract-notice-day")
    return ExpectedFindings(key=contract.key, fails=fails, unknown=unknown)


def _list_unknown(*, is_short: bool) -> tuple[str, ...]:
    """Return the tools whose use nobody can judge."""
    listed = tuple(name.lower() for name in LISTED_CONTRACT_USES) if is_short else ()
    return (*UNSTATED, *listed, *(tool.key for tool in TOOLS if tool.unknown))


def _record_tool_findings(written: ToolLists, *, is_short: bool) -> None:
    fails: dict[str, list[str]] = {tool.key: [_HOLLOW_CONTROLS[tool.hollow]] for tool in TOOLS if tool.hollow}
    for _, first, second in PAID_TWICE:
        for name in (first, second):
            fails.setdefault(name.lower(), []).append("tool-not-paid-twice")
    for _, paid, _ in OWNED_ALREADY:
        fails.setdefault(paid.lower(), []).append("tool-not-owned-already")
    unknown: dict[str, list[str]] = {key: ["tool-used"] for key in _list_unknown(is_short=is_short)}
    unpriced = [tool.key for tool in TOOLS if any(contract.price is None for contract in tool.contracts)]
    for key in (*UNSTATED, *unpriced):
        unknown[key] += ["tool-not-paid-twice", "tool-not-owned-already"]
    near = {tool.key: {_NEAR_CONTROLS[kind]: reason for kind, reason in (tool.near or {}).items()} for tool in TOOLS}
    for key in dict.fromkeys((*fails, *unknown, *near)):
        written.lists.record_expected(
            "tools",
            ExpectedFindings(key=key, fails=fails.get(key, ()), unknown=unknown.get(key, ()), near=near.get(key, {})),
        )


def _record_needs(written: ToolLists) -> None:
    for need in GAPS:
        written.lists.record_expected("needs", ExpectedFindings(key=need, fails=["need-covered"]))
    for need, reason in NEAR_GAPS.items():
        written.lists.record_expected("needs", ExpectedFindings(key=need, near={"need-covered": reason}))


def _record_renewals(written: ToolLists, renewals: dict[str, str]) -> None:
    for key, suggestion in renewals.items():
        is_open = suggestion in {"drop", "choose", "fewer"}
        expected = ExpectedFindings(
            key=key,
            fails=["renewal-decided"] if is_open else ["renewal-in-time"] if suggestion == "too late" else [],
            unknown=["renewal-decided"] if suggestion == "cannot tell" else [],
        )
        written.lists.record_expected("renewals", expected)


def _build_portfolio(unknown: Sequence[str], renewals: dict[str, str]) -> dict[str, Any]:
    """Return the part of the truth about tools: by the keys that `homeroom tools --json` has."""
    return {
        "overlaps": [
            {"capability": capability, "kind": kind, "tools": sorted((first.lower(), second.lower()))}
            for kind, pairs in (("paid twice", PAID_TWICE), ("owned already", OWNED_ALREADY))
            for capability, first, second in pairs
        ],
        "gaps": [{"capability": need, "kind": kind} for need, kind in GAPS.items()],
        "hollow": [{"tool": tool.key, "kind": tool.hollow} for tool in TOOLS if tool.hollow],
        "cannot_tell": sorted(unknown),
        "renewals": [{"contract": key, "suggestion": suggestion} for key, suggestion in renewals.items()],
        "near_misses": [
            *(
                {"name": tool.name, "of": kind, "why": reason}
                for tool in TOOLS
                for kind, reason in (tool.near or {}).items()
            ),
            *({"name": need, "of": "gap", "why": reason} for need, reason in NEAR_GAPS.items()),
        ],
    }
