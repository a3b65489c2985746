"""Typed access to parts of a settings document: an object, a list, or empty where the part has another type.

Documents come from files, so that any part of one may be corrupt. A corrupt part counts as a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def ensure_mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def ensure_list(value: Any) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def select_mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects of a list; items of other types are ignored."""
    return [item for item in ensure_list(value) if isinstance(item, Mapping)]
