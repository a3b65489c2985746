"""Conversion of setting records to the document that policies assess, with unit paths instead of ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TOP = "/"
TENANT_MAPPINGS = ("tenant_info", "organizational_units", "organizational_unit_names", "default_app_management_policy")
"""Mappings that apply to the tenant as one and are not sections of settings."""


@dataclass(frozen=True, kw_only=True)
class SettingRecord:
    """One setting record: its unit and group (both empty for the tenant as one), its name, its value as JSON."""

    unit: str
    group: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class DirectoryUnit:
    """An organizational unit as a directory lists it."""

    key: str
    path: str
    parent_path: str


def build_google_document(
    settings: Iterable[SettingRecord], *, directory_units: Iterable[DirectoryUnit]
) -> dict[str, Any]:
    """Build the document of a Google tenant, with units by path and the top one `/` where nothing names it.

    Sections of settings that apply to the tenant as one are the vendor's defaults: they lie below the top unit.
    """
    rows = [(setting, json.loads(setting.value)) for setting in settings]
    document = {
        setting.name: value
        for setting, value in rows
        if not setting.unit and not setting.group and _is_tenant_list(setting.name, value)
    }
    # A document that names its top unit uses its own names for units; the directory's names would duplicate them.
    listed_units = [] if "tenant_info" in document else list(directory_units)
    paths = {_extract_id(directory_unit.key): directory_unit.path for directory_unit in listed_units} | {
        directory_unit.path: directory_unit.path for directory_unit in listed_units
    }
    top = str((document.get("tenant_info") or {}).get("topLevelOU") or _guess_top_unit(rows, listed_units))
    units: dict[str, dict[str, Any]] = {top: {}}
    groups: dict[str, dict[str, Any]] = {}
    for directory_unit in listed_units:
        units.setdefault(directory_unit.path, {})
    defaults: dict[str, Any] = {}
    for setting, value in rows:
        if setting.group:
            _store_section(groups.setdefault(setting.group, {}), setting.name, value)
        elif setting.unit:
            _store_section(units.setdefault(_resolve_unit_path(setting.unit, paths, top), {}), setting.name, value)
        elif not _is_tenant_list(setting.name, value):
            _store_section(defaults, setting.name, value)
    units[top] = _overlay_sections(defaults, units[top])
    document |= {"policies": units, "group_policies": groups, "tenant_info": {"topLevelOU": top}}
    if listed_units and "organizational_units" not in document:
        document["organizational_units"] = {
            "organizationUnits": [_describe_unit(directory_unit) for directory_unit in listed_units]
        }
    return document


def _guess_top_unit(rows: list[tuple[SettingRecord, Any]], listed_units: list[DirectoryUnit]) -> str:
    """Guess the top unit without a list of units: the one with most settings.

    A console states everything at the top, and differences below.
    """
    sets = Counter(setting.unit for setting, _ in rows if setting.unit)
    return TOP if listed_units or not sets else sets.most_common(1)[0][0]


def build_document(settings: Iterable[SettingRecord]) -> dict[str, Any]:
    """Build the document of a suite whose settings are lists for the tenant as one: {name: value}."""
    return {setting.name: json.loads(setting.value) for setting in settings}


def _is_tenant_list(name: str, value: Any) -> bool:
    """Check whether a name is a list of the tenant, not a section of settings."""
    return name in TENANT_MAPPINGS or name.endswith("_logs") or not isinstance(value, Mapping)


def _resolve_unit_path(unit: str, paths: Mapping[str, str], top: str) -> str:
    """Return the unit's path by its id.

    The top unit is the one that no directory lists among the others.
    """
    if unit in paths:
        return paths[unit]
    return top if paths and not unit.startswith("/") else unit


def _store_section(sections: dict[str, Any], name: str, value: Any) -> None:
    """Store one section; for names such as `alerts/Leaked password`, append to the list before the slash."""
    section, _, element = name.partition("/")
    if element:
        sections.setdefault(section, []).append(value)
    else:
        sections[section] = value


def _overlay_sections(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Overlay sections on others, field by field."""
    merged = dict(base)
    for name, value in overrides.items():
        existing = merged.get(name)
        merged[name] = {**existing, **value} if isinstance(existing, Mapping) and isinstance(value, Mapping) else value
    return merged


def _extract_id(key: str) -> str:
    return key.rsplit("/", 1)[-1].removeprefix("id:")


def _describe_unit(directory_unit: DirectoryUnit) -> dict[str, str]:
    name = directory_unit.path.rsplit("/", 1)[-1]
    return {
        "name": name,
        "orgUnitId": directory_unit.key,
        "orgUnitPath": directory_unit.path,
        "parentOrgUnitPath": directory_unit.parent_path,
    }


@dataclass(frozen=True, kw_only=True)
class MailDomainRecords:
    """DNS records of a mail domain: empty where there are none, null where nobody looked them up."""

    domain: str
    spf: str | None
    dkim: bool | None
    dmarc: str | None


def add_mail_records(document: dict[str, Any], *, domains: Iterable[MailDomainRecords]) -> dict[str, Any]:
    """Return the document with the lists of mail domains and their records, unless it has its own.

    A kind of record that nobody looked up for one of the domains is left out completely: its policies are then unknown.
    """
    mail_domains = list(domains)
    if not mail_domains or "domains" in document:
        return document
    records_by_kind: dict[str, list[tuple[str, str | None]]] = {
        "spf_records": [(mail_domain.domain, mail_domain.spf) for mail_domain in mail_domains],
        "dmarc_records": [(mail_domain.domain, mail_domain.dmarc) for mail_domain in mail_domains],
        "dkim_records": [
            (mail_domain.domain, None if mail_domain.dkim is None else "v=DKIM1;" * mail_domain.dkim)
            for mail_domain in mail_domains
        ],
    }
    complete = {name: rows for name, rows in records_by_kind.items() if all(record is not None for _, record in rows)}
    records = {
        name: [{"domain": domain, "rdata": [record] if record else []} for domain, record in rows]
        for name, rows in complete.items()
    }
    return {**document, **records, "domains": [mail_domain.domain for mail_domain in mail_domains]}
