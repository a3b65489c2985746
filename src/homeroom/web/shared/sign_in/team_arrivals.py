"""What follows when a user of the office comes back from a provider: signed in, or with the account linked.

An account signs in the user that it is linked to by issuer and subject; its address alone opens nothing.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from homeroom.apps.platform.second_factors.provider_links import LinkRefused, ProvedAccount, admit_account, link_account
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.sign_in.completed_sign_in import record_refused_arrival
from homeroom.web.shared.sign_in.pending_sign_in import continue_sign_in
from homeroom.web.shared.sign_in_proofs import get_proof, list_open_memberships, may_change_factors

TEAM, LINK = "team", "link"
_log = logging.getLogger(__name__)


def finish_team_arrival(
    request: HttpRequest, *, district: District, account: ProvedAccount, purpose: str, user: object, after: str
) -> HttpResponse:
    """Sign in the user of a proved account, or link it; `user` is the key of the visitor who left to link it."""
    if purpose == LINK:
        return _link(request, district, account, user)
    return _sign_in(request, district, account, after)


def _sign_in(request: HttpRequest, district: District, account: ProvedAccount, after: str) -> HttpResponse:
    user: Any = admit_account(district=district, account=account, at=get_current_time())
    if user is None:
        _log.warning("A sign-in of the office was refused: the account is linked to nobody")
        record_refused_arrival(district=district, way=account.provider)
        context = {"sign_in_district": district, "provider": account.provider.capitalize()}
        return render(request, "account/not_linked.html", context, status=403)
    target = _get_own_target(request, district, after)
    return continue_sign_in(request, user, method=account.provider, after=target, district=district)


def _link(request: HttpRequest, district: District, account: ProvedAccount, user: object) -> HttpResponse:
    visitor: Any = request.user
    now = get_current_time()
    may_link = visitor.is_authenticated and visitor.pk == user and may_change_factors(request)
    opens = any(item.district.pk == district.pk for item in list_open_memberships(request)) if may_link else False
    if not opens or not get_proof(request).is_recent(at=now):
        return redirect("account-two-step")
    try:
        link_account(district=district, user=visitor, account=account, actor=visitor.get_username(), at=now)
    except LinkRefused as error:
        messages.error(request, gettext("Not linked: %(reason)s.") % {"reason": error}, extra_tags="bad")
    else:
        messages.success(request, gettext("The account is linked. You can sign in with it."), extra_tags="good")
    return redirect("account-two-step")


def _get_own_target(request: HttpRequest, district: District, after: str) -> str:
    """Return an address of this site in the district that the session opens."""
    is_safe = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    return after if is_safe and after.startswith(f"/d/{district.slug}/") else reverse("today")
