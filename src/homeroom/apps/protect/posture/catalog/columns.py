"""Columns of evidence rows: which ones a control shows, which come first, and their titles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.protect.posture.catalog.confinement import list_individual_columns
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES
from homeroom.evidence.tables import TABLES

DEFAULT_COLUMNS = {
    "accounts": ("email", "name", "school", "last_sign_in"),
    "devices": ("serial", "model", "school", "holder_name", "last_seen"),
    "people": ("name", "kind", "school", "email"),
}
FIRST_COLUMNS_OF_RESOURCE = 6
"""How many columns of a resource (a backup, an app) are shown first, its name among them."""

FIRST_COLUMNS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "accounts": (
        ("name", "email"),
        ("email",),
        ("directory",),
        ("school", "org_unit"),
        (
            "left_because",
            "idle_school_days",
            "second_factor",
            "mfa_enforced",
            "service_names",
            "title",
            "super_admin",
            "kind",
        ),
        ("expires_on", "password_set_at", "last_sign_in", "created_at"),
    ),
    "devices": (
        ("serial", "asset_tag", "name"),
        ("school", "location", "org_unit"),
        ("holder_name", "cart", "asset_tag"),
        (
            "local_admins",
            "addresses",
            "expires_without",
            "silent_school_days",
            "os_version",
            "encrypted",
            "warranty_until",
            "asset_status",
            "model",
        ),
        ("expires_with", "os_support_until", "last_seen", "managed_by"),
    ),
    "people": (("name",), ("school",), ("kind",), ("email",)),
}
"""Who, where and why at a glance: from each slot the first column that the control shows; others on demand."""

DEVICE_COLUMNS: Mapping[str, str] = {"device_name": "name", "device_serial": "serial", "device_school": "school"}
"""Columns about the device that come first in rows of software, services and vulnerabilities.

