"""Labels for the fields of canonical tables and for the values of closed sets in them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeroom.apps.protect.posture.catalog.labels import product_word

_FIELD_LABELS: dict[str, Promise] = {
    "key": _("Source ID"),
    "mfa_enrolled": _("MFA"),
    "mfa_enforced": _("MFA enforced"),
    "mfa_methods": _("MFA methods"),
    "os_version": _("System version"),
    "os_edition": _("System edition"),
    "os_support_note": _("Recorded support"),
    "org_unit": _("OU"),
    "org_key": _("School, by id"),
    "org_name": _("School"),
    "other_ids": _("Other ids"),
    "master_id": _("Master id"),
    "external_ids": _("External IDs"),
    "directory_id": _("Directory id"),
    "hardware_ids": _("Hardware ids"),
    "macs": _("Network addresses"),
    "status_word": _("Source status"),
    "expires_on": _("Updates end"),
    "extended_expires_on": _("Updates end with opt-in"),
    "extended_eligible": _("Opt-in offered"),
    "extended_enabled": _("Opt-in taken"),
    "holder_email": _("Assigned person's address"),
    "holder_name": _("Assigned to"),
    "holder_number": _("Assigned person's number"),
    "recent_emails": _("Signed in lately"),
    "cost_minor": _("Cost"),
    "year_minor": _("Cost a year"),
    "dollars_minor": _("Cost a year"),
    "never_signed_in": _("Never signed in"),
    "last_sign_in": _("Last sign-in"),
    "any_admin": _("Administrator"),
    "email": _("Address"),
    "agent_keys": _("Guardians, by id"),
    "serial": _("Serial number"),
    "asset_tag": _("Asset tag"),
    "enrolled_at": _("Enrolled"),
    "created_at": _("Created"),
    "warranty_until": _("Warranty until"),
}


_COLUMNS = ("kind", "platform", "status", "role", "boot_mode", "directory")
_VALUE_LABELS: dict[str, Promise | str] = {
    "chromeos": "ChromeOS",
    "macos": "macOS",
    "ios": "iOS",
    "ipados": "iPadOS",
    "ups": "UPS",
    "tobedeleted": _("To be deleted"),
}


def format_field_value(name: str, value: Any) -> Any:
    """Format a value for people: one of a closed set (Chromebook, ChromeOS) or money (899.00).

    Any other value is returned unchanged.
    """
    if name.endswith("_minor") and isinstance(value, int):
        return f"{value / 100:,.2f}"
    if name not in _COLUMNS or not isinstance(value, str) or not value:
        return value
    if name == "directory":
        return product_word(value)
    return str(_VALUE_LABELS.get(value) or value[:1].upper() + value[1:].replace("_", " "))


def get_field_label(name: str) -> str:
    """Return the label of a canonical column; one without a label reads as its name."""
    return str(_FIELD_LABELS.get(name) or name.replace("_", " ").capitalize())
