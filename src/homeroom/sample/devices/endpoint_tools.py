"""Write computers to the other tools that see them: Fleet, Jamf, antivirus, content filter, network scan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from homeroom.sample.consoles.fleet_hosts import FleetHost, format_windows_name
from homeroom.sample.consoles.jamf import JamfMac, MacSecurity, build_mac_address, build_mac_record
from homeroom.sample.consoles.microsoft import IntuneDevice
from homeroom.sample.consoles.programs import (
    ARCHIVERS_FIXED,
    ARCHIVERS_OLD,
    CHROME,
    CHROME_OLD,
    EDGE,
    EDGE_OLD,
    FIREFOX,
    FIREFOX_ESR,
    FIREFOX_OLD,
    SEVEN_ZIP,
    WINRAR,
    InstalledProgram,
    select_programs,
)
from homeroom.sample.consoles.unwanted_programs import UNWANTED_PROGRAM_CONTROLS, UNWANTED_PROGRAMS
from homeroom.sample.devices import device_security
from homeroom.sample.export_files import ExportFiles
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.windows_releases import WINDOWS_INSTALLATIONS
from homeroom.sample.scans.port_controls import HostContext, evaluate_ports
from homeroom.sample.scans.ports import Port, Ports, build_ports
from homeroom.sample.truth.ground_truth import RecordRef, build_ref, build_scan_refs

LARGE_DISTRICT: Final = 20_000  # students from which hosts list about 30 programs instead of about 70
_FLEET_CASES: Final = (
    "old-browser", "windows-old-archiver", "windows-archiver-mended", "windows-many-admins", "windows-11-pro-fleet",
    "it-admin", "like-it-admin", "neglected", "looked-after",
)  # fmt: skip
_NOT_IN_FLEET_CASES: Final = tuple(
    case for case, computer in WINDOWS_INSTALLATIONS.items() if not computer.in_intune and case not in _FLEET_CASES
)
_OFFICE_ACCOUNTS: Final = (
    "itadmin",
    "helpdesk",
    "district-admin",
)  # accounts that the technology office keeps on computers
_FURTHER_OFFICE_ACCOUNTS: Final = ("techsupport", "ladmin")
_OFFICE_LOOK_ALIKE: Final = "l.adminson"  # a person's account, whose name begins as one of the office's
_EXTRA_ADMINS: Final = ("teacher", "room12", "oldadmin", "vendor", "sub")
_LAB_PORTS: Final = (
    build_ports((445, "open"), (3389, "closed")),
    build_ports((445, "filtered"), (3389, "open")),
    (Port(number=445, smb=("2:0:2", "3:1:1"), signing=True), Port(number=3389, state="filtered")),
)
_FAILED_CONTROLS: Final = {  # what befell it: the control
    "old-browser": "outdated-browser",
    "windows-old-archiver": "outdated-archiver",
    "windows-many-admins": "few-local-administrators",
    "like-it-admin": "few-local-administrators",
    "windows-no-antivirus": "antivirus-covers-computer",
    "mac-old": "macos-supported",
    "mac-firewall-off": "firewall-on",
}


@dataclass(slots=True, kw_only=True)
class MonitoredComputer:
    """One computer with its case and location."""

    computer: IntuneDevice
    case: str
    location: str
    in_assets: bool

    @property
    def index(self) -> int:
        """Number from which its tag and ids are made."""
        return int(self.computer.tag[1:])

    @property
    def serial(self) -> str:
        """Serial number; empty if the manufacturer set none."""
        return "" if " " in self.computer.serial else self.computer.serial


@dataclass(kw_only=True)
class EndpointToolWriter:
    """Writer of computers to the other tools, which also evaluates what only these can know."""

    district: DistrictPlan
    exports: ExportFiles
    turn: int = 0

    def write_computer(self, monitored: MonitoredComputer, records: list[RecordRef]) -> None:
        """Write a computer to all tools that see it, add their records, and evaluate what they know."""
        self._write_coverage(monitored)
        if monitored.computer.system == "iOS":
            device_security.evaluate_computer(
                monitored.computer, monitored.case, None, in_jamf=False, records=records, truth=self.exports.truth
            )
            return
        programs = self._select_programs(monitored)
        host, mac = self._build_host(monitored, programs), self._build_mac(monitored, programs)
        host = self._add_unwanted_program(host, records)
        open_ports: Ports = ()
        if host:
            self.exports.hosts.write(host)
            records.append(build_ref("fleet", host.key))
            if monitored.computer.name.startswith("LAB") and monitored.index % 6 == 0:
                open_ports = _LAB_PORTS[monitored.index // 6 % len(_LAB_PORTS)]
                records.append(self._add_to_scan(host, open_ports))
        if mac:
            self.exports.macs.add_record(build_mac_record(mac))
            records.append(build_ref("jamf", mac.key))
        device_security.evaluate_computer(
            monitored.computer, monitored.case, host, in_jamf=mac is not None, records=records, truth=self.exports.truth
        )
        self._add_unknown_controls(host, mac, records)
        self._evaluate(monitored, host, records)
        context = HostContext(today=self.district.calendar.today, is_computer=True)
        evaluate_ports(self.exports.truth, open_ports, context=context, records=records)

    def write_retired(self, monitored: MonitoredComputer) -> list[RecordRef]:
        """Write a retired computer: only Fleet still has it, as last reported."""
        host = self._build_host(monitored, self._select_programs(monitored))
        if host is None:
            return []
        self.exports.hosts.write(replace(host, seen=monitored.computer.last, mdm=""))
        return [build_ref("fleet", host.key)]

    def _add_unknown_controls(self, host: FleetHost | None, mac: JamfMac | None, records: list[RecordRef]) -> None:
        """Record what no tool reports of it: its programs, its administrators, whether its firewall is on."""
        truth = self.exports.truth
        if mac is None and (host is None or host.programs is None):
            for control in (
                "outdated-browser",
                "outdated-archiver",
                "software-known-exploited",
                *UNWANTED_PROGRAM_CONTROLS,
            ):
                truth.add_unknown(control, records)
        if mac is None and host is None:
            truth.add_unknown("few-local-administrators", records)
        if mac is None:  # of Windows no export of these says it
            truth.add_unknown("firewall-on", records)

    def _evaluate(self, monitored: MonitoredComputer, host: FleetHost | None, records: list[RecordRef]) -> None:
        truth = self.exports.truth
        if host and any(program.exploited for program in host.programs or ()):
            truth.add_failure("software-known-exploited", records)
        if monitored.case in _FAILED_CONTROLS:
            truth.add_failure(_FAILED_CONTROLS[monitored.case], records)
        if monitored.case == "windows-archiver-mended":
            truth.add_look_alike(
                "archiver-mended", "outdated-archiver", "The very version that mended the flaw.", records
            )
        if monitored.case == "it-admin":
            reason = "Its further administrator is an account that the technology office keeps."
            truth.add_look_alike("it-account", "few-local-administrators", reason, records)

    def _add_unwanted_program(self, host: FleetHost | None, records: list[RecordRef]) -> FleetHost | None:
        """Add the next unwanted program or look-alike to a Windows computer that lists its programs."""
        if host is None or host.programs is None or host.platform != "windows":
            return host
        unwanted, truth = UNWANTED_PROGRAMS[self.turn % len(UNWANTED_PROGRAMS)], self.exports.truth
        self.turn += 1
        if unwanted.reason:
            truth.add_look_alike(f"like-{unwanted.control}", unwanted.control, unwanted.reason, records)
        elif self.district.calendar.today > unwanted.until:
            truth.add_failure(unwanted.control, records)
        else:
            truth.add_look_alike(
                f"still-{unwanted.control}", unwanted.control, f"Mended until {unwanted.until}.", records
            )
        return replace(host, programs=(*host.programs, unwanted.program))

    def _write_coverage(self, monitored: MonitoredComputer) -> None:
        """Write the rows of the filter and the antivirus, which have the host name if there is no serial number."""
        computer, index, coverage = monitored.computer, monitored.index, self.exports.coverage
        tag = computer.tag if monitored.in_assets and monitored.serial else ""
        coverage.write_filter_row(
            serial=monitored.serial, tag=tag, name=computer.name, user=computer.user, location=monitored.location,
            last=computer.last, index=index,
        )  # fmt: skip
        unprotected = monitored.case == "windows-no-antivirus"
        if computer.system == "iOS" or (unprotected and index % 2):
            return
        coverage.write_antivirus_row(
            serial=monitored.serial,
            tag=tag,
            name=computer.name,
            location=monitored.location,
            last=computer.last,
            index=index,
            on=not unprotected,
        )

    def _select_programs(self, monitored: MonitoredComputer) -> tuple[InstalledProgram, ...]:
        platform = "macos" if monitored.computer.system == "macOS" else "windows"
        index, case = monitored.index, monitored.case
        special = [CHROME[platform]]
        if case == "old-browser" and (platform == "macos" or index % 3 == 0):
            special = [CHROME_OLD[index // 3 % len(CHROME_OLD)][platform]]
        if platform == "windows":
            special += _select_windows_programs(index, case)
        is_large = self.district.students > LARGE_DISTRICT
        minimum = 20 + index * 37 % (21 if is_large else 101)
        return select_programs(platform=platform, special=tuple(special), minimum=minimum, index=index)

    def _build_host(self, monitored: MonitoredComputer, programs: tuple[InstalledProgram, ...]) -> FleetHost | None:
        """Build the computer's host at Fleet.

        Its agent runs on most computers that have a serial number; a few hosts list no software.
        """
        computer, index, is_in_fleet = monitored.computer, monitored.index, monitored.case in _FLEET_CASES
        excluded_cases = (*_NOT_IN_FLEET_CASES, "encryption-unknown")
        if not is_in_fleet and (not monitored.serial or monitored.case in excluded_cases or index % 11 == 5):
            return None
        windows = computer.system == "Windows"
        mac_suffix = f"{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
        recent = self.district.calendar.recent
        day = computer.last if monitored.case in device_security.SAME_DAY_AS_INTUNE else recent[index * 3 % len(recent)]
        return FleetHost(
            index=index,
            name=computer.name,
            platform="windows" if windows else "darwin",
            system=format_windows_name(computer.version, computer.edition)
            if windows
            else f"macOS {computer.version.split()[0]}",
            serial=computer.serial,
            vendor=computer.manufacturer,
            model=computer.model,
            seen=day,
            restarted=device_security.choose_restart_day(monitored.case, day, self.district.calendar.today),
            free=computer.free,
            enrolled=computer.enrolled,
            encrypted=computer.encrypted,
            programs=None if index % 17 == 3 and not is_in_fleet else programs,
            users=_list_local_users(monitored, windows=windows),
            mac=f"3c:52:82:{mac_suffix}" if windows else build_mac_address(index),
            address=f"10.30.{index // 250 % 250}.{index % 250 + 1}",
            mdm="Intune" if windows else "Jamf",
            team="Workstations",
        )

    def _add_to_scan(self, host: FleetHost, open_ports: Ports) -> RecordRef:
        self.exports.inside_scan.add_host(name="", ports=open_ports, mac=host.mac, maker="Dell")
        return build_scan_refs(host.mac, "nmap")[0]

    def _build_mac(self, monitored: MonitoredComputer, programs: tuple[InstalledProgram, ...]) -> JamfMac | None:
        computer = monitored.computer
        if computer.system != "macOS" or monitored.case == "encryption-unknown":
            return None
        version, _, build = computer.version.partition(" ")
        return JamfMac(
            index=monitored.index,
            name=computer.name,
            serial=computer.serial,
            tag=computer.tag if monitored.in_assets else "",
            model=computer.model,
            version=version,
            build=build.strip("()"),
            user=computer.user,
            user_name=computer.user_name,
            location=monitored.location,
            encrypted=computer.encrypted,
            firewall=monitored.case != "mac-firewall-off",
            security=device_security.MAC_SECURITY.get(monitored.case, MacSecurity()),
            admins=("localadmin",),
            programs=programs,
            enrolled=computer.enrolled,
            last=computer.last,
        )


def _select_windows_programs(index: int, case: str) -> list[InstalledProgram]:
    edge, firefox = EDGE, FIREFOX_ESR if index % 4 == 0 else FIREFOX
    archiver = SEVEN_ZIP if index % 3 else WINRAR
    if case == "old-browser" and index % 3 == 1:
        firefox = FIREFOX_OLD[index // 3 % len(FIREFOX_OLD)]
    if case == "old-browser" and index % 3 == 2:
        edge = EDGE_OLD
    if case == "windows-old-archiver":
        archiver = ARCHIVERS_OLD[index % len(ARCHIVERS_OLD)]
    if case == "windows-archiver-mended":
        archiver = ARCHIVERS_FIXED[index % len(ARCHIVERS_FIXED)]
    return [edge, archiver, *([firefox] if index % 2 == 0 or case == "old-browser" else [])]


def _list_local_users(monitored: MonitoredComputer, *, windows: bool) -> tuple[tuple[str, str], ...]:
    """Return the local users; Fleet knows only the primary group on a Mac, and Jamf knows its administrators."""
    if not windows:
        return (("localadmin", "staff"),)
    user_account = monitored.computer.user.partition("@")[0]
    planted = monitored.case == "windows-many-admins"
    admins_by_case = {
        "it-admin": _FURTHER_OFFICE_ACCOUNTS[monitored.index % 2 : monitored.index % 2 + 1],
        "like-it-admin": (_OFFICE_LOOK_ALIKE,),
    }
    is_only_admin = planted and user_account and monitored.index % 2 == 0  # nobody but the person who works with it
    further_admins = _EXTRA_ADMINS if planted and not is_only_admin else admins_by_case.get(monitored.case, ())
    admins = [
        (name, "Administrators")
        for name in (_OFFICE_ACCOUNTS[monitored.index % len(_OFFICE_ACCOUNTS)], *further_admins)
    ]
    return (*admins, *([(user_account, "Administrators" if is_only_admin else "Users")] if user_account else []))
