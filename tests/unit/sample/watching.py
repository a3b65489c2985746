"""Judges what the newer tools say, from their files alone: accounts on premises, programs, scans and coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.unit.sample.exports import Exports, Row, plain_serial, true, user_key
from tests.unit.sample.judging import Devices, People, Subjects, enabled, one, seen_as, working

# name, and the version from which it is mended
BROWSERS = (
    (r"^Google Chrome(\.app)?$", "138.0.7204.157"),
    (r"^Microsoft Edge$", "138.0.3351.95"),
    (r"^Mozilla Firefox \(", "131.0.2"),
    (r"^Mozilla Firefox ESR", "128.3.1"),
)
ARCHIVERS = ((r"^7-Zip \d", "24.09"), (r"^WinRAR \d", "7.13"))
ENDS = {  # of systems that some server runs
    r"Windows Server 2012 R2": "2023-10-10",
    r"Windows Server 2016": "2027-01-12",
    r"Windows Server 2019": "2029-01-09",
    r"Windows Server 2022": "2031-10-14",
    r"Ubuntu 18\.04": "2023-05-31",
    r"Ubuntu 22\.04": "2027-04-01",
    r"Ubuntu 24\.04": "2029-05-31",
}
ENDS_OF_11 = {  # build: the last days of updates, as Microsoft states them by edition
    build: {"school": [school], "short": [short], "long": long, "untold": [school, short, *long, *iot]}
    for build, school, short, long, iot in (
        (22000, "2024-10-08", "2023-10-10", [], []),
        (22621, "2025-10-14", "2024-10-08", [], []),
        (22631, "2026-11-10", "2025-11-11", [], []),
        (26100, "2027-10-12", "2026-10-13", ["2029-10-09"], ["2034-10-10"]),
        (26200, "2028-10-10", "2027-10-12", [], []),
    )
}
# accounts that the technology office keeps on computers
KEPT = {"itadmin", "helpdesk", "district-admin", "localadmin", "techsupport", "ladmin"}
LONG = re.compile(r"enterprises$|\blts[bc]\b", re.IGNORECASE)
SHORT = re.compile(r"\bpro|\bhome\b", re.IGNORECASE)


def flagged(exports: Exports, flag: str) -> Subjects:
    """Accounts on premises that can sign in and have a flag that they should not have."""
    return {
        one("activedirectory", account["ObjectGUID"])
        for account in working(exports)
        if true(account[flag])
        if flag != "PasswordNeverExpires"
        or ("OU=Service Accounts" not in account["DistinguishedName"] and account["SamAccountName"] != "Guest")
    }


def upper_without_second(exports: Exports) -> Subjects:
    """Accounts of pupils in grades 9 to 12 without a second factor."""
    people = People(exports)
    upper = {row["identifier"] for row in exports.roster_users if row["grades"] in ("09", "10", "11", "12")}
    return {
        one("google", user_key(user))
        for user in filter(enabled, exports.users)
        if user.get("externalIds.0.value") in upper and people.state(user) == ("pupil", "here")
        if not true(user["isEnrolledIn2Sv"])
    }


class Watched:
    """Computers and servers with what Fleet and Jamf list of them."""

    def __init__(self, exports: Exports) -> None:
        self.exports = exports
        self.devices = Devices(exports)
        self.hosts = {host["hardware_serial"]: host for host in exports.hosts}
        self.macs = {mac["hardware"]["serialNumber"]: mac for mac in exports.macs}
        also = seen_as(exports)
        self.servers = {
            serial: frozenset({("snipeit", row["Asset Tag"]), *also[serial]})
            for row in exports.assets
            if row["Category"] == "Server" and (serial := plain_serial(row["Serial"]))
        }

    def computers(self) -> Iterator[tuple[dict[str, Any], frozenset[tuple[str, str]]]]:
        for device in self.exports.computers:
            if device["operatingSystem"] in ("Windows", "macOS"):
                yield device, self.devices.subject["microsoft", device["id"]]

    def programs(self, serial: str) -> list[tuple[str, str]] | None:
        host, mac = self.hosts.get(serial), self.macs.get(serial)
        listed = [
            *((host or {}).get("software") or []),
            *((mac or {}).get("applications") or []),
        ]
        there = (host is not None and "software" in host) or mac is not None
        return [(program["name"], program["version"]) for program in listed] if there else None

    def outdated(self, products: tuple[tuple[str, str], ...]) -> tuple[Subjects, Subjects]:
        """(with a version before the one that mends it, of which nobody lists the programs)."""
        failing, unknown = set(), set()
        for device, subject in self.computers():
            programs = self.programs(device["serialNumber"])
            if programs is None:
                unknown.add(subject)
            elif any(_before(version, mended) for name, version in programs for mended in _fits(name, products)):
                failing.add(subject)
        return failing, unknown

    def exploited_programs(self) -> Subjects:
        """Computers with a program of which Fleet reports a flaw that the catalogue has."""
        known, found = _catalogue(self.exports), set()
        for device, subject in self.computers():
            for program in self.hosts.get(device["serialNumber"], {}).get("software", ()):
                if known & {flaw["cve"] for flaw in program["vulnerabilities"] or ()}:
                    found.add(subject)
        return found

    def unsupported(self, platform: str) -> Subjects:
        """Servers of a platform whose maker's last day is past."""
        return {
            subject
            for serial, subject in self.servers.items()
            if self.hosts[serial]["platform"] == platform and self._over(self.hosts[serial]["os_version"])
        }

    def _over(self, system: str) -> bool:
        ends = [date.fromisoformat(day) for name, day in ENDS.items() if re.match(name, system)]
        assert len(ends) == 1, system
        return ends[0] < self.exports.today

    def old_macs(self) -> Subjects:
        return {
            subject
            for device, subject in self.computers()
            if device["operatingSystem"] == "macOS" and int(device["osVersion"].split(".")[0]) < 14
        }

    def releases(self) -> tuple[Subjects, Subjects]:
        """(with a Windows 11 that gets no updates any more, of an edition that nobody tells and that would decide)."""
        failing, unknown = set(), set()
        for device, subject in self.computers():
            build = int(device["osVersion"].split(".")[2]) if device["operatingSystem"] == "Windows" else 0
            if build < 22000:
                continue
            over = [last < self.exports.today.isoformat() for last in ENDS_OF_11[build][self.edition(device)]]
            if all(over):
                failing.add(subject)
            elif any(over):
                unknown.add(subject)
        return failing, unknown

    def edition(self, device: dict[str, Any]) -> str:
        """long, short (Home and Pro) or school (Enterprise and Education); untold where no export says it."""
        host, asset = self.hosts.get(device["serialNumber"], {}), self.devices.asset["microsoft", device["id"]]
        told = [device["skuFamily"], host.get("os_version", ""), (asset or {"Notes": ""})["Notes"]]
        words = " ".join(told) if any(told) else "untold"
        if any(LONG.search(word) for word in told):
            return "long"
        return "untold" if words == "untold" else "short" if SHORT.search(words) else "school"

    def administrators(self) -> tuple[Subjects, Subjects]:
        """(somebody administers it whose account is not kept for that, nobody knows who does)."""
        failing, unknown = set(), set()
        for device, subject in self.computers():
            host, mac = self.hosts.get(device["serialNumber"]), self.macs.get(device["serialNumber"])
            users = (host or {}).get("users", ())
            names = {
                *(user["username"] for user in users if user["groupname"] == "Administrators" and user["uid"] != 500),
                *(user["username"] for user in (mac or {}).get("localUserAccounts", ()) if user["admin"]),
            }
            if names - KEPT:
                failing.add(subject)
            elif host is None and mac is None:
                unknown.add(subject)
        return failing, unknown

    def firewalls(self) -> tuple[Subjects, Subjects]:
        """(off, nobody knows): Jamf alone says it."""
        failing, unknown = set(), set()
        for device, subject in self.computers():
            mac = self.macs.get(device["serialNumber"])
            if mac is None:
                unknown.add(subject)
            elif not mac["security"]["firewallEnabled"]:
                failing.add(subject)
        return failing, unknown

    def not_filtered(self) -> Subjects:
        """Chromebooks in use that the filter's list names by no serial number and no asset tag."""
        rows = self.exports.csv("coverage/filter.csv")
        serials, tags = {row["Serial Number"] for row in rows}, {row["Asset"] for row in rows}
        found = set()
        for row in self.devices.active():
            asset = self.devices.asset["google", row["deviceId"]]
            rests = asset is not None and asset["Status"] in ("Spare", "In Storage", "Out for Repair")
            known = row["serialNumber"] in serials or (asset is not None and asset["Asset Tag"] in tags)
            if not rests and not known:
                found.add(self.devices.subject["google", row["deviceId"]])
        return found

    def not_protected(self) -> Subjects:
        """Computers that the antivirus does not carry by any of its names, or carries as off."""
        rows = [row for row in self.exports.csv("coverage/antivirus.csv") if row["State"] == "Protected"]
        serials, tags, names = ({row[name] for row in rows} - {""} for name in ("Serial", "Asset Tag", "Hostname"))
        found = set()
        for device, subject in self.computers():
            asset = self.devices.asset["microsoft", device["id"]]
            tag: Row = asset or {"Asset Tag": "none"}
            if not ({device["serialNumber"]} & serials or {device["deviceName"]} & names or {tag["Asset Tag"]} & tags):
                found.add(subject)
        return found

    def exploited(self) -> Subjects:
        """Servers with a flaw of the catalogue, or one of which the scanner says so itself."""
        known, found = _catalogue(self.exports), set()
        for host in self.exports.report:
            cves = {cve.text for cve in host.iter("cve")}
            marked = any((xref.text or "").startswith("CISA-KNOWN-EXPLOITED") for xref in host.iter("xref"))
            mac = host.findtext(".//tag[@name='mac-address']", "").replace(":", "").lower()
            if cves & known or marked:
                found.add(next(subject for subject in self.servers.values() if ("nessus", mac) in subject))
        return found


