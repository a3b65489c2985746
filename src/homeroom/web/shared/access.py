"""Resolve the context of every page: the district, the visitor's role, the date and the time.

Every page of a district has a plain address (`/posture`) and one under the district's own prefix
(`/d/maple-valley/posture`). The prefix is removed before routing and added to every address that `reverse` builds, so
that two tabs in two districts can never mix. Without a prefix, the visitor's only district is used; a visitor with
several districts must choose.

A visitor who does not belong to the district gets 404, as for a page that does not exist. What each role opens and
changes is in the table of permissions (`domain/platform/permissions/table.py`): every view names its permission.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from inspect import signature
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, set_script_prefix
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from homeroom.apps.platform.districts.queries import OFFICE_ROLES, ROLES, DistrictMembership
from homeroom.apps.platform.districts.school_keys import load_school_scope
from homeroom.apps.platform.permissions.queries import HeldPermissions, get_held_permissions
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission
from homeroom.domain.platform.permissions.permission import PermissionScope
from homeroom.evidence.files.manifests import share_listings
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.shared.languages.choice import render_in_own_language
from homeroom.web.shared.navigation import (
    get_area_page,
    get_nav_area,
    is_area_seen,
    list_area_pages,
    list_nav_items,
)
from homeroom.web.shared.offline_pages import SCOPE_HEADER, compute_offline_scope
from homeroom.web.shared.redirects import build_sign_in_again_address
from homeroom.web.shared.sign_in_proofs import is_sign_in_recent, lacks_second_factor, list_open_memberships

_PREFIX = re.compile(r"^/d/([-\w]+)(/.*)?$")
_SAFE_METHODS = ("GET", "HEAD")


class PageShowsAllSchools(RuntimeError):
    """A view names a permission that reaches single schools, and takes no `schools` to show only theirs."""


class PageNamesNoChange(RuntimeError):
    """A template asks whether the visitor may change what a page shows, and its view does not name the permission."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One visit of one person to a page of one district.

    `now` is UTC; `today` is the date in the district's time zone. `places` are the entries of the main navigation,
    `pages` those of the area. `scope` is whose the page is, for browsers that keep it. `permissions` is what the
    visitor holds; `change` names the permission that changes what the page shows, if there is one. With
    `must_sign_in_again` the visitor holds it, and signed in too long ago to use it.
    `schools` are the names of the schools that the role is limited to, empty for all.
    """

    district: District
    role: str
    actor: str
    person: str
    now: datetime
    today: date
    several: bool
    demo: bool
    places: tuple[dict[str, Any], ...]
    pages: tuple[dict[str, Any], ...]
    scope: str
    permissions: HeldPermissions
    change: str = ""
    must_sign_in_again: bool = False
    schools: tuple[str, ...] = ()
    choose_url: str = "/districts"

    @property
    def role_title(self) -> str:
        """Title of the role, in the language of the page."""
        return str(ROLES[self.role])

    def holds(self, permission: str) -> bool:
        """Check whether the visitor holds a permission of the table."""
        return self.permissions.holds(permission)

    @property
    def is_office(self) -> bool:
        """True if the role reads the pages of the office."""
        return self.role in OFFICE_ROLES

    @property
    def may_change(self) -> bool:
        """True if the visitor holds the permission that changes what this page shows.

        Raise PageNamesNoChange if the page names none.
        """
        if not self.change:
            raise PageNamesNoChange("the page asks who may change it, and its view names no change=")
        return self.holds(self.change)

    @property
    def may_change_privacy(self) -> bool:
        """True if the visitor changes requests of families, disclosures and opt-outs."""
        return self.holds("privacy.change")

    @property
    def may_attest(self) -> bool:
        """True if the visitor asks for attestations and answers them."""
        return self.holds("attestations.answer")

    @property
    def may_read_private(self) -> bool:
        """True if neither private reasons nor columns about students are masked for the visitor."""
        return self.holds("students.read")


class DistrictRequest(HttpRequest):
    """A request to a page of a district, once `district_view` has let it in.

    `prefix` is the slug in the address, if there is one.
    """

    visit: Visit
    prefix: str


class DistrictPrefix:
    """Middleware that removes `/d/<slug>` before routing and adds it to every address built for the response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response to the request, routed without the prefix."""
        slug, path = split_district_prefix(request.path_info)
        if slug is None:
            return self.get_response(request)
        cast("DistrictRequest", request).prefix = slug
        request.path_info = path
        set_script_prefix(f"/d/{slug}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix("/")


def split_district_prefix(path: str) -> tuple[str | None, str]:
    """Return the slug of the district in a path, if there is one, and the path without it."""
    match = _PREFIX.match(path)
    return (None, path) if match is None else (match[1], match[2] or "/")


def add_visit_to_context(request: HttpRequest) -> dict[str, Any]:
    """Add the `visit` to the template context, or None if there is none (a context processor)."""
    return {"visit": getattr(request, "visit", None)}


def attach_visit(request: HttpRequest) -> None:
    """Show the navigation of the visitor's district on a page of their account, if they belong to only one.

    Raise Http404 at the address of a district that is not theirs.
    """
    memberships = list_open_memberships(request)
    if getattr(request, "prefix", None) not in (None, *(item.district.slug for item in memberships)):
        raise Http404
    if len(memberships) == 1 and not lacks_second_factor(request, membership=memberships[0]):
        visit = _build_visit(request, membership=memberships[0], has_several=False, change="")
        cast("DistrictRequest", request).visit = visit


def get_current_time() -> datetime:
    """Return the current time in UTC, or `settings.NOW` if it is set to replay a day."""
    fixed: datetime | None = getattr(settings, "NOW", None)
    return fixed or timezone.now()


def district_view(
    *,
    permission: str,
    change: str = "",
    methods: tuple[str, ...] = ("GET",),
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a view as a page of a district.

    The view gets `district=` (the model instance), `role=`, and `schools=` (a SchoolScope: the schools that the
    visitor's membership is for) if its signature names them, besides the arguments of its address. Raise
    PageShowsAllSchools at import for a view that takes no `schools` though its permission has the scope `school`.

    Who holds `permission` may open the page; who holds `change` too may post to it (just `permission` if a page that
    is posted to names no `change`). Both are names of the table of permissions; an unknown one raises
    UnknownPermission at import. `methods` are the allowed methods. `request.visit` holds the full Visit. The district's
    time zone is active while the view runs. A view that raises QueryTimeout returns a 503.
    """
    change = change or (permission if "POST" in methods else "")
    for name in filter(None, (permission, change)):
        get_permission(name)

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        names = set(signature(view).parameters)
        context_names = {"district", "role"} & names
        if get_permission(permission).scope is PermissionScope.SCHOOL and "schools" not in names:
            raise PageShowsAllSchools(f"{view.__module__}.{view.__name__} names {permission} and takes no schools")

        @wraps(view)
        def wrapper(request: HttpRequest, **url_arguments: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), "/sign-in")
            memberships = list_open_memberships(request)
            membership = _select_membership(request, memberships)
            if membership is None:
                return _ask_for_district(request, memberships)
            if lacks_second_factor(request, membership=membership):
                return redirect("/account/2-step")
            visit = _build_visit(request, membership=membership, has_several=len(memberships) > 1, change=change)
            cast("DistrictRequest", request).visit = visit
            if not is_method_allowed(request, methods):
                return HttpResponseNotAllowed(methods)
            _check_permission(visit, permission)
            if request.method not in _SAFE_METHODS and change:
                _check_permission(visit, change)
                if visit.must_sign_in_again:
                    return redirect(build_sign_in_again_address(request))
            with timezone.override(ZoneInfo(membership.district.timezone)):
                response = _call_view(
                    view,
                    request,
                    membership if "schools" in names else None,
                    **{name: getattr(membership, name) for name in context_names},
                    **url_arguments,
                )
            response.headers[SCOPE_HEADER] = visit.scope
            return response

        wrapper.of_district = True  # type: ignore[attr-defined]
        wrapper.permission, wrapper.change = permission, change  # type: ignore[attr-defined]
        wrapper.methods = methods  # type: ignore[attr-defined]
        return wrapper

    return decorate


