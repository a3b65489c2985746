"""The controls of which the truth speaks, by area: of every other it says nothing, and none may report anything."""

from __future__ import annotations

from typing import Final

_BY_AREA: Final = {
    "identity": (
        "staff-second-factor",
        "admin-second-factor",
        "few-super-admins",
        "leaver-account",
        "unknown-person",
        "dormant-account",
        "never-used-account",
        "student-second-factor",
        "password-not-required",
        "password-never-expires",
        "preauth-not-required",
        "reversible-password",
        "person-with-service-name",
        "administrator-with-service-name",
        "service-password-age",
        "administrator-password-age",
        "directory-key-renewed",
        "des-only",
        "rights-of-older-account",
        "unconstrained-delegation",
        "administrator-lent-on",
        "admin-mark-left",
        "guest-enabled",
        "builtin-administrator-rests",
        "account-past-its-end",
        "temporary-account-ends",
        "first-password-kept",
    ),
    "assets": (
        "holder-gone",
        "managed-without-asset-record",
        "asset-not-managed",
        "retired-but-managed",
    ),
    "chromeos": (
        "chromeos-expired",
        "chromeos-expires-12-months",
        "chromeos-expires-24-months",
        "chromeos-extension-offered",
        "chromeos-developer-mode",
        "chromeos-silent",
    ),
    "endpoints": (
        "windows-10",
        "windows-11-release",
        "staff-laptop-encrypted",
        "outdated-browser",
        "outdated-archiver",
        "software-known-exploited",
        "unsupported-server",
        "unsupported-linux",
        "macos-supported",
        "few-local-administrators",
        "firewall-on",
        "filter-covers-device",
        "antivirus-covers-computer",
    ),
    "network": (
        "internet-facing-remote-access",
        "cleartext-management",
        "scanner-known-exploited",
        "sighted-not-known",
    ),
}
CONTROLS: Final = tuple(control for area in _BY_AREA.values() for control in area)
