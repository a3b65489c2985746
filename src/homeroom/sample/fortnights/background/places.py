"""Where people connect from: schools, homes and phones."""

from __future__ import annotations

from random import Random

from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict


def get_school_connection(district: FortnightDistrict, person: InventedPerson) -> AccessPoint:
    """Return the address behind which the person's school is."""
    address = district.own_addresses[person.number % len(district.own_addresses)]
    return AccessPoint(address=address, network=district.networks.school)


def draw_phone_connection(person: InventedPerson, dice: Random) -> AccessPoint:
    """Draw an address of the person's carrier, which changes all the time."""
    return person.carrier.draw_connection(dice)


def draw_hour(dice: Random, first: float, last: float) -> float:
    """Draw an hour of the day, with its seconds."""
    return first + dice.random() * (last - first)
