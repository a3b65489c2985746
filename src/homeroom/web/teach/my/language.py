"""The choice of a language, for a person's own pages, sign-in and the account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.shared.languages.choice import set_language
from homeroom.web.shared.redirects import is_page_of_site


@require_permission("site.open")
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language in this browser, and return to the page."""
    target = request.POST.get("next", "")
    is_safe = is_page_of_site(request, target)
    response = redirect(target if is_safe else reverse("my"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        set_language(response, language)
    return response


urlpatterns = [path("language", choose_language, name="language")]
