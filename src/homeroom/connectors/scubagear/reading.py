"""ProviderSettingsExport.json into setting records: one record a setting, reduced to what policies ask for.

ScubaGear writes the file beside its report when it is run with -KeepIndividualJSON. A setting whose command failed is left
out, since the empty list that stands there instead would look like a tenant without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeroom.connectors.scubagear.kept import CONFIGURED, KEPT, MAPPINGS, Fields
from homeroom.connectors.scubagear.lessening import as_it_is
from homeroom.ingest.connector import Reading
from homeroom.ingest.records import Records, inside, moment, text

TABLE = "setting_records"
CONFIG = "scuba_config"
ASKED = "EnableAdminConsentRequests"
"""The one directory setting that a policy asks for; others hold words that people wrote, such as forbidden passwords."""
_BESIDE = ("baseline_version", "module_version", "date", "timestamp_zulu", "report_uuid", "tenant_details", CONFIG)


def settings(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every setting that a policy asks for into `setting_records` of the suite microsoft."""
    records, missed = Records(), []
    for line, document in enumerate(objects, start=first):
        missed += _export(document, line=line, records=records)
    incomplete = f"lacks what these commands could not read: {', '.join(sorted(set(missed)))}" if missed else ""
    return replace(records.reading(TABLE), incomplete=incomplete)


def _export(document: Mapping[str, Any], *, line: int, records: Records) -> list[str]:
    tenant, stated_at = _tenant(document), moment(document.get("timestamp_zulu"))
    failed = _failed(document)
    missed = []
    for name, value in document.items():
        if name == CONFIG:
            _put(records, line, tenant, stated_at, name, _configured(value, records))
        elif name in KEPT:
            command, fields = KEPT[name]
            if command and command in failed:
                missed.append(command)
            else:
                _put(records, line, tenant, stated_at, name, _setting(name, value, fields, records))
        elif name not in _BESIDE and not name.endswith("_commands"):
            records.left(name)
    return missed


def _put(records: Records, line: int, tenant: str, stated_at: datetime | None, name: str, value: Any) -> None:
    written = json.dumps(value, sort_keys=True, ensure_ascii=False)
    records.put(
        TABLE,
        line=line,
        suite="microsoft",
        tenant=tenant,
        unit="",
        group="",
        name=name,
        value=written,
        stated_at=stated_at,
    )


def _tenant(document: Mapping[str, Any]) -> str:
    details = document.get("tenant_details")
    first = details[0] if isinstance(details, list) and details else details
    return (text(inside(first, "DomainName")) or "").lower()


def _failed(document: Mapping[str, Any]) -> set[str]:
    """Commands that could not be run. What is in both lists was left for want of a licence: its empty list is true."""
    return _commands(document, "_unsuccessful_commands") - _commands(document, "_successful_commands")


def _commands(document: Mapping[str, Any], ending: str) -> set[str]:
    lists = (value for name, value in document.items() if name.endswith(ending) and isinstance(value, list))
    return {str(one) for listed in lists for one in listed}


def _setting(name: str, value: Any, fields: Fields, records: Records) -> Any:
    if not fields:
        return as_it_is(value)
    if name in MAPPINGS:
        people = list(value.values()) if isinstance(value, Mapping) else []
        records.left(name, count=len(people))
        return {str(number): _less(name, one, fields, records) for number, one in enumerate(people, start=1)}
    listed = value if isinstance(value, list) else [] if value is None else [value]
    kept = [_less(name, one, fields, records) for one in listed if one is not None]
    return [_asked(one) for one in kept] if name == "directory_settings" else kept


def _less(name: str, value: Any, fields: Fields, records: Records) -> Any:
    """The named fields of an object, or of each object of a list; a plain value where an object was expected stays."""
    if isinstance(value, list):
        return [_less(name, one, fields, records) for one in value if one is not None]
    if not isinstance(value, Mapping):
        return value
    records.left(name, count=sum(field not in fields for field in value))
    kept: dict[str, Any] = {}
    for field, keep in fields.items():
        if field in value:
            inner = value[field]
            kept[field] = keep(inner) if callable(keep) else _less(name, inner, keep, records)
    return kept


def _asked(settings_of_a_group: Any) -> dict[str, Any]:
    values = inside(settings_of_a_group, "Values")
    return {"Values": [one for one in values if inside(one, "Name") == ASKED] if isinstance(values, list) else []}


def _configured(config: Any, records: Records) -> dict[str, Any]:
    """Whom the district itself vouched for, policy by policy, and in which of Microsoft's clouds it is."""
    if not isinstance(config, Mapping):
        return {}
    kept: dict[str, Any] = {"M365Environment": config.get("M365Environment")}
    for product, fields in CONFIGURED.items():
        by_policy = config.get(product)
        if isinstance(by_policy, Mapping):
            kept[product] = {str(policy): _less(CONFIG, one, fields, records) for policy, one in by_policy.items()}
    records.left(CONFIG, count=sum(name not in kept for name in config))
    return kept
