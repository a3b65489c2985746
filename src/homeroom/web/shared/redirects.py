"""Addresses that a form may lead back to."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def is_page_of_site(request: HttpRequest, target: str) -> bool:
    """Check that a target is the path of a page of this site, which `redirect` never takes for the name of a view."""
    hosts = {request.get_host()}
    return target.startswith("/") and url_has_allowed_host_and_scheme(target, hosts, require_https=request.is_secure())
