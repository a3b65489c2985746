"""Addresses of staff's own pages, for papers and files: with the district, so that they open for who is signed out."""

from __future__ import annotations

from django.http import HttpRequest

from homeroom.domain.platform.district import District


def build_own_page_link(request: HttpRequest, district: District, path: str = "/my") -> str:
    """Return the full address of a page of staff's own. `path` is its path, with the district or without."""
    return request.build_absolute_uri(f"/d/{district.slug}{path.removeprefix(f'/d/{district.slug}')}")
