"""Where the manifests of loads are in a district's folder, and what states that a load was undone."""

from __future__ import annotations

from pathlib import Path

from homeroom.evidence.files.manifests import seal_manifest

HELD_PREFIX = "held-"
"""What the id of a load begins with that waits for a person."""
UNDO_CONTENT = seal_manifest(b"{}")
"""The manifest that states that a load was undone; its name has the load."""


def get_manifest_path(folder: Path, load_id: str) -> Path:
    """Return the path of the manifest of a load, published or held."""
    return folder / ("pending" if load_id.startswith(HELD_PREFIX) else "loads") / f"{load_id}.json"


def get_undo_path(folder: Path, load_id: str) -> Path:
    """Return the path of the manifest that states that a load was undone."""
    return folder / "undone" / f"{load_id}.json"
