"""What is set at each organisational unit and group of a tenant: its own settings, over those that it inherits.

Read from a document of this shape, each part of it optional (the names are those of ScubaGoggles' provider, so that
its documents can be read as they are):

    policies:              {unit: {section: {field: value}}}            what is set where
    <product>_logs:        {items: [{id: {time}, events: [{name, parameters: [{name, value}]}]}]}   the admin log
    tenant_info:           {topLevelOU: name}
    organizational_units:  {organizationUnits: [{name, orgUnitPath, parentOrgUnitPath}]}
    organizational_unit_names: [names that exist; others in the log are gone]

A unit inherits each field from the unit above it, where the document says which that is, else from the top unit. What
a console shows in no settings interface is read from its log: `changes.<setting name>` is the newest value that a
unit's or group's log entry gave it. A deleted entry means: as the unit above has it; at the top, `as delivered`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.engines.baselines.shapes import listed, mapping, mappings
from homeroom.engines.baselines.words import Unread, instant

DELETED = "as delivered"
"""The value of a setting whose entry an administrator deleted at the top: what the vendor delivers."""
_DELETE = "DELETE_APPLICATION_SETTING"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit, or a group, and its settings: {section: {field: value}}, its `changes`, and where each was set."""

    name: str
    kind: str
    parent: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    set_at: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Change:
    name: str
    value: Any
    unit: str
    group: str
    at: datetime


def units(document: Mapping[str, Any], *, renamed: Mapping[str, str] | None = None) -> tuple[Unit, ...]:
    """The units, the top first, then the groups. One unnamed unit where the document names none.

    `renamed`: {name in the log: the name that policies use}, where a console renamed a setting.
    """
    changes = sorted(_changes(document, renamed or {}), key=lambda change: change.at)
    exist = listed(document.get("organizational_unit_names"))
    if len(exist) >= 2:
        changes = [change for change in changes if not change.unit or change.unit in exist]
    top = top_unit(document)
    own = _own(document, changes, top)
    parents = _parents(document, top)
    made: dict[str, Unit] = {}
    for name in dict.fromkeys((top, *own)):
        _make(name, own, parents, top, made)
    ordered = [made[top], *(unit for name, unit in made.items() if name != top)]
    return (*ordered, *_groups(document, changes, made, top))


def top_unit(document: Mapping[str, Any]) -> str:
    """The top unit's name; where the document leaves it empty, the only unit that its logs name; else empty."""
    said = mapping(document.get("tenant_info")).get("topLevelOU") or ""
    if said:
        return str(said)
    named = {change.unit for change in _changes(document, {}) if change.unit}
    policies = mapping(document.get("policies"))
    if len(named) == 1 and not policies:
        return named.pop()
    return next(iter(policies)) if len(policies) == 1 else ""


def _own(document: Mapping[str, Any], changes: list[_Change], top: str) -> dict[str, dict[str, Any]]:
    """{unit: its own sections}, with what its log entries say under `changes`; one that names no unit is the top's."""
    own: dict[str, dict[str, Any]] = {
        name: dict(sections)
        for name, sections in mapping(document.get("policies")).items()
        if isinstance(sections, Mapping)
    }
    for change in changes:
        if not change.group:
            own.setdefault(change.unit or top, {}).setdefault("changes", {})[change.name] = change.value
    return own


def _make(
    name: str, own: Mapping[str, Any], parents: Mapping[str, str], top: str, made: dict[str, Unit], below: int = 0
) -> Unit:
    if name in made:
        return made[name]
    above = "" if name == top else parents.get(name, top)
    # A circle of parents, which no directory has but a broken file may, ends at the top.
    parent = None if name == top else _make(above if below < len(own) + 1 else top, own, parents, top, made, below + 1)
    made[name] = _inheriting(name, "unit", own.get(name, {}), parent)
    return made[name]


