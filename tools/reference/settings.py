"""The page of settings: every environment variable, its default and its meaning."""

from __future__ import annotations

from homeroom.config.environment import SETTINGS
from tools.reference.markdown import render_table

INTRODUCTION = """# Settings from the environment

A district's own settings are edited in Homeroom. These are set by whoever runs the server, before it starts.
"""


def render_pages() -> dict[str, str]:
    """Render every variable."""
    rows = [
        (f"`{setting.name}`", f"`{setting.default}`" if setting.default else "", setting.meaning)
        for setting in SETTINGS
    ]
    return {"settings.md": f"{INTRODUCTION}\n{render_table(('variable', 'default', 'meaning'), rows)}"}