def _catalogue(exports: Exports) -> set[str]:
    entries = exports.json("cisa/known_exploited_vulnerabilities.json")["vulnerabilities"]
    return {entry["cveID"] for entry in entries}


def reachable(exports: Exports) -> Subjects:
    """Public addresses with one of the four ways in open."""
    return {one("nmap", host.key) for host in exports.scan("outside") if host.open & {3389, 445, 23, 5900}}


def telnet_inside(exports: Exports) -> Subjects:
    """Gear that answers by telnet or FTP inside, with its row in the asset list."""
    tags = {row["Asset Name"].lower(): row["Asset Tag"] for row in exports.assets if row["Asset Name"]}
    return {
        frozenset({("nmap", host.key), ("snipeit", tags[host.name.partition(".")[0]])})
        for host in exports.scan("inside")
        if host.open & {21, 23}
    }


def strangers(exports: Exports) -> Subjects:
    """Hosts that have neither the name nor the network address of anything known: of the outside, all."""
    known = {key for records in seen_as(exports).values() for source, key in records if source == "nmap"}
    every = [*exports.scan("inside"), *exports.scan("outside")]
    return {one("nmap", host.key) for host in every if host.key not in known}


def _fits(name: str, products: tuple[tuple[str, str], ...]) -> list[str]:
    return [mended for pattern, mended in products if re.search(pattern, name)]


def _before(version: str, mended: str) -> bool:
    have, want = ([int(part) for part in re.findall(r"\d+", text)] for text in (version, mended))
    longest = max(len(have), len(want))
    return have + [0] * (longest - len(have)) < want + [0] * (longest - len(want))
