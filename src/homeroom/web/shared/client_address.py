"""The visitor's own address, as far as a proxy that the settings trust reports it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class TrustedProxies:
    """Middleware that replaces the address of a trusted proxy by its visitor's.

    What anybody else reports of addresses and schemes is removed before it is read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response to the request from its visitor's address."""
        peer = request.META.get("REMOTE_ADDR", "")
        if is_trusted(peer, proxies=settings.PROXIES):
            forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = find_client_address(peer, forwarded, proxies=settings.PROXIES)
        else:
            for name in _FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


def parse_proxies(words: Sequence[str]) -> tuple[Network, ...]:
    """Return the networks of trusted proxies; raise ValueError for a word that is no address and no network."""
    networks = []
    for word in words:
        try:
            networks.append(ipaddress.ip_network(word.strip(), strict=False))
        except ValueError:
            raise ValueError(f"{word!r} is no address or network; 10.0.0.5 or 10.0.0.0/24 would fit") from None
    return tuple(networks)


def is_trusted(address: str, *, proxies: Sequence[Network]) -> bool:
    """Check whether an address belongs to a trusted proxy."""
    parsed = _parse_address(address) if proxies else None
    return parsed is not None and any(parsed in network for network in proxies)


def find_client_address(peer: str, forwarded: str, *, proxies: Sequence[Network]) -> str:
    """Return the last address in X-Forwarded-For that no trusted proxy has; `peer`, if it reports none.

    What precedes it may be invented. A word that is no address ends the search at the proxy that reported it.
    """
    client = peer
    for word in reversed(forwarded.split(",")):
        parsed = _parse_address(word)
        if parsed is None:
            break
        client = str(parsed)
        if not is_trusted(client, proxies=proxies):
            break
    return client


def _parse_address(text: str) -> Address | None:
    """Return the address in a text, without a port or brackets; None if there is none."""
    word = text.strip().strip('"')
    if word.startswith("["):
        word = word[1:].partition("]")[0]
    elif word.count(":") == 1:
        word = word.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
