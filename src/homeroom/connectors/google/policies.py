"""The settings of a Google tenant into setting records: what its Policy API lists, and the document that ScubaGoggles judges.

Source of the names: Cloud Identity API v1, resource Policy (`setting.type`, `setting.value`, `policyQuery`, `type`); the
document of ScubaGoggles 1.0 holds the same settings by unit, with `settings/` left out and underscores for dots, which is
how both stand here. A policy of type SYSTEM is what Google delivers: it stands for the whole tenant, below every unit.

Of that document only what a policy asks is kept: of a log, the entries that change a setting, without who made them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.problems import refused
from homeroom.ingest.records import Records, inside, text

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
"""Lists of administrators, and what is kept of each."""
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
"""What a call that failed leaves empty: such a list is left out, since it would look like a tenant that has none."""
UNIT = ("name", "orgUnitId", "orgUnitPath", "parentOrgUnitPath")
ENTRY = ("SETTING_NAME", "NEW_VALUE", "ORG_UNIT_NAME", "GROUP_EMAIL")


def policies(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Policies of Cloud Identity; of several for one unit and setting, the one with the highest sortOrder."""
    records = Records()
    numbered = list(enumerate(objects, start=first))
    for line, policy in sorted(numbered, key=lambda one: -_order(one[1])):
        section, value = _section(policy), inside(policy, "setting.value")
        if section is None or not isinstance(value, Mapping):
            records.reject(line=line, field="setting", value=None, reason="a policy without its setting", row_lost=True)
            continue
        named = text(value.get("displayName")) if section == ALERTS else None
        _put(
            records,
            line=line,
            tenant=_tail(policy.get("customer")),
            unit="" if policy.get("type") == "SYSTEM" else _tail(inside(policy, "policyQuery.orgUnit")),
            group=_tail(inside(policy, "policyQuery.group")),
            name=f"{section}/{named}" if named else section,
            value=value,
        )
    return records.reading(TABLE)


def settings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """The document that ScubaGoggles judges: settings by unit, the lists beside them, and its logs. Raises Refused."""
    records, missed = Records(), set[str]()
    for line, document in enumerate(objects, start=first):
        by_unit = document.get("policies")
        if not isinstance(by_unit, Mapping):
            raise refused(
                "", "holds no settings by unit", field="policies", line=line, fits="{unit: {section: {field: value}}}"
            )
        tenant = (text(inside(document, "tenant_info.domain")) or "").lower()
        for unit, sections in by_unit.items():
            for name, value in sections.items() if isinstance(sections, Mapping) else ():
                _put(records, line=line, tenant=tenant, unit=unit, group="", name=name, value=value)
        failed = {str(call) for call in document.get("unsuccessful_calls") or ()} & CALLS.keys()
        empty = tuple(name for call in failed for name in CALLS[call])
        missed |= failed
        for name, value in _kept(document).items():
            if not name.endswith(empty):
                _put(records, line=line, tenant=tenant, unit="", group="", name=name, value=value)
    incomplete = f"lacks what these calls could not read: {', '.join(sorted(missed))}" if missed else ""
    return replace(records.reading(TABLE), incomplete=incomplete)


def _put(records: Records, *, line: int, name: str, value: Any, **where: str) -> None:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    records.put(TABLE, line=line, suite="google", name=name, value=written, **where)


def _kept(document: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of the document beside its settings, as far as a policy asks for them."""
    kept = {name: document[name] for name in LISTS if name in document}
    for name, fields in PEOPLE.items():
        if isinstance(document.get(name), list):
            kept[name] = [_only(one, fields) for one in document[name]]
    listed = inside(document, "organizational_units.organizationUnits")
    if isinstance(listed, list):
        kept["organizational_units"] = {"organizationUnits": [_only(one, UNIT) for one in listed]}
    logs = {name: log for name, log in document.items() if name.endswith("_logs") and isinstance(log, Mapping)}
    return {**kept, **{name: {"items": _changes(log.get("items"))} for name, log in logs.items()}}


def _only(one: Any, fields: Sequence[str]) -> dict[str, Any]:
    return {field: one[field] for field in fields if field in one} if isinstance(one, Mapping) else {}


def _changes(items: Any) -> list[dict[str, Any]]:
    """A log's items with their time and the entries that change a setting; not who did it, nor from where."""
    return [
        {"id": {"time": inside(item, "id.time")}, "events": [_entry(event) for event in item.get("events") or ()]}
        for item in items if isinstance(item, Mapping)
    ] if isinstance(items, list) else []  # fmt: skip


def _entry(event: Mapping[str, Any]) -> dict[str, Any]:
    said = [one for one in event.get("parameters") or () if isinstance(one, Mapping) and one.get("name") in ENTRY]
    return {"name": event.get("name"), "parameters": [_only(one, ("name", "value")) for one in said]}


def _section(policy: Mapping[str, Any]) -> str | None:
    written = text(inside(policy, "setting.type"))
    return written.removeprefix("settings/").replace(".", "_") if written else None


def _tail(name: Any) -> str:
    """The id in `orgUnits/03ph8a2z`, `groups/01abc` or `customers/C01`."""
    return (text(name) or "").rsplit("/", 1)[-1]


def _order(policy: Mapping[str, Any]) -> float:
    try:
        return float(str(inside(policy, "policyQuery.sortOrder") or 0))
    except ValueError:
        return 0.0
