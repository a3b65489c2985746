"""Flaws that somebody lets stand for a while: why, for which of them, on which devices, who answers for it, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Justification(StrEnum):
    """Why a flaw is let stand."""

    FALSE_POSITIVE = "false_positive"
    NOT_REACHABLE = "not_reachable"
    ACCEPTED = "accepted"


class Scope(StrEnum):
    """On which devices: all, one, or those of a school, an organisational unit and below, a cart, or a class of device."""

    EVERYWHERE = "everywhere"
    DEVICE = "device"
    SCHOOL = "school"
    UNIT = "unit"
    CART = "cart"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """One decision. `thing` (what an update would replace), `cve` or both name the flaws; an empty one names every one.

    `value` is a school's, unit's or cart's name as devices have it, or a class; `device` is set where the scope is one device.
    It holds until and with `expires_on`. A `private` reason is kept from who may not change anything, and from exports.
    """

    id: int
    justification: Justification
    thing: str
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

    def speaks_of(self, *, thing: str, cve: str) -> bool:
        """Whether it names that flaw of that thing, on whatever devices."""
        return self.thing in ("", thing) and (not self.cve or self.cve.lower() == cve.lower())

    def holds_for(self, *, device: int, school: str, unit: str, cart: str, kind: str) -> bool:
        """Whether a device is in its scope, by what the newest snapshot says of it; `kind` is the class of device."""
        below = self.value.rstrip("/") + "/"
        return {
            Scope.EVERYWHERE: True,
            Scope.DEVICE: device == self.device,
            Scope.SCHOOL: school.lower() == self.value.lower(),
            Scope.UNIT: unit == self.value or unit.startswith(below),
            Scope.CART: cart.lower() == self.value.lower(),
            Scope.CLASS: kind == self.value.lower(),
        }[self.scope]
