"""Signing in again before a change that a session left open must not make; it leads back to the page of the change."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, path, resolve, reverse
from django.views.decorators.cache import never_cache

from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.sign_in_page import get_redirect_url
from homeroom.web.shared.access import split_district_prefix
from homeroom.web.shared.sign_in.session_records import end_own_session


@require_permission("account.use")
@never_cache
@login_required
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Show why the visitor has to sign in again; on POST end the session and lead to the sign-in page."""
    after = _find_page(get_redirect_url(request))
    if request.method != "POST":
        return render(request, "account/sign_in_again.html", {"after": after})
    end_own_session(request)
    logout(request)
    return redirect(f"/sign-in?{urlencode({'next': after})}")


def _find_page(target: str) -> str:
    """Return a target, or the page above it if it takes forms alone: a refused form is seen at its address."""
    slug, target_path = split_district_prefix(urlsplit(target).path)
    page = target_path
    while page != "/" and not _is_page(page):
        page = page.rpartition("/")[0] or "/"
    if page == target_path:
        return target
    return page if slug is None else f"/d/{slug}{page}"


def _is_page(page: str) -> bool:
    own_factors = reverse("account-two-step")
    if page.startswith(f"{own_factors}/"):
        return False  # its forms alone
    try:
        view = resolve(page).func
    except Resolver404:
        return False
    return "GET" in getattr(view, "methods", ("GET",))


urlpatterns = [path("account/sign-in-again", sign_in_again, name="sign-in-again")]
