"""Every address of the site, collected from its areas."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from homeroom.web.shared.navigation import list_areas

urlpatterns: list[URLPattern | URLResolver] = [pattern for area in list_areas() for pattern in area.urlpatterns]
