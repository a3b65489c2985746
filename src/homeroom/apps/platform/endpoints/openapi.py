"""The OpenAPI document of the API, from the descriptions of its endpoints."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from homeroom import __version__
from homeroom.apps.platform.endpoints.catalog import PREFIX, list_endpoints
from homeroom.apps.platform.endpoints.endpoint import Endpoint
from homeroom.domain.platform.permissions.holding import get_permission
from homeroom.domain.platform.permissions.permission import Access

OPENAPI_VERSION = "3.1.0"
_REFERENCE = "#/components/schemas/{name}"
_FORM = "multipart/form-data"
_ERRORS = {
    "400": "A parameter or the form does not fit; the error says what does.",
    "401": "No token came, or none that works.",
    "403": "The token, or its user, does not hold the permission.",
    "404": "There is nothing of that id in the district.",
    "409": "The change cannot be made as things are.",
    "413": "The call brings too many bytes or files.",
    "415": "The form is of another type.",
    "429": "The token, or wrong tokens of the network, came too often; Retry-After says when to come back.",
    "500": "The server failed; its log has more under the X-Request-ID of the answer.",
    "503": "The server is busy; come back in a moment.",
}


@cache
def encode_document() -> bytes:
    """Return the document as JSON; it is built once, since anybody may ask for it."""
    return msgspec.json.encode(build_document())


def build_document() -> dict[str, Any]:
    """Return the document as JSON values."""
    endpoints = list_endpoints()
    types = [kind for endpoint in endpoints for kind in (endpoint.result, endpoint.parameters)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    results = dict(zip((endpoint.name for endpoint in endpoints), schemas[::2], strict=True))
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        fields = components[endpoint.parameters.__name__]
        path = paths.setdefault(PREFIX + endpoint.path, {})
        path[endpoint.method.lower()] = _describe(endpoint, fields=fields, result=results[endpoint.name])
    shown = {name: schema for name, schema in components.items() if not name.endswith("Parameters")}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": "Homeroom", "version": __version__, "license": {"name": "Apache-2.0"}},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "hrt_…"}},
            "schemas": {**shown, "Error": _ERROR},
        },
    }


_ERROR = {
    "title": "Error",
    "type": "object",
    "properties": {"error": {"type": "string"}},
    "required": ["error"],
}


def _describe(endpoint: Endpoint[Any, Any], *, fields: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    places = {"path": endpoint.path_names, "query": () if endpoint.takes_files else endpoint.query_names}
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.title,
        "description": _explain_permission(endpoint.permission),
        "parameters": [_describe_parameter(name, place, fields) for place, names in places.items() for name in names],
        "responses": {
            "200": {"description": "The document.", "content": {"application/json": {"schema": result}}},
            **{status: _describe_error(meaning) for status, meaning in _ERRORS.items()},
        },
    }
    if endpoint.takes_files:
        operation["requestBody"] = {"required": True, "content": {_FORM: {"schema": _describe_form(endpoint, fields)}}}
    return operation


def _explain_permission(name: str) -> str:
    permission = get_permission(name)
    if permission.access is Access.ROLE:
        return f"Needs the permission `{name}`: {permission.title}."
    return "Opens to any token."


def _describe_parameter(name: str, place: str, fields: dict[str, Any]) -> dict[str, Any]:
    schema = fields["properties"][name]
    return {"name": name, "in": place, "required": name in fields.get("required", ()), "schema": schema}


def _describe_form(endpoint: Endpoint[Any, Any], fields: dict[str, Any]) -> dict[str, Any]:
    texts = {name: fields["properties"][name] for name in endpoint.query_names}
    file = {"type": "string", "format": "binary"}
    return {
        "type": "object",
        "properties": {**texts, "files": {"type": "array", "items": file, "minItems": 1}},
        "required": ["files"],
        "additionalProperties": False,
    }


def _describe_error(meaning: str) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name="Error")}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}
