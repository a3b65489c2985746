"""Paging of a list: after how many lines a page begins, and the addresses of the others and of its lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import get_script_prefix, reverse

from homeroom.web.shared.access import DistrictRequest

MAX_DIGITS = 8


def parse_start(request: DistrictRequest) -> int:
    """Return after how many lines the asked page begins; 0 if the address names no such number."""
    text = request.GET.get("after", "")
    return int(text) if text.isdecimal() and len(text) <= MAX_DIGITS else 0


def build_list_url(name: str, *, state: str = "", after: int = 0) -> str:
    """Return the address of a page of the list of that name, in a state if one is given."""
    parameters = ({"state": state} if state else {}) | ({"after": str(after)} if after else {})
    return reverse(name) + (f"?{urlencode(parameters)}" if parameters else "")


def build_page_url(name: str, key: str) -> str:
    """Return the address of the page of that name about one thing; a list has dozens of them, mostly the same ones."""
    return _remember_page_url(name, key, get_script_prefix())


@lru_cache(maxsize=4096)
def _remember_page_url(name: str, key: str, prefix: str) -> str:
    del prefix  # which `reverse` puts before the address itself
    return reverse(name, args=[key])


def build_paging(
    build_url: Callable[[int], str], *, after: int, lines: int, size: int, has_more: bool
) -> dict[str, Any]:
    """Return what `parts/_pages.html` needs: the first and the next page, and the numbers of the lines of this one.

    `build_url` returns the address of the page that begins after so many lines.
    """
    return {
        "first": build_url(0) if after else "",
        "next": build_url(after + size) if has_more else "",
        "numbers": (after + 1, after + lines),
    }
