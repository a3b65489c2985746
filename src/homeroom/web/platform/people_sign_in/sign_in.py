"""The way to a person's own pages: by the district's Google or Microsoft, or with a printed code.

The address has the district's slug, since a provider's registration is a district's own. A district that has neither a
registration nor codes has no such page, like a district that is not there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps

from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.districts.sign_in_attempts import clear_sign_in_attempts, register_sign_in_attempt
from homeroom.apps.platform.people_sign_in.arrivals import CODE
from homeroom.apps.platform.people_sign_in.codes import has_codes, use_code
from homeroom.apps.platform.people_sign_in.identity_providers import IdentityRefused
from homeroom.apps.platform.people_sign_in.providers import find_registration, list_registrations
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.platform.people_sign_in.arrival_pages import get_own_target, let_in, render_refusal
from homeroom.web.platform.people_sign_in.provider_adapter import DistrictProvider
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.languages.choice import get_language
from homeroom.web.shared.sign_in.completed_sign_in import record_refused_arrival
from homeroom.web.shared.sign_in.stranger_sessions import WAIT_MINUTES, begin_stranger_session

_KIND = "printed code"


def serve_arrivals(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a page that anybody opens to sign in to the district of the address, in the visitor's language.

    Without a slug the only district is meant. Raise Http404 where there is none, or people do not sign in.
    """

    @never_cache
    @wraps(view)
    def page(request: HttpRequest, **url_arguments: str) -> HttpResponseBase:
        district = find_sign_in_district(getattr(request, "prefix", ""))
        if district is None:
            raise Http404
        if not hasattr(request, "prefix"):
            return redirect(f"/d/{district.slug}{request.get_full_path()}", preserve_request=True)
        with translation.override(get_language(request)):
            try:
                return view(request, district=district, **url_arguments)
            except QueryTimeout:
                return render(request, "503.html", status=503)

    return page


def find_sign_in_district(slug: str) -> District | None:
    """Return the district with a slug, or the only one, if people sign in there; else None."""
    try:
        district = get_district(slug=slug)
    except LookupError:
        return None
    is_open = list_registrations(district=district) or has_codes(district=district, at=get_current_time())
    return district if is_open else None


@require_permission("site.open")
@serve_arrivals
def show_sign_in(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show the ways to sign in."""
    return _render(request, district)


@require_permission("site.open")
@require_GET
@serve_arrivals
def start_provider(request: HttpRequest, *, district: District, provider: str) -> HttpResponseBase:
    """Lead to the provider, with a state, a nonce and the challenge of PKCE."""
    with_provider = _open_provider(request, district, provider)
    if not begin_stranger_session(request):
        return _render(request, district, status=429, minutes=WAIT_MINUTES)
    try:
        response: HttpResponse = with_provider.redirect(
            request, AuthProcess.LOGIN, next_url=get_own_target(request, request.GET.get("next", ""))
        )
    except OAuth2Error as error:
        return render_refusal(request, district=district, reason=str(error), status=502)
    return response


@require_permission("site.open")
@require_GET
@serve_arrivals
def finish_provider(request: HttpRequest, *, district: District, provider: str) -> HttpResponseBase:
    """Take what the provider sends back: a code for an ID token, or an error."""
    with_provider = _open_provider(request, district, provider)
    issuer = request.GET.get("iss", with_provider.registration.issuer)  # RFC 9207
    if issuer != with_provider.registration.issuer:
        return render_refusal(request, district=district, reason="the answer is another provider's")
    try:
        with_provider.load_secret()
        response: HttpResponseBase = OAuth2CallbackView.adapter_view(with_provider.client)(request)
    except (OAuth2Error, IdentityRefused) as error:
        return render_refusal(request, district=district, reason=str(error))
    return response


@require_permission("site.open")
@sensitive_post_parameters("code")
@serve_arrivals
def enter_code(request: HttpRequest, *, district: District) -> HttpResponseBase:
    """Take a printed code; one that does not let in answers 404, whatever is wrong with it."""
    if request.method != "POST":
        return redirect("my-sign-in")
    address, network, now = request.POST.get("address", ""), request.META.get("REMOTE_ADDR", ""), get_current_time()
    account = f"{district.pk} {address}"
    wait = register_sign_in_attempt(username=account, address=network, kind=_KIND, at=now)
    if wait:
        seconds = math.ceil(wait.total_seconds())
        response = _render(request, district, status=429, minutes=math.ceil(seconds / 60))
        response["Retry-After"] = str(seconds)
        return response
    if not use_code(district=district, address=address, code=request.POST.get("code", ""), at=now):
        record_refused_arrival(district=district, way=CODE)
        return _render(request, district, status=404, is_wrong=True)
    clear_sign_in_attempts(username=account, address=network, kind=_KIND)
    return let_in(request, district=district, address=address, way=CODE, after=request.POST.get("next", ""))


def _open_provider(request: HttpRequest, district: District, provider: str) -> DistrictProvider:
    registration = find_registration(district=district, provider=provider)
    if registration is None:
        raise Http404
    return DistrictProvider(request, district=district, registration=registration)


def _render(
    request: HttpRequest, district: District, *, status: int = 200, minutes: int = 0, is_wrong: bool = False
) -> HttpResponse:
    context = {
        "sign_in_district": district,
        "providers": [item.provider for item in list_registrations(district=district)],
        "takes_codes": has_codes(district=district, at=get_current_time()),
        "after": get_own_target(request, request.POST.get("next") or request.GET.get("next", "")),
        "address": request.POST.get("address", ""),
        "minutes": minutes,
        "is_wrong": is_wrong,
        "language_next": reverse("my-sign-in"),
    }
    return render(request, "my/sign_in.html", context, status=status)


urlpatterns = [
    path("my/sign-in", show_sign_in, name="my-sign-in"),
    path("my/sign-in/code", enter_code, name="my-sign-in-code"),
    path("my/sign-in/<slug:provider>", start_provider, name="my-sign-in-provider"),
    path("my/sign-in/<slug:provider>/callback", finish_provider, name="my-sign-in-callback"),
]
