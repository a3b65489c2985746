"""The capabilities that content knows, for files that name them: their ids and other words for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import homeroom

CAPABILITIES = Path(homeroom.__file__).parent / "content" / "capabilities"


@cache
def load_capability_words() -> Mapping[str, tuple[str, ...]]:
    """Load the other words for each capability, by its id, from the built-in content."""
    return {
        str(entry["id"]): tuple(map(str, entry.get("words", ())))
        for path in sorted(CAPABILITIES.glob("*.yaml"))
        for entry in _list_entries(yaml.safe_load(path.read_text(encoding="utf-8")))
    }


def list_capability_ids() -> tuple[str, ...]:
    """List the ids of capabilities, in the order of the content."""
    return tuple(load_capability_words())


def _list_entries(content: Any) -> list[Mapping[str, Any]]:
    return list(content.get("capabilities", ())) if isinstance(content, Mapping) else []
