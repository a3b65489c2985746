"""What follows a try to sign in: the person's own page, or a refusal without a reason that the visitor may not know."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from homeroom.apps.platform.people_sign_in.arrivals import SESSION_LIFETIME, NotHere, accept_person
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import get_current_time, split_district_prefix
from homeroom.web.shared.languages.choice import get_language
from homeroom.web.shared.sign_in.completed_sign_in import complete_sign_in, record_refused_arrival

_log = logging.getLogger(__name__)


def let_in(request: HttpRequest, *, district: District, address: str, way: str, after: str) -> HttpResponse:
    """Sign in the person of a proved address, in a new session, and lead to their page; or refuse.

    Raise QueryTimeout.
    """
    try:
        user = accept_person(district=district, address=address, way=way, at=get_current_time())
    except NotHere:
        record_refused_arrival(district=district, way=way)
        return render_refusal(request, district=district, reason="nobody who works here", is_known=True)
    complete_sign_in(request, user, method=way, district=district, is_recorded=True)
    request.session.set_expiry(SESSION_LIFETIME)
    return redirect(get_own_target(request, after))


def render_refusal(
    request: HttpRequest, *, district: District, reason: str, is_known: bool = False, status: int = 403
) -> HttpResponse:
    """Render the refusal; `is_known` is true if it is proved who the visitor is, and that this is nobody here."""
    _log.warning("A sign-in to own pages was refused: %s", reason or "the provider refused it")
    # The address of this page has the provider's code and state: nothing on the page repeats it.
    context = {"sign_in_district": district, "is_known": is_known, "language_next": reverse("my-sign-in")}
    with translation.override(get_language(request)):
        return render(request, "my/refused.html", context, status=status)


def get_own_target(request: HttpRequest, target: str) -> str:
    """Return an address of a person's own pages on this site, or the home page's."""
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    _slug, path = split_district_prefix(target) if is_safe and target.startswith("/") else (None, "")
    return target if path == "/my" or path.startswith("/my/") else reverse("my")
