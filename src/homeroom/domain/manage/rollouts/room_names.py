"""Names of rooms as keys, so that lists, rosters and devices mean the same room by `Room 101`, `Rm. 101` and `101`."""

from __future__ import annotations

import re

_PREFIX = re.compile(r"^(?:classroom|room|rm|salon|aula)\b[.:#\s]*")
_CART = re.compile(r"[\s,;:(/-]*\bcarts?\b.*$", re.IGNORECASE)


def fold_room_name(name: str) -> str:
    """Return the key of a room's name within its school: lower case, without blanks and a word for room before it."""
    plain = " ".join(name.lower().split())
    return _PREFIX.sub("", plain) or plain


def remove_cart(location: str) -> str:
    """Return a device's location without its cart: `Room 101, Cart B` is in Room 101; empty for a cart alone."""
    return _CART.sub("", location).strip()


def remove_school(location: str, *, school: str) -> str:
    """Return a location without the name of its school before it: `Cedar Middle Lab 2` is Lab 2; empty for the name."""
    plain = " ".join(location.split())
    if not school or not plain.casefold().startswith(school.casefold()):
        return plain
    rest = plain[len(school) :]
    return plain if rest[:1].isalnum() else rest.strip(" ,;:/-")
