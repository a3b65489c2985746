"""Addresses of the network: which of them the internet can reach, and which of them stand for one device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

_APART = re.compile(r"[\s:.\-]")
_MAC = re.compile(r"[0-9a-f]{12}")
_OF_ITS_OWN_MAKING = 0x02
"""The bit of a network address's first byte that says that no maker gave it: phones make up a new one at every turn."""


def address(written: str | None) -> IPv4Address | IPv6Address | None:
    """The IP address that a text is; null for names and other text."""
    try:
        return ip_address((written or "").strip())
    except ValueError:
        return None


def public(written: str | None) -> bool | None:
    """Whether the internet can reach an address: global unicast, as IANA's registries have it. Null for other text."""
    found = address(written)
    return None if found is None else found.is_global and not found.is_multicast


def mac(written: str | None) -> str | None:
    """A network (MAC) address as twelve lower-case hex digits; null for other text and for all zeros."""
    bare = _APART.sub("", written or "").lower()
    return bare if _MAC.fullmatch(bare) and bare != "0" * 12 else None


def host_key(*, macs: Sequence[str], address: str | None) -> str | None:
    """What one host is known by from scan to scan.

    Its network address where it has exactly one and a maker gave it: that stays while the lease of an IP address goes
    from laptop to laptop. Several may be a dock's, a hypervisor's, or the same on many machines, and a made-up one
    changes, so that there the IP address is the lesser evil.
    """
    given = [found for found in macs if not int(found[:2], 16) & _OF_ITS_OWN_MAKING]
    return given[0] if len(given) == 1 and len(macs) == 1 else address
