"""Sessions of strangers, who have one only while a sign-in is under way: short, and limited for each network.

Whoever sends no cookie gets a new row of the session table with each request; without this it would live for hours.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest

from homeroom.apps.platform.districts.account_names import normalize_network
from homeroom.apps.platform.districts.request_budget import RequestBudget
from homeroom.web.shared.access import get_current_time
from homeroom.web.shared.secret_addresses import MAX_COST, WINDOW

LIFETIME = timedelta(minutes=10)
WAIT_MINUTES = int(WINDOW.total_seconds() / 60)
BUDGET = RequestBudget(window=WINDOW, max_cost=MAX_COST)
"""Sign-ins that are begun from one network in ten minutes: a school has one address for all of its teachers."""


def begin_stranger_session(request: HttpRequest) -> bool:
    """Prepare the session for what a sign-in remembers; return False if the network has begun too many.

    The session of somebody who signed in stays as it is.
    """
    if request.user.is_authenticated:
        return True
    if not BUDGET.take(normalize_network(request.META.get("REMOTE_ADDR", "")), cost=1, at=get_current_time()):
        return False
    request.session.set_expiry(LIFETIME)  # which alone would store a row
    return True
