"""Google's published schemas: whether a row that a console gives is one, and what a field mask leaves of it."""

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
def published(api: str) -> Mapping[str, Any] | None:
    """The schemas of one API by name; None where the folder is not beside this clone."""
    path = FOLDER / f"{api}.schemas.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["schemas"]) if path.exists() else None


def must_fit(row: Any, *, api: str, name: str) -> None:
    """Raises NotPublished where the row is not of that schema. Schemas that are not published beside it are not looked into."""
    schemas = published(api)
    if schemas is not None:
        _fits(row, schemas[name], schemas, name)


def masked(row: Any, mask: Mask) -> Any:
    """What a field mask leaves: all of it where the mask names nothing inside."""
    if isinstance(row, list):
        return [masked(one, mask) for one in row]
    if not mask or not isinstance(row, dict):
        return row
    return {name: masked(value, mask[name]) for name, value in row.items() if name in mask}


def mask_of(text: str) -> Mask:
    """A mask such as `nextPageToken,users(id,name(givenName))` as names within names."""
    whole: Mask = {}
    stack, last = [whole], ""
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
    return whole


def must_name(mask: Mask, *, api: str, name: str) -> None:
    """Raises NotPublished where a mask names a field that the schema does not have."""
    schemas = published(api)
    if schemas is not None:
        _names(mask, schemas[name], schemas, name)


def _names(mask: Mask, schema: Mapping[str, Any], schemas: Mapping[str, Any], at: str) -> None:
    schema = _resolved(schema, schemas)
    inside = _resolved(schema.get("items", schema), schemas)
    known = inside.get("properties")
    for name, inner in mask.items() if known is not None else ():
        if name not in known:
            raise NotPublished(f"{at} has no field {name}")
        _names(inner, known[name], schemas, f"{at}.{name}")


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    named = schema.get("$ref")
    return schemas.get(named, {}) if named else schema


def _fits(value: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any], at: str) -> None:
    schema = _resolved(schema, schemas)
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
    for one in value if isinstance(value, list) else ():
        _fits(one, schema.get("items", {}), schemas, f"{at}[]")
    known = schema.get("properties")
    for name, inner in value.items() if isinstance(value, dict) and known is not None else ():
        if name not in known:
            raise NotPublished(f"{at} has no field {name}")
        _fits(inner, known[name], schemas, f"{at}.{name}")
