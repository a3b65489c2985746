"""The computers in Intune: staff laptops, lab desktops, tablets, and a few laptops lent to students."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from homeroom.sample.consoles.jamf import JamfTablet, build_tablet_record
from homeroom.sample.consoles.microsoft import IntuneDevice, build_device_record
from homeroom.sample.devices import device_security
from homeroom.sample.devices.chromebooks import DeviceHolder, DeviceWriter
from homeroom.sample.devices.device_security import TabletCases
from homeroom.sample.devices.endpoint_tools import EndpointToolWriter, MonitoredComputer
from homeroom.sample.files.snipeit import SnipeItAsset
from homeroom.sample.plan.case_rates import (
    COMPUTER_CASES,
    JUNK_SERIAL_DESKTOPS,
    LAB_CASES,
    MAC_CASES,
    RETIRED_COMPUTERS,
)
from homeroom.sample.plan.district import CaseDeck, SchoolPlan, assign_all_cases
from homeroom.sample.plan.identifiers import build_guid, build_serial
from homeroom.sample.plan.staff import Employee
from homeroom.sample.plan.windows_releases import WINDOWS_INSTALLATIONS, explain_support, list_support_ends
from homeroom.sample.truth.ground_truth import RecordRef, build_ref

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
class ComputerWriter:
    """Writer of computers; the device writer numbers all devices."""

    devices: DeviceWriter
    staff: list[Employee]

    def __post_init__(self) -> None:
        has_laptop = np.array([person.laptop and not person.has_left for person in self.staff])
        has_mac = np.array([person.index % 5 == 4 for person in self.staff])
        self._endpoint_tools = EndpointToolWriter(district=self.devices.district, exports=self.devices.exports)
        self._deck = CaseDeck(self.devices.district.create_rng(21), len(self.staff))
        assign_all_cases(self._deck, MAC_CASES, has_laptop & has_mac)
        assign_all_cases(self._deck, COMPUTER_CASES, has_laptop)
        desktops = sum(_count_lab_desktops(school) for school in self.devices.district.schools)
        self._labs = CaseDeck(self.devices.district.create_rng(22), desktops)
        assign_all_cases(self._labs, LAB_CASES, np.ones(desktops, dtype=np.bool_))
        self._tablets = TabletCases()

    def write_staff_laptop(self, person: Employee) -> None:
        """Write the laptop of one employee with its case."""
        case = self._deck.get_case(person.index)
        kind = _LAPTOPS[person.index % (4 if case.startswith("windows") else 5)]
        computer = self._build_computer(kind, name="STAFF", category="Staff laptop")
        if person.account:
            computer.user = person.principal
            computer.user_name = person.name
        holder = DeviceHolder(name=person.name, email=person.email, number=person.number, has_left=person.has_left)
        _apply_case(computer, case, self.devices.district.calendar.today)
        in_assets = case != "no-asset"
        records = self._write(computer, kind, location=person.location, holder=holder, in_assets=in_assets, case=case)
        self._evaluate(computer, case, records, is_staff_device=not person.has_left)

    def _evaluate(self, computer: IntuneDevice, case: str, records: list[RecordRef], *, is_staff_device: bool) -> None:
        truth, today = self.devices.exports.truth, self.devices.district.calendar.today
        if computer.version.startswith("10.0.1") and _get_support_end(case, today) < today:
            truth.add_failure("windows-10", records)
        if is_staff_device:
            truth.evaluate_second_factor("staff-laptop-encrypted", computer.encrypted, records)
        if case in ("windows-11-ended", "windows-11-23h2"):
            truth.add_look_alike("windows-11-old", "windows-10", "An older release, but of Windows 11.", records)
        if case in ("windows-10-esu", "windows-10-ltsc"):
            truth.add_look_alike(case, "windows-10", f"Paid or long support is recorded: {computer.note}.", records)

    def _evaluate_release(self, computer: IntuneDevice, case: str, records: list[RecordRef]) -> None:
        """Evaluate whether its Windows 11 gets updates, as far as an exported edition decides it."""
        if computer.system != "Windows" or computer.version.startswith("10.0.1"):
            return
        truth, today = self.devices.exports.truth, self.devices.district.calendar.today
        in_fleet = any(record["source"] == "fleet" for record in records)
        edition = computer.edition if computer.reports_edition or in_fleet or computer.note else ""
        expired = [end < today for end in list_support_ends(computer.version, edition)]
        if all(expired):
            truth.add_failure("windows-11-release", records)
        elif any(expired):
            truth.add_unknown("windows-11-release", records)
        elif innocent := explain_support(case, computer.version, edition, today):
            truth.add_look_alike(innocent[0], "windows-11-release", innocent[1], records)

    def _build_computer(self, kind: tuple[str, str, str, str, str], *, name: str, category: str) -> IntuneDevice:
        manufacturer, model, _, system, version = kind
        tag, index = self.devices.assign_tag(), self.devices.index
        year = self.devices.district.calendar.year
        return IntuneDevice(
            key=build_guid(3, index),
            name=f"{name}-{index:07d}",
            serial=build_serial({"Windows": "MX2", "macOS": "C02", "iOS": "DMP"}[system], index),
            tag=tag,
            system=system,
            version=version,
            manufacturer=manufacturer,
            model=model,
            category=category,
            enrolled=date(year - index % 4, 7, 1 + index % 28),
            last=self.devices.pick_recent_day(index * 5),
            free=12 + index * 13 % 60,
        )

    def _write(
        self,
        computer: IntuneDevice,
        kind: tuple[str, str, str, str, str],
        *,
        location: str,
        holder: DeviceHolder | None = None,
        in_assets: bool = True,
        case: str = "",
    ) -> list[RecordRef]:
        """Write a computer to Intune and, if it has one, its row in the asset list; return its records."""
        truth = self.devices.exports.truth
        self.devices.exports.computers.add_record(build_device_record(computer))
        records = [build_ref("microsoft", computer.key)]
        if in_assets:
            records.append(build_ref("snipeit", computer.tag))
            self.devices.write_asset(
                SnipeItAsset(
                    tag=computer.tag,
                    serial=computer.serial,
                    model=computer.model,
                    category=kind[2],
                    manufacturer=computer.manufacturer,
                    holder=holder.name if holder else "",
                    email=holder.email if holder else "",
                    number=holder.number if holder else "",
                    location=location,
                    bought=computer.enrolled,
                    note=computer.note,
                    name=computer.name,
                )
            )
        else:
            truth.add_failure("managed-without-asset-record", records)
        self._endpoint_tools.write_computer(
            MonitoredComputer(computer=computer, case=case, location=location, in_assets=in_assets), records
        )
        self._evaluate_release(computer, case, records)
        truth.add_device(records)
        if holder and holder.has_left:
            truth.add_failure("holder-gone", records)
        return records

    def write_loaner(self, holder: DeviceHolder, school: str) -> None:
        """Write a laptop lent to a student: not encrypted, which no control requires for it."""
        kind = _LAPTOPS[0]
        computer = self._build_computer(kind, name="LOAN", category="Loan")
        computer.user, computer.user_name, computer.encrypted = holder.email, holder.name, False
        records = self._write(computer, kind, location=school, holder=holder)
        self.devices.exports.truth.add_look_alike(
            "student-laptop", "staff-laptop-encrypted", "A student has it, not a member of staff.", records
        )

    def write_shared_devices(self) -> None:
        """Write lab desktops and classroom tablets, which have no holder; some desktops lack a serial."""
        truth, today, desktop_count = self.devices.exports.truth, self.devices.district.calendar.today, 0
        for school in self.devices.district.schools:
            for number in range(_count_lab_desktops(school)):
                desktop, case = (
                    self._build_computer(_DESKTOP, name="LAB", category="Lab"),
                    self._labs.get_case(desktop_count),
                )
                _apply_case(desktop, case, today)
                device_security.apply_neglect(desktop, case, self.devices.district.calendar, desktop_count)
                desktop.encrypted = number >= 1
                records = self._write(desktop, _DESKTOP, location=f"{school.name} Lab {1 + number // 30}", case=case)
                desktop_count += 1
                if not desktop.encrypted:
                    reason = "A desktop, not a laptop, and nobody's."
                    truth.add_look_alike("desktop-not-encrypted", "staff-laptop-encrypted", reason, records)
            for number in range(5):
                tablet = self._build_computer(_TABLET, name="IPAD", category="Classroom")
                self._tablets.apply_case(tablet)
                self._write(tablet, _TABLET, location=f"{school.name} Room {number + 10}")
            self._write_classroom_tablets(school)
        for _ in range(JUNK_SERIAL_DESKTOPS.count_cases(len(self.staff))):
            desktop = self._build_computer(_DESKTOP, name="BUILT", category="Lab")
            desktop.serial, desktop.manufacturer, desktop.model = JUNK_SERIAL, JUNK_SERIAL, "Desktop PC"
            self._write(desktop, _DESKTOP, location="District Office", in_assets=False)
        for turn in range(RETIRED_COMPUTERS.count_cases(len(self.staff))):
            self._write_retired(turn)

    def _write_retired(self, turn: int) -> None:
        """Write a retired desktop with an old release, which is still in Fleet."""
        desktop, calendar, case = (
            self._build_computer(_DESKTOP, name="OLD", category="Lab"),
            self.devices.district.calendar,
            "",
        )
        _apply_case(desktop, "windows-11-ended", calendar.today)
        desktop.last = calendar.long_ago[turn % len(calendar.long_ago)]
        asset = SnipeItAsset(
            tag=desktop.tag, serial=desktop.serial, model=desktop.model, category=_DESKTOP[2], name=desktop.name,
            manufacturer=desktop.manufacturer, status="Retired", location="Warehouse", bought=desktop.enrolled,
        )  # fmt: skip
        self.devices.write_asset(asset)
        fleet_refs = self._endpoint_tools.write_retired(
            MonitoredComputer(computer=desktop, case=case, location=asset.location, in_assets=True)
        )
        records = [build_ref("snipeit", desktop.tag), *fleet_refs]
        truth, reason = self.devices.exports.truth, "Out of use: nobody works with it any more."
        truth.add_device(records)
        truth.add_look_alike("retired-windows-11", "windows-11-release", reason, records)

    def _write_classroom_tablets(self, school: SchoolPlan) -> None:
        """Write the iPads of an elementary school's library, managed in Jamf School where the district has it."""
        exports, devices = self.devices.exports, self.devices
        for number in range(4 if exports.tablets and school.level.grades[0] == "KG" else 0):
            tag, index, location = devices.assign_tag(), devices.index, f"{school.name} Library"
            serial, last = build_serial("DMQ", index), devices.pick_recent_day(index)
            tablet = JamfTablet(
                index=index, name=f"LIB-{index}", serial=serial, tag=tag, version="18.6.2", location=location, last=last
            )
            if exports.tablets:
                exports.tablets.add_record(build_tablet_record(tablet))
            exports.coverage.write_filter_row(
                serial=serial, tag=tag, name=tablet.name, user="", location=location, last=last, index=index
            )
            devices.write_asset(
                SnipeItAsset(
                    tag=tag, serial=serial, model="iPad (10th generation)", category="Tablet", manufacturer="Apple",
                    location=location, bought=date(devices.district.calendar.year - number % 3, 7, 1),
                )
            )  # fmt: skip
            records = [build_ref("jamf", tablet.key), build_ref("snipeit", tag)]
            exports.truth.add_device(records)
            for control in ("not-jailbroken", "keeps-console-rules"):  # Jamf School says neither
                exports.truth.add_unknown(control, records)


