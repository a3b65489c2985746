"""What a browser was asked about passkeys: the state in its session, for one answer within some minutes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse

from homeroom.apps.platform.second_factors.passkeys import PasskeyRequest

_STATE = "homeroom.passkey"
MAX_ANSWER = 20_000


def send_passkey_request(request: HttpRequest, passkey_request: PasskeyRequest, *, purpose: str) -> JsonResponse:
    """Return the request for the browser, and remember its state for one answer of that purpose."""
    request.session[_STATE] = {"purpose": purpose, **passkey_request.state}
    return JsonResponse(passkey_request.options)


def take_passkey_state(request: HttpRequest, *, purpose: str) -> Mapping[str, Any]:
    """Return the state of the last request, and forget it; empty if that had another purpose."""
    state = request.session.pop(_STATE, None)
    return state if isinstance(state, dict) and state.get("purpose") == purpose else {}


def read_passkey_answer(request: HttpRequest) -> Mapping[str, Any]:
    """Return what the browser's script sent; empty if it is no document."""
    text = request.POST.get("credential", "")
    try:
        answer = json.loads(text) if len(text) <= MAX_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, dict) else {}


def get_site_name(request: HttpRequest) -> str:
    """Return the name of the site, without the port: passkeys belong to it."""
    return request.get_host().rpartition(":")[0] or request.get_host()
