"""Pages that a phone may keep for a time without a network, and whose they are.

A browser's service worker keeps a page only if its response has the header `Homeroom-Keep`. Every response of a
district's page has `Homeroom-Scope`, by which the worker drops pages of another person.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.crypto import salted_hmac

SCOPE_HEADER = "Homeroom-Scope"
KEEP_HEADER = "Homeroom-Keep"
TITLE_HEADER = "Homeroom-Title"
_SALT = "homeroom.offline"


def compute_offline_scope(*, user: int, district: int) -> str:
    """Return whose a page is, from the keys of both, as `user.district`: codes that nobody can guess."""
    return ".".join(_hash_key(name, key) for name, key in (("user", user), ("district", district)))


def keep_offline(response: HttpResponse, *, addresses: Sequence[str] = (), title: str = "") -> HttpResponse:
    """Allow phones to keep a page; `addresses` are others that lead to it, `title` names it in the list of kept pages.

    A page without a title is not listed.
    """
    response.headers[KEEP_HEADER] = " ".join(["yes", *addresses])
    if title:
        response.headers[TITLE_HEADER] = quote(title)
    return response


def _hash_key(name: str, key: int) -> str:
    return salted_hmac(_SALT, f"{name} {key}", algorithm="sha256").hexdigest()[:20]