Each maps to the column of the devices table that it is read from.
"""
FIRST_COLUMNS_OF_ROW = 3
"""How many columns that its control shows are shown first in such a row."""

TITLES = {
    "device_name": gettext_lazy("Device"),
    "device_serial": gettext_lazy("Serial"),
    "device_school": gettext_lazy("School"),
    "check_id": gettext_lazy("Check"),
    "cve": gettext_lazy("CVE"),
    "cves": gettext_lazy("Flaws"),
    "due_on": gettext_lazy("Act by"),
    "fixed_in": gettext_lazy("Fixed in"),
    "known_exploited": gettext_lazy("Known to be exploited"),
    "exploited_cves": gettext_lazy("Exploited flaws"),
    "local_admins": gettext_lazy("Local administrators"),
    "password_set_at": gettext_lazy("Password set"),
    "scanned_at": gettext_lazy("Scanned"),
    "email": gettext_lazy("Address"),
    "name": gettext_lazy("Name"),
    "holder_name": gettext_lazy("Assigned to"),
    "asset_tag": gettext_lazy("Asset tag"),
    "last_sign_in": gettext_lazy("Last sign-in"),
    "last_seen": gettext_lazy("Last seen"),
    "mfa_enrolled": gettext_lazy("MFA here"),
    "mfa_enforced": gettext_lazy("MFA enforced"),
    "second_factor": gettext_lazy("MFA"),
    "super_admin": gettext_lazy("Super administrator"),
    "delegated_admin": gettext_lazy("Delegated administrator"),
    "signs_in_with": gettext_lazy("Signs in with"),
    "left_because": gettext_lazy("Why we think so"),
    "left_on": gettext_lazy("Left on"),
    "org_unit": gettext_lazy("OU"),
    "os_version": gettext_lazy("System version"),
    "os_edition": gettext_lazy("System edition"),
    "os_support_kind": gettext_lazy("System support"),
    "os_support_until": gettext_lazy("Supported until"),
    "expires_on": gettext_lazy("Updates end"),
    "expires_without": gettext_lazy("Ends without opt-in"),
    "expires_with": gettext_lazy("Ends with opt-in"),
    "idle_school_days": gettext_lazy("School days idle"),
    "silent_school_days": gettext_lazy("School days silent"),
    "created_at": gettext_lazy("Made on"),
    "service_names": gettext_lazy("Services"),
    "any_app": gettext_lazy("Any app may be let in"),
    "anyone_joins": gettext_lazy("Anybody may join"),
    "anyone_posts": gettext_lazy("Anybody may write"),
    "anyone_reads": gettext_lazy("Anybody may read"),
    "app_users": gettext_lazy("Accounts that use it"),
    "backed_up": gettext_lazy("Backed up"),
    "by_itself": gettext_lazy("Acts by itself"),
    "cost_minor": gettext_lazy("Price"),
    "year_minor": gettext_lazy("Cost a year"),
    "dollars_minor": gettext_lazy("Cost a year"),
    "paid_twice": gettext_lazy("Paid beside it"),
    "owned_already": gettext_lazy("Does all of it"),
    "hollow": gettext_lazy("What is wrong"),
    "ends_on": gettext_lazy("Last day"),
    "critical": gettext_lazy("School cannot go on without it"),
    "dkim": gettext_lazy("DKIM key published"),
    "dmarc": gettext_lazy("DMARC record"),
    "dmarc_from": gettext_lazy("DMARC record of"),
    "dmarc_percent": gettext_lazy("Percent of mail"),
    "dmarc_policy": gettext_lazy("DMARC policy"),
    "dmarc_reports": gettext_lazy("Reports go to"),
    "dmarc_subdomains": gettext_lazy("Policy below it"),
    "drills_missed": gettext_lazy("Drills missed"),
    "external_members": gettext_lazy("Outsiders allowed"),
    "for_everybody": gettext_lazy("Let in for everybody"),
    "immutable": gettext_lazy("Cannot be changed"),
    "keeps_days": gettext_lazy("Days kept"),
    "notice_on": gettext_lazy("Notice by"),
    "offsite": gettext_lazy("Kept elsewhere"),
    "outsiders": gettext_lazy("From outside"),
    "owners_here": gettext_lazy("Owners who can sign in"),
    "publishes_files": gettext_lazy("Links for everybody"),
    "reach": gettext_lazy("Reaches"),
    "shares_outside": gettext_lazy("Shared with anybody"),
    "spf": gettext_lazy("SPF record"),
    "spf_all": gettext_lazy("SPF on all others"),
    "spf_lookups": gettext_lazy("SPF look-ups"),
    "student_data": gettext_lazy("Students’ data"),
    "system_last_success": gettext_lazy("Newest of the system"),
    "last_day": gettext_lazy("Newest entry"),
    "read": gettext_lazy("Read in 7 days"),
    "rules": gettext_lazy("Rules it would open"),
    "servers_silent": gettext_lazy("How many send none"),
    "silent_servers": gettext_lazy("Domain controllers that send none"),
    "training_listed": gettext_lazy("On a list of training"),
    "training_overdue": gettext_lazy("Overdue"),
    "url": gettext_lazy("Where to read it"),
    "used_percent": gettext_lazy("Percent used"),
    "verified": gettext_lazy("Publisher verified"),
}
TABLE_TITLES: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"expires_on": gettext_lazy("Last day")},
    "flows": {
        "title": gettext_lazy("Data and product"),
        "element": gettext_lazy("Kind of data"),
        "way": gettext_lazy("How it goes there"),
        "children": gettext_lazy("Children"),
        "newest": gettext_lazy("Last sent"),
        "state": gettext_lazy("Allowed"),
        "scopes": gettext_lazy("Permissions"),
    },
    "logs": {
        "title": gettext_lazy("Log"),
        "here": gettext_lazy("Product is in use"),
        "first": gettext_lazy("Before it"),
    },
}
"""Titles of columns that mean something else in one table."""


def list_shown_columns(control: Control, *, table: str) -> tuple[str, ...]:
    """Return the columns that a control shows and the table has, or the table's default columns.

    For controls that evaluate several rows of a device, the columns with its name, serial and school come first.
    Individual columns are never shown.
    """
    if control.asks in FOLDED_TABLES:
        return (*DEVICE_COLUMNS, *(name for name in control.shows if name in TABLES[control.asks].names))
    hidden = {"id", *list_individual_columns(table)}
    available = tuple(name for name in control.shows if name in TABLES[table].names and name not in hidden)
    if TABLES[table].resource_kind:
        return tuple(
            dict.fromkeys((TABLES[table].label, *(available or TABLES[table].names[1 : FIRST_COLUMNS_OF_RESOURCE + 1])))
        )
    columns = available or DEFAULT_COLUMNS[table]
    return _add_directory(columns) if table == "accounts" else columns


def _add_directory(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of accounts with their directory after the address: one person has accounts in several."""
    if "directory" in columns:
        return columns
    position = columns.index("email") + 1 if "email" in columns else len(columns)
    return (*columns[:position], "directory", *columns[position:])


def list_first_columns(control: Control, *, table: str) -> tuple[str, ...]:
    """Return the shown columns that answer who, where and why; at most six."""
    columns = list_shown_columns(control, table=table)
    if control.asks in FOLDED_TABLES:
        return columns[: len(DEVICE_COLUMNS) + FIRST_COLUMNS_OF_ROW]
    if TABLES[table].resource_kind:
        return columns[:FIRST_COLUMNS_OF_RESOURCE]
    selected: list[str] = []
    for slot in FIRST_COLUMNS[table]:
        selected += [name for name in slot if name in columns and name not in selected][:1]
    return tuple(selected) or columns[: len(FIRST_COLUMNS[table])]


def get_column_title(column: str, *, table: str = "") -> str:
    """Return a column's translated title."""
    return str(
        TABLE_TITLES.get(table, {}).get(column) or TITLES.get(column) or gettext(column.replace("_", " ").capitalize())
    )
