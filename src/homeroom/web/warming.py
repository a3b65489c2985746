"""What a web process makes ready before its first page: views and compiled templates, half a second that nobody waits for."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import get_template
from django.urls import get_resolver

TEMPLATES = Path(__file__).parent / "templates"


def warm() -> None:
    """Imports every view and compiles every template. The template loader keeps them, unless DEBUG is on."""
    get_resolver().url_patterns  # noqa: B018  (reading it imports the views)
    for path in sorted(TEMPLATES.rglob("*.html")):
        get_template(path.relative_to(TEMPLATES).as_posix())
