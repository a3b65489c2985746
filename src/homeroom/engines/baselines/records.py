"""Setting records back into the document that policies judge, with the names of units instead of their ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TOP = "/"
WHOLE = ("tenant_info", "organizational_units", "organizational_unit_names", "default_app_management_policy")
"""Mappings that stand for the whole tenant and are no section of settings."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting record: where it is set (unit and group; both empty for the whole tenant), its name, its value as JSON."""

    unit: str
    group: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """An organisational unit as a directory lists it."""

    key: str
    path: str
    parent_path: str


def google_document(settings: Iterable[Setting], *, places: Iterable[Place]) -> dict[str, Any]:
    """The document of a Google tenant. Units are called by their path, the top one `/` where nothing names it.

    What stands for the whole tenant and is a section of settings is what the vendor delivers: it lies below the top.
    """
    rows = [(one, json.loads(one.value)) for one in settings]
    document = {one.name: value for one, value in rows if not one.unit and not one.group and _apart(one.name, value)}
    # A document that names its top unit names the others in its own way, beside which the directory's would stand twice.
    listed = [] if "tenant_info" in document else list(places)
    paths = {_tail(place.key): place.path for place in listed} | {place.path: place.path for place in listed}
    top = str((document.get("tenant_info") or {}).get("topLevelOU") or _likely_top(rows, listed))
    units: dict[str, dict[str, Any]] = {top: {}}
    groups: dict[str, dict[str, Any]] = {}
    for place in listed:
        units.setdefault(place.path, {})
    delivered: dict[str, Any] = {}
    for one, value in rows:
        if one.group:
            _lay(groups.setdefault(one.group, {}), one.name, value)
        elif one.unit:
            _lay(units.setdefault(_place(one.unit, paths, top), {}), one.name, value)
        elif not _apart(one.name, value):
            _lay(delivered, one.name, value)
    units[top] = _over(delivered, units[top])
    document |= {"policies": units, "group_policies": groups, "tenant_info": {"topLevelOU": top}}
    if listed and "organizational_units" not in document:
        document["organizational_units"] = {"organizationUnits": [_listed(place) for place in listed]}
    return document


def _likely_top(rows: list[tuple[Setting, Any]], listed: list[Place]) -> str:
    """Without a list of units, the one that sets most: a console states everything at the top, and differences below."""
    sets = Counter(one.unit for one, _ in rows if one.unit)
    return TOP if listed or not sets else sets.most_common(1)[0][0]


def whole_document(settings: Iterable[Setting]) -> dict[str, Any]:
    """The document of a suite whose settings are lists for the whole tenant: {name: value}."""
    return {one.name: json.loads(one.value) for one in settings}


def _apart(name: str, value: Any) -> bool:
    """Whether it is a list beside the settings, not a section of them."""
    return name in WHOLE or name.endswith("_logs") or not isinstance(value, Mapping)


def _place(unit: str, paths: Mapping[str, str], top: str) -> str:
    """The unit's path by its id. The top unit is the one that no directory lists among the others."""
    if unit in paths:
        return paths[unit]
    return top if paths and not unit.startswith("/") else unit


def _lay(sections: dict[str, Any], name: str, value: Any) -> None:
    """One section; of `alerts/Leaked password` and its like, a list under the name before the slash."""
    section, _, element = name.partition("/")
    if element:
        sections.setdefault(section, []).append(value)
    else:
        sections[section] = value


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Sections laid over others, field by field."""
    laid = dict(below)
    for name, value in above.items():
        there = laid.get(name)
        laid[name] = {**there, **value} if isinstance(there, Mapping) and isinstance(value, Mapping) else value
    return laid


def _tail(key: str) -> str:
    return key.rsplit("/", 1)[-1].removeprefix("id:")


def _listed(place: Place) -> dict[str, str]:
    name = place.path.rsplit("/", 1)[-1]
    return {"name": name, "orgUnitId": place.key, "orgUnitPath": place.path, "parentOrgUnitPath": place.parent_path}


@dataclass(frozen=True, kw_only=True)
class MailDomain:
    """What somebody found in the name service: records empty where there are none, null where nobody looked."""

    domain: str
    spf: str | None
    dkim: bool | None
    dmarc: str | None


def with_mail(document: dict[str, Any], *, domains: Iterable[MailDomain]) -> dict[str, Any]:
    """The document with the lists of mail domains and their records, where it does not bring its own.

    A kind of record that nobody looked up for one of the domains is left out as a whole: then it cannot be told.
    """
    listed = list(domains)
    if not listed or "domains" in document:
        return document
    found: dict[str, list[tuple[str, str | None]]] = {
        "spf_records": [(one.domain, one.spf) for one in listed],
        "dmarc_records": [(one.domain, one.dmarc) for one in listed],
        "dkim_records": [(one.domain, None if one.dkim is None else "v=DKIM1;" * one.dkim) for one in listed],
    }
    known = {name: rows for name, rows in found.items() if all(record is not None for _, record in rows)}
    records = {
        name: [{"domain": domain, "rdata": [record] if record else []} for domain, record in rows]
        for name, rows in known.items()
    }
    return {**document, **records, "domains": [one.domain for one in listed]}
