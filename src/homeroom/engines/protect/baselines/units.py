"""Settings of each organizational unit and group of a tenant: its own settings, over those that it inherits.

Read from a document of this shape, each part of it optional (the names are those of ScubaGoggles' provider, so that
its documents can be read as they are):

    policies:              {unit: {section: {field: value}}}            settings of each unit
    <product>_logs:        {items: [{id: {time}, events: [{name, parameters: [{name, value}]}]}]}   the admin log
    tenant_info:           {topLevelOU: name}
    organizational_units:  {organizationUnits: [{name, orgUnitPath, parentOrgUnitPath}]}
    organizational_unit_names: [names that exist; others in the log are gone]

A unit inherits each field from the unit above it, where the document names that, else from the top unit. Settings that
a console shows in no settings interface are read from its log: `changes.<setting name>` is the newest value in a
unit's or group's log entries. A deleted entry means: inherited from the unit above; at the top, `as delivered`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.engines.protect.baselines.operators import UnreadableValue, parse_instant
from homeroom.engines.protect.baselines.shapes import ensure_list, ensure_mapping, select_mappings

DELETED = "as delivered"
"""The value of a setting whose entry an administrator deleted at the top: the vendor's default."""
_DELETE = "DELETE_APPLICATION_SETTING"


@dataclass(frozen=True, kw_only=True)
class SettingsUnit:
    """A unit, or a group, and its settings: {section: {field: value}}, its `changes`, and where each was set."""

    name: str
    kind: str
    parent: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    set_at: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _LoggedChange:
    name: str
    value: Any
    unit: str
    group: str
    at: datetime


def build_units(document: Mapping[str, Any], *, renamed: Mapping[str, str] | None = None) -> tuple[SettingsUnit, ...]:
    """Build the units, the top first, then the groups.

    One unnamed unit where the document names none. `renamed`: {name in the log: the name that policies use}, where a
    console renamed a setting.
    """
    changes = sorted(_read_changes(document, renamed or {}), key=lambda change: change.at)
    existing = ensure_list(document.get("organizational_unit_names"))
    if len(existing) >= 2:
        changes = [change for change in changes if not change.unit or change.unit in existing]
    top = find_top_unit(document)
    own = _collect_own_settings(document, changes, top)
    parents = _find_parents(document, top)
    built: dict[str, SettingsUnit] = {}
    for name in dict.fromkeys((top, *own)):
        _build_unit(name, own, parents, top, built)
    ordered = [built[top], *(unit for name, unit in built.items() if name != top)]
    return (*ordered, *_build_groups(document, changes, built, top))


def find_top_unit(document: Mapping[str, Any]) -> str:
    """Return the top unit's name.

    Where the document leaves it empty, the only unit that its logs name; else empty.
    """
    top_name = ensure_mapping(document.get("tenant_info")).get("topLevelOU") or ""
    if top_name:
        return str(top_name)
    changed_units = {change.unit for change in _read_changes(document, {}) if change.unit}
    policies = ensure_mapping(document.get("policies"))
    if len(changed_units) == 1 and not policies:
        return changed_units.pop()
    return next(iter(policies)) if len(policies) == 1 else ""


def _collect_own_settings(
    document: Mapping[str, Any], changes: list[_LoggedChange], top: str
) -> dict[str, dict[str, Any]]:
    """Return {unit: its own sections}, with the values of its log entries under `changes`.

    An entry that names no unit belongs to the top unit.
    """
    own: dict[str, dict[str, Any]] = {
        name: dict(sections)
        for name, sections in ensure_mapping(document.get("policies")).items()
        if isinstance(sections, Mapping)
    }
    for change in changes:
        if not change.group:
            own.setdefault(change.unit or top, {}).setdefault("changes", {})[change.name] = change.value
    return own


def _build_unit(
    name: str,
    own: Mapping[str, Any],
    parents: Mapping[str, str],
    top: str,
    built: dict[str, SettingsUnit],
    depth: int = 0,
) -> SettingsUnit:
    if name in built:
        return built[name]
    parent_name = "" if name == top else parents.get(name, top)
    # A cycle of parents, possible only in a broken file, ends at the top.
    parent = (
        None
        if name == top
        else _build_unit(parent_name if depth < len(own) + 1 else top, own, parents, top, built, depth + 1)
    )
    built[name] = _inherit_settings(name, "unit", own.get(name, {}), parent)
    return built[name]


