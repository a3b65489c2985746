"""Networks and programs that look at mail by themselves."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address


class NetworkKind(StrEnum):
    """What sends from a network: a program that looks at mail, or a web filter that people are behind."""

    SCANNER = "scanner"
    WEB_FILTER = "web filter"


@dataclass(frozen=True, kw_only=True)
class KnownNetwork:
    """Networks of one product."""

    id: str
    title: str
    kind: NetworkKind
    networks: tuple[IPv4Network | IPv6Network, ...]
    source: str = ""
    checked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class KnownProgram:
    """A program by words of its user agent: any of them is enough, in any case."""

    id: str
    title: str
    agents: tuple[str, ...]
    source: str = ""
    checked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class KnownMachines:
    """What is known of machines that look at mail."""

    networks: tuple[KnownNetwork, ...] = ()
    programs: tuple[KnownProgram, ...] = ()


class NetworkSet:
    """Networks without overlap, to look addresses up."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        listed = list(networks)
        merged: list[IPv4Network | IPv6Network] = [
            *collapse_addresses(item for item in listed if isinstance(item, IPv4Network)),
            *collapse_addresses(item for item in listed if isinstance(item, IPv6Network)),
        ]
        ranges = sorted((_number(item.network_address), _number(item.broadcast_address)) for item in merged)
        self._starts = [start for start, _ in ranges]
        self._ends = [end for _, end in ranges]

    def has(self, address: str) -> bool:
        """Check whether an address is in any of the networks; a text that is no address is not."""
        try:
            number = _number(_parse_address(address))
        except ValueError:
            return False
        position = bisect_right(self._starts, number) - 1
        return position >= 0 and number <= self._ends[position]


def normalize_address(address: str) -> tuple[str, str]:
    """Return the address of a place, and its network.

    IPv6 is cut to 64 bits, which a home has, and its network to 48; the network of IPv4 has 24 bits. A text that is no
    address stays as it is.
    """
    try:
        parsed = _parse_address(address)
    except ValueError:
        return address, address
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False)), str(IPv6Network((parsed, 48), strict=False))
    return str(parsed), str(IPv4Network((parsed, 24), strict=False))


def build_agent_pattern(programs: Sequence[KnownProgram]) -> re.Pattern[str] | None:
    """Return the pattern of user agents of known programs; None without any."""
    words = sorted({word for program in programs for word in program.agents}, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None


def _parse_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address of a text; IPv4 that is written as IPv6 is IPv4. Raise ValueError if it is none."""
    parsed = ip_address(text)
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


def _number(address: IPv4Address | IPv6Address) -> int:
    """Return the number of an address among all of both versions."""
    return int(address) + (1 << 128 if isinstance(address, IPv6Address) else 0)
