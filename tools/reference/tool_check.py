"""The reference page of the document that `homeroom check tool` prints."""

from __future__ import annotations

from homeroom.apps.manage.tools.check_keys import DOCUMENT_KEYS
from tools.reference.markdown import render_table

INTRODUCTION = """# The check of a tool before it is adopted

`homeroom check tool NAME --json` prints this document, and each [request](../manage/tools.md#requests) stores the one
of the day on which it was asked. [Before adopting](../manage/tools.md#before-adopting) has the rules. Days are written
as 2026-11-28, money is in minor units of its currency.
"""


def render_pages() -> dict[str, str]:
    """Render the page of the document."""
    rows = ((f"`{key}`", meaning) for key, meaning in DOCUMENT_KEYS)
    return {"tool-check.md": "\n".join([INTRODUCTION, render_table(("key", "meaning"), rows)])}