def is_method_allowed(request: HttpRequest, methods: tuple[str, ...]) -> bool:
    """Check whether a view answers the method of a request; a HEAD request asks for what GET shows."""
    return ("GET" if request.method == "HEAD" else request.method) in methods


def _check_permission(visit: Visit, name: str) -> None:
    """Raise PermissionDenied, with the reason, unless the visitor holds the permission."""
    if not visit.holds(name):
        raise PermissionDenied(_explain_refusal(visit, name))


def _call_view(
    view: Callable[..., HttpResponseBase],
    request: HttpRequest,
    limited_by: DistrictMembership | None,
    **arguments: Any,
) -> HttpResponseBase:
    """Call a view, with the schools of a membership if one limits it; a view that takes too long returns a 503."""
    try:
        if limited_by is not None:
            arguments["schools"] = load_school_scope(district=limited_by.district, schools=limited_by.schools)
        with share_listings() if request.method in _SAFE_METHODS else nullcontext():
            return view(request, **arguments)
    except QueryTimeout:
        return render_in_own_language(request, "503.html", status=503)


def _select_membership(request: HttpRequest, memberships: tuple[DistrictMembership, ...]) -> DistrictMembership | None:
    slug = getattr(request, "prefix", None)
    if slug is None:
        return memberships[0] if len(memberships) == 1 else None
    return next((membership for membership in memberships if membership.district.slug == slug), None)


