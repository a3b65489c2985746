"""Pages that a secret in their address opens, for people and programs without an account.

They have no session and no form token: whoever has the address may do what its page offers, and nobody else can invent
it. Each network has a budget of requests, and a wrong secret costs more of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from homeroom.apps.platform.districts.account_names import normalize_network
from homeroom.apps.platform.districts.queries import get_district
from homeroom.apps.platform.districts.request_budget import RequestBudget
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.web.shared.access import get_current_time, is_method_allowed

WINDOW = timedelta(minutes=10)
MAX_COST = 600
"""Requests from one network in a window: a school has one address for all of its teachers."""
MISS_COST = 20
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


BUDGET = RequestBudget(window=WINDOW, max_cost=MAX_COST)

View = Callable[..., HttpResponseBase]


def open_by_secret(*, permission: str, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Decorate a view as a page that a secret opens; it gets `district=`, `today=` and `now=`.

    `permission` is its name in the table of permissions.

    It raises Http404 for a secret that opens nothing; who asks cannot see whether it ever did.
    """

    def decorate(view: View) -> View:
        @require_permission(permission)
        @csrf_exempt
        @wraps(view)
        def respond(request: HttpRequest, **url_arguments: str) -> HttpResponseBase:
            response = _answer(view, request, methods, url_arguments)
            for name, value in HEADERS.items():
                response[name] = value
            response._has_been_logged = True  # type: ignore[attr-defined]  # or strangers could fill the log
            return response

        respond.opens_by_secret = True  # type: ignore[attr-defined]
        return respond

    return decorate


def _answer(
    view: Callable[..., HttpResponseBase], request: HttpRequest, methods: tuple[str, ...], url_arguments: dict[str, str]
) -> HttpResponseBase:
    now, network = get_current_time(), normalize_network(request.META.get("REMOTE_ADDR", ""))
    if not is_method_allowed(request, methods):
        return HttpResponseNotAllowed(methods)
    if not BUDGET.take(network, cost=1, at=now):
        response = render(request, "rollouts/link_gone.html", {"is_busy": True}, status=429)
        response["Retry-After"] = str(int(WINDOW.total_seconds()))
        return response
    try:
        district = _get_district(request)
        zone = ZoneInfo(district.timezone)
        today: date = now.astimezone(zone).date()
        with timezone.override(zone):
            return view(request, district=district, today=today, now=now, **url_arguments)
    except Http404:
        BUDGET.take(network, cost=MISS_COST, at=now)
        return render(request, "rollouts/link_gone.html", {}, status=404)


def _get_district(request: HttpRequest) -> District:
    """Return the district of the address; raise Http404 for an address that names none."""
    slug = getattr(request, "prefix", "")
    try:
        if slug:
            return get_district(slug=slug)
    except LookupError:
        pass
    raise Http404
