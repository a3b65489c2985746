"""API tokens: one's own, with a form that makes another, and those of all users of the district."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.platform.api_tokens.commands import (
    DEFAULT_DAYS,
    NewToken,
    NoSuchToken,
    TokenRefused,
    make_token,
    revoke_token,
)
from homeroom.apps.platform.api_tokens.queries import list_tokens
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.tokens import TOKEN_PERMISSIONS
from homeroom.web.shared.access import DistrictRequest, district_view

REFUSED = 400
DAYS = (30, DEFAULT_DAYS, 180, 365)
TITLES = {
    "sources.read": gettext_lazy("See loads and what they rejected"),
    "sources.load": gettext_lazy("Push files, and discard or undo a load"),
    "sources.approve_removals": gettext_lazy("Approve a load that removes records"),
    "permissions.read": gettext_lazy("See who may do what"),
    "users.read": gettext_lazy("See users and their last sign-ins"),
}


@district_view(permission="tokens.use", methods=("GET", "POST"))
def show_tokens(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the visitor's own tokens; a posted form makes one, which is shown once."""
    if request.method != "POST":
        return _render_own(request, district)
    days = request.POST.get("days", "")
    try:
        new = make_token(
            district=district,
            username=request.visit.actor,
            name=request.POST.get("name", ""),
            permissions=request.POST.getlist("permissions"),
            days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            actor=request.visit.actor,
            at=request.visit.now,
        )
    except TokenRefused as error:
        return _render_own(request, district, refusal=str(error), status=REFUSED)
    return _render_own(request, district, new=new)


@district_view(permission="tokens.use", methods=("POST",))
def revoke_own_token(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Revoke a token of the visitor's."""
    return _revoke(request, district, page="tokens", owner=request.user)


@district_view(permission="tokens.read", change="tokens.manage", methods=("GET", "POST"))
def show_all_tokens(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the tokens of all users; a director revokes any of them."""
    if request.method == "POST":
        return _revoke(request, district, page="all-tokens")
    context = {"tokens": list_tokens(district=district, at=request.visit.now), "titles": TITLES, "is_all": True}
    return render(request, "tokens/all_tokens.html", context)


def _revoke(request: DistrictRequest, district: District, *, page: str, owner: object = None) -> HttpResponse:
    visit = request.visit
    try:
        revoke_token(
            district=district, token=request.POST.get("token", ""), owner=owner, actor=visit.actor, at=visit.now
        )
    except NoSuchToken as error:
        raise Http404 from error
    messages.success(request, gettext("Revoked. The token opens nothing any more."), extra_tags="good")
    return redirect(page)


def _render_own(
    request: DistrictRequest, district: District, *, new: NewToken | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    visit = request.visit
    context = {
        "tokens": list_tokens(district=district, at=visit.now, owner=request.user),
        "choices": [(name, TITLES[name]) for name in TOKEN_PERMISSIONS if visit.holds(name)],
        "titles": TITLES,
        "days": DAYS,
        "days_now": request.POST.get("days", str(DEFAULT_DAYS)) if refusal else str(DEFAULT_DAYS),
        "name_now": request.POST.get("name", "") if refusal else "",
        "permissions_now": request.POST.getlist("permissions") if refusal else [],
        "new": new,
        "refusal": refusal,
    }
    return render(request, "tokens/tokens.html", context, status=status)


urlpatterns = [
    path("settings/tokens", show_tokens, name="tokens"),
    path("settings/tokens/revoke", revoke_own_token, name="token-revoke"),
    path("settings/tokens/all", show_all_tokens, name="all-tokens"),
]
