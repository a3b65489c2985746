"""What else sees the invented computers: Fleet, Jamf, the antivirus, the content filter, a scan of the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from homeroom.sample import guarding
from homeroom.sample.answering import Place, judge
from homeroom.sample.hosts import Host, windows_name
from homeroom.sample.jamf import Guards, Mac, mac_address, mac_record
from homeroom.sample.microsoft import Computer
from homeroom.sample.plan import District
from homeroom.sample.ports import Port, Ports, ports
from homeroom.sample.programs import (
    ARCHIVERS_MENDED,
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
    Program,
    on_computer,
)
from homeroom.sample.releases import INSTALLED
from homeroom.sample.sinks import Sinks
from homeroom.sample.truth import Ref, ref, scanned_as
from homeroom.sample.unwanted import BESIDE, CONTROLS

FEW_PROGRAMS: Final = 20_000  # students from which hosts list about 30 programs instead of about 70
_SEEN_BY_FLEET: Final = (
    "old-browser", "windows-old-archiver", "windows-archiver-mended", "windows-many-admins", "windows-11-pro-fleet",
    "it-admin", "like-it-admin", "neglected", "looked-after",
)  # fmt: skip
_UNSEEN_BY_FLEET: Final = tuple(
    case for case, one in INSTALLED.items() if not one.in_intune and case not in _SEEN_BY_FLEET
)
_KEPT: Final = ("itadmin", "helpdesk", "district-admin")  # accounts that the technology office keeps on computers
_ALSO_KEPT: Final = ("techsupport", "ladmin")
_LIKE_KEPT: Final = "l.adminson"  # a person's account, whose name begins as one of the office's
_MANY: Final = ("teacher", "room12", "oldadmin", "vendor", "sub")
_SEEN_IN_LABS: Final = (
    ports((445, "open"), (3389, "closed")),
    ports((445, "filtered"), (3389, "open")),
    (Port(number=445, smb=("2:0:2", "3:1:1"), signing=True), Port(number=3389, state="filtered")),
)
_FAILS: Final = {  # what befell it: the control
    "old-browser": "outdated-browser",
    "windows-old-archiver": "outdated-archiver",
    "windows-many-admins": "few-local-administrators",
    "like-it-admin": "few-local-administrators",
    "windows-no-antivirus": "antivirus-covers-computer",
    "mac-old": "macos-supported",
    "mac-firewall-off": "firewall-on",
}


@dataclass(slots=True, kw_only=True)
class Watched:
    """One computer, what befell it, and where it stands."""

    computer: Computer
    case: str
    place: str
    in_assets: bool

    @property
    def index(self) -> int:
        """The number that its tag and ids are made of."""
        return int(self.computer.tag[1:])

    @property
    def serial(self) -> str:
        """The serial number; empty where none was burnt in."""
        return "" if " " in self.computer.serial else self.computer.serial


@dataclass(kw_only=True)
class Watching:
    """Writes what the other tools say of a computer, and judges what only they can know."""

    district: District
    sinks: Sinks
    turn: int = 0

    def of(self, watched: Watched, records: list[Ref]) -> None:
        """Write it to every tool that sees it, add what they call it to its records, and judge what they know."""
        self._covered(watched)
        if watched.computer.system == "iOS":
            guarding.judge(watched.computer, watched.case, None, in_jamf=False, records=records, truth=self.sinks.truth)
            return
        programs = self._programs(watched)
        host, mac = self._host(watched, programs), self._mac(watched, programs)
        host = self._beside(host, records)
        seen: Ports = ()
        if host:
            self.sinks.hosts.write(host)
            records.append(ref("fleet", host.key))
            if watched.computer.name.startswith("LAB") and watched.index % 6 == 0:
                seen = _SEEN_IN_LABS[watched.index // 6 % len(_SEEN_IN_LABS)]
                records.append(self._scanned(host, seen))
        if mac:
            self.sinks.macs.record(mac_record(mac))
            records.append(ref("jamf", mac.key))
        guarding.judge(
            watched.computer, watched.case, host, in_jamf=mac is not None, records=records, truth=self.sinks.truth
        )
        self._untold(host, mac, records)
        self._judge(watched, host, records)
        place = Place(today=self.district.calendar.today, computer=True)
        judge(self.sinks.truth, seen, place=place, records=records)

    def over(self, watched: Watched) -> list[Ref]:
        """Write a computer that is out of use: Fleet alone still has it, as it was when last seen."""
        host = self._host(watched, self._programs(watched))
        if host is None:
            return []
        self.sinks.hosts.write(replace(host, seen=watched.computer.last, mdm=""))
        return [ref("fleet", host.key)]

    def _untold(self, host: Host | None, mac: Mac | None, records: list[Ref]) -> None:
        """What nobody says of it: its programs, who administers it, whether its firewall is on."""
        truth = self.sinks.truth
        if mac is None and (host is None or host.programs is None):
            for control in ("outdated-browser", "outdated-archiver", "software-known-exploited", *CONTROLS):
                truth.unknown(control, records)
        if mac is None and host is None:
            truth.unknown("few-local-administrators", records)
        if mac is None:  # of Windows no export of these says it
            truth.unknown("firewall-on", records)

    def _judge(self, watched: Watched, host: Host | None, records: list[Ref]) -> None:
        truth = self.sinks.truth
        if host and any(program.exploited for program in host.programs or ()):
            truth.fails("software-known-exploited", records)
        if watched.case in _FAILS:
            truth.fails(_FAILS[watched.case], records)
        if watched.case == "windows-archiver-mended":
            truth.innocent("archiver-mended", "outdated-archiver", "The very version that mended the flaw.", records)
        if watched.case == "it-admin":
            why = "Its further administrator is an account that the technology office keeps."
            truth.innocent("it-account", "few-local-administrators", why, records)

    def _beside(self, host: Host | None, records: list[Ref]) -> Host | None:
        """Each Windows computer that lists its programs has one more, of those that should not be there or look so."""
        if host is None or host.programs is None or host.platform != "windows":
            return host
        one, truth = BESIDE[self.turn % len(BESIDE)], self.sinks.truth
        self.turn += 1
        if one.why:
            truth.innocent(f"like-{one.control}", one.control, one.why, records)
        elif self.district.calendar.today > one.until:
            truth.fails(one.control, records)
        else:
            truth.innocent(f"still-{one.control}", one.control, f"Mended until {one.until}.", records)
        return replace(host, programs=(*host.programs, one.program))

    def _covered(self, watched: Watched) -> None:
        """The filter's and the antivirus' lists. Of what has no serial number they know the host name."""
        computer, index, coverage = watched.computer, watched.index, self.sinks.coverage
        tag = computer.tag if watched.in_assets and watched.serial else ""
        coverage.filtered(
            serial=watched.serial, tag=tag, name=computer.name, user=computer.user, place=watched.place,
            last=computer.last, index=index,
        )  # fmt: skip
        unprotected = watched.case == "windows-no-antivirus"
        if computer.system == "iOS" or (unprotected and index % 2):
            return
        coverage.protected(
            serial=watched.serial, tag=tag, name=computer.name, place=watched.place, last=computer.last, index=index,
            on=not unprotected,
        )  # fmt: skip

    def _programs(self, watched: Watched) -> tuple[Program, ...]:
        platform = "macos" if watched.computer.system == "macOS" else "windows"
        index, case = watched.index, watched.case
        special = [CHROME[platform]]
        if case == "old-browser" and (platform == "macos" or index % 3 == 0):
            special = [CHROME_OLD[index // 3 % len(CHROME_OLD)][platform]]
        if platform == "windows":
            special += _on_windows(index, case)
        few = self.district.students > FEW_PROGRAMS
        least = 20 + index * 37 % (21 if few else 101)
        return on_computer(platform=platform, special=tuple(special), least=least, index=index)

    def _host(self, watched: Watched, programs: tuple[Program, ...]) -> Host | None:
        """The computer at Fleet, whose agent runs on most that have a serial number; a few hosts list no software."""
        computer, index, seen = watched.computer, watched.index, watched.case in _SEEN_BY_FLEET
        unseen = (*_UNSEEN_BY_FLEET, "encryption-unknown")
        if not seen and (not watched.serial or watched.case in unseen or index % 11 == 5):
            return None
        windows = computer.system == "Windows"
        low = f"{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
        recent = self.district.calendar.recent
        day = computer.last if watched.case in guarding.AS_IN_INTUNE else recent[index * 3 % len(recent)]
        return Host(
            index=index,
            name=computer.name,
            platform="windows" if windows else "darwin",
            system=windows_name(computer.version, computer.edition)
            if windows
            else f"macOS {computer.version.split()[0]}",
            serial=computer.serial,
            vendor=computer.manufacturer,
            model=computer.model,
            seen=day,
            restarted=guarding.restarted(watched.case, day, self.district.calendar.today),
            free=computer.free,
            enrolled=computer.enrolled,
            encrypted=computer.encrypted,
            programs=None if index % 17 == 3 and not seen else programs,
            users=_users(watched, windows=windows),
            mac=f"3c:52:82:{low}" if windows else mac_address(index),
            address=f"10.30.{index // 250 % 250}.{index % 250 + 1}",
            mdm="Intune" if windows else "Jamf",
            team="Workstations",
        )

    def _scanned(self, host: Host, seen: Ports) -> Ref:
        self.sinks.inside.found(name="", ports=seen, mac=host.mac, maker="Dell")
        return scanned_as(host.mac, "nmap")[0]

    def _mac(self, watched: Watched, programs: tuple[Program, ...]) -> Mac | None:
        computer = watched.computer
        if computer.system != "macOS" or watched.case == "encryption-unknown":
            return None
        version, _, build = computer.version.partition(" ")
        return Mac(
            index=watched.index,
            name=computer.name,
            serial=computer.serial,
            tag=computer.tag if watched.in_assets else "",
            model=computer.model,
            version=version,
            build=build.strip("()"),
            user=computer.user,
            user_name=computer.user_name,
            place=watched.place,
            encrypted=computer.encrypted,
            firewall=watched.case != "mac-firewall-off",
            guards=guarding.GUARDS.get(watched.case, Guards()),
            admins=("localadmin",),
            programs=programs,
            enrolled=computer.enrolled,
            last=computer.last,
        )


def _on_windows(index: int, case: str) -> list[Program]:
    edge, firefox = EDGE, FIREFOX_ESR if index % 4 == 0 else FIREFOX
    archiver = SEVEN_ZIP if index % 3 else WINRAR
    if case == "old-browser" and index % 3 == 1:
        firefox = FIREFOX_OLD[index // 3 % len(FIREFOX_OLD)]
    if case == "old-browser" and index % 3 == 2:
        edge = EDGE_OLD
    if case == "windows-old-archiver":
        archiver = ARCHIVERS_OLD[index % len(ARCHIVERS_OLD)]
    if case == "windows-archiver-mended":
        archiver = ARCHIVERS_MENDED[index % len(ARCHIVERS_MENDED)]
    return [edge, archiver, *([firefox] if index % 2 == 0 or case == "old-browser" else [])]


def _users(watched: Watched, *, windows: bool) -> tuple[tuple[str, str], ...]:
    """Local users. Of a Mac Fleet knows the primary group alone: who administers it stands in Jamf."""
    if not windows:
        return (("localadmin", "staff"),)
    own = watched.computer.user.partition("@")[0]
    planted = watched.case == "windows-many-admins"
    further = {"it-admin": _ALSO_KEPT[watched.index % 2 : watched.index % 2 + 1], "like-it-admin": (_LIKE_KEPT,)}
    alone = planted and own and watched.index % 2 == 0  # nobody but the person who works with it
    many = _MANY if planted and not alone else further.get(watched.case, ())
    admins = [(name, "Administrators") for name in (_KEPT[watched.index % len(_KEPT)], *many)]
    return (*admins, *([(own, "Administrators" if alone else "Users")] if own else []))
