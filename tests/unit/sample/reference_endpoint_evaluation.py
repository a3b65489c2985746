"""Evaluate endpoint tools and scans from their files alone: directory accounts, programs, scans and coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.unit.sample.exports import ExportRow, SampleExports, get_user_key, normalize_serial, parse_flag
from tests.unit.sample.reference_evaluation import (
    DeviceEvaluation,
    OwnerLookup,
    Subjects,
    build_subject,
    is_enabled,
    list_enabled_directory_accounts,
    map_serials_to_records,
)

# Name pattern, and the version that fixes it.
BROWSERS = (
    (r"^Google Chrome(\.app)?$", "138.0.7204.157"),
    (r"^Microsoft Edge$", "138.0.3351.95"),
    (r"^Mozilla Firefox \(", "131.0.2"),
    (r"^Mozilla Firefox ESR", "128.3.1"),
)
ARCHIVERS = ((r"^7-Zip \d", "24.09"), (r"^WinRAR \d", "7.13"))
SUPPORT_ENDS = {  # of systems that some server runs
    r"Windows Server 2012 R2": "2023-10-10",
    r"Windows Server 2016": "2027-01-12",
    r"Windows Server 2019": "2029-01-09",
    r"Windows Server 2022": "2031-10-14",
    r"Ubuntu 18\.04": "2023-05-31",
    r"Ubuntu 22\.04": "2027-04-01",
    r"Ubuntu 24\.04": "2029-05-31",
}
WINDOWS_11_ENDS = {  # build: the last days of updates, as Microsoft states them by edition
    build: {"school": [school], "short": [short], "long": long, "untold": [school, short, *long, *iot]}
    for build, school, short, long, iot in (
        (22000, "2024-10-08", "2023-10-10", [], []),
        (22621, "2025-10-14", "2024-10-08", [], []),
        (22631, "2026-11-10", "2025-11-11", [], []),
        (26100, "2027-10-12", "2026-10-13", ["2029-10-09"], ["2034-10-10"]),
        (26200, "2028-10-10", "2027-10-12", [], []),
    )
}
# Accounts that the technology office has on computers.
OFFICE_ACCOUNTS = {"itadmin", "helpdesk", "district-admin", "localadmin", "techsupport", "ladmin"}
LONG_TERM_EDITION = re.compile(r"enterprises$|\blts[bc]\b", re.IGNORECASE)
SHORT_EDITION = re.compile(r"\bpro|\bhome\b", re.IGNORECASE)


def find_flagged(exports: SampleExports, flag: str) -> Subjects:
    """Find enabled on-premises accounts with a flag that they should not have."""
    return {
        build_subject("activedirectory", account["ObjectGUID"])
        for account in list_enabled_directory_accounts(exports)
        if parse_flag(account[flag])
        if flag != "PasswordNeverExpires"
        or ("OU=Service Accounts" not in account["DistinguishedName"] and account["SamAccountName"] != "Guest")
    }


def find_upper_grades_without_second_factor(exports: SampleExports) -> Subjects:
    """Find accounts of students in grades 9 to 12 without a second factor."""
    people = OwnerLookup(exports)
    upper = {row["identifier"] for row in exports.roster_users if row["grades"] in ("09", "10", "11", "12")}
    return {
        build_subject("google", get_user_key(user))
        for user in filter(is_enabled, exports.users)
        if user.get("externalIds.0.value") in upper and people.get_owner_state(user) == ("student", "here")
        if not parse_flag(user["isEnrolledIn2Sv"])
    }


class EndpointEvaluation:
    """Computers and servers with the facts that Fleet and Jamf list about them."""

    def __init__(self, exports: SampleExports) -> None:
        self.exports = exports
        self.devices = DeviceEvaluation(exports)
        self.hosts = {host["hardware_serial"]: host for host in exports.hosts}
        self.macs = {mac["hardware"]["serialNumber"]: mac for mac in exports.macs}
        records_by_serial = map_serials_to_records(exports)
        self.servers = {
            serial: frozenset({("snipeit", row["Asset Tag"]), *records_by_serial[serial]})
            for row in exports.assets
            if row["Category"] == "Server" and (serial := normalize_serial(row["Serial"]))
        }

    def iter_computers(self) -> Iterator[tuple[dict[str, Any], frozenset[tuple[str, str]]]]:
        for device in self.exports.computers:
            if device["operatingSystem"] in ("Windows", "macOS"):
                yield device, self.devices.subject["microsoft", device["id"]]

    def list_programs(self, serial: str) -> list[tuple[str, str]] | None:
        host, mac = self.hosts.get(serial), self.macs.get(serial)
        entries = [
            *((host or {}).get("software") or []),
            *((mac or {}).get("applications") or []),
        ]
        is_reported = (host is not None and "software" in host) or mac is not None
        return [(program["name"], program["version"]) for program in entries] if is_reported else None

    def find_outdated(self, products: tuple[tuple[str, str], ...]) -> tuple[Subjects, Subjects]:
        """Return computers with (a version before the fixed one, no list of programs)."""
        failing, unknown = set(), set()
        for device, subject in self.iter_computers():
            programs = self.list_programs(device["serialNumber"])
            if programs is None:
                unknown.add(subject)
            elif any(
                _is_before(version, fixed_version)
                for name, version in programs
                for fixed_version in _list_fixed_versions(name, products)
            ):
                failing.add(subject)
        return failing, unknown

    def find_exploited_programs(self) -> Subjects:
        """Find computers with a program for which Fleet reports a vulnerability of the catalog."""
        exploited_cves, failing = _read_exploited_cves(self.exports), set()
        for device, subject in self.iter_computers():
            for program in self.hosts.get(device["serialNumber"], {}).get("software", ()):
                if exploited_cves & {vulnerability["cve"] for vulnerability in program["vulnerabilities"] or ()}:
                    failing.add(subject)
        return failing

    def find_unsupported(self, platform: str) -> Subjects:
        """Find servers of a platform that the vendor no longer supports."""
        return {
            subject
            for serial, subject in self.servers.items()
            if self.hosts[serial]["platform"] == platform and self._is_unsupported(self.hosts[serial]["os_version"])
        }

    def _is_unsupported(self, system: str) -> bool:
        ends = [date.fromisoformat(day) for name, day in SUPPORT_ENDS.items() if re.match(name, system)]
        assert len(ends) == 1, system
        return ends[0] < self.exports.today

    def find_old_macs(self) -> Subjects:
        return {
            subject
            for device, subject in self.iter_computers()
            if device["operatingSystem"] == "macOS" and int(device["osVersion"].split(".")[0]) < 14
        }

    def evaluate_releases(self) -> tuple[Subjects, Subjects]:
        """Return computers with Windows 11 as (out of updates, unknown since the edition would decide)."""
        failing, unknown = set(), set()
        for device, subject in self.iter_computers():
            build = int(device["osVersion"].split(".")[2]) if device["operatingSystem"] == "Windows" else 0
            if build < 22000:
                continue
            expired = [
                last < self.exports.today.isoformat() for last in WINDOWS_11_ENDS[build][self.classify_edition(device)]
            ]
            if all(expired):
                failing.add(subject)
            elif any(expired):
                unknown.add(subject)
        return failing, unknown

    def classify_edition(self, device: dict[str, Any]) -> str:
        """Return long, short (Home and Pro) or school (Enterprise and Education); untold if no export has it."""
        host, asset = self.hosts.get(device["serialNumber"], {}), self.devices.asset["microsoft", device["id"]]
        descriptions = [device["skuFamily"], host.get("os_version", ""), (asset or {"Notes": ""})["Notes"]]
        text = " ".join(descriptions) if any(descriptions) else "untold"
        if any(LONG_TERM_EDITION.search(description) for description in descriptions):
            return "long"
        return "untold" if text == "untold" else "short" if SHORT_EDITION.search(text) else "school"

    def evaluate_administrators(self) -> tuple[Subjects, Subjects]:
        """Return computers with (an administrator other than the office's accounts, unknown administrators)."""
        failing, unknown = set(), set()
        for device, subject in self.iter_computers():
            host, mac = self.hosts.get(device["serialNumber"]), self.macs.get(device["serialNumber"])
            users = (host or {}).get("users", ())
            names = {
                *(user["username"] for user in users if user["groupname"] == "Administrators" and user["uid"] != 500),
                *(user["username"] for user in (mac or {}).get("localUserAccounts", ()) if user["admin"]),
            }
            if names - OFFICE_ACCOUNTS:
                failing.add(subject)
            elif host is None and mac is None:
                unknown.add(subject)
        return failing, unknown

    def evaluate_firewalls(self) -> tuple[Subjects, Subjects]:
        """Return computers with the firewall (off, unknown). Only Jamf reports it."""
        failing, unknown = set(), set()
        for device, subject in self.iter_computers():
            mac = self.macs.get(device["serialNumber"])
            if mac is None:
                unknown.add(subject)
            elif not mac["security"]["firewallEnabled"]:
                failing.add(subject)
        return failing, unknown

    def find_unfiltered(self) -> Subjects:
        """Find Chromebooks in use whose serial number and asset tag are not in the filter's list."""
        rows = self.exports.read_csv("coverage/filter.csv")
        serials, tags = {row["Serial Number"] for row in rows}, {row["Asset"] for row in rows}
        failing = set()
        for row in self.devices.list_active_chromebooks():
            asset = self.devices.asset["google", row["deviceId"]]
            is_in_storage = asset is not None and asset["Status"] in ("Spare", "In Storage", "Out for Repair")
            is_listed = row["serialNumber"] in serials or (asset is not None and asset["Asset Tag"] in tags)
            if not is_in_storage and not is_listed:
                failing.add(self.devices.subject["google", row["deviceId"]])
        return failing

    def find_unprotected(self) -> Subjects:
        """Find computers that the antivirus does not list by any of their names, or lists as off."""
        rows = [row for row in self.exports.read_csv("coverage/antivirus.csv") if row["State"] == "Protected"]
        serials, tags, names = ({row[name] for row in rows} - {""} for name in ("Serial", "Asset Tag", "Hostname"))
        failing = set()
        for device, subject in self.iter_computers():
            asset = self.devices.asset["microsoft", device["id"]]
            tag: ExportRow = asset or {"Asset Tag": "none"}
            if not ({device["serialNumber"]} & serials or {device["deviceName"]} & names or {tag["Asset Tag"]} & tags):
                failing.add(subject)
        return failing

    def find_exploited_servers(self) -> Subjects:
        """Find servers with a vulnerability of the catalog, or one that the scanner marks as exploited."""
        exploited_cves, failing = _read_exploited_cves(self.exports), set()
        for host in self.exports.report:
            cves = {cve.text for cve in host.iter("cve")}
            is_marked = any((xref.text or "").startswith("CISA-KNOWN-EXPLOITED") for xref in host.iter("xref"))
            mac = host.findtext(".//tag[@name='mac-address']", "").replace(":", "").lower()
            if cves & exploited_cves or is_marked:
                failing.add(next(subject for subject in self.servers.values() if ("nessus", mac) in subject))
        return failing


def _read_exploited_cves(exports: SampleExports) -> set[str]:
    entries = exports.read_json("cisa/known_exploited_vulnerabilities.json")["vulnerabilities"]
    return {entry["cveID"] for entry in entries}


def find_reachable(exports: SampleExports) -> Subjects:
    """Find public addresses with one of the four remote access ports open."""
    return {
        build_subject("nmap", host.key)
        for host in exports.read_scan("outside")
        if host.open_ports & {3389, 445, 23, 5900}
    }


def find_cleartext_management(exports: SampleExports) -> Subjects:
    """Find internal hosts that answer by telnet or FTP, with their row in the asset list."""
    tags = {row["Asset Name"].lower(): row["Asset Tag"] for row in exports.assets if row["Asset Name"]}
    return {
        frozenset({("nmap", host.key), ("snipeit", tags[host.name.partition(".")[0]])})
        for host in exports.read_scan("inside")
        if host.open_ports & {21, 23}
    }


def find_unknown_hosts(exports: SampleExports) -> Subjects:
    """Find hosts whose name and network address match nothing known: outside, that is all of them."""
    mapped_keys = {
        key for records in map_serials_to_records(exports).values() for source, key in records if source == "nmap"
    }
    hosts = [*exports.read_scan("inside"), *exports.read_scan("outside")]
    return {build_subject("nmap", host.key) for host in hosts if host.key not in mapped_keys}


def _list_fixed_versions(name: str, products: tuple[tuple[str, str], ...]) -> list[str]:
    return [fixed_version for pattern, fixed_version in products if re.search(pattern, name)]


def _is_before(version: str, fixed_version: str) -> bool:
    current_parts, fixed_parts = ([int(part) for part in re.findall(r"\d+", text)] for text in (version, fixed_version))
    longest = max(len(current_parts), len(fixed_parts))
    return current_parts + [0] * (longest - len(current_parts)) < fixed_parts + [0] * (longest - len(fixed_parts))
