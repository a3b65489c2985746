"""Host names and network cards: which of them say anything about the device that has them."""

from __future__ import annotations

# Default names of manufacturers, installers and routers: sharing one proves nothing.
_GENERIC = (
    r"^(localhost|unknown|none|default|host|hostname|router|gateway|switch|printer|server|desktop|laptop|computer|pc|workstation"
    r"|windows|linux|ubuntu|debian|fedora|raspberrypi|android|iphone|ipad|imac|mac|macbook|macbook-?(pro|air)|mac-?mini|chromebook"
    r"|new-?host|user|admin|guest|test|(ip|dhcp|host)?[-_]?[0-9]+([-_][0-9]+)*)$"
)
HOST_LABEL_SQL = "lower(split_part(trim({}), '.', 1))"
OWN_MAC = "[0-9a-f][048c][0-9a-f]{10}"
"""A globally unique unicast address has the last two bits of its first byte clear (IEEE 802)."""


def is_specific_host_sql(host: str) -> str:
    """Return SQL for whether a host name is more than a default name."""
    return (
        f"regexp_full_match({host}, '[a-z0-9][a-z0-9_-]*') AND length({host}) > 2 "
        f"AND NOT regexp_matches({host}, '{_GENERIC}')"
    )


def specific_host_sql(name: str) -> str:
    """Return SQL for the host name in a column of names; null where it is a default name or none."""
    host = HOST_LABEL_SQL.format(name)
    return f"CASE WHEN {is_specific_host_sql(host)} THEN {host} END"


def own_macs_sql(macs: str) -> str:
    """Return SQL for the addresses of a list that a maker assigned."""
    return f"list_filter({macs}, x -> regexp_full_match(x, '{OWN_MAC}') AND x NOT LIKE '000000%')"


IS_SPECIFIC_HOST_SQL = is_specific_host_sql("host")
