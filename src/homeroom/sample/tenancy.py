"""A Microsoft 365 tenant while it is made up: its settings by the names that ScubaGear exports, and what is true of them.

Where the district pays for A5 (even seeds) it has what reckons risk and watches mail; where somebody tends the tenant (every
third seed) it is set as it should be, near enough; else of each habit one in two stands as delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from homeroom.sample.ids import guid
from homeroom.sample.plan import District
from homeroom.sample.truth import Truth

WHOLE: Final = "the tenant"
SCANNERS: Final = guid(21, 1)
"""The group of old scanners that cannot sign in any other way than by a password."""
YOUNG: Final = guid(21, 2)
"""The group of pupils who are asked for no second factor."""
ALUMNI: Final = "alumni.example"
BUSES: Final = "buses.example"
_EMERGENCY: Final = (guid(22, 1), guid(22, 2))


@dataclass(kw_only=True)
class Tenant:
    """The tenant. `administrators` are the ids of employees' accounts that administer, beside the emergency accounts."""

    district: District
    administrators: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    configured: dict[str, dict[str, Any]] = field(default_factory=dict)
    _failing: dict[str, list[str]] = field(default_factory=dict)
    _near: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def dear(self) -> bool:
        """Whether it has the licences of A5 instead of A3."""
        return self.district.seed % 2 == 0

    @property
    def tended(self) -> bool:
        """Whether somebody looks after it."""
        return self.district.seed % 3 == 0

    def keeps(self, habit: str) -> bool:
        """Whether one thing is set as it should be: everything where somebody looks after it, else about half."""
        return self.tended or crc32(f"{self.district.seed} {habit}".encode()) % 2 == 0

    @property
    def domain(self) -> str:
        """Its main domain."""
        return self.district.domain

    @property
    def emergency(self) -> tuple[str, ...]:
        """The accounts for the day on which nobody else gets in: two, or one where nobody thought of the second."""
        return _EMERGENCY if self.district.seed % 5 != 3 else _EMERGENCY[:1]

    @property
    def globals_(self) -> tuple[str, ...]:
        """Who may do everything: the emergency accounts, and for every fourth seed one employee besides."""
        return (*self.emergency, *(self.administrators[:1] if self.district.seed % 4 == 0 else ()))

    def says(self, policy: str, *, fails: bool = False, near: str = "", place: str = WHOLE) -> None:
        """What is true of one place under one policy: that it fails, or why it only seems to."""
        if fails:
            self._failing.setdefault(policy, []).append(place)
        else:
            self._failing.setdefault(policy, [])
            if near:
                self._near.setdefault(policy, {})[place] = near

    def fails(self, policy: str) -> bool:
        """Whether any place fails that policy."""
        return bool(self._failing[policy])

    def vouch(self, product: str, policy: str, **said: Any) -> None:
        """What the district tells ScubaGear of a policy by a file of its own, such as whom it leaves out on purpose."""
        self.configured.setdefault(product, {})[policy] = said

    def state(self, truth: Truth) -> None:
        """Write into the truth what fails and what nearly does, by policy; every other policy fails nowhere."""
        for policy, near, failing in self._said():
            truth.policies[policy] = {"tenant": self.domain, "failing": failing, "near": near}

    def _said(self) -> Iterator[tuple[str, Mapping[str, str], list[str]]]:
        for policy, failing in sorted(self._failing.items()):
            near = self._near.get(policy, {})
            if failing or near:
                yield policy, near, failing
