"""Names that visitors type, as the throttle counts them: every spelling of one name is the same."""

from __future__ import annotations

import ipaddress
import unicodedata

_MAX_LENGTH = 200
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that show nothing."""
_INVISIBLE = ("C", "M", "Z")  # control and format characters, marks, blanks


def normalize_account_name(name: str) -> str:
    """Return a user name without case, width, accents, blanks and invisible characters.

    Several accounts may share one result: they then share its tries, and nothing else.
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name[:_MAX_LENGTH]).casefold())
    return "".join(
        letter for letter in letters if letter not in _FILLERS and unicodedata.category(letter)[0] not in _INVISIBLE
    )


def normalize_network(address: str) -> str:
    """Return the network of an address: itself, or of IPv6 the /64 that one household has."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
