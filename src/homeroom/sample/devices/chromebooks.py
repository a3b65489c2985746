"""Build and write the invented Chromebooks, and apply a case to those of students in grades 3 to 12."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from homeroom.sample.export_files import ExportFiles
from homeroom.sample.files.snipeit import SnipeItAsset, build_asset_row
from homeroom.sample.plan.district import CaseDeck, DistrictPlan, SchoolPlan
from homeroom.sample.plan.identifiers import build_guid, build_serial
from homeroom.sample.truth.ground_truth import Chromebook, RecordRef, add_years, build_ref

_MODELS: Final = (
    ("Lenovo", "Lenovo 300e Chromebook Gen 4", "PF4"),
    ("HP", "HP Chromebook 11 G9 EE", "5CD2"),
    ("Acer", "Acer Chromebook Spin 511 (R756T)", "NXK"),
    ("Dell", "Dell Chromebook 3110 2-in-1", "DL7"),
    ("ASUS", "ASUS Chromebook CR1 (CR1102C) & Case", "R4N"),
)
_DAY: Final = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class DeviceHolder:
    """The person who has checked out a device."""

    name: str
    email: str
    number: str
    has_left: bool = False


@dataclass(kw_only=True)
class DeviceWriter:
    """Writer of devices, which numbers them as it goes."""

    district: DistrictPlan
    exports: ExportFiles
    deck: CaseDeck
    index: int = 0
    unfiltered: set[int] = field(default_factory=set)

    def assign_tag(self) -> str:
        """Return the next asset tag."""
        self.index += 1
        return f"A{self.index:07d}"

    def write_asset(self, asset: SnipeItAsset) -> None:
        """Write one row of the asset list."""
        self.exports.assets.write_row(build_asset_row(asset))

    def pick_recent_day(self, salt: int) -> date:
        """Return a day within the last nine school days."""
        return self.district.calendar.recent[salt % 9]

    def build_chromebook(self, *, unit: str, location: str, last: date | None = None, **facts: Any) -> Chromebook:
        """Build an ordinary Chromebook: active, recently synced, verified, with updates for over two more years."""
        tag, index = self.assign_tag(), self.index
        today = self.district.calendar.today
        return Chromebook(
            key=build_guid(2, index),
            serial=build_serial(_MODELS[index % 5][2], index),
            tag=tag,
            model=_MODELS[index % 5][1],
            unit=unit,
            location=location,
            last=last or self.pick_recent_day(index * 7),
            enrolled=date(today.year - 1 - index % 4, 7, 1 + index % 28),
            expires=date(today.year + 3 + index % 6, 6, 1),
            **facts,
        )

    def write_chromebook(
        self, device: Chromebook, *, holder: DeviceHolder | None = None, status: str = "Deployed", filtered: bool = True
    ) -> bool:
        """Write a Chromebook to Google's export and, if it has one, its row in the asset list.

        Return True if it is silent.
        """
        self.exports.chromebooks.write(device)
        self._write_filter_row(device, filtered=filtered)
        if device.in_assets:
            maker = next(entry[0] for entry in _MODELS if entry[1] == device.model)
            self.write_asset(
                SnipeItAsset(
                    tag=device.tag,
                    serial=device.serial,
                    model=device.model,
                    category="Chromebook",
                    manufacturer=maker,
                    status=status,
                    holder=holder.name if holder else "",
                    email=holder.email if holder else "",
                    number=holder.number if holder else "",
                    location=device.location,
                    bought=device.enrolled,
                )
            )
        return self.exports.truth.evaluate_chromebook(device)

    def _write_filter_row(self, device: Chromebook, *, filtered: bool) -> None:
        """Write the row of the filter's list for a device in use, unless it is planted outside."""
        if device.status != "ACTIVE" or device.resting:
            reason = "Nobody browses on it: a spare, in repair, or taken out of management."
            self.exports.truth.add_look_alike(
                "resting-not-filtered", "filter-covers-device", reason, build_device_refs(device)
            )
        elif filtered:
            self.exports.coverage.write_filter_row(
                serial=device.serial, tag=device.tag if device.in_assets else "", name="", user=device.user,
                location=device.location, last=device.last, index=self.index,
            )  # fmt: skip
        else:
            self.exports.truth.add_failure("filter-covers-device", build_device_refs(device))

    def write_student_device(self, student: int, school: SchoolPlan, holder: DeviceHolder) -> None:
        """Write the Chromebook of one student with its case."""
        device = self.build_chromebook(
            unit=f"/Devices/Students/{school.name}",
            location=school.name,
            user=holder.email,
            holder_left=holder.has_left,
        )
        case = self.deck.get_case(student)
        status = self._apply_case(device, case) if case else "Deployed"
        filtered = student not in self.unfiltered
        self.write_chromebook(device, holder=holder if status == "Deployed" else None, status=status, filtered=filtered)
        self._record_look_alikes(device, case)

    def _apply_case(self, device: Chromebook, case: str) -> str:
        """Apply a case to the device and return its status in the asset list."""
        calendar, today, turn = self.district.calendar, self.district.calendar.today, self.index
        match case:
            case "expired":
                device.expires = today - (1 + turn % 7 * 90) * _DAY
            case "expires-12":
                device.expires = today + (1 + turn % 5 * 90) * _DAY
            case "expires-24":
                device.expires = add_years(today, 1) + (2 + turn % 4 * 90) * _DAY
            case "expires-near":
                device.expires = add_years(today, 2) + 2 * _DAY
            case "extended":
                device.expires, device.extended, device.opted_in = today - 200 * _DAY, add_years(today, 3), True
            case "extended-off":
                device.expires, device.extended = today - (1 + turn % 3 * 100) * _DAY, add_years(today, 3)
            case "developer":
                device.developer = True
            case "silent":
                device.last = calendar.device_silent[turn % 3 * 12 % len(calendar.device_silent)]
            case "silent-near":
                device.last = calendar.device_not_silent
            case "silent-break":
                break_days = calendar.device_over_break
                device.last = break_days[turn % len(break_days)] if break_days else device.last
            case "no-asset":
                device.in_assets = False
            case "retired":
                device.retired, device.user = True, ""
                return "Retired"
            case "disabled":
                device.status, device.user = "DISABLED", ""
                return "Out for Repair"
            case "behind" | "update-waits":
                device.compliance = {"behind": "notCompliant"}.get(case, "pending")
            case "lost-open" | "lost-closed":
                device.lost, device.user, device.last = True, "", today - _DAY
                if case == "lost-closed":
                    device.status, device.last = "DISABLED", calendar.long_ago[turn % len(calendar.long_ago)]
                return "Lost"
            case _:
                raise ValueError(f"no such case of a Chromebook: {case}")
        return "Deployed"

    def _record_look_alikes(self, device: Chromebook, case: str) -> None:
        truth, records = self.exports.truth, build_device_refs(device)
        match case:
            case "silent-break" if self.district.calendar.break_between and self.district.calendar.device_over_break:
                reason = "Over 30 days without a sync, but a break lies between: under 15 school days."
                truth.add_look_alike(self.district.calendar.break_between, "chromeos-silent", reason, records)
            case "silent-near":
                truth.add_look_alike("nearly-silent", "chromeos-silent", "14 school days without a sync.", records)
            case "extended":
                reason = "The date without the opt-in is past, but the opt-in was taken."
                truth.add_look_alike("extended-support", "chromeos-expired", reason, records)
            case "update-waits":
                reason = "The version that the policy asks for is there, and waits for a restart."
                truth.add_look_alike("update-waits", "chromeos-version-asked-for", reason, records)
            case "expires-near":
                reason = "Updates end two years and two days from today."
                truth.add_look_alike("expires-later", "chromeos-expires-24-months", reason, records)

    def write_returned_device(self, former_holder: str, school: SchoolPlan) -> None:
        """Write a Chromebook that a student returned on leaving: a spare without a holder."""
        device = self.build_chromebook(
            unit="/Devices/Spares",
            location=f"{school.name} Storage",
            last=self.district.calendar.long_ago[0],
            resting=True,
        )
        self.write_chromebook(device, status="In Storage")
        self.exports.truth.add_look_alike(
            "returned-device",
            "holder-gone",
            f"Given back by a student who left ({former_holder}).",
            build_device_refs(device),
        )


def build_device_refs(device: Chromebook) -> list[RecordRef]:
    """Return the records of a Chromebook: Google's, and the asset list's if it has a row."""
    assets = [build_ref("snipeit", device.tag)] if device.in_assets else []
    return [build_ref("google", device.key), *assets]
