"""Renewals: contracts that are to be decided soon, and what is suggested about each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.domain.manage.tools.portfolio import CannotTell, HollowTool, Overlap, Renewal, Suggestion
from homeroom.engines.manage.tools.contracts import Contract
from homeroom.engines.manage.tools.running import RunningTool

HORIZON = timedelta(days=120)
FEWER_PERCENT = 70


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found of tools, by tool."""

    hollow: Mapping[str, HollowTool]
    overlaps: Mapping[str, Sequence[Overlap]]
    cannot_tell: Mapping[str, CannotTell]


def find_renewals(tools: Sequence[RunningTool], findings: Findings, *, today: date) -> tuple[Renewal, ...]:
    """Find the contracts whose notice day, else last day, is within 120 days; the earliest first."""
    due = [(_find_due_day(contract, today), contract, tool) for tool in tools for contract in tool.running]
    chosen = [(day, contract, tool) for day, contract, tool in due if day is not None and day <= today + HORIZON]
    ordered = sorted(chosen, key=lambda entry: (entry[0], entry[1].key))
    return tuple(_build_renewal(contract, tool, findings, today) for _, contract, tool in ordered)


def _find_due_day(contract: Contract, today: date) -> date | None:
    """Return the day by which to decide: the day of notice, or the last day where that has passed or is not set."""
    if contract.notice_on is not None and contract.notice_on >= today:
        return contract.notice_on
    return contract.ends_on


def _build_renewal(contract: Contract, tool: RunningTool, findings: Findings, today: date) -> Renewal:
    suggestion, reason, seats = _suggest(contract, tool, findings, today)
    return Renewal(
        contract=contract.key,
        tool=tool.id,
        suggestion=suggestion,
        seats=seats,
        notice_on=contract.notice_on,
        ends_on=contract.ends_on,
        dollars_minor=contract.year_minor,
        why=reason,
    )


def _suggest(
    contract: Contract, tool: RunningTool, findings: Findings, today: date
) -> tuple[Suggestion, str, int | None]:
    """Return the first suggestion that holds, why, and for fewer seats how many would do."""
    if contract.notice_on is not None and contract.notice_on < today and contract.renews:
        return Suggestion.TOO_LATE, f"notice was due on {contract.notice_on}, and it renews by itself", None
    if hollow := findings.hollow.get(tool.id):
        return Suggestion.DROP, f"{hollow.kind}: {hollow.working:,} of {hollow.of:,}", None
    if overlaps := findings.overlaps.get(tool.id):
        others = sorted({other for overlap in overlaps for other in overlap.tools if other != tool.id})
        return Suggestion.CHOOSE, f"it does what {', '.join(others)} does", None
    if unknown := findings.cannot_tell.get(tool.id):
        return Suggestion.CANNOT_TELL, unknown.why, None
    users = tool.use.most_users if tool.use else None
    seats = tool.seats
    if users is not None and seats and contract.seats and users * 100 <= seats * FEWER_PERCENT:
        enough = _count_enough_seats(users, seats=seats, own=contract.seats)
        return Suggestion.FEWER, f"at most {users:,} of {seats:,} seats were ever used", enough
    return Suggestion.KEEP, "nothing speaks against it", None


def _count_enough_seats(users: int, *, seats: int, own: int) -> int:
    """Return the most users and a tenth, rounded up; of several contracts, this one's share of it by its seats."""
    return -(-users * 11 * own // (10 * seats))
