"""Takes what a settings document holds where an object or a list belongs, and nothing where something else stands there.

Documents come from files, so that any part of one may be spoilt. A spoilt part says as much as a missing one: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else stands in it is passed over."""
    return [one for one in listed(value) if isinstance(one, Mapping)]