def _count_lab_desktops(school: SchoolPlan) -> int:
    """Return how many desktops the labs of a school have."""
    return 4 + school.students // 40


def _get_esu_end(today: date) -> date:
    """Return the end of the current program year of extended security updates."""
    return next((end for end in _ESU_ENDS if end >= today), _ESU_ENDS[-1])


def _get_support_end(case: str, today: date) -> date:
    """Return the end of support of a Windows 10 computer: as recorded, else the general end."""
    ends = {"windows-10-esu": _get_esu_end(today), "windows-10-ltsc": _LTSC_END, "windows-10-ended": _LTSB_2015_END}
    return ends.get(case, _WINDOWS_10_END)


def _apply_case(computer: IntuneDevice, case: str, today: date) -> None:
    """Apply a case to a computer."""
    until = _get_support_end(case, today).isoformat()
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
        case _ if case in WINDOWS_INSTALLATIONS:
            installation = WINDOWS_INSTALLATIONS[case]
            computer.version, computer.edition, computer.note = (
                installation.version,
                installation.edition,
                installation.note,
            )
            computer.reports_edition = installation.in_intune
        case "mac-old":
            computer.version = "12.7.6 (21H1320)"
        case "not-encrypted":
            computer.encrypted = False
        case "encryption-unknown":
            computer.encrypted = None
