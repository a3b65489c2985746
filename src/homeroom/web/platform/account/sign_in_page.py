"""What the sign-in page shows: the ways to sign in, and where they lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.urls import reverse

from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.people_sign_in.providers import list_registrations
from homeroom.web.platform.people_sign_in.sign_in import find_sign_in_district
from homeroom.web.shared.access import split_district_prefix
from homeroom.web.shared.redirects import is_page_of_site


def build_sign_in_context(request: HttpRequest, *, after: str) -> dict[str, Any]:
    """Return what the page shows before anybody tried to sign in."""
    return {
        "form": AuthenticationForm(request),
        "after": after,
        "username": request.POST.get("username", ""),
        "staff_sign_in": find_sign_in_district("") is not None,
        "provider_links": _list_provider_links(request, after=after),
        "language_next": f"{reverse('sign_in')}?{urlencode({'next': after})}",
    }


def get_redirect_url(request: HttpRequest) -> str:
    """Return where to go after signing in, restricted to addresses of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = is_page_of_site(request, target)
    return target if safe else reverse("today")


def _list_provider_links(request: HttpRequest, *, after: str) -> list[tuple[str, str]]:
    """Return (title, address) of the providers of the district that the page is for, or of the only one."""
    slug = getattr(request, "prefix", "") or split_district_prefix(after)[0] or ""
    try:
        district = get_district(slug=slug)
    except LookupError:
        return []
    names = [item.provider for item in list_registrations(district=district)]
    return [(name.title, f"/d/{district.slug}/sign-in/with/{name.name}") for name in names]
