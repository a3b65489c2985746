"""The language that a visitor chose in this browser, and pages outside a view that are in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

from homeroom.web.shared.cookies import build_cookie_name

COOKIE = "homeroom-language"
_YEAR_SECONDS = 365 * 24 * 3600


def get_language(request: HttpRequest) -> str:
    """Return the chosen language; before there is a choice, the first of the browser's that there is, or English."""
    chosen = request.COOKIES.get(build_cookie_name(COOKIE), "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    for code, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return "en"


def add_language_to_context(request: HttpRequest) -> dict[str, Any]:
    """Add `chosen_language`, also on pages that are in English alone (a context processor)."""
    return {"chosen_language": partial(get_language, request)}


def set_language(response: HttpResponse, language: str) -> None:
    """Remember a chosen language in the visitor's browser."""
    response.set_cookie(
        build_cookie_name(COOKIE),
        language,
        max_age=_YEAR_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def render_in_own_language(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int
) -> HttpResponse:
    """Render a page in the visitor's language: one that replaces the page that they asked for."""
    with translation.override(get_language(request)):
        return render(request, template, context, status=status)