def _ask_for_district(request: HttpRequest, memberships: tuple[DistrictMembership, ...]) -> HttpResponse:
    """Ask which district is meant.

    Raise Http404 if the visitor belongs to no district or not to the requested one.
    """
    if not memberships or hasattr(request, "prefix") or request.method not in _SAFE_METHODS:
        raise Http404
    if request.path_info == "/":
        return redirect("districts")
    return render(request, "account/districts.html", {"belongings": memberships, "path": request.get_full_path()})


def _explain_refusal(visit: Visit, permission: str) -> Promise:
    """Return the reason, in the language of the page that shows it."""
    if not visit.is_office:
        return gettext_lazy("This page is for the technology team.")
    is_of_district = get_permission(permission).scope is PermissionScope.DISTRICT
    if visit.permissions.is_limited_to_schools and is_of_district:
        return gettext_lazy("This page shows the entire district, and your role is limited to schools.")
    reason = gettext_lazy("Your role is {role}, which reads and does not change this.")
    return format_lazy(reason, role=ROLES[visit.role])


def _build_visit(request: HttpRequest, *, membership: DistrictMembership, has_several: bool, change: str) -> Visit:
    now = get_current_time()
    user: Any = request.user
    held = get_held_permissions(membership)
    return Visit(
        district=membership.district,
        role=membership.role,
        actor=user.get_username(),
        person=user.get_full_name() or user.get_username(),
        now=now,
        today=now.astimezone(ZoneInfo(membership.district.timezone)).date(),
        several=has_several,
        demo=settings.DEMO,
        places=_build_navigation(request, held),
        pages=_build_area_pages(request, held),
        scope=compute_offline_scope(user=user.pk, district=membership.district.pk),
        permissions=held,
        change=change,
        must_sign_in_again=bool(change)
        and held.holds(change)
        and not is_sign_in_recent(request, change=change, at=now),
        schools=membership.schools,
    )


def _build_navigation(request: HttpRequest, held: HeldPermissions) -> tuple[dict[str, Any], ...]:
    """Return the entries of the main navigation that the visitor sees, with the entry of this page marked."""
    current_area = _find_area(request)
    return tuple(
        {"url": reverse(nav_item.name), "title": nav_item.title, "here": area == current_area}
        for area, nav_item in list_nav_items()
        if is_area_seen(area, nav_item, holds=held.holds)
    )


def _build_area_pages(request: HttpRequest, held: HeldPermissions) -> tuple[dict[str, Any], ...]:
    """Return the pages of this page's area that the visitor sees, with the page of this module marked."""
    match = request.resolver_match
    module = get_area_page(match.func.__module__) if match else ""
    return tuple(
        {"url": reverse(item.name), "title": item.title, "here": name == module}
        for name, item in list_area_pages(_find_area(request))
        if item.is_seen(held.holds)
    )


def _find_area(request: HttpRequest) -> str:
    match = request.resolver_match
    return get_nav_area(match.func.__module__) if match else ""
