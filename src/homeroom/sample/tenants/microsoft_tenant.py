"""A Microsoft 365 tenant: its settings by the names that ScubaGear exports, and what is true of them.

If the district pays for A5 (even seeds), the tenant assesses risk and protects mail; if somebody maintains it (every
third seed), its settings are nearly all as recommended; else about half of the settings have the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.identifiers import build_guid
from homeroom.sample.truth.ground_truth import GroundTruth

TENANT_WIDE: Final = "the tenant"
SCANNERS_GROUP: Final = build_guid(21, 1)
"""The group of old scanners that can sign in by password only."""
YOUNG_STUDENTS_GROUP: Final = build_guid(21, 2)
"""The group of students who need no second factor."""
ALUMNI_DOMAIN: Final = "alumni.example"
BUS_COMPANY_DOMAIN: Final = "buses.example"
_EMERGENCY_ACCOUNTS: Final = (build_guid(22, 1), build_guid(22, 2))


@dataclass(kw_only=True)
class MicrosoftTenant:
    """A Microsoft 365 tenant.

    `administrators` are ids of employees' accounts that administer it, besides the emergency accounts.
    """

    district: DistrictPlan
    administrators: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    scuba_config: dict[str, dict[str, Any]] = field(default_factory=dict)
    _failing: dict[str, list[str]] = field(default_factory=dict)
    _near: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def has_a5(self) -> bool:
        """True if it has the licenses of A5 instead of A3."""
        return self.district.seed % 2 == 0

    @property
    def is_maintained(self) -> bool:
        """True if somebody maintains it."""
        return self.district.seed % 3 == 0

    def is_secured(self, setting: str) -> bool:
        """Return whether a setting is as recommended: all if somebody maintains the tenant, else about half."""
        return self.is_maintained or crc32(f"{self.district.seed} {setting}".encode()) % 2 == 0

    @property
    def domain(self) -> str:
        """Main domain of the tenant."""
        return self.district.domain

    @property
    def emergency_accounts(self) -> tuple[str, ...]:
        """Emergency access accounts: two, or one where nobody thought of the second."""
        return _EMERGENCY_ACCOUNTS if self.district.seed % 5 != 3 else _EMERGENCY_ACCOUNTS[:1]

    @property
    def global_administrators(self) -> tuple[str, ...]:
        """Global administrators: the emergency accounts, and for every fourth seed one employee."""
        return (*self.emergency_accounts, *(self.administrators[:1] if self.district.seed % 4 == 0 else ()))

    def record_policy(self, policy: str, *, fails: bool = False, near: str = "", place: str = TENANT_WIDE) -> None:
        """Record what is true of one place under one policy: that it fails, or why it only seems to."""
        if fails:
            self._failing.setdefault(policy, []).append(place)
        else:
            self._failing.setdefault(policy, [])
            if near:
                self._near.setdefault(policy, {})[place] = near

    def has_failure(self, policy: str) -> bool:
        """Return whether any place fails that policy."""
        return bool(self._failing[policy])

    def add_scuba_config(self, product: str, policy: str, **values: Any) -> None:
        """Add the district's ScubaGear configuration of a policy, such as users excluded on purpose."""
        self.scuba_config.setdefault(product, {})[policy] = values

    def write_policies(self, truth: GroundTruth) -> None:
        """Write the failures and near misses of policies to the ground truth; the others fail nowhere."""
        for policy, near, failing in self._list_policies():
            truth.policies[policy] = {"tenant": self.domain, "failing": failing, "near": near}

    def _list_policies(self) -> Iterator[tuple[str, Mapping[str, str], list[str]]]:
        for policy, failing in sorted(self._failing.items()):
            near = self._near.get(policy, {})
            if failing or near:
                yield policy, near, failing
