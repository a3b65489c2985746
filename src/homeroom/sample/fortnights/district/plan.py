"""The plan of a fortnight's district, made from the seed alone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from homeroom.sample.fortnights.district.calendar import FortnightCalendar, draw_calendar
from homeroom.sample.fortnights.district.computers import Computer, plan_computers
from homeroom.sample.fortnights.district.networks import REGIONS, AccessPoint, Networks, Region
from homeroom.sample.fortnights.district.people import People, plan_people

_TOWNS: Final = (
    "Fern Hollow",
    "Otter Lake",
    "Quarry Hill",
    "Amber Plains",
    "Linden Falls",
    "Heron Bay",
    "Mill Prairie",
)
SERVICES: Final = ("svc-backup", "svc-sql", "svc-sis", "svc-scan", "svc-print", "svc-imaging")


@dataclass(frozen=True, kw_only=True)
class FortnightDistrict:
    """The district: `bait_*` are what nobody has a reason to touch."""

    seed: int
    town: str
    domain: str
    region: Region
    calendar: FortnightCalendar
    networks: Networks
    people: People
    computers: tuple[Computer, ...]
    own_addresses: tuple[str, ...]
    bait_account: str
    bait_email: str
    bait_document: str
    bait_file: str

    @property
    def name(self) -> str:
        """Name of the district."""
        return f"{self.town} Unified School District"

    @property
    def netbios(self) -> str:
        """Short name of the Windows domain."""
        return self.town.split(" ")[0].upper()

    @cached_property
    def tenant(self) -> str:
        """Id of the Microsoft tenant."""
        return str(uuid.UUID(int=self.create_dice("tenant").getrandbits(128), version=4))

    @cached_property
    def customer(self) -> str:
        """Id of the Google customer."""
        return f"C0{self.create_dice('customer').getrandbits(28):07x}"

    @cached_property
    def domain_sid(self) -> str:
        """SID of the Windows domain."""
        dice = self.create_dice("sid")
        return "S-1-5-21-" + "-".join(str(dice.randrange(10**8, 2 * 10**9)) for _ in range(3))

    @property
    def has_beta_sign_ins(self) -> bool:
        """True if sign-ins are of Graph's beta, which has methods, protocols and networks besides."""
        return self.seed % 2 == 0

    @property
    def has_risk_levels(self) -> bool:
        """True if the licenses have Entra's risk levels; without them they are hidden."""
        return self.seed % 3 != 0

    def create_dice(self, *part: object) -> Random:
        """Create the random numbers of one part, independent of the other parts."""
        return Random("/".join(map(str, (self.seed, *part))))  # noqa: S311

    def get_computer(self, role: str) -> Computer:
        """Return the first computer of a role."""
        return next(computer for computer in self.computers if computer.role == role)

    def list_computers(self, role: str) -> list[Computer]:
        """List the computers of a role."""
        return [computer for computer in self.computers if computer.role == role]

    def draw_school_connection(self, dice: Random) -> AccessPoint:
        """Draw one of the district's own addresses, which all computers in schools share."""
        return AccessPoint(address=dice.choice(self.own_addresses), network=self.networks.school)


def plan_fortnight(*, seed: int, staff: int, students: int) -> FortnightDistrict:
    """Plan the district of a seed."""
    dice = Random(f"{seed}/district")  # noqa: S311
    town, region = dice.choice(_TOWNS), dice.choice(REGIONS)
    domain = f"{town.replace(' ', '').lower()}.k12.example"
    networks = Networks(region)
    first = dice.randrange(10, 200)
    bait = dice.choice(("records-archive", "finance-old", "svc-legacysis"))
    return FortnightDistrict(
        seed=seed,
        town=town,
        domain=domain,
        region=region,
        calendar=draw_calendar(dice, zone=region.zone),
        networks=networks,
        people=plan_people(seed=seed, domain=domain, staff=staff, students=students, networks=networks),
        computers=plan_computers(domain),
        own_addresses=tuple(f"203.0.113.{first + turn}" for turn in range(3)),
        bait_account=bait,
        bait_email=f"{bait}@{domain}",
        bait_document=f"1{dice.getrandbits(160):040x}Zq",
        bait_file="Staff\\Business Office\\Bank accounts 2024.xlsx",
    )
