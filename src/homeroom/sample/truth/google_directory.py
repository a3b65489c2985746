"""Accounts and units of the district's Google directory, collected during writing, for lists that name them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from homeroom.sample.truth.ground_truth import Chromebook, GoogleAccount

STUDENT_LIMIT: Final = 6


@dataclass(kw_only=True)
class GoogleDirectoryIndex:
    """Accounts that other lists name, and how many accounts and devices are in each unit.

    `staff_emails` are the addresses of employees to collect. Students are the first enabled ones, `administrator` the
    first super administrator.
    """

    staff_emails: frozenset[str] = frozenset()
    staff: dict[str, GoogleAccount] = field(default_factory=dict)
    students: list[GoogleAccount] = field(default_factory=list)
    administrator: GoogleAccount | None = None
    units: Counter[str] = field(default_factory=Counter)
    student_units: set[str] = field(default_factory=set)

    def add_account(self, account: GoogleAccount) -> None:
        """Add one account."""
        self.units[account.unit] += 1
        if account.owner == "student" and account.enabled:
            self.student_units.add(account.unit)
            if len(self.students) < STUDENT_LIMIT:
                self.students.append(account)
        if account.email in self.staff_emails:
            self.staff[account.email] = account
        if account.admin and self.administrator is None:
            self.administrator = account

    def add_device(self, device: Chromebook) -> None:
        """Add one device."""
        self.units[device.unit] += 1
