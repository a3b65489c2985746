"""Law files for tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

CLOCKS = ("starts", "on", "every", "as_soon_as")


def build_duty(**values: Any) -> dict[str, Any]:
    """Build a duty of ten days from discovery, or with the clock of the values."""
    duty = {
        "id": "first",
        "title": "Somebody is notified",
        "citation": "1 (a)",
        "who": "privacy officer",
        "to": "the state",
        "trigger": "breach",
    }
    if not any(name in values for name in CLOCKS):
        duty = {**duty, "starts": ["discovered"], "within": {"count": 10, "unit": "days"}}
    return {**duty, **values}


def build_law(**values: Any) -> dict[str, Any]:
    """Build a law that applies to every district."""
    return {
        "id": "us-test",
        "title": "A law of a test",
        "version": "1",
        "citation": "1 Test 1",
        "source": "https://example.org/law",
        "license": "Our own words",
        "effective": date(2020, 1, 1),
        "checked_on": date(2026, 1, 1),
        "standing": "in force",
        "depth": "clocks",
        "applies_to": {},
        "counting": {"holidays": ["us"]},
        "duties": [build_duty()],
        **values,
    }


def write_law(folder: Path, law: dict[str, Any], *, place: str = "us") -> Path:
    """Write a law into a content folder and forget what was read from it; return its file."""
    from homeroom.library.comply.laws.law_files import load_laws

    path = folder / "laws" / place / f"{law['id']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(law), encoding="utf-8")
    load_laws.cache_clear()
    return path
