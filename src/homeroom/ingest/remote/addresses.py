"""Which network addresses Homeroom may connect to: public ones, and those of networks that a setting names.

Addresses of this machine, of its own network segment and of a cloud's metadata service answer to whoever asks from
inside. So none is connected to because a console's name, a redirect or a changed DNS answer leads there
(decision record 0064).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from homeroom.ingest.remote.errors import ASTRAY, ConnectionBroken, RemoteError

LOCAL_CONSOLES_VARIABLE = "HOMEROOM_LOCAL_CONSOLES"
METADATA_ADDRESSES = frozenset(
    map(ip_address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"))
)
"""Metadata services of clouds (AWS, Azure, Google, Alibaba), some of them at public or private addresses."""
_NAT64 = ip_network("64:ff9b::/96")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, in the order in which they are tried. Raises OSError if it has none."""


@dataclass(frozen=True, kw_only=True)
class AddressPolicy:
    """Addresses that may be connected to: public ones and those in the networks `local`.

    Link-local, multicast and metadata addresses are never allowed, whatever the setting names.
    """

    local: tuple[Network, ...] = ()

    def allows(self, text: str) -> bool:
        """Return whether an address may be connected to."""
        address = _unwrap(ip_address(text))
        if address in METADATA_ADDRESSES or address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        return address.is_global or any(address in network for network in self.local)

    def select_addresses(self, host: str, port: int, *, resolve: Resolve | None = None) -> tuple[str, ...]:
        """Resolve a host once and return the addresses to connect to.

        Raise RemoteError if none is allowed, and ConnectionBroken if the host has none.
        """
        try:
            addresses = (resolve or resolve_host)(host, port)
        except (OSError, UnicodeError):
            raise ConnectionBroken("no such host") from None
        allowed = tuple(address for address in addresses if self.allows(address))
        if not allowed:
            raise RemoteError(ASTRAY, describe_refusal(host, addresses))
        return allowed


PUBLIC_ONLY = AddressPolicy()


def describe_refusal(host: str, addresses: Sequence[str]) -> str:
    """Return why a host is not connected to, and what would allow it."""
    shown = ", ".join(addresses[:3]) or "no address"
    return (
        f"{host} leads to {shown}, which is not a public address; if the console is on the district's own network, "
        f"list that network in {LOCAL_CONSOLES_VARIABLE}"
    )


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return networks from texts such as 10.20.0.0/16 or 10.20.3.4. Raise ValueError that names the setting."""
    networks = []
    for text in texts:
        try:
            networks.append(ip_network(text.strip(), strict=False))
        except ValueError:
            reason = f"{LOCAL_CONSOLES_VARIABLE}: {text.strip()!r} is no network; 10.20.0.0/16 would fit"
            raise ValueError(reason) from None
    return tuple(networks)


def build_policy(text: str) -> AddressPolicy:
    """Return the policy for the text of HOMEROOM_LOCAL_CONSOLES, networks with commas between; raise ValueError."""
    return AddressPolicy(local=parse_networks(word for word in text.split(",") if word.strip()))


def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host, as the system resolves them."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in entries))


def _unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 address, else the address itself.

    6to4 and Teredo addresses are not global, so that they need no look at what is in them.
    """
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
