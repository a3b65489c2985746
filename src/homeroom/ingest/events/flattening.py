"""Nested records as values by dotted name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flatten_record(record: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    """Return the values of a record by name, with dots between the names of nested objects.

    A list of scalars stays a list; of a list of objects, each name within them has the list of its values.
    """
    fields: dict[str, Any] = {}
    _flatten_into(fields, record, f"{prefix}." if prefix else "")
    return fields


def _flatten_into(fields: dict[str, Any], record: Mapping[str, Any], prefix: str) -> None:
    for name, value in record.items():
        if isinstance(value, dict):
            _flatten_into(fields, value, f"{prefix}{name}.")
        elif isinstance(value, list):
            _flatten_list(fields, value, prefix + name)
        else:
            fields[prefix + name] = value


def _flatten_list(fields: dict[str, Any], values: list[Any], name: str) -> None:
    scalars: list[Any] = []
    for value in _iter_flat(values):
        if not isinstance(value, dict):
            scalars.append(value)
            continue
        for inner, item in flatten_record(value, prefix=name).items():
            collected = fields.setdefault(inner, [])
            if not isinstance(collected, list):
                collected = fields[inner] = [collected]
            collected.extend(item if isinstance(item, list) else (item,))
    if scalars or not values:
        fields[name] = scalars


def _iter_flat(values: list[Any]) -> list[Any]:
    if not any(isinstance(value, list) for value in values):
        return values
    flat: list[Any] = []
    pending = list(reversed(values))
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(reversed(value))
        else:
            flat.append(value)
    return flat
