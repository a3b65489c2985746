"""The invented computers in Intune: laptops of staff, desktops of labs, tablets, and a few laptops lent to pupils."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from homeroom.sample import guarding
from homeroom.sample.figures import (
    COMPUTER_CASES,
    JUNK_SERIAL_DESKTOPS,
    LAB_CASES,
    MAC_CASES,
    RETIRED_COMPUTERS,
)
from homeroom.sample.fleet import Fleet, Holder
from homeroom.sample.guarding import Tablets
from homeroom.sample.ids import guid, serial_of
from homeroom.sample.jamf import Tablet, tablet_record
from homeroom.sample.microsoft import Computer, device_record
from homeroom.sample.people import Employee
from homeroom.sample.plan import Deck, School, deal_all
from homeroom.sample.releases import INSTALLED, ends, why_innocent
from homeroom.sample.snipeit import Asset
from homeroom.sample.truth import Ref, ref
from homeroom.sample.watching import Watched, Watching

# (manufacturer, model, category of the asset list, system, version)
_LAPTOPS: Final = (
    ("Dell Inc.", "Latitude 5440", "Laptop", "Windows", "10.0.26100.6899"),
    ("HP", "HP EliteBook 640 14 inch G10", "Laptop", "Windows", "10.0.26200.6899"),
    ("LENOVO", "ThinkPad L14 Gen 4", "Laptop", "Windows", "10.0.26100.6899"),
    ("Microsoft Corporation", "Surface Laptop 5", "Laptop", "Windows", "10.0.26200.6899"),
    ("Apple", "MacBook Air", "Laptop", "macOS", "15.1 (24B83)"),
)
_DESKTOP: Final = ("Dell Inc.", "OptiPlex 7010", "Desktop", "Windows", "10.0.26100.6899")
_TABLET: Final = ("Apple", "iPad (9th generation)", "Tablet", "iOS", "18.1.1")
_WINDOWS_10: Final = "10.0.19045.5131"
# Ends of extended security updates for Windows 10 22H2, one program year each (learn.microsoft.com/lifecycle).
_ESU_ENDS: Final = (date(2026, 10, 13), date(2027, 10, 12), date(2028, 10, 10))
_LTSC_END: Final = date(2032, 1, 13)
_LTSB_2015_END: Final = date(2025, 10, 14)
_WINDOWS_10_END: Final = date(2025, 10, 14)
JUNK_SERIAL: Final = "To Be Filled By O.E.M."


@dataclass(kw_only=True)
class Computers:
    """Writes computers through the fleet, which numbers all devices."""

    fleet: Fleet
    staff: list[Employee]

    def __post_init__(self) -> None:
        here = np.array([person.laptop and not person.gone for person in self.staff])
        macs = np.array([person.index % 5 == 4 for person in self.staff])
        self._watching = Watching(district=self.fleet.district, sinks=self.fleet.sinks)
        self._deck = Deck(self.fleet.district.rng(21), len(self.staff))
        deal_all(self._deck, MAC_CASES, here & macs)
        deal_all(self._deck, COMPUTER_CASES, here)
        desktops = sum(_desktops(school) for school in self.fleet.district.schools)
        self._labs = Deck(self.fleet.district.rng(22), desktops)
        deal_all(self._labs, LAB_CASES, np.ones(desktops, dtype=np.bool_))
        self._tablets = Tablets()

    def for_staff(self, person: Employee) -> None:
        """The laptop of one employee, with whatever befell it."""
        case = self._deck.case(person.index)
        kind = _LAPTOPS[person.index % (4 if case.startswith("windows") else 5)]
        computer = self._computer(kind, name="STAFF", category="Staff laptop")
        if person.account:
            computer.user = person.principal
            computer.user_name = person.name
        holder = Holder(name=person.name, email=person.email, number=person.number, left=person.gone)
        _befall(computer, case, self.fleet.district.calendar.today)
        in_assets = case != "no-asset"
        records = self._write(computer, kind, place=person.place, holder=holder, in_assets=in_assets, case=case)
        self._judge(computer, case, records, held_by_staff=not person.gone)

    def _judge(self, computer: Computer, case: str, records: list[Ref], *, held_by_staff: bool) -> None:
        truth, today = self.fleet.sinks.truth, self.fleet.district.calendar.today
        if computer.version.startswith("10.0.1") and _supported_until(case, today) < today:
            truth.fails("windows-10", records)
        if held_by_staff:
            truth.second_factor("staff-laptop-encrypted", computer.encrypted, records)
        if case in ("windows-11-ended", "windows-11-23h2"):
            truth.innocent("windows-11-old", "windows-10", "An older release, but of Windows 11.", records)
        if case in ("windows-10-esu", "windows-10-ltsc"):
            truth.innocent(case, "windows-10", f"Paid or long support is recorded: {computer.note}.", records)

    def _judge_release(self, computer: Computer, case: str, records: list[Ref]) -> None:
        """Whether its Windows 11 gets updates, so far as the edition that some export tells decides."""
        if computer.system != "Windows" or computer.version.startswith("10.0.1"):
            return
        truth, today = self.fleet.sinks.truth, self.fleet.district.calendar.today
        seen = any(record["source"] == "fleet" for record in records)
        edition = computer.edition if computer.says_edition or seen or computer.note else ""
        over = [end < today for end in ends(computer.version, edition)]
        if all(over):
            truth.fails("windows-11-release", records)
        elif any(over):
            truth.unknown("windows-11-release", records)
        elif innocent := why_innocent(case, computer.version, edition, today):
            truth.innocent(innocent[0], "windows-11-release", innocent[1], records)

    def _computer(self, kind: tuple[str, str, str, str, str], *, name: str, category: str) -> Computer:
        manufacturer, model, _, system, version = kind
        tag, index = self.fleet.tag(), self.fleet.index
        year = self.fleet.district.calendar.year
        return Computer(
            key=guid(3, index),
            name=f"{name}-{index:07d}",
            serial=serial_of({"Windows": "MX2", "macOS": "C02", "iOS": "DMP"}[system], index),
            tag=tag,
            system=system,
            version=version,
            manufacturer=manufacturer,
            model=model,
            category=category,
            enrolled=date(year - index % 4, 7, 1 + index % 28),
            last=self.fleet.recent(index * 5),
            free=12 + index * 13 % 60,
        )

    def _write(
        self,
        computer: Computer,
        kind: tuple[str, str, str, str, str],
        *,
        place: str,
        holder: Holder | None = None,
        in_assets: bool = True,
        case: str = "",
    ) -> list[Ref]:
        """Write a computer to Intune and, where it has one, its row in the asset list; its records."""
        truth = self.fleet.sinks.truth
        self.fleet.sinks.computers.record(device_record(computer))
        records = [ref("microsoft", computer.key)]
        if in_assets:
            records.append(ref("snipeit", computer.tag))
            self.fleet.asset(
                Asset(
                    tag=computer.tag,
                    serial=computer.serial,
                    model=computer.model,
                    category=kind[2],
                    manufacturer=computer.manufacturer,
                    holder=holder.name if holder else "",
                    email=holder.email if holder else "",
                    number=holder.number if holder else "",
                    location=place,
                    bought=computer.enrolled,
                    note=computer.note,
                    name=computer.name,
                )
            )
        else:
            truth.fails("managed-without-asset-record", records)
        self._watching.of(Watched(computer=computer, case=case, place=place, in_assets=in_assets), records)
        self._judge_release(computer, case, records)
        truth.device(records)
        if holder and holder.left:
            truth.fails("holder-gone", records)
        return records

    def lent(self, holder: Holder, school: str) -> None:
        """A laptop lent to a pupil: not encrypted, which no control asks of it."""
        kind = _LAPTOPS[0]
        computer = self._computer(kind, name="LOAN", category="Loan")
        computer.user, computer.user_name, computer.encrypted = holder.email, holder.name, False
        records = self._write(computer, kind, place=school, holder=holder)
        self.fleet.sinks.truth.innocent(
            "pupil-laptop", "staff-laptop-encrypted", "A pupil has it, not a member of staff.", records
        )

    def shared(self) -> None:
        """Desktops of labs and tablets of classrooms, which nobody holds; some desktops were built without a serial."""
        truth, today, written = self.fleet.sinks.truth, self.fleet.district.calendar.today, 0
        for school in self.fleet.district.schools:
            for number in range(_desktops(school)):
                desktop, case = self._computer(_DESKTOP, name="LAB", category="Lab"), self._labs.case(written)
                _befall(desktop, case, today)
                guarding.befall(desktop, case, self.fleet.district.calendar, written)
                desktop.encrypted = number >= 1
                records = self._write(desktop, _DESKTOP, place=f"{school.name} Lab {1 + number // 30}", case=case)
                written += 1
                if not desktop.encrypted:
                    why = "A desktop, not a laptop, and nobody's."
                    truth.innocent("desktop-not-encrypted", "staff-laptop-encrypted", why, records)
            for number in range(5):
                tablet = self._computer(_TABLET, name="IPAD", category="Classroom")
                self._tablets.befall(tablet)
                self._write(tablet, _TABLET, place=f"{school.name} Room {number + 10}")
            self._classroom(school)
        for _ in range(JUNK_SERIAL_DESKTOPS.of(len(self.staff))):
            desktop = self._computer(_DESKTOP, name="BUILT", category="Lab")
            desktop.serial, desktop.manufacturer, desktop.model = JUNK_SERIAL, JUNK_SERIAL, "Desktop PC"
            self._write(desktop, _DESKTOP, place="District Office", in_assets=False)
        for turn in range(RETIRED_COMPUTERS.of(len(self.staff))):
            self._retired(turn)

    def _retired(self, turn: int) -> None:
        """A desktop taken out of use with an old release on it, which Fleet has not forgotten."""
        desktop, calendar, case = self._computer(_DESKTOP, name="OLD", category="Lab"), self.fleet.district.calendar, ""
        _befall(desktop, "windows-11-ended", calendar.today)
        desktop.last = calendar.long_ago[turn % len(calendar.long_ago)]
        asset = Asset(
            tag=desktop.tag, serial=desktop.serial, model=desktop.model, category=_DESKTOP[2], name=desktop.name,
            manufacturer=desktop.manufacturer, status="Retired", location="Warehouse", bought=desktop.enrolled,
        )  # fmt: skip
        self.fleet.asset(asset)
        seen = self._watching.over(Watched(computer=desktop, case=case, place=asset.location, in_assets=True))
        records = [ref("snipeit", desktop.tag), *seen]
        truth, why = self.fleet.sinks.truth, "Out of use: nobody works with it any more."
        truth.device(records)
        truth.innocent("retired-windows-11", "windows-11-release", why, records)

    def _classroom(self, school: School) -> None:
        """iPads of a library in an elementary school, which Jamf School manages where the district has it."""
        sinks, fleet = self.fleet.sinks, self.fleet
        for number in range(4 if sinks.tablets and school.level.grades[0] == "KG" else 0):
            tag, index, place = fleet.tag(), fleet.index, f"{school.name} Library"
            serial, last = serial_of("DMQ", index), fleet.recent(index)
            tablet = Tablet(
                index=index, name=f"LIB-{index}", serial=serial, tag=tag, version="18.6.2", place=place, last=last
            )
            if sinks.tablets:
                sinks.tablets.record(tablet_record(tablet))
            sinks.coverage.filtered(
                serial=serial, tag=tag, name=tablet.name, user="", place=place, last=last, index=index
            )
            fleet.asset(
                Asset(
                    tag=tag, serial=serial, model="iPad (10th generation)", category="Tablet", manufacturer="Apple",
                    location=place, bought=date(fleet.district.calendar.year - number % 3, 7, 1),
                )
            )  # fmt: skip
            records = [ref("jamf", tablet.key), ref("snipeit", tag)]
            sinks.truth.device(records)
            for control in ("not-jailbroken", "keeps-console-rules"):  # Jamf School says neither
                sinks.truth.unknown(control, records)


def _desktops(school: School) -> int:
    """How many desktops the labs of a school hold."""
    return 4 + school.pupils // 40


def _esu_end(today: date) -> date:
    """The end of the program year of extended updates that today lies in."""
    return next((end for end in _ESU_ENDS if end >= today), _ESU_ENDS[-1])


def _supported_until(case: str, today: date) -> date:
    """Until when a Windows 10 computer is supported: by what is recorded, else as everybody's."""
    ends = {"windows-10-esu": _esu_end(today), "windows-10-ltsc": _LTSC_END, "windows-10-ended": _LTSB_2015_END}
    return ends.get(case, _WINDOWS_10_END)


def _befall(computer: Computer, case: str, today: date) -> None:
    """Give a computer its case."""
    until = _supported_until(case, today).isoformat()
    match case:
        case "windows-10":
            computer.version = _WINDOWS_10
        case "windows-10-esu":
            computer.version, computer.note = _WINDOWS_10, f"Windows 10 ESU until {until}"
        case "windows-10-ltsc":
            computer.version, computer.edition = "10.0.19044.5131", "EnterpriseS"
            computer.note = f"Windows 10 IoT Enterprise LTSC 2021 until {until}"
        case "windows-10-ended":
            computer.version, computer.edition = "10.0.10240.20826", "EnterpriseS"
            computer.note = f"Windows 10 Enterprise 2015 LTSB until {until}"
        case _ if case in INSTALLED:
            found = INSTALLED[case]
            computer.version, computer.edition, computer.note = found.version, found.edition, found.note
            computer.says_edition = found.in_intune
        case "mac-old":
            computer.version = "12.7.6 (21H1320)"
        case "not-encrypted":
            computer.encrypted = False
        case "encryption-unknown":
            computer.encrypted = None
