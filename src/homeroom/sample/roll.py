"""Whom and what the district's directory at Google holds, gathered while it is written, for lists that name them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from homeroom.sample.truth import Account, Chromebook

PUPILS: Final = 6


@dataclass(kw_only=True)
class Roll:
    """Accounts that other lists name, and how many accounts and devices stand in each unit.

    `wanted` are the addresses of employees to remember. Pupils are the first enabled ones, `administrator` the first super
    administrator.
    """

    wanted: frozenset[str] = frozenset()
    staff: dict[str, Account] = field(default_factory=dict)
    pupils: list[Account] = field(default_factory=list)
    administrator: Account | None = None
    units: Counter[str] = field(default_factory=Counter)
    pupil_units: set[str] = field(default_factory=set)

    def account(self, account: Account) -> None:
        """One account."""
        self.units[account.unit] += 1
        if account.owner == "pupil" and account.enabled:
            self.pupil_units.add(account.unit)
            if len(self.pupils) < PUPILS:
                self.pupils.append(account)
        if account.email in self.wanted:
            self.staff[account.email] = account
        if account.admin and self.administrator is None:
            self.administrator = account

    def device(self, device: Chromebook) -> None:
        """One device."""
        self.units[device.unit] += 1