def _inheriting(name: str, kind: str, own: Mapping[str, Any], parent: Unit | None) -> Unit:
    """A unit that sets nothing has the very settings of the one above it."""
    above = parent.settings if parent else {}
    if not own and parent is not None:
        return Unit(name=name, kind=kind, parent=parent.name, settings=above, own=own, set_at=parent.set_at)
    settings, set_at = dict(above), dict(parent.set_at) if parent else {}
    for section, fields in own.items():
        if not isinstance(fields, Mapping):
            settings[section], set_at[(section, "")] = fields, name
            continue
        laid = _laid(fields, deleted=DELETED if parent is None else None)
        there = settings.get(section)
        settings[section] = {**there, **laid} if isinstance(there, Mapping) else laid
        set_at |= {(section, key): name for key in laid}
    return Unit(name=name, kind=kind, parent=parent.name if parent else "", settings=settings, own=own, set_at=set_at)


def _laid(fields: Mapping[str, Any], *, deleted: str | None) -> dict[str, Any]:
    """A unit's own fields. An entry that was deleted is `deleted`, or where that is None, as if it had never been."""
    named = {key: deleted if value == _DELETE else value for key, value in fields.items()}
    return {key: value for key, value in named.items() if value is not None or fields[key] is None}


def _groups(document: Mapping[str, Any], changes: list[_Change], made: Mapping[str, Unit], top: str) -> Iterator[Unit]:
    """Groups inherit from the unit that the log names beside them, else from the top."""
    own: dict[str, dict[str, Any]] = {
        name: dict(mapping(sections)) for name, sections in mapping(document.get("group_policies")).items()
    }
    beside: dict[str, str] = {}
    for change in changes:
        if change.group:
            own.setdefault(change.group, {}).setdefault("changes", {})[change.name] = change.value
            beside[change.group] = change.unit
    for name, sections in own.items():
        yield _inheriting(name, "group", sections, made.get(beside.get(name, top)) or made[top])


def _parents(document: Mapping[str, Any], top: str) -> dict[str, str]:
    """{unit: the unit above it}, by name and by path, with and without the first slash."""
    rows = mappings(mapping(document.get("organizational_units")).get("organizationUnits"))
    by_path = {str(unit.get("orgUnitPath")): unit for unit in rows}
    parents: dict[str, str] = {}
    for unit in rows:
        above = by_path.get(str(unit.get("parentOrgUnitPath")))
        is_top = above is None or above is unit or unit.get("parentOrgUnitPath") == "/"
        for name in _names(unit):
            parents[name] = top if is_top else _like(name, above or {})
    return {name: above for name, above in parents.items() if name != above}


def _names(unit: Mapping[str, Any]) -> tuple[str, ...]:
    where = str(unit.get("orgUnitPath", ""))
    return (str(unit.get("name", "")), where, where.removeprefix("/"))


def _like(name: str, unit: Mapping[str, Any]) -> str:
    """The unit's name in the manner of that other name: as a path with its slash, without it, or as a bare name."""
    bare, where, short = _names(unit)
    return where if name.startswith("/") else short if "/" in name else bare


def _changes(document: Mapping[str, Any], renamed: Mapping[str, str]) -> list[_Change]:
    logs = [log for key, log in document.items() if key.endswith("_logs") and isinstance(log, Mapping)]
    return [change for log in logs for item in mappings(log.get("items")) for change in _entries(item, renamed)]


def _entries(item: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[_Change]:
    try:
        at = instant(mapping(item.get("id")).get("time"))
    except Unread:
        return
    for event in mappings(item.get("events")):
        said = {str(one.get("name")): one.get("value") for one in reversed(mappings(event.get("parameters")))}
        name = said.get("SETTING_NAME") or event.get("name")
        deleted = event.get("name") == _DELETE
        if name and (deleted or "NEW_VALUE" in said):
            yield _Change(
                name=renamed.get(str(name), str(name)),
                value=_DELETE if deleted else said["NEW_VALUE"],
                unit=str(said.get("ORG_UNIT_NAME") or ""),
                group=str(said.get("GROUP_EMAIL") or ""),
                at=at,
            )
