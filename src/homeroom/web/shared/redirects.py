"""Addresses that a form may lead back to."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def is_page_of_site(request: HttpRequest, target: str) -> bool:
    """Check that a target is the path of a page of this site, which `redirect` never takes for the name of a view."""
    hosts = {request.get_host()}
    return target.startswith("/") and url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure())


def build_sign_in_again_address(request: HttpRequest) -> str:
    """Return the address that asks the visitor to sign in again, and then leads back to the page with the form."""
    return f"{reverse('sign-in-again')}?{urlencode({'next': _find_previous_page(request)})}"


def _find_previous_page(request: HttpRequest) -> str:
    """Return the path of the page of this site that sent the request, as the browser states it; else Today's."""
    sender = urlsplit(request.headers.get("Referer", ""))
    target = sender.path + (f"?{sender.query}" if sender.query else "")
    is_own = sender.netloc == request.get_host() and is_page_of_site(request, target)
    return target if is_own else reverse("today")
