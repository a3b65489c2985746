"""Expected activity: work that somebody announced, so that what it sets off alerts nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpectedActivity:
    """Announced work; all lists that are not empty have to match, without case.

    `who` are accounts that act, `targets` accounts, documents, apps or addresses that it is done to, `hosts` short
    names, `addresses` addresses or networks in CIDR notation. `daily` is a time of day in the district's zone and may
    go past midnight. `number` is its own within the source.
    """

    number: str
    who: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    starts: datetime | None = None
    ends: datetime | None = None
    daily: tuple[time, time] | None = None
    reason: str
