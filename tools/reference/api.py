"""The reference page of the API, and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from homeroom.apps.platform.endpoints.catalog import PREFIX, list_endpoints
from homeroom.apps.platform.endpoints.endpoint import Endpoint
from homeroom.apps.platform.endpoints.openapi import build_document
from tools.reference.markdown import render_table

INTRODUCTION = f"""# API

Endpoints for programs, with an [API token](../platform/api-tokens.md). Answers are JSON. The same as an OpenAPI
document, which also says when a call is refused, is in [openapi.json](openapi.json) and at `{PREFIX}openapi.json` of
each server.
"""


def render_pages() -> dict[str, str]:
    """Render the OpenAPI document, and the page: each endpoint with its parameters and the keys of its document."""
    document = build_document()
    sections = [INTRODUCTION]
    for endpoint in list_endpoints():
        sections += _render_endpoint(endpoint, document)
    sections.append("## Objects in documents\n")
    schemas = document["components"]["schemas"]
    for name in sorted(schemas):
        sections += [f"### {name}\n", f"{schemas[name].get('description', 'Why a call was refused.')}\n"]
        sections.append(render_table(("key", "type", ""), _iterate_keys(schemas[name])))
    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode()
    return {"api.md": "\n".join(sections), "openapi.json": text}


def _render_endpoint(endpoint: Endpoint[Any, Any], document: dict[str, Any]) -> Iterator[str]:
    operation = document["paths"][PREFIX + endpoint.path][endpoint.method.lower()]
    yield f"## {endpoint.method} {PREFIX}{endpoint.path}\n"
    yield f"{operation['summary']} {operation['description']}\n"
    rows = [
        (f"`{item['name']}`", item["in"], _describe_type(item["schema"]), "required" if item["required"] else "")
        for item in operation["parameters"]
    ]
    if endpoint.takes_files:
        rows += [(f"`{name}`", "form", "text", "") for name in endpoint.query_names]
        rows.append(("`files`", "form", "a file; may come several times", "required"))
    if rows:
        yield render_table(("parameter", "in", "type", ""), rows)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    yield f"Answers {_describe_type(schema)}.\n"


def _iterate_keys(schema: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    required = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        yield (f"`{name}`", _describe_type(value), "" if name in required else "optional")


def _describe_type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_describe_type(kind) for kind in schema["anyOf"])
    kind = schema.get("type", "any value")
    if kind == "array":
        return f"a list of {_describe_type(schema.get('items', {}))}"
    if kind == "object" and "additionalProperties" in schema:
        return f"an object of {_describe_type(schema['additionalProperties'])} by name"
    limits = ", ".join(
        f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema
    )
    words = {"null": "null", "boolean": "true or false", "object": "an object", "string": schema.get("format", "text")}
    return f"{words.get(kind, kind)}{' ' + limits if limits else ''}"
