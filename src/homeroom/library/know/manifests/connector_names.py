"""The names of the built-in connectors."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

PACKAGE = "homeroom.connectors"


@cache
def list_connector_names() -> frozenset[str]:
    """Return the names of the built-in connectors, without loading them."""
    return frozenset(path.parent.name for path in Path(str(resources.files(PACKAGE))).glob("*/manifest.yaml"))
