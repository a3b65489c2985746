"""OSCAL catalogues and profiles as frameworks: ids and titles of controls, nothing of their texts.

Source: NIST's OSCAL 1.1 JSON models: `catalog.groups[].controls[]` (enhancements nested in `controls`), each with `id`, `title`
and a `label` among its `props`; `profile.imports[].include-controls[].with-ids`, less `exclude-controls`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from homeroom.domain.frameworks import Framework
from homeroom.library.reading import ContentRefused, Problem

_GONE = "withdrawn"


def framework_of(
    document: Any, *, name: str, file: str, checked_on: date, titles: Mapping[str, str] | None = None
) -> Framework:
    """The framework that an OSCAL document states, under the id `name`. A profile says only which controls it takes, so that
    their titles come from `titles` (of a catalogue that is known), else are their ids. Raises ContentRefused."""
    given = document if isinstance(document, dict) else {}
    stated = next((given[kind] for kind in ("catalog", "profile") if isinstance(given.get(kind), dict)), None)
    if stated is None:
        raise _refused(file, "", "neither a catalog nor a profile; an OSCAL catalogue or profile as JSON would fit")
    known = titles or {}
    goals = _goals(stated) if "catalog" in given else {one: known.get(one, one) for one in _taken(stated, file)}
    if not goals:
        raise _refused(file, "groups", "no control with an id and a title; an OSCAL catalogue lists them in groups")
    about = stated["metadata"] if isinstance(stated.get("metadata"), dict) else {}
    changed = _day(about.get("last-modified"))
    return Framework(
        id=name,
        title=str(about.get("title") or name)[:200],
        version=str(about.get("version") or (changed or checked_on).isoformat()),
        source=file,
        licence="as its publisher says",
        effective=changed or checked_on,
        checked_on=checked_on,
        goals=goals,
        parts=_parts(stated),
    )


def as_yaml(framework: Framework) -> str:
    """The framework as a content file."""
    fields = {
        name: getattr(framework, name)
        for name in ("id", "title", "version", "source", "licence", "effective", "checked_on")
    }
    more = {"parts": dict(framework.parts)} if framework.parts else {}
    document = {**fields, **more, "goals": dict(framework.goals)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def _goals(catalogue: Mapping[str, Any]) -> dict[str, str]:
    return {
        _label(control): str(control["title"])
        for control in _controls(catalogue)
        if control.get("id") and control.get("title") and not _withdrawn(control)
    }


def _controls(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("groups", "controls"):
        for one in _objects(holder, name):
            if name == "controls":
                yield one
            yield from _controls(one)


def _objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list there; none where something else stands in its place."""
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _parts(catalogue: Mapping[str, Any]) -> dict[str, str]:
    groups = [one for one in _objects(catalogue, "groups") if one.get("id")]
    return {f"{str(one['id']).upper()}-": str(one.get("title") or one["id"]) for one in groups}


def _label(control: Mapping[str, Any]) -> str:
    """The id as people write it: AC-2(1), not ac-2.1."""
    for prop in _objects(control, "props"):
        if prop.get("name") == "label" and prop.get("class") != "zero-padded" and prop.get("value"):
            return str(prop["value"])
    return written(str(control["id"]))


def written(identifier: str) -> str:
    """An OSCAL id as NIST writes the control: ac-2.1 is AC-2(1)."""
    name, _, enhancement = identifier.partition(".")
    return f"{name.upper()}({enhancement})" if enhancement else name.upper()


def _withdrawn(control: Mapping[str, Any]) -> bool:
    return any(one.get("name") == "status" and one.get("value") == _GONE for one in _objects(control, "props"))


def _taken(profile: Mapping[str, Any], file: str) -> list[str]:
    """The controls that a profile names, without those that it leaves out again. Raises ContentRefused where it names a rule instead."""
    found: dict[str, None] = {}
    for imported in _objects(profile, "imports"):
        if "include-all" in imported:
            raise _refused(
                file, "imports.include-all", "takes all; the catalogue itself, or a profile with ids would fit"
            )
        left = set(_named(imported, "exclude-controls", file))
        found |= dict.fromkeys(one for one in _named(imported, "include-controls", file) if one not in left)
    return [written(one) for one in found]


def _named(imported: Mapping[str, Any], selection: str, file: str) -> list[str]:
    chosen = _objects(imported, selection)
    if any("matching" in one for one in chosen):
        raise _refused(file, f"imports.{selection}.matching", "takes ids by a pattern; with-ids would fit")
    return [str(one) for each in chosen for one in (each["with-ids"] if isinstance(each.get("with-ids"), list) else ())]


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _refused(file: str, field: str, told: str) -> ContentRefused:
    return ContentRefused([Problem(file=file, field=field, told=told)])
