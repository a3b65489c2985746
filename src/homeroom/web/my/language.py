"""The language of a person's own pages, chosen by the person: every other page stays in English."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

from homeroom.domain.permissions.requirement import require_permission
from homeroom.web.shared.cookies import build_cookie_name
from homeroom.web.shared.redirects import is_page_of_site

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


@require_permission("site.open")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language in this browser, and return to the page."""
    target = request.POST.get("next", "")
    is_safe = is_page_of_site(request, target)
    response = redirect(target if is_safe else reverse("my"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            build_cookie_name(COOKIE),
            language,
            max_age=_YEAR_SECONDS,
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


urlpatterns = [path("language", choose_language, name="language")]
