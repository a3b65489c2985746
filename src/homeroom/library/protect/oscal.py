"""OSCAL catalogs and profiles as frameworks: ids and titles of controls, without their texts.

Source: NIST's OSCAL 1.1 JSON models: `catalog.groups[].controls[]` (enhancements nested in `controls`), each with `id`,
`title` and a `label` among its `props`; `profile.imports[].include-controls[].with-ids`, less `exclude-controls`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import yaml

from homeroom.domain.protect.frameworks import Framework
from homeroom.library.yaml_loader import ContentProblem, ContentRefused

_WITHDRAWN = "withdrawn"


def parse_oscal(
    document: Any, *, name: str, file: str, checked_on: date, titles: Mapping[str, str] | None = None
) -> Framework:
    """Return the framework that an OSCAL document defines, under the id `name`.

    A profile only lists the controls that it includes, so their titles come from `titles` (of a known catalog), or else
    are their ids. Raise ContentRefused if the document is invalid.
    """
    raw = document if isinstance(document, dict) else {}
    content = next((raw[kind] for kind in ("catalog", "profile") if isinstance(raw.get(kind), dict)), None)
    if content is None:
        raise _build_refusal(file, "", "neither a catalog nor a profile; an OSCAL catalog or profile as JSON would fit")
    title_by_id = titles or {}
    goals = (
        _collect_goals(content)
        if "catalog" in raw
        else {
            control_id: title_by_id.get(control_id, control_id) for control_id in _list_selected_controls(content, file)
        }
    )
    if not goals:
        raise _build_refusal(file, "groups", "no control with an id and a title; an OSCAL catalog lists them in groups")
    metadata = content["metadata"] if isinstance(content.get("metadata"), dict) else {}
    modified = _parse_date(metadata.get("last-modified"))
    return Framework(
        id=name,
        title=str(metadata.get("title") or name)[:200],
        version=str(metadata.get("version") or (modified or checked_on).isoformat()),
        source=file,
        license="as its publisher says",
        effective=modified or checked_on,
        checked_on=checked_on,
        goals=goals,
        parts=_collect_parts(content),
    )


def render_yaml(framework: Framework) -> str:
    """Return the framework as a content file."""
    fields = {
        name: getattr(framework, name)
        for name in ("id", "title", "version", "source", "license", "effective", "checked_on")
    }
    parts = {"parts": dict(framework.parts)} if framework.parts else {}
    document = {**fields, **parts, "goals": dict(framework.goals)}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def _collect_goals(catalog: Mapping[str, Any]) -> dict[str, str]:
    return {
        _get_label(control): str(control["title"])
        for control in _iter_controls(catalog)
        if control.get("id") and control.get("title") and not _is_withdrawn(control)
    }


def _iter_controls(holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("groups", "controls"):
        for child in _get_objects(holder, name):
            if name == "controls":
                yield child
            yield from _iter_controls(child)


def _get_objects(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the objects of a list; none if the value is not a list."""
    value = holder.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _collect_parts(catalog: Mapping[str, Any]) -> dict[str, str]:
    groups = [group for group in _get_objects(catalog, "groups") if group.get("id")]
    return {f"{str(group['id']).upper()}-": str(group.get("title") or group["id"]) for group in groups}


def _get_label(control: Mapping[str, Any]) -> str:
    """Return the id as people write it: AC-2(1), not ac-2.1."""
    for prop in _get_objects(control, "props"):
        if prop.get("name") == "label" and prop.get("class") != "zero-padded" and prop.get("value"):
            return str(prop["value"])
    return format_control_id(str(control["id"]))


def format_control_id(identifier: str) -> str:
    """Format an OSCAL id as NIST writes the control: ac-2.1 is AC-2(1)."""
    name, _, enhancement = identifier.partition(".")
    return f"{name.upper()}({enhancement})" if enhancement else name.upper()


def _is_withdrawn(control: Mapping[str, Any]) -> bool:
    return any(
        prop.get("name") == "status" and prop.get("value") == _WITHDRAWN for prop in _get_objects(control, "props")
    )


def _list_selected_controls(profile: Mapping[str, Any], file: str) -> list[str]:
    """Return the controls that a profile includes, without those that it excludes.

    Raise ContentRefused if it names a rule instead of ids.
    """
    selected: dict[str, None] = {}
    for profile_import in _get_objects(profile, "imports"):
        if "include-all" in profile_import:
            raise _build_refusal(
                file, "imports.include-all", "takes all; the catalog itself, or a profile with ids would fit"
            )
        excluded = set(_list_selected_ids(profile_import, "exclude-controls", file))
        selected |= dict.fromkeys(
            control_id
            for control_id in _list_selected_ids(profile_import, "include-controls", file)
            if control_id not in excluded
        )
    return [format_control_id(control_id) for control_id in selected]


def _list_selected_ids(profile_import: Mapping[str, Any], selection: str, file: str) -> list[str]:
    selectors = _get_objects(profile_import, selection)
    if any("matching" in entry for entry in selectors):
        raise _build_refusal(file, f"imports.{selection}.matching", "takes ids by a pattern; with-ids would fit")
    return [
        str(entry)
        for selector in selectors
        for entry in (selector["with-ids"] if isinstance(selector.get("with-ids"), list) else ())
    ]


def _parse_date(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def _build_refusal(file: str, field: str, message: str) -> ContentRefused:
    return ContentRefused([ContentProblem(file=file, field=field, message=message)])
