"""Scopes of risk exceptions: what each kind covers, and the words of its audit entries.

The fields of a scope are columns of `RiskException`. A further kind is a further class here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.domain.protect.suppressions import Scope


@dataclass(frozen=True, kw_only=True)
class FindingScope:
    """A control's failing for a finding, with its group if the control groups, or for one subject of the finding."""

    covers: ClassVar[str] = "finding"
    noun: ClassVar[str] = "acceptance"
    create_action: ClassVar[str] = "accept finding"
    withdraw_action: ClassVar[str] = "withdraw acceptance"

    control: str
    group: str = ""
    subject: int | None = None

    def find_error(self) -> str:
        """Return what is wrong with the scope, and what would fit; empty if it is valid."""
        return "" if self.control else "names no control; the control of a finding would fit"

    def get_audit_subject(self) -> str:
        """Return the public id of the finding."""
        return format_public_id("finding", hash_finding_id(self.control, self.group))

    def get_audit_detail(self) -> dict[str, str]:
        """Return the scope in words; a subject is not named, since it may be a student's account."""
        return {"control": self.control, "group": self.group}


@dataclass(frozen=True, kw_only=True)
class VulnerabilityScope:
    """The vulnerabilities of a product, one vulnerability, or one vulnerability of a product, on some devices.

    `product_key` and `cve` name them. `value` is a school's, unit's or cart's name as devices have it, or a class;
    `device` is set if the scope is one device.
    """

    covers: ClassVar[str] = "vulnerability"
    noun: ClassVar[str] = "suppression"
    create_action: ClassVar[str] = "suppress flaws"
    withdraw_action: ClassVar[str] = "withdraw suppression"

    product_key: str = ""
    cve: str = ""
    scope: str = Scope.EVERYWHERE
    value: str = ""
    device: int | None = None

    def find_error(self) -> str:
        """Return what is wrong with the scope, and what would fit; empty if it is valid."""
        if not self.product_key and not self.cve:
            return "names no flaw; a product, a CVE or both would fit"
        if self.scope not in set(Scope):
            return f"{self.scope!r}; {', '.join(Scope)} would fit"
        if (self.scope == Scope.DEVICE) != (self.device is not None):
            return "one device is named by its id, and only where the scope is device"
        if (self.scope in (Scope.EVERYWHERE, Scope.DEVICE)) == bool(self.value):
            return f"a {self.scope} with {self.value!r}; a school, unit, cart or class needs its name, the others none"
        return ""

    def get_audit_subject(self) -> str:
        """Return the vulnerability, or the product if all of its vulnerabilities are covered."""
        return (self.cve or self.product_key)[:80]

    def get_audit_detail(self) -> dict[str, str]:
        """Return the scope in words."""
        device = format_public_id("device", self.device) if self.device is not None else ""
        return {"thing": self.product_key, "cve": self.cve, "scope": str(self.scope), "value": self.value or device}


ENTITY_KINDS = ("account", "device", "host", "address", "app", "file")


@dataclass(frozen=True, kw_only=True)
class DetectionScope:
    """Detections of a rule; of one account, host, address, app or file if `scope` and `value` name it."""

    covers: ClassVar[str] = "detection"
    noun: ClassVar[str] = "suppression"
    create_action: ClassVar[str] = "suppress alerts"
    withdraw_action: ClassVar[str] = "withdraw suppression of alerts"

    rule: str
    scope: str = ""
    value: str = ""

    def find_error(self) -> str:
        """Return what is wrong with the scope, and what would fit; empty if it is valid."""
        if not self.rule:
            return "names no rule; the rule of a detection would fit"
        if self.scope and self.scope not in ENTITY_KINDS:
            return f"{self.scope!r}; {', '.join(ENTITY_KINDS)} would fit"
        if bool(self.scope) != bool(self.value):
            return "an entity is named by its kind and name"
        return ""

    def get_audit_subject(self) -> str:
        """Return the rule."""
        return self.rule[:80]

    def get_audit_detail(self) -> dict[str, str]:
        """Return the scope in words; an account is not named, since it may be a student's."""
        return {"rule": self.rule, "scope": self.scope, "value": "" if self.scope == "account" else self.value}


type ExceptionScope = FindingScope | VulnerabilityScope | DetectionScope
type ExceptionScopeClass = type[FindingScope] | type[VulnerabilityScope] | type[DetectionScope]
