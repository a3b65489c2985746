"""What a web process makes ready before its first page: views, templates and content, a second that nobody waits for."""

from __future__ import annotations

from pathlib import Path

from django.template.loader import get_template
from django.urls import get_resolver

from homeroom.apps.posture.shelf import shelf
from homeroom.apps.posture.tenants import SCHOOLS
from homeroom.library.frameworks import frameworks
from homeroom.library.profiles import profile_of
from homeroom.library.software import products

TEMPLATES = Path(__file__).parent / "templates"


def warm() -> None:
    """Imports every view, compiles every template and reads the content that pages name. All of it is kept by its loader."""
    get_resolver().url_patterns  # noqa: B018  (reading it imports the views)
    for path in sorted(TEMPLATES.rglob("*.html")):
        get_template(path.relative_to(TEMPLATES).as_posix())
    shelf(), frameworks(), profile_of(SCHOOLS), products()
