"""Fields that the district's own evidence adds to an event before rules judge it.

A log does not say who is an administrator, who left, or which addresses are a school's. These fields say so. A field is
absent where the evidence does not know, so that neither a rule nor its exception rests on a guess: `false` means that
the evidence knows it to be false. Without evidence, as in `homeroom detect PATH`, none is there and rules that need one
do not run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "district."


@dataclass(frozen=True, kw_only=True, slots=True)
class DistrictField:
    """A field: its name after the prefix, and its meaning."""

    name: str
    meaning: str


_PERSON_FIELDS = {
    "kind": "staff, student or other; the kind of the person behind the account, or of its unit",
    "administrator": "whether the account has a role of administration",
    "super_administrator": "whether the account administers everything (super administrator, global administrator)",
    "state": "active, suspended or departed (the person left, whatever the state of the account itself)",
    "in_directory": "whether the account is in the newest complete list of accounts",
}

DISTRICT_FIELDS = (
    *(
        DistrictField(name=f"{party}.{name}", meaning=meaning)
        for party in ("actor", "target")
        for name, meaning in _PERSON_FIELDS.items()
    ),
    DistrictField(
        name="target.outside",
        meaning="whether an address that the event names as target is of no domain of the district",
    ),
    DistrictField(name="address.own", meaning="whether the address is one of the district's own, declared or learned"),
    DistrictField(name="address.network", meaning="the network of the address: /24 of IPv4, /48 of IPv6"),
    DistrictField(
        name="country.usual", meaning="whether the account signed in from this country before; from the third day on"
    ),
    DistrictField(
        name="network.usual", meaning="whether the account signed in from this network before; from the third day on"
    ),
    DistrictField(name="host.role", meaning="domain_controller, server or workstation"),
    DistrictField(
        name="tool.first_use",
        meaning="whether the host runs this program or service for the first time; from the third day on",
    ),
    DistrictField(
        name="volume.unusual",
        meaning="whether the account does this more often today than on any school day, or day off, like it",
    ),
    DistrictField(name="canary", meaning="the name of the canary that the event touches"),
)


def is_district_field(name: str) -> bool:
    """Return whether a field is one that only the evidence has."""
    return name.startswith(PREFIX)


def build_district_fields(values: Mapping[str, str | bool]) -> dict[str, str | bool]:
    """Return values by the full names of their fields. Raise KeyError for a name that is no district field."""
    names = {field.name for field in DISTRICT_FIELDS}
    for name in values:
        if name not in names:
            raise KeyError(f"{name} is no field of the district's evidence")
    return {f"{PREFIX}{name}": value for name, value in values.items()}
