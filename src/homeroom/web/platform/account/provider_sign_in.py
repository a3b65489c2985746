"""Signing in by the district's Google or Microsoft, and linking an account there to the visitor's user.

The provider sends people back to the address of staff sign-in, which is the one that the district registered.
"""

from __future__ import annotations

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET

from homeroom.apps.platform.people_sign_in.providers import find_registration
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.platform.account.sign_in_page import build_sign_in_context, get_redirect_url
from homeroom.web.platform.account.two_step import check_recent_sign_in, compute_link_key
from homeroom.web.platform.people_sign_in.arrival_pages import render_refusal
from homeroom.web.platform.people_sign_in.provider_adapter import DistrictProvider
from homeroom.web.platform.people_sign_in.sign_in import serve_arrivals
from homeroom.web.shared.sign_in.stranger_sessions import WAIT_MINUTES, begin_stranger_session
from homeroom.web.shared.sign_in.team_arrivals import LINK, TEAM
from homeroom.web.shared.sign_in_proofs import list_open_memberships


@require_permission("site.open")
@require_GET
@serve_arrivals
def start_sign_in(request: HttpRequest, *, district: District, provider: str) -> HttpResponseBase:
    """Lead a user of the office to the provider."""
    if not begin_stranger_session(request):
        context = build_sign_in_context(request, after=get_redirect_url(request)) | {"minutes": WAIT_MINUTES}
        return render(request, "account/sign_in.html", context, status=429)
    return _leave(request, district, provider, purpose=TEAM, after=get_redirect_url(request))


@require_permission("account.use")
@require_GET
@check_recent_sign_in
def start_link(request: HttpRequest, *, provider: str) -> HttpResponseBase:
    """Lead the visitor to the provider, to link the account there; the address has the key of the session's page.

    It is a link, since a form that ends at another site is refused by our content security policy.
    """
    if not constant_time_compare(request.GET.get("key", ""), compute_link_key(request)):
        return redirect("account-two-step")
    slug = getattr(request, "prefix", "")
    districts = [item.district for item in list_open_memberships(request) if slug in ("", item.district.slug)]
    if len(districts) != 1:
        raise Http404
    if not slug:
        return redirect(f"/d/{districts[0].slug}{request.get_full_path()}")
    return _leave(request, districts[0], provider, purpose=LINK, after="")


def _leave(request: HttpRequest, district: District, provider: str, *, purpose: str, after: str) -> HttpResponseBase:
    registration = find_registration(district=district, provider=provider)
    if registration is None:
        raise Http404
    with_provider = DistrictProvider(request, district=district, registration=registration)
    try:
        response: HttpResponse = with_provider.redirect(
            request, AuthProcess.LOGIN, next_url=after, data={"purpose": purpose, "user": request.user.pk}
        )
    except OAuth2Error as error:
        return render_refusal(request, district=district, reason=str(error), status=502)
    return response


urlpatterns = [
    path("sign-in/with/<slug:provider>", start_sign_in, name="sign-in-provider"),
    path("account/2-step/links/<slug:provider>", start_link, name="account-link"),
]
