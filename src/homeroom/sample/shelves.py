"""The devices that nobody has: carts for the youngest, spares on shelves, what is over, and what no console knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.figures import (
    ASSET_ONLY,
    ASSET_ONLY_RESTING,
    DEPROVISIONED,
    FIRST_ACCOUNT_GRADE,
    PUPILS_PER_CART,
    SILENT_CARTS,
    SPARES,
)
from homeroom.sample.fleet import Fleet, records_of
from homeroom.sample.ids import serial_of
from homeroom.sample.plan import School
from homeroom.sample.snipeit import Asset
from homeroom.sample.truth import Ref, ref

_DAY: Final = timedelta(days=1)
_ODD_MANUFACTURERS: Final = ("Epson", "BenQ", "Ipevo", "Brother", "LockNCharge")
_OTHER_CATEGORIES: Final = ("Projector", "Interactive Display", "Document Camera", "Printer", "Charging Cart")


@dataclass(kw_only=True)
class Shelves:
    """Writes them through the fleet, which numbers all devices."""

    fleet: Fleet

    def carts(self) -> None:
        """Carts for the grades whose pupils have no account; some are silent as a whole, one is so in part."""
        carts = [
            (school, number, seats)
            for school in self.fleet.district.schools
            for number, seats in enumerate(_seats(school), start=1)
        ]
        big = [index for index, cart in enumerate(carts) if cart[2] >= 5]
        silent = set(big[:: max(1, len(big) // SILENT_CARTS.of(len(carts)))][: SILENT_CARTS.of(len(carts))])
        partly = next((index for index in big if index not in silent), -1)
        unfiltered = next((index for index in reversed(big) if index not in silent and index != partly), -1)
        for index, (school, number, seats) in enumerate(carts):
            quiet = seats if index in silent else 3 if index == partly else 0
            filtered = index != unfiltered
            self._cart(school, number, seats, quiet=quiet, whole=index in silent, filtered=filtered)

    def _cart(self, school: School, number: int, seats: int, *, quiet: int, whole: bool, filtered: bool) -> None:
        name = f"{school.name} Cart {number}"
        ago = self.fleet.district.calendar.device_silent
        records: list[list[Ref]] = []
        for seat in range(seats):
            last = ago[len(ago) // 2] if seat < quiet else None
            device = self.fleet.chromebook(unit=f"/Carts/{school.name}", location=name, last=last)
            self.fleet.write(device, filtered=filtered)
            if seat < quiet:
                records.append(records_of(device))
        if whole:
            self.fleet.sinks.truth.silent_carts.append({"name": name, "size": seats, "devices": records})

    def spares(self) -> None:
        """Spare Chromebooks, on shelves and in a spare cart, and those whose time is over."""
        calendar, truth = self.fleet.district.calendar, self.fleet.sinks.truth
        one_to_one = int((self.fleet.district.grades >= FIRST_ACCOUNT_GRADE).sum())
        for number in range(SPARES.of(one_to_one)):
            school = self.fleet.district.schools[number % len(self.fleet.district.schools)]
            in_cart = number % 2 == 0
            device = self.fleet.chromebook(
                unit="/Devices/Spares",
                location=f"{school.name} Spare Cart" if in_cart else f"{school.name} Storage Room",
                last=calendar.long_ago[number % 10],
                resting=True,
            )
            self.fleet.write(device, status="Spare" if in_cart else "In Storage")
            truth.innocent(
                "spare-cart" if in_cart else "spare",
                "chromeos-silent",
                "A spare rests: nobody uses it.",
                records_of(device),
            )
        self._over(DEPROVISIONED.of(one_to_one))
        self._unmanaged(one_to_one)

    def _over(self, number: int) -> None:
        """Deprovisioned Chromebooks: silent, expired, retired, and rightly so."""
        calendar = self.fleet.district.calendar
        for turn in range(number):
            device = self.fleet.chromebook(
                unit="/Devices/Retired", location="Warehouse", last=calendar.long_ago[turn % 10]
            )
            device.status = "DEPROVISIONED"
            device.expires = calendar.today - (30 + turn % 400) * _DAY
            device.retired, device.in_assets = True, turn % 3 != 0
            self.fleet.write(device, status=("Lost", "Retired", "Disposed")[turn % 3])
            self.fleet.sinks.truth.innocent(
                "deprovisioned",
                "retired-but-managed",
                "Taken out of management when it was retired.",
                records_of(device),
            )

    def _unmanaged(self, one_to_one: int) -> None:
        """Assets in no console: in use (which is wrong), resting, or never of the kind that a console manages."""
        truth = self.fleet.sinks.truth
        for turn in range(ASSET_ONLY.of(one_to_one)):
            category = ("Chromebook", "Laptop", "Tablet", "Desktop")[turn % 4]
            asset = self._alone(category=category, status="Deployed", turn=turn)
            truth.fails("asset-not-managed", [ref("snipeit", asset.tag)])
            self._covered(asset)
            if category != "Chromebook":  # no console says what it runs
                truth.unknown("windows-10", [ref("snipeit", asset.tag)])
        for turn in range(ASSET_ONLY_RESTING.of(one_to_one)):
            status = ("Spare", "In Storage", "Out for Repair", "Lost", "Retired")[turn % 5]
            asset = self._alone(category="Chromebook", status=status, turn=turn)
            truth.innocent(
                "unmanaged-but-resting",
                "asset-not-managed",
                "Not in use, so nothing to manage.",
                [ref("snipeit", asset.tag)],
            )
        for turn in range(6 * len(self.fleet.district.schools)):
            asset = self._alone(category=_OTHER_CATEGORIES[turn % 5], status="Deployed", turn=turn)
            truth.innocent(
                "not-a-computer", "asset-not-managed", "No console manages such a thing.", [ref("snipeit", asset.tag)]
            )

    def _covered(self, asset: Asset) -> None:
        """What no console knows is filtered and protected all the same, as its user's browser and network are."""
        coverage, index, last = self.fleet.sinks.coverage, self.fleet.index, self.fleet.recent(self.fleet.index)
        tag, place, serial = asset.tag, asset.location, asset.serial
        coverage.filtered(serial=serial, tag=tag, name="", user="", place=place, last=last, index=index)
        if asset.category != "Chromebook":
            coverage.protected(serial=serial, tag=tag, name="", place=place, last=last, index=index)

    def _alone(self, *, category: str, status: str, turn: int) -> Asset:
        tag, school = self.fleet.tag(), self.fleet.district.schools[turn % len(self.fleet.district.schools)]
        other = category in _OTHER_CATEGORIES
        # What is no computer was entered without a serial, or with the words that stand where no serial was burnt in.
        junk = ("", "To Be Filled By O.E.M.", "N/A")[turn % 3]
        asset = Asset(
            tag=tag,
            serial=junk if other else serial_of("SN8", self.fleet.index),
            model=f"{category} {turn % 9 + 1}00" if other else f"{category} Model {turn % 4 + 1}",
            category=category,
            manufacturer=_ODD_MANUFACTURERS[turn % 5] if other else "Dell",
            status=status,
            location=f"{school.name} Room {100 + turn % 40}",
            bought=date(self.fleet.district.calendar.year - 1 - turn % 4, 7, 1),
        )
        self.fleet.asset(asset)
        self.fleet.sinks.truth.device([ref("snipeit", tag)])
        return asset


def _seats(school: School) -> list[int]:
    """How many devices each cart of a school holds: one device for each pupil too young for an account."""
    pupils = sum(school.counts[:FIRST_ACCOUNT_GRADE]) if school.level.grades[0] == "KG" else 0
    whole, rest = divmod(pupils, PUPILS_PER_CART)
    return [PUPILS_PER_CART] * whole + ([rest] if rest else [])
