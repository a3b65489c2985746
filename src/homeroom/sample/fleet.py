"""The invented Chromebooks: how one is made and written, and what befalls the one of each pupil of grades 3 to 12."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from homeroom.sample.ids import guid, serial_of
from homeroom.sample.plan import Deck, District, School
from homeroom.sample.sinks import Sinks
from homeroom.sample.snipeit import Asset, asset_row
from homeroom.sample.truth import Chromebook, Ref, ref, years_after

_MODELS: Final = (
    ("Lenovo", "Lenovo 300e Chromebook Gen 4", "PF4"),
    ("HP", "HP Chromebook 11 G9 EE", "5CD2"),
    ("Acer", "Acer Chromebook Spin 511 (R756T)", "NXK"),
    ("Dell", "Dell Chromebook 3110 2-in-1", "DL7"),
    ("ASUS", "ASUS Chromebook CR1 (CR1102C) & Case", "R4N"),
)
_DAY: Final = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Holder:
    """Whom a device is checked out to."""

    name: str
    email: str
    number: str
    left: bool = False


@dataclass(kw_only=True)
class Fleet:
    """Writes devices, numbering them as it goes."""

    district: District
    sinks: Sinks
    deck: Deck
    index: int = 0
    unfiltered: set[int] = field(default_factory=set)

    def tag(self) -> str:
        """The next asset tag."""
        self.index += 1
        return f"A{self.index:07d}"

    def asset(self, asset: Asset) -> None:
        """Write one row of the asset list."""
        self.sinks.assets.row(asset_row(asset))

    def recent(self, salt: int) -> date:
        """A day within the last nine school days."""
        return self.district.calendar.recent[salt % 9]

    def chromebook(self, *, unit: str, location: str, last: date | None = None, **facts: Any) -> Chromebook:
        """A Chromebook like most: active, fresh, verified, updated for over two years more."""
        tag, index = self.tag(), self.index
        today = self.district.calendar.today
        return Chromebook(
            key=guid(2, index),
            serial=serial_of(_MODELS[index % 5][2], index),
            tag=tag,
            model=_MODELS[index % 5][1],
            unit=unit,
            location=location,
            last=last or self.recent(index * 7),
            enrolled=date(today.year - 1 - index % 4, 7, 1 + index % 28),
            expires=date(today.year + 3 + index % 6, 6, 1),
            **facts,
        )

    def write(
        self, device: Chromebook, *, holder: Holder | None = None, status: str = "Deployed", filtered: bool = True
    ) -> bool:
        """Write a Chromebook to Google's export and, where it has one, its row in the asset list; true if silent."""
        self.sinks.chromebooks.write(device)
        self._filter(device, filtered=filtered)
        if device.in_assets:
            maker = next(entry[0] for entry in _MODELS if entry[1] == device.model)
            self.asset(
                Asset(
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
        return self.sinks.truth.chromebook(device)

    def _filter(self, device: Chromebook, *, filtered: bool) -> None:
        """The filter's list carries what is in use, unless it is planted outside."""
        if device.status != "ACTIVE" or device.resting:
            why = "Nobody browses on it: a spare, in repair, or taken out of management."
            self.sinks.truth.innocent("resting-not-filtered", "filter-covers-device", why, records_of(device))
        elif filtered:
            self.sinks.coverage.filtered(
                serial=device.serial, tag=device.tag if device.in_assets else "", name="", user=device.user,
                place=device.location, last=device.last, index=self.index,
            )  # fmt: skip
        else:
            self.sinks.truth.fails("filter-covers-device", records_of(device))

    def for_pupil(self, pupil: int, school: School, holder: Holder) -> None:
        """The Chromebook of one pupil, with whatever befell it."""
        device = self.chromebook(
            unit=f"/Devices/Students/{school.name}", location=school.name, user=holder.email, holder_left=holder.left
        )
        case = self.deck.case(pupil)
        status = self._befall(device, case) if case else "Deployed"
        filtered = pupil not in self.unfiltered
        self.write(device, holder=holder if status == "Deployed" else None, status=status, filtered=filtered)
        self._remember(device, case)

    def _befall(self, device: Chromebook, case: str) -> str:
        """Give the device its case; the word of the asset list for its state."""
        calendar, today, turn = self.district.calendar, self.district.calendar.today, self.index
        match case:
            case "expired":
                device.expires = today - (1 + turn % 7 * 90) * _DAY
            case "expires-12":
                device.expires = today + (1 + turn % 5 * 90) * _DAY
            case "expires-24":
                device.expires = years_after(today, 1) + (2 + turn % 4 * 90) * _DAY
            case "expires-near":
                device.expires = years_after(today, 2) + 2 * _DAY
            case "extended":
                device.expires, device.extended, device.opted_in = today - 200 * _DAY, years_after(today, 3), True
            case "extended-off":
                device.expires, device.extended = today - (1 + turn % 3 * 100) * _DAY, years_after(today, 3)
            case "developer":
                device.developer = True
            case "silent":
                device.last = calendar.device_silent[turn % 3 * 12 % len(calendar.device_silent)]
            case "silent-near":
                device.last = calendar.device_not_silent
            case "silent-break":
                over = calendar.device_over_break
                device.last = over[turn % len(over)] if over else device.last
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

    def _remember(self, device: Chromebook, case: str) -> None:
        truth, records = self.sinks.truth, records_of(device)
        match case:
            case "silent-break" if self.district.calendar.break_between and self.district.calendar.device_over_break:
                why = "Over 30 days without a sync, but a break lies between: under 15 school days."
                truth.innocent(self.district.calendar.break_between, "chromeos-silent", why, records)
            case "silent-near":
                truth.innocent("nearly-silent", "chromeos-silent", "14 school days without a sync.", records)
            case "extended":
                why = "The date without the opt-in is past, but the opt-in was taken."
                truth.innocent("extended-support", "chromeos-expired", why, records)
            case "update-waits":
                why = "The version that the policy asks for is there, and waits for a restart."
                truth.innocent("update-waits", "chromeos-version-asked-for", why, records)
            case "expires-near":
                why = "Updates end two years and two days from today."
                truth.innocent("expires-later", "chromeos-expires-24-months", why, records)

    def returned(self, device_of: str, school: School) -> None:
        """The Chromebook that a pupil gave back on leaving: a spare, and nobody's."""
        device = self.chromebook(
            unit="/Devices/Spares",
            location=f"{school.name} Storage",
            last=self.district.calendar.long_ago[0],
            resting=True,
        )
        self.write(device, status="In Storage")
        self.sinks.truth.innocent(
            "returned-device", "holder-gone", f"Given back by a pupil who left ({device_of}).", records_of(device)
        )


def records_of(device: Chromebook) -> list[Ref]:
    """The records of a Chromebook: Google's, and the asset list's where it has a row."""
    assets = [ref("snipeit", device.tag)] if device.in_assets else []
    return [ref("google", device.key), *assets]