def _inherit_settings(name: str, kind: str, own: Mapping[str, Any], parent: SettingsUnit | None) -> SettingsUnit:
    """Build a unit from its own settings and those of its parent.

    A unit that sets nothing shares the settings object of its parent.
    """
    inherited = parent.settings if parent else {}
    if not own and parent is not None:
        return SettingsUnit(name=name, kind=kind, parent=parent.name, settings=inherited, own=own, set_at=parent.set_at)
    settings, set_at = dict(inherited), dict(parent.set_at) if parent else {}
    for section, fields in own.items():
        if not isinstance(fields, Mapping):
            settings[section], set_at[(section, "")] = fields, name
            continue
        resolved = _resolve_deleted(fields, deleted=DELETED if parent is None else None)
        existing = settings.get(section)
        settings[section] = {**existing, **resolved} if isinstance(existing, Mapping) else resolved
        set_at |= {(section, key): name for key in resolved}
    return SettingsUnit(
        name=name, kind=kind, parent=parent.name if parent else "", settings=settings, own=own, set_at=set_at
    )


def _resolve_deleted(fields: Mapping[str, Any], *, deleted: str | None) -> dict[str, Any]:
    """Return a unit's own fields with deleted entries resolved.

    An entry that was deleted becomes `deleted`, or is left out where that is None.
    """
    marked = {key: deleted if value == _DELETE else value for key, value in fields.items()}
    return {key: value for key, value in marked.items() if value is not None or fields[key] is None}


def _build_groups(
    document: Mapping[str, Any], changes: list[_LoggedChange], units_by_name: Mapping[str, SettingsUnit], top: str
) -> Iterator[SettingsUnit]:
    """Yield groups, which inherit from the unit in the same log entries, else from the top."""
    own: dict[str, dict[str, Any]] = {
        name: dict(ensure_mapping(sections))
        for name, sections in ensure_mapping(document.get("group_policies")).items()
    }
    unit_of_group: dict[str, str] = {}
    for change in changes:
        if change.group:
            own.setdefault(change.group, {}).setdefault("changes", {})[change.name] = change.value
            unit_of_group[change.group] = change.unit
    for name, sections in own.items():
        yield _inherit_settings(
            name, "group", sections, units_by_name.get(unit_of_group.get(name, top)) or units_by_name[top]
        )


def _find_parents(document: Mapping[str, Any], top: str) -> dict[str, str]:
    """Return {unit: the unit above it}, by name and by path, with and without the first slash."""
    rows = select_mappings(ensure_mapping(document.get("organizational_units")).get("organizationUnits"))
    by_path = {str(unit.get("orgUnitPath")): unit for unit in rows}
    parents: dict[str, str] = {}
    for unit in rows:
        parent = by_path.get(str(unit.get("parentOrgUnitPath")))
        is_top = parent is None or parent is unit or unit.get("parentOrgUnitPath") == "/"
        for name in _get_unit_names(unit):
            parents[name] = top if is_top else _match_name_form(name, parent or {})
    return {name: parent for name, parent in parents.items() if name != parent}


def _get_unit_names(unit: Mapping[str, Any]) -> tuple[str, ...]:
    path = str(unit.get("orgUnitPath", ""))
    return (str(unit.get("name", "")), path, path.removeprefix("/"))


def _match_name_form(name: str, unit: Mapping[str, Any]) -> str:
    """Return the unit's name in the form of another name: a path with its slash, without it, or a bare name."""
    short_name, path, relative_path = _get_unit_names(unit)
    return path if name.startswith("/") else relative_path if "/" in name else short_name


def _read_changes(document: Mapping[str, Any], renamed: Mapping[str, str]) -> list[_LoggedChange]:
    logs = [log for key, log in document.items() if key.endswith("_logs") and isinstance(log, Mapping)]
    return [
        change
        for log in logs
        for item in select_mappings(log.get("items"))
        for change in _read_log_entry(item, renamed)
    ]


def _read_log_entry(item: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[_LoggedChange]:
    try:
        at = parse_instant(ensure_mapping(item.get("id")).get("time"))
    except UnreadableValue:
        return
    for event in select_mappings(item.get("events")):
        parameters = {
            str(parameter.get("name")): parameter.get("value")
            for parameter in reversed(select_mappings(event.get("parameters")))
        }
        name = parameters.get("SETTING_NAME") or event.get("name")
        deleted = event.get("name") == _DELETE
        if name and (deleted or "NEW_VALUE" in parameters):
            yield _LoggedChange(
                name=renamed.get(str(name), str(name)),
                value=_DELETE if deleted else parameters["NEW_VALUE"],
                unit=str(parameters.get("ORG_UNIT_NAME") or ""),
                group=str(parameters.get("GROUP_EMAIL") or ""),
                at=at,
            )
