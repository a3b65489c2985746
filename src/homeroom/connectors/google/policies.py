"""Read a Google tenant's settings into setting records: from its Policy API, and from ScubaGoggles' document.

Source of the names: Cloud Identity API v1, resource Policy (`setting.type`, `setting.value`, `policyQuery`, `type`);
the document of ScubaGoggles 1.0 holds the same settings by unit, without `settings/` and with underscores for dots;
both are stored in that form. A policy of type SYSTEM is Google's default: it covers the entire tenant, below every
unit. Only the parts of that document that a policy uses are stored: of a log, the entries that change a setting,
without their author.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path

TABLE = "setting_records"
ALERTS = "rule_system_defined_alerts"
LISTS = (
    "tenant_info", "organizational_unit_names", "domains", "alias_domains", "spf_records", "dkim_records",
    "dmarc_records", "break_glass_accounts", "imap_exclusions", "sites_exclusions", "inbound_sso_assignments",
    "inbound_sso_assignments_error", "privileged_users_error",
)  # fmt: skip
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "super_admins": ("primaryEmail", "orgUnitPath"),
    "privileged_users": ("primaryEmail", "orgUnitPath", "groupKeys"),
}
"""Lists of administrators, and the fields that are stored."""
CALLS: Mapping[str, tuple[str, ...]] = {
    "directory/v1/domains/list": ("domains", "alias_domains", "spf_records", "dkim_records", "dmarc_records"),
    "directory/reference/rest/v1/domainAliases/list": ("alias_domains",),
    "get_spf_records": ("spf_records",),
    "get_dkim_records": ("dkim_records",),
    "get_dmarc_records": ("dmarc_records",),
    "directory/v1/users/list": ("super_admins", "privileged_users"),
    "directory/v1/roles/list": ("privileged_users",),
    "directory/v1/roleAssignments/list": ("privileged_users",),
    "cloudidentity/v1/inboundSsoAssignments/list": ("inbound_sso_assignments",),
    "reports/v1/activities/list": ("_logs",),
}
"""The lists that a failed call leaves empty.

They are omitted, since an empty list would look like a tenant without any.
"""
UNIT = ("name", "orgUnitId", "orgUnitPath", "parentOrgUnitPath")
ENTRY = ("SETTING_NAME", "NEW_VALUE", "ORG_UNIT_NAME", "GROUP_EMAIL")


def read_policies(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read policies of Cloud Identity; of several for one unit and setting, the highest sortOrder wins."""
    records = RecordBuilder()
    numbered = list(enumerate(objects, start=first))
    for line, policy in sorted(numbered, key=lambda pair: -_get_sort_order(pair[1])):
        section, value = _get_section(policy), get_by_path(policy, "setting.value")
        if section is None or not isinstance(value, Mapping):
            records.reject(line=line, field="setting", value=None, reason="a policy without its setting", row_lost=True)
            continue
        display_name = clean_text(value.get("displayName")) if section == ALERTS else None
        _put_setting(
            records,
            line=line,
            tenant=_extract_id(policy.get("customer")),
            unit="" if policy.get("type") == "SYSTEM" else _extract_id(get_by_path(policy, "policyQuery.orgUnit")),
            group=_extract_id(get_by_path(policy, "policyQuery.group")),
            name=f"{section}/{display_name}" if display_name else section,
            value=value,
        )
    return records.build_reading(TABLE)


def read_settings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read the document that ScubaGoggles assesses: settings by unit, the lists beside them, and its logs.

    Raise FileRefused if a document has no settings by unit.
    """
    records, failed_calls = RecordBuilder(), set[str]()
    for line, document in enumerate(objects, start=first):
        by_unit = document.get("policies")
        if not isinstance(by_unit, Mapping):
            raise build_refusal(
                "", "holds no settings by unit", field="policies", line=line, fits="{unit: {section: {field: value}}}"
            )
        tenant = (clean_text(get_by_path(document, "tenant_info.domain")) or "").lower()
        for unit, sections in by_unit.items():
            for name, value in sections.items() if isinstance(sections, Mapping) else ():
                _put_setting(records, line=line, tenant=tenant, unit=unit, group="", name=name, value=value)
        failed = {str(call) for call in document.get("unsuccessful_calls") or ()} & CALLS.keys()
        empty = tuple(name for call in failed for name in CALLS[call])
        failed_calls |= failed
        for name, value in _select_document_parts(document).items():
            if not name.endswith(empty):
                _put_setting(records, line=line, tenant=tenant, unit="", group="", name=name, value=value)
    incomplete = f"lacks what these calls could not read: {', '.join(sorted(failed_calls))}" if failed_calls else ""
    return replace(records.build_reading(TABLE), incomplete=incomplete)


def _put_setting(records: RecordBuilder, *, line: int, name: str, value: Any, **scope: str) -> None:
    serialized = json.dumps(value, sort_keys=True, ensure_ascii=False)
    records.put(TABLE, line=line, suite="google", name=name, value=serialized, **scope)


def _select_document_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Select the parts of the document beside its settings that policies use."""
    selected = {name: document[name] for name in LISTS if name in document}
    for name, fields in PEOPLE.items():
        if isinstance(document.get(name), list):
            selected[name] = [_select_fields(item, fields) for item in document[name]]
    units = get_by_path(document, "organizational_units.organizationUnits")
    if isinstance(units, list):
        selected["organizational_units"] = {"organizationUnits": [_select_fields(item, UNIT) for item in units]}
    logs = {name: log for name, log in document.items() if name.endswith("_logs") and isinstance(log, Mapping)}
    return {**selected, **{name: {"items": _select_changes(log.get("items"))} for name, log in logs.items()}}


def _select_fields(item: Any, fields: Sequence[str]) -> dict[str, Any]:
    return {field: item[field] for field in fields if field in item} if isinstance(item, Mapping) else {}


def _select_changes(items: Any) -> list[dict[str, Any]]:
    """Select a log's items with their time and the entries that change a setting, without author and origin."""
    return (
        [
            {
                "id": {"time": get_by_path(item, "id.time")},
                "events": [_select_entry(event) for event in item.get("events") or ()],
            }
            for item in items
            if isinstance(item, Mapping)
        ]
        if isinstance(items, list)
        else []
    )


def _select_entry(event: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [
        parameter
        for parameter in event.get("parameters") or ()
        if isinstance(parameter, Mapping) and parameter.get("name") in ENTRY
    ]
    return {
        "name": event.get("name"),
        "parameters": [_select_fields(parameter, ("name", "value")) for parameter in parameters],
    }


def _get_section(policy: Mapping[str, Any]) -> str | None:
    setting_type = clean_text(get_by_path(policy, "setting.type"))
    return setting_type.removeprefix("settings/").replace(".", "_") if setting_type else None


def _extract_id(name: Any) -> str:
    """Extract the id from `orgUnits/03ph8a2z`, `groups/01abc` or `customers/C01`."""
    return (clean_text(name) or "").rsplit("/", 1)[-1]


def _get_sort_order(policy: Mapping[str, Any]) -> float:
    try:
        return float(str(get_by_path(policy, "policyQuery.sortOrder") or 0))
    except ValueError:
        return 0.0
