"""Suppressions of vulnerabilities: why, which ones, on which devices, who owns the decision, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Justification(StrEnum):
    """Why a vulnerability is suppressed."""

    FALSE_POSITIVE = "false_positive"
    NOT_REACHABLE = "not_reachable"
    ACCEPTED = "accepted"


class Scope(StrEnum):
    """Devices covered: all, one, or those of a school, an organizational unit and below, a cart, or a device class."""

    EVERYWHERE = "everywhere"
    DEVICE = "device"
    SCHOOL = "school"
    UNIT = "unit"
    CART = "cart"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """One suppression.

    `product_key`, `cve` or both name the vulnerabilities; an empty one matches all. `value` is a school's, unit's or
    cart's name as devices have it, or a class; `device` is set if the scope is one device. It applies through
    `expires_on`. A `private` reason is hidden from users who may not change anything, and from exports.
    """

    id: int
    justification: Justification
    product_key: str
    cve: str
    scope: Scope
    value: str
    device: int | None
    reason: str
    owner: str
    expires_on: date
    made_by: str
    made_at: datetime
    private: bool = False

    def matches_vulnerability(self, *, product: str, cve: str) -> bool:
        """Check whether it names a vulnerability of a product, on any device."""
        return self.product_key in ("", product) and (not self.cve or self.cve.lower() == cve.lower())

    def covers_device(self, *, device: int, school: str, unit: str, cart: str, kind: str) -> bool:
        """Check whether a device is in its scope, by the newest snapshot; `kind` is the class of device."""
        unit_prefix = self.value.rstrip("/") + "/"
        return {
            Scope.EVERYWHERE: True,
            Scope.DEVICE: device == self.device,
            Scope.SCHOOL: school.lower() == self.value.lower(),
            Scope.UNIT: unit == self.value or unit.startswith(unit_prefix),
            Scope.CART: cart.lower() == self.value.lower(),
            Scope.CLASS: kind == self.value.lower(),
        }[self.scope]
