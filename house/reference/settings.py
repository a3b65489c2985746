"""The page of settings: every environment variable, its default and its meaning."""

from __future__ import annotations

from homeroom.config.environment import SETTINGS
from house.reference.markdown import table_of

INTRODUCTION = """# Settings from the environment

What a district decides stands in Homeroom itself; these are decided by whoever runs the server, before it starts.
"""


def page() -> str:
    """Every variable."""
    rows = [(f"`{one.name}`", f"`{one.default}`" if one.default else "", one.meaning) for one in SETTINGS]
    return f"{INTRODUCTION}\n{table_of(('variable', 'default', 'meaning'), rows)}"
