"""Devices without a holder: carts for the youngest, spares, deprovisioned ones, and assets in no console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from homeroom.sample.devices.chromebooks import DeviceWriter, build_device_refs
from homeroom.sample.files.snipeit import SnipeItAsset
from homeroom.sample.plan.case_rates import (
    ASSET_ONLY,
    ASSET_ONLY_RESTING,
    DEPROVISIONED,
    FIRST_ACCOUNT_GRADE,
    SILENT_CARTS,
    SPARES,
    STUDENTS_PER_CART,
)
from homeroom.sample.plan.district import SchoolPlan
from homeroom.sample.plan.identifiers import build_serial
from homeroom.sample.truth.ground_truth import RecordRef, build_ref

_DAY: Final = timedelta(days=1)
_ODD_MANUFACTURERS: Final = ("Epson", "BenQ", "Ipevo", "Brother", "LockNCharge")
_OTHER_CATEGORIES: Final = ("Projector", "Interactive Display", "Document Camera", "Printer", "Charging Cart")


@dataclass(kw_only=True)
class UnassignedDeviceWriter:
    """Writer of these devices; the device writer numbers all devices."""

    devices: DeviceWriter

    def write_carts(self) -> None:
        """Write carts for the grades whose students have no account.

        Some carts are completely silent, one is so in part.
        """
        carts = [
            (school, number, seats)
            for school in self.devices.district.schools
            for number, seats in enumerate(_list_cart_sizes(school), start=1)
        ]
        big = [index for index, cart in enumerate(carts) if cart[2] >= 5]
        silent = set(
            big[:: max(1, len(big) // SILENT_CARTS.count_cases(len(carts)))][: SILENT_CARTS.count_cases(len(carts))]
        )
        partly_silent = next((index for index in big if index not in silent), -1)
        unfiltered = next((index for index in reversed(big) if index not in silent and index != partly_silent), -1)
        for index, (school, number, seats) in enumerate(carts):
            silent_count = seats if index in silent else 3 if index == partly_silent else 0
            filtered = index != unfiltered
            self._write_cart(
                school, number, seats, silent_count=silent_count, is_silent=index in silent, filtered=filtered
            )

    def _write_cart(
        self, school: SchoolPlan, number: int, seats: int, *, silent_count: int, is_silent: bool, filtered: bool
    ) -> None:
        name = f"{school.name} Cart {number}"
        ago = self.devices.district.calendar.device_silent
        records: list[list[RecordRef]] = []
        for seat in range(seats):
            last = ago[len(ago) // 2] if seat < silent_count else None
            device = self.devices.build_chromebook(unit=f"/Carts/{school.name}", location=name, last=last)
            self.devices.write_chromebook(device, filtered=filtered)
            if seat < silent_count:
                records.append(build_device_refs(device))
        if is_silent:
            self.devices.exports.truth.silent_carts.append({"name": name, "size": seats, "devices": records})

    def write_spares(self) -> None:
        """Write spare Chromebooks, in storage and in a spare cart, and those that are out of use."""
        calendar, truth = self.devices.district.calendar, self.devices.exports.truth
        assigned_count = int((self.devices.district.grades >= FIRST_ACCOUNT_GRADE).sum())
        for number in range(SPARES.count_cases(assigned_count)):
            school = self.devices.district.schools[number % len(self.devices.district.schools)]
            in_cart = number % 2 == 0
            device = self.devices.build_chromebook(
                unit="/Devices/Spares",
                location=f"{school.name} Spare Cart" if in_cart else f"{school.name} Storage Room",
                last=calendar.long_ago[number % 10],
                resting=True,
            )
            self.devices.write_chromebook(device, status="Spare" if in_cart else "In Storage")
            truth.add_look_alike(
                "spare-cart" if in_cart else "spare",
                "chromeos-silent",
                "A spare rests: nobody uses it.",
                build_device_refs(device),
            )
        self._write_deprovisioned(DEPROVISIONED.count_cases(assigned_count))
        self._write_unmanaged(assigned_count)

    def _write_deprovisioned(self, number: int) -> None:
        """Write deprovisioned Chromebooks: silent, expired, retired, and rightly so."""
        calendar = self.devices.district.calendar
        for turn in range(number):
            device = self.devices.build_chromebook(
                unit="/Devices/Retired", location="Warehouse", last=calendar.long_ago[turn % 10]
            )
            device.status = "DEPROVISIONED"
            device.expires = calendar.today - (30 + turn % 400) * _DAY
            device.retired, device.in_assets = True, turn % 3 != 0
            self.devices.write_chromebook(device, status=("Lost", "Retired", "Disposed")[turn % 3])
            self.devices.exports.truth.add_look_alike(
                "deprovisioned",
                "retired-but-managed",
                "Taken out of management when it was retired.",
                build_device_refs(device),
            )

    def _write_unmanaged(self, assigned_count: int) -> None:
        """Write assets in no console: in use (a fault), out of use, or of a kind that no console manages."""
        truth = self.devices.exports.truth
        for turn in range(ASSET_ONLY.count_cases(assigned_count)):
            category = ("Chromebook", "Laptop", "Tablet", "Desktop")[turn % 4]
            asset = self._write_asset_only(category=category, status="Deployed", turn=turn)
            truth.add_failure("asset-not-managed", [build_ref("snipeit", asset.tag)])
            self._write_coverage(asset)
            if category != "Chromebook":  # no console says what it runs
                truth.add_unknown("windows-10", [build_ref("snipeit", asset.tag)])
        for turn in range(ASSET_ONLY_RESTING.count_cases(assigned_count)):
            status = ("Spare", "In Storage", "Out for Repair", "Lost", "Retired")[turn % 5]
            asset = self._write_asset_only(category="Chromebook", status=status, turn=turn)
            truth.add_look_alike(
                "unmanaged-but-resting",
                "asset-not-managed",
                "Not in use, so nothing to manage.",
                [build_ref("snipeit", asset.tag)],
            )
        for turn in range(6 * len(self.devices.district.schools)):
            asset = self._write_asset_only(category=_OTHER_CATEGORIES[turn % 5], status="Deployed", turn=turn)
            truth.add_look_alike(
                "not-a-computer",
                "asset-not-managed",
                "No console manages such a thing.",
                [build_ref("snipeit", asset.tag)],
            )

    def _write_coverage(self, asset: SnipeItAsset) -> None:
        """Write an asset in no console to the filter's and antivirus' lists, as its browser and network are covered."""
        coverage, index, last = (
            self.devices.exports.coverage,
            self.devices.index,
            self.devices.pick_recent_day(self.devices.index),
        )
        tag, location, serial = asset.tag, asset.location, asset.serial
        coverage.write_filter_row(serial=serial, tag=tag, name="", user="", location=location, last=last, index=index)
        if asset.category != "Chromebook":
            coverage.write_antivirus_row(serial=serial, tag=tag, name="", location=location, last=last, index=index)

    def _write_asset_only(self, *, category: str, status: str, turn: int) -> SnipeItAsset:
        tag, school = (
            self.devices.assign_tag(),
            self.devices.district.schools[turn % len(self.devices.district.schools)],
        )
        is_no_computer = category in _OTHER_CATEGORIES
        # An asset that is no computer was entered without a serial, or with the text of boards without a serial.
        junk = ("", "To Be Filled By O.E.M.", "N/A")[turn % 3]
        asset = SnipeItAsset(
            tag=tag,
            serial=junk if is_no_computer else build_serial("SN8", self.devices.index),
            model=f"{category} {turn % 9 + 1}00" if is_no_computer else f"{category} Model {turn % 4 + 1}",
            category=category,
            manufacturer=_ODD_MANUFACTURERS[turn % 5] if is_no_computer else "Dell",
            status=status,
            location=f"{school.name} Room {100 + turn % 40}",
            bought=date(self.devices.district.calendar.year - 1 - turn % 4, 7, 1),
        )
        self.devices.write_asset(asset)
        self.devices.exports.truth.add_device([build_ref("snipeit", tag)])
        return asset


def _list_cart_sizes(school: SchoolPlan) -> list[int]:
    """Return the number of devices of each cart: one for each student too young for an account."""
    students = sum(school.counts[:FIRST_ACCOUNT_GRADE]) if school.level.grades[0] == "KG" else 0
    full_carts, rest = divmod(students, STUDENTS_PER_CART)
    return [STUDENTS_PER_CART] * full_carts + ([rest] if rest else [])
