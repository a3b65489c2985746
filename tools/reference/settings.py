"""The page of settings: every environment variable, its default and its meaning."""

from __future__ import annotations

from homeroom.config.environment import SETTINGS
from tools.reference.markdown import render_table

INTRODUCTION = """# Settings from the environment

What a district decides stands in Homeroom itself; these are decided by whoever runs the server, before it starts.
"""


def render_page() -> str:
    """Render every variable."""
    rows = [
        (f"`{setting.name}`", f"`{setting.default}`" if setting.default else "", setting.meaning)
        for setting in SETTINGS
    ]
    return f"{INTRODUCTION}\n{render_table(('variable', 'default', 'meaning'), rows)}"
