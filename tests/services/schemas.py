"""Google's published schemas: whether a console's row fits one, and the effect of a field mask on it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
FOLDER = SHARED / "data" / "inventory" / "google_discovery"
_TOKEN = re.compile(r"[(),]|[^(),]+")
_DAY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
type Mask = dict[str, "Mask"]


class NotPublished(Exception):
    """A name or a form that the published schema does not have."""


@cache
def load_schemas(api: str) -> Mapping[str, Any] | None:
    """Return the schemas of one API by name, or None if the folder is not next to this clone."""
    path = FOLDER / f"{api}.schemas.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["schemas"]) if path.exists() else None


def must_fit(row: Any, *, api: str, name: str) -> None:
    """Raise NotPublished if the row does not fit that schema; references to unpublished schemas are not checked."""
    schemas = load_schemas(api)
    if schemas is not None:
        _check_fit(row, schemas[name], schemas, name)


def apply_mask(row: Any, mask: Mask) -> Any:
    """Return the fields selected by a mask: all of them if the mask names nothing inside."""
    if isinstance(row, list):
        return [apply_mask(item, mask) for item in row]
    if not mask or not isinstance(row, dict):
        return row
    return {name: apply_mask(value, mask[name]) for name, value in row.items() if name in mask}


def parse_mask(text: str) -> Mask:
    """Return a mask such as `nextPageToken,users(id,name(givenName))` as nested names."""
    mask: Mask = {}
    stack, last = [mask], ""
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append(stack[-1][last])
        elif token == ")":
            stack.pop()
        elif token != ",":
            last = token.strip()
            stack[-1][last] = {}
    if len(stack) != 1:
        raise NotPublished(f"unbalanced: {text}")
    return mask


def must_name(mask: Mask, *, api: str, name: str) -> None:
    """Raise NotPublished if a mask names a field that the schema does not have."""
    schemas = load_schemas(api)
    if schemas is not None:
        _check_names(mask, schemas[name], schemas, name)


def _check_names(mask: Mask, schema: Mapping[str, Any], schemas: Mapping[str, Any], at: str) -> None:
    schema = _resolve_reference(schema, schemas)
    item_schema = _resolve_reference(schema.get("items", schema), schemas)
    properties = item_schema.get("properties")
    for name, inner in mask.items() if properties is not None else ():
        if name not in properties:
            raise NotPublished(f"{at} has no field {name}")
        _check_names(inner, properties[name], schemas, f"{at}.{name}")


def _resolve_reference(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    return schemas.get(reference, {}) if reference else schema


def _check_fit(value: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any], at: str) -> None:
    schema = _resolve_reference(schema, schemas)
    kinds = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
    kind = kinds.get(schema.get("type", ""), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise NotPublished(f"{at} is {value!r}, not {schema['type']}")
    if schema.get("format") == "int64" and not str(value).lstrip("-").isdigit():
        raise NotPublished(f"{at} is {value!r}, not a whole number")
    if schema.get("format") in ("date-time", "google-datetime") and not _DAY.fullmatch(str(value)):
        raise NotPublished(f"{at} is {value!r}, not a time")
    if schema.get("enum") and value not in schema["enum"]:
        raise NotPublished(f"{at} is {value!r}, not one of {schema['enum']}")
    for item in value if isinstance(value, list) else ():
        _check_fit(item, schema.get("items", {}), schemas, f"{at}[]")
    properties = schema.get("properties")
    for name, inner in value.items() if isinstance(value, dict) and properties is not None else ():
        if name not in properties:
            raise NotPublished(f"{at} has no field {name}")
        _check_fit(inner, properties[name], schemas, f"{at}.{name}")
