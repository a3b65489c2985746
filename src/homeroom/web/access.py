"""The one place where a page learns whose it is: the district, the visitor's role, the day and the time.

Every page of a district stands at its plain address (`/posture`) and under the district's own (`/d/maple-valley/posture`).
The prefix is taken off before routing and put before every address that `reverse` makes, so that two tabs in two
districts can never mix. Without a prefix the visitor's only district is meant; who has several is asked which.

Somebody who is not in the district gets 404, as for a page that does not exist. Auditors read and never change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from inspect import signature
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse, set_script_prefix
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.districts.queries import DIRECTOR, ROLES, TECHNICIAN, Belonging, belongings
from homeroom.evidence.asking import TooSlow
from homeroom.web.areas import places

CHANGERS = frozenset({DIRECTOR, TECHNICIAN})
EVERYBODY = frozenset(ROLES)
_PREFIX = re.compile(r"^/d/([-\w]+)(/.*)?$")
_READING = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit of one person to one district's page. `now` is UTC, `today` the day in the district's zone."""

    district: Any
    role: str
    role_title: str
    actor: str
    person: str
    now: datetime
    today: date
    several: bool
    demo: bool
    places: tuple[dict[str, Any], ...]
    choose_url: str = "/districts"

    @property
    def may_change(self) -> bool:
        """Whether the role changes anything at all."""
        return self.role in CHANGERS


class DistrictPrefix:
    """Takes `/d/<slug>` off the path before routing, and puts it before every address made while answering."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer to the request, routed without the prefix."""
        found = _PREFIX.match(request.path_info)
        if found is None:
            return self.get_response(request)
        request.prefix = found[1]  # type: ignore[attr-defined]
        request.path_info = found[2] or "/"
        set_script_prefix(f"/d/{found[1]}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix("/")


def visiting(request: HttpRequest) -> dict[str, Any]:
    """The context processor that gives templates the `visit`, where there is one."""
    return {"visit": getattr(request, "visit", None)}


def moment() -> datetime:
    """The time now, UTC; `settings.NOW` stands in for it where a day is to be seen again."""
    fixed: datetime | None = getattr(settings, "NOW", None)
    return fixed or timezone.now()


def district_view(
    *, roles: frozenset[str] = EVERYBODY, changers: frozenset[str] = CHANGERS, methods: tuple[str, ...] = ("GET",)
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page of a district: the view gets `district=` (the model instance) and `role=`, where it names them, beside its
    address's own arguments.

    `roles` may read it, `changers` may send to it, `methods` are the methods that it answers. `request.visit` holds the
    whole Visit. The district's zone is active while the view runs. A view that raises TooSlow is answered with a 503.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        wanted = {"district", "role"} & set(signature(view).parameters)

        @wraps(view)
        def visited(request: HttpRequest, **named: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), "/sign-in")
            mine = belongings(user=request.user)
            here = _chosen(request, mine)
            if here is None:
                return _which(request, mine)
            request.visit = _visit(request, here=here, several=len(mine) > 1)  # type: ignore[attr-defined]
            refused = _refused(request, role=here.role, roles=roles, changers=changers, methods=methods)
            if refused is not None:
                return refused
            with timezone.override(ZoneInfo(here.district.timezone)):
                return _answered(view, request, **{name: getattr(here, name) for name in wanted}, **named)

        visited.of_district = True  # type: ignore[attr-defined]
        visited.changers = changers  # type: ignore[attr-defined]
        return visited

    return decorate


def _answered(view: Callable[..., HttpResponseBase], request: HttpRequest, **named: Any) -> HttpResponseBase:
    try:
        return view(request, **named)
    except TooSlow:
        return render(request, "503.html", status=503)


def _chosen(request: HttpRequest, mine: tuple[Belonging, ...]) -> Belonging | None:
    slug = getattr(request, "prefix", None)
    if slug is None:
        return mine[0] if len(mine) == 1 else None
    return next((one for one in mine if one.district.slug == slug), None)


def _which(request: HttpRequest, mine: tuple[Belonging, ...]) -> HttpResponse:
    """Asks which district is meant; to who belongs to none, or not to the one asked for, there is nothing here."""
    if not mine or hasattr(request, "prefix") or request.method not in _READING:
        raise Http404
    return render(request, "account/districts.html", {"belongings": mine, "path": request.get_full_path()})


def _refused(
    request: HttpRequest, *, role: str, roles: frozenset[str], changers: frozenset[str], methods: tuple[str, ...]
) -> HttpResponse | None:
    if request.method not in (*methods, "HEAD"):
        return HttpResponseNotAllowed(methods)
    allowed = roles if request.method in _READING else roles & changers
    if role not in allowed:
        raise PermissionDenied(
            gettext("Your role is %(role)s, which reads and does not change this.") % {"role": ROLES[role]}
        )
    return None


def _visit(request: HttpRequest, *, here: Belonging, several: bool) -> Visit:
    now = moment()
    user: Any = request.user
    return Visit(
        district=here.district,
        role=here.role,
        role_title=str(ROLES[here.role]),
        actor=user.get_username(),
        person=user.get_full_name() or user.get_username(),
        now=now,
        today=now.astimezone(ZoneInfo(here.district.timezone)).date(),
        several=several,
        demo=settings.DEMO,
        places=_places(request),
    )


def _places(request: HttpRequest) -> tuple[dict[str, Any], ...]:
    """The main navigation, with the place of this page marked."""
    match = request.resolver_match
    module = match.func.__module__.rpartition(".")[2] if match else ""
    return tuple(
        {"url": reverse(place.name), "title": place.title, "here": module.startswith(area)} for area, place in places()
    )
