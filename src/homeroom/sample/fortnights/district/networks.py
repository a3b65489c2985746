"""Networks of the invented world: school, homes, phones, hosting and foreign countries.

Addresses are of ranges for documentation and measurement (RFC 5737, RFC 2544), network numbers of those for
documentation (RFC 5398). So no address is anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNetwork:
    """A provider's network in one place; `prefixes` are the first three parts of its addresses."""

    prefixes: tuple[str, ...]
    asn: int
    country: str
    state: str
    city: str

    @property
    def subdivision(self) -> str:
        """Code of the state, as in ISO 3166-2; empty abroad."""
        return f"US-{_STATE_CODES[self.state]}" if self.country == "US" else ""

    def draw_connection(self, dice: Random) -> AccessPoint:
        """Draw an address of the network."""
        return AccessPoint(address=f"{dice.choice(self.prefixes)}.{dice.randint(2, 254)}", network=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPoint:
    """An address in a network."""

    address: str
    network: ProviderNetwork

    @property
    def country(self) -> str:
        """Country code."""
        return self.network.country


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where the district is."""

    state: str
    city: str
    zone: str


_STATE_CODES: Final = {
    "Illinois": "IL",
    "Ohio": "OH",
    "Colorado": "CO",
    "Oregon": "OR",
    "Virginia": "VA",
    "Texas": "TX",
}
REGIONS: Final = (
    Region(state="Illinois", city="Springfield", zone="America/Chicago"),
    Region(state="Ohio", city="Dayton", zone="America/New_York"),
    Region(state="Colorado", city="Pueblo", zone="America/Denver"),
    Region(state="Oregon", city="Salem", zone="America/Los_Angeles"),
)
_ABROAD: Final = (
    ("NG", "Lagos", "Lagos"),
    ("RO", "Bucuresti", "Bucharest"),
    ("VN", "Ha Noi", "Hanoi"),
    ("BR", "Sao Paulo", "Sao Paulo"),
    ("NL", "Noord-Holland", "Amsterdam"),
    ("ID", "Jakarta Raya", "Jakarta"),
    ("BG", "Sofia", "Sofia"),
    ("ZA", "Gauteng", "Johannesburg"),
)
_VACATION: Final = (
    ("MX", "Quintana Roo", "Cancun"),
    ("IT", "Lazio", "Rome"),
    ("JP", "Tokyo", "Tokyo"),
    ("CR", "San Jose", "San Jose"),
)


class Networks:
    """The networks around one district."""

    def __init__(self, region: Region) -> None:
        local = {"country": "US", "state": region.state, "city": region.city}
        self.school = ProviderNetwork(prefixes=("203.0.113",), asn=64500, **local)
        self.homes = tuple(
            ProviderNetwork(prefixes=tuple(f"198.18.{turn * 8 + part}" for part in range(8)), asn=64501 + turn, **local)
            for turn in range(3)
        )
        # One carrier leads its traffic through another state, as carriers do.
        self.carriers = (
            ProviderNetwork(prefixes=tuple(f"198.18.{part}" for part in range(64, 72)), asn=64505, **local),
            ProviderNetwork(
                prefixes=tuple(f"198.18.{part}" for part in range(72, 80)),
                asn=64506,
                country="US",
                state="Texas",
                city="Dallas",
            ),
        )
        self.hosting = ProviderNetwork(
            prefixes=("198.51.100", "198.18.100"), asn=64508, country="US", state="Virginia", city="Ashburn"
        )
        self.hotel = ProviderNetwork(
            prefixes=("198.18.120",), asn=64507, country="US", state="Texas", city="San Antonio"
        )
        self.proxies = tuple(
            ProviderNetwork(
                prefixes=(f"198.19.{200 + turn}",),
                asn=65536 + turn % 12,
                country="US",
                state="Virginia",
                city="Ashburn",
            )
            for turn in range(40)
        )
        self.abroad = tuple(
            ProviderNetwork(
                prefixes=(f"198.19.{turn * 2}", f"198.19.{turn * 2 + 1}"),
                asn=65540 + turn,
                country=country,
                state=state,
                city=city,
            )
            for turn, (country, state, city) in enumerate(_ABROAD)
        )
        self.vacation = tuple(
            ProviderNetwork(
                prefixes=(f"198.19.{100 + turn}",), asn=65548 + turn, country=country, state=state, city=city
            )
            for turn, (country, state, city) in enumerate(_VACATION)
        )
        self.vpn = ProviderNetwork(prefixes=("192.0.2",), asn=64509, country="US", state="Virginia", city="Ashburn")
