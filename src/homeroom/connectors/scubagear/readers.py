"""Read ProviderSettingsExport.json into setting records: one record per setting, reduced to what policies use.

ScubaGear writes the file beside its report when it is run with -KeepIndividualJSON. A setting whose command failed is
omitted, since its empty list would look like a tenant without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeroom.connectors.scubagear.settings_fields import CONFIG_FIELDS, PERSON_MAPPINGS, SETTING_FIELDS, Fields
from homeroom.connectors.scubagear.weakening import keep_plain_value
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path, parse_timestamp

TABLE = "setting_records"
CONFIG = "scuba_config"
USED_SETTING = "EnableAdminConsentRequests"
"""The one directory setting that a policy uses; others hold words of people, such as forbidden passwords."""
_METADATA_FIELDS = (
    "baseline_version",
    "module_version",
    "date",
    "timestamp_zulu",
    "report_uuid",
    "tenant_details",
    CONFIG,
)


def read_settings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every setting that a policy uses into `setting_records` of the suite microsoft."""
    records, failed_commands = RecordBuilder(), []
    for line, document in enumerate(objects, start=first):
        failed_commands += _add_export(document, line=line, records=records)
    incomplete = (
        f"lacks what these commands could not read: {', '.join(sorted(set(failed_commands)))}"
        if failed_commands
        else ""
    )
    return replace(records.build_reading(TABLE), incomplete=incomplete)


def _add_export(document: Mapping[str, Any], *, line: int, records: RecordBuilder) -> list[str]:
    tenant, stated_at = _get_tenant(document), parse_timestamp(document.get("timestamp_zulu"))
    unavailable = _find_failed_commands(document)
    failed_commands = []
    for name, value in document.items():
        if name == CONFIG:
            _put_setting(records, line, tenant, stated_at, name, _reduce_config(value, records))
        elif name in SETTING_FIELDS:
            command, fields = SETTING_FIELDS[name]
            if command and command in unavailable:
                failed_commands.append(command)
            else:
                _put_setting(records, line, tenant, stated_at, name, _reduce_setting(name, value, fields, records))
        elif name not in _METADATA_FIELDS and not name.endswith("_commands"):
            records.count_dropped(name)
    return failed_commands


def _put_setting(
    records: RecordBuilder, line: int, tenant: str, stated_at: datetime | None, name: str, value: Any
) -> None:
    serialized = json.dumps(value, sort_keys=True, ensure_ascii=False)
    records.put(
        TABLE,
        line=line,
        suite="microsoft",
        tenant=tenant,
        unit="",
        group="",
        name=name,
        value=serialized,
        stated_at=stated_at,
    )


def _get_tenant(document: Mapping[str, Any]) -> str:
    details = document.get("tenant_details")
    first = details[0] if isinstance(details, list) and details else details
    return (clean_text(get_by_path(first, "DomainName")) or "").lower()


def _find_failed_commands(document: Mapping[str, Any]) -> set[str]:
    """Find the commands that could not be run.

    A command in both lists was skipped for lack of a license: its empty list is true.
    """
    return _list_commands(document, "_unsuccessful_commands") - _list_commands(document, "_successful_commands")


def _list_commands(document: Mapping[str, Any], ending: str) -> set[str]:
    lists = (value for name, value in document.items() if name.endswith(ending) and isinstance(value, list))
    return {str(command) for commands in lists for command in commands}


def _reduce_setting(name: str, value: Any, fields: Fields, records: RecordBuilder) -> Any:
    if not fields:
        return keep_plain_value(value)
    if name in PERSON_MAPPINGS:
        people = list(value.values()) if isinstance(value, Mapping) else []
        records.count_dropped(name, count=len(people))
        return {str(number): _reduce_fields(name, item, fields, records) for number, item in enumerate(people, start=1)}
    items = value if isinstance(value, list) else [] if value is None else [value]
    reduced = [_reduce_fields(name, item, fields, records) for item in items if item is not None]
    return [_select_used_settings(item) for item in reduced] if name == "directory_settings" else reduced


def _reduce_fields(name: str, value: Any, fields: Fields, records: RecordBuilder) -> Any:
    """Select the named fields of an object, or of each object of a list; a plain value is returned unchanged."""
    if isinstance(value, list):
        return [_reduce_fields(name, item, fields, records) for item in value if item is not None]
    if not isinstance(value, Mapping):
        return value
    records.count_dropped(name, count=sum(field not in fields for field in value))
    reduced: dict[str, Any] = {}
    for field, reducer in fields.items():
        if field in value:
            inner = value[field]
            reduced[field] = reducer(inner) if callable(reducer) else _reduce_fields(name, inner, reducer, records)
    return reduced


def _select_used_settings(group_settings: Any) -> dict[str, Any]:
    values = get_by_path(group_settings, "Values")
    return {
        "Values": [entry for entry in values if get_by_path(entry, "Name") == USED_SETTING]
        if isinstance(values, list)
        else []
    }


def _reduce_config(config: Any, records: RecordBuilder) -> dict[str, Any]:
    """Reduce the configuration to the district's exclusions, policy by policy, and its Microsoft cloud."""
    if not isinstance(config, Mapping):
        return {}
    reduced: dict[str, Any] = {"M365Environment": config.get("M365Environment")}
    for product, fields in CONFIG_FIELDS.items():
        by_policy = config.get(product)
        if isinstance(by_policy, Mapping):
            reduced[product] = {
                str(policy): _reduce_fields(CONFIG, exclusions, fields, records)
                for policy, exclusions in by_policy.items()
            }
    records.count_dropped(CONFIG, count=sum(name not in reduced for name in config))
    return reduced
