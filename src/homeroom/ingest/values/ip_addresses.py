"""Network addresses: which of them the internet can reach, and which identify a single device."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

_SEPARATORS = re.compile(r"[\s:.\-]")
_MAC = re.compile(r"[0-9a-f]{12}")
_LOCALLY_ADMINISTERED = 0x02
"""The bit of a MAC address's first byte for an address that no maker assigned.

Phones make up a new one for each network.
"""


def parse_ip(raw: str | None) -> IPv4Address | IPv6Address | None:
    """Return the IP address in a text; null for names and other text."""
    try:
        return ip_address((raw or "").strip())
    except ValueError:
        return None


def is_public(raw: str | None) -> bool | None:
    """Check whether the internet can reach an address: global unicast, by IANA's registries.

    Null for other text.
    """
    ip = parse_ip(raw)
    return None if ip is None else ip.is_global and not ip.is_multicast


def normalize_mac(raw: str | None) -> str | None:
    """Return a MAC address as twelve lower-case hex digits; null for other text and for all zeros."""
    bare = _SEPARATORS.sub("", raw or "").lower()
    return bare if _MAC.fullmatch(bare) and bare != "0" * 12 else None


def derive_host_key(*, macs: Sequence[str], address: str | None) -> str | None:
    """Return the key by which one host is recognized from scan to scan.

    Its MAC address if it has exactly one and a maker assigned it: that address is stable while the lease of an IP
    address moves from laptop to laptop. Several may be those of a dock or a hypervisor, or the same on many machines,
    and a random one changes, so that the IP address is the lesser evil in those cases.
    """
    assigned_macs = [mac_address for mac_address in macs if not int(mac_address[:2], 16) & _LOCALLY_ADMINISTERED]
    return assigned_macs[0] if len(assigned_macs) == 1 and len(macs) == 1 else address
