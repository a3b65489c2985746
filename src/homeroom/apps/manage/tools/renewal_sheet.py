"""The renewal sheet: contracts of the next 120 days, what is suggested about each, and the money of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.apps.manage.tools.published_portfolio import (
    PublishedHollow,
    PublishedPortfolio,
    PublishedRenewal,
    PublishedTool,
)
from homeroom.domain.manage.tools.portfolio import HollowKind, Suggestion

CHANGING = (Suggestion.DROP, Suggestion.CHOOSE, Suggestion.FEWER)


@dataclass(frozen=True, kw_only=True)
class RenewalLine:
    """A contract on the sheet: by when to decide, and what its suggestion rests on.

    `is_notice` is whether the day is that of notice. `others` are the tools that do the same.
    """

    renewal: PublishedRenewal
    decide_by: date | None
    is_notice: bool
    hollow: PublishedHollow | None
    others: tuple[PublishedTool, ...]


@dataclass(frozen=True, kw_only=True)
class RenewalSheet:
    """The contracts, the earliest to decide first.

    `total_minor` is a year of those with a price, `unpriced` how many have none, `changing_minor` a year of those that
    a suggestion changes. Amounts are None where currencies are mixed, which are never added.
    """

    lines: tuple[RenewalLine, ...]
    today: date | None
    currency: str | None
    total_minor: int | None
    changing_minor: int | None
    unpriced: int


def build_renewal_sheet(portfolio: PublishedPortfolio) -> RenewalSheet:
    """Build the sheet of the contracts that are to be decided soon."""
    hollow = {entry.tool.id: entry for entry in portfolio.hollow}
    others = _group_others(portfolio)
    priced = [renewal for renewal in portfolio.renewals if renewal.dollars_minor is not None]
    currencies = {renewal.tool.currency for renewal in priced}
    is_mixed = len(currencies) > 1
    return RenewalSheet(
        lines=tuple(
            _build_line(
                renewal, portfolio.today, hollow.get(renewal.tool.id), tuple(others.get(renewal.tool.id, {}).values())
            )
            for renewal in portfolio.renewals
        ),
        today=portfolio.today,
        currency=None if is_mixed else next(iter(currencies), None),
        total_minor=None if is_mixed else _add_years(priced),
        changing_minor=None if is_mixed else _add_years(entry for entry in priced if entry.suggestion in CHANGING),
        unpriced=len(portfolio.renewals) - len(priced),
    )


def is_about_people(entry: PublishedHollow) -> bool:
    """Check whether a hollow tool's numbers count people."""
    return entry.kind == HollowKind.NOT_USED


def _group_others(portfolio: PublishedPortfolio) -> Mapping[int, Mapping[int, PublishedTool]]:
    """Return by tool the tools that overlap with it, by id."""
    others: dict[int, dict[int, PublishedTool]] = defaultdict(dict)
    for entry in portfolio.overlaps:
        others[entry.first.id][entry.second.id] = entry.second
        others[entry.second.id][entry.first.id] = entry.first
    return others


def _build_line(
    renewal: PublishedRenewal,
    today: date | None,
    hollow: PublishedHollow | None,
    others: tuple[PublishedTool, ...],
) -> RenewalLine:
    is_notice = renewal.notice_on is not None and (today is None or renewal.notice_on >= today)
    return RenewalLine(
        renewal=renewal,
        decide_by=renewal.notice_on if is_notice else renewal.ends_on,
        is_notice=is_notice,
        hollow=hollow,
        others=tuple(sorted(others, key=lambda tool: tool.name.casefold())),
    )


def _add_years(renewals: Iterable[PublishedRenewal]) -> int:
    return sum(renewal.dollars_minor or 0 for renewal in renewals)
