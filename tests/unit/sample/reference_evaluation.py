"""A slow and plain evaluation of the controls from a sample's files alone, to compare with its ground truth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from tests.unit.sample.exports import (
    ExportRow,
    SampleExports,
    get_user_key,
    normalize_serial,
    parse_flag,
    parse_google_date,
    parse_us_date,
    parse_us_datetime,
)

Subjects = set[frozenset[tuple[str, str]]]

_PLACEHOLDER_NUMBERS = ("", "000000")
_CLIENT_CATEGORIES = ("Chromebook", "Laptop", "Tablet", "Desktop")
_LAPTOPS = re.compile(r"Latitude|EliteBook|ThinkPad|Surface Laptop|MacBook")


def build_subjects(lists: Iterable[list[dict[str, str]]]) -> Subjects:
    """Convert lists of records from the ground truth to sets that can be compared."""
    return {frozenset((record["source"], record["key"]) for record in records) for records in lists}


def build_subject(source: str, key: str) -> frozenset[tuple[str, str]]:
    return frozenset({(source, key)})


class OwnerLookup:
    """People who are here and people who left, by staff list and roster."""

    def __init__(self, exports: SampleExports) -> None:
        self.today = exports.today
        self.staff: dict[str, str] = {}  # address or number: here or left
        self.students: dict[str, str] = {}
        self.guardians: set[str] = set()
        for row in exports.employees:
            end_date = parse_us_date(row["Termination Date"])
            has_left = row["Status"] not in ("Active", "On Leave") or (end_date is not None and end_date < self.today)
            for name in (row["Email"].lower(), row["Employee ID"]):
                self.staff[name] = "left" if has_left else "here"
        for user in exports.users:  # who was renamed has another address in the directory than on the staff list
            if user.get("externalIds.0.value") in self.staff:
                self.staff[user["primaryEmail"]] = self.staff[user["externalIds.0.value"]]
        for row in exports.roster_users:
            roles = exports.roles[row["sourcedId"]]
            kinds = {role["role"] for role in roles}
            current = [role for role in roles if self._is_current(role)]
            if "student" in kinds:
                is_active = row["status"] == "active" and row["enabledUser"] == "true" and bool(current)
                for name in (row["sourcedId"], row["identifier"]):
                    self.students[name] = "here" if is_active else "left"
            elif kinds & {"guardian", "parent"} and row["email"]:
                self.guardians.add(row["email"].lower())

    def _is_current(self, role: ExportRow) -> bool:
        return role["status"] == "active" and (not role["endDate"] or date.fromisoformat(role["endDate"]) >= self.today)

    def get_owner_state(self, user: ExportRow) -> tuple[str, str]:
        """Return (kind, here or left or unknown) of the owner of a Google account."""
        number = user.get("externalIds.0.value", "")
        names = [user["primaryEmail"].lower(), user.get("aliases.0", "").lower()]
        names += [number] if number not in _PLACEHOLDER_NUMBERS else []
        states = [self.staff[name] for name in names if name in self.staff]
        if states:
            if "here" in states:
                return "staff", "here"
            return "staff", "other" if self.guardians & set(names) else "left"
        if number in self.students:
            return "student", self.students[number]
        return "none", "unknown"

    def get_directory_owner_state(self, account: ExportRow) -> tuple[str, str]:
        """Return (kind, here or left or unknown) of the owner of an on-premises account."""
        return self.get_owner_state(
            {"primaryEmail": account["UserPrincipalName"], "externalIds.0.value": account["EmployeeID"]}
        )


def is_enabled(user: ExportRow) -> bool:
    return not parse_flag(user["suspended"]) and not parse_flag(user["archived"])


def find_leavers_and_strangers(exports: SampleExports) -> tuple[Subjects, Subjects]:
    """Return the enabled accounts of people who left, and the accounts of each person who is on no list.

    Two accounts of such a person have one address.
    """
    people = OwnerLookup(exports)
    states = {
        build_subject("google", get_user_key(user)): people.get_owner_state(user)[1]
        for user in exports.users
        if is_enabled(user)
    }
    by_address = {user["primaryEmail"].lower(): get_user_key(user) for user in exports.users if is_enabled(user)}
    for account in list_enabled_directory_accounts(exports):
        subject, state = (
            build_subject("activedirectory", account["ObjectGUID"]),
            people.get_directory_owner_state(account),
        )
        cloud = build_subject("google", by_address.get((account["UserPrincipalName"] or "").lower(), ""))
        if state[1] == "unknown" and states.get(cloud) == "unknown":
            states[cloud | subject] = states.pop(cloud)
        else:
            states[subject] = state[1]
    return (
        {subject for subject, state in states.items() if state == "left"},
        {subject for subject, state in states.items() if state == "unknown"},
    )


def list_enabled_directory_accounts(exports: SampleExports) -> list[ExportRow]:
    """List the on-premises accounts that can sign in."""
    return [account for account in exports.directory_accounts if parse_flag(account["Enabled"])]


def evaluate_second_factors(exports: SampleExports) -> tuple[Subjects, Subjects, Subjects]:
    """Return (staff that fail, staff without an answer, administrators that fail)."""
    people = OwnerLookup(exports)
    entra = {row["userPrincipalName"]: row for row in exports.registrations}
    listed = {row["Employee ID"]: row["Email"].lower() for row in exports.employees}
    failing, unknown, admins = set(), set(), set()
    for user in filter(is_enabled, exports.users):
        federated = f"{user['orgUnitPath']}/".startswith(f"{exports.facts['unit']}/")
        record = entra.get(user["primaryEmail"]) or entra.get(user.get("aliases.0", ""))
        record = record or entra.get(listed.get(user.get("externalIds.0.value", ""), ""))  # a second account of theirs
        second = (record["isMfaRegistered"] if record else None) if federated else parse_flag(user["isEnrolledIn2Sv"])
        subject = build_subject("google", get_user_key(user))
        if people.get_owner_state(user) == ("staff", "here"):
            if second is None:
                unknown.add(subject)
            elif not second:
                failing.add(subject)
        if (parse_flag(user["isAdmin"]) or parse_flag(user["isDelegatedAdmin"])) and second is False:
            admins.add(subject)
    for row in exports.registrations:
        assert people.staff[row["userPrincipalName"]] == "here"
        if not row["isMfaRegistered"]:
            failing.add(build_subject("microsoft", row["id"]))
            if row["isAdmin"]:
                admins.add(build_subject("microsoft", row["id"]))
    return failing, unknown, admins


def find_idle_accounts(exports: SampleExports) -> tuple[Subjects, Subjects, Subjects]:
    """Return (dormant, never used, unknown: Microsoft's registration report has no sign-ins)."""
    people = OwnerLookup(exports)
    dormant, never = set(), set()
    for user in filter(is_enabled, exports.users):
        last, subject = parse_google_date(user["lastLoginTime"]), build_subject("google", get_user_key(user))
        if last is None:
            created = parse_google_date(user["creationTime"])
            assert created
            if (exports.today - created).days > 90:
                never.add(subject)
        elif people.get_owner_state(user)[0] == "student":
            if exports.count_school_days_since(last) >= 45:
                dormant.add(subject)
        elif exports.count_days_outside_summer_since(last) > 90:
            dormant.add(subject)
    for account in list_enabled_directory_accounts(exports):
        last, subject = (
            parse_us_datetime(account["LastLogonDate"]),
            build_subject("activedirectory", account["ObjectGUID"]),
        )
        created_on = parse_us_datetime(account["Created"])
        assert created_on
        if last is None and (exports.today - created_on).days > 90:
            never.add(subject)
        if last is not None and exports.count_days_outside_summer_since(last) > 90:
            dormant.add(subject)
    silent = {build_subject("microsoft", row["id"]) for row in exports.registrations if "signInActivity" not in row}
    return dormant, never, silent


def map_serials_to_records(exports: SampleExports) -> dict[str, set[tuple[str, str]]]:
    """Map serial numbers to records of Fleet and Jamf, and of scanners that found the address or name."""
    records_by_serial: dict[str, set[tuple[str, str]]] = {}
    macs: dict[str, str] = {}
    for host in exports.hosts:
        records_by_serial.setdefault(host["hardware_serial"], set()).add(("fleet", str(host["id"])))
        macs[host["primary_mac"].replace(":", "")] = host["hardware_serial"]
    for mac in exports.macs:
        records_by_serial.setdefault(mac["hardware"]["serialNumber"], set()).add(("jamf", mac["id"]))
    names = {row["Asset Name"].lower(): normalize_serial(row["Serial"]) for row in exports.assets if row["Asset Name"]}
    for host in exports.read_scan("inside"):
        serial = macs.get(host.mac) or names.get(host.name.partition(".")[0])
        if serial:
            records_by_serial.setdefault(serial, set()).add(("nmap", host.key))
    for host in exports.report:
        mac = host.findtext(".//tag[@name='mac-address']", "").replace(":", "").lower()
        records_by_serial[macs[mac]].add(("nessus", mac))
    for alert in exports.alerts:
        records_by_serial[names[alert["agent"]["name"].lower()]].add(("wazuh", alert["agent"]["id"]))
    return records_by_serial


class DeviceEvaluation:
    """Devices of consoles and asset list, joined by serial number or asset tag."""

    def __init__(self, exports: SampleExports) -> None:
        self.exports = exports
        self.by_serial = {
            normalize_serial(row["Serial"]): row
            for row in exports.assets
            if row["Category"] in _CLIENT_CATEGORIES and normalize_serial(row["Serial"])
        }
        self.managed: list[tuple[str, str, ExportRow | None]] = []
        for row in exports.chromebooks:
            self.managed.append(("google", row["deviceId"], self.by_serial.get(normalize_serial(row["serialNumber"]))))
        for device in exports.computers:
            self.managed.append(
                ("microsoft", device["id"], self.by_serial.get(normalize_serial(device["serialNumber"])))
            )
        for tablet in exports.tablets:
            self.managed.append(("jamf", tablet["UDID"], self.by_serial.get(tablet["serialNumber"])))
        self.serial = {("google", row["deviceId"]): row["serialNumber"] for row in exports.chromebooks}
        self.serial |= {("microsoft", device["id"]): device["serialNumber"] for device in exports.computers}
        records_by_serial = map_serials_to_records(exports)
        self.subject = {
            (source, key): frozenset(
                {
                    (source, key),
                    *([("snipeit", asset["Asset Tag"])] if asset else []),
                    *records_by_serial.get(self.serial.get((source, key), ""), set()),
                }
            )
            for source, key, asset in self.managed
        }
        self.asset = {(source, key): asset for source, key, asset in self.managed}

    def list_active_chromebooks(self) -> list[ExportRow]:
        return [row for row in self.exports.chromebooks if row["status"] == "ACTIVE"]

    def group_by_update_end(self) -> dict[str, Subjects]:
        """Group Chromebooks by the end of their updates."""
        today = self.exports.today
        bands: dict[str, Subjects] = {"expired": set(), "12": set(), "24": set()}
        for row in self.list_active_chromebooks():
            last = parse_google_date(row["autoUpdateThrough"])
            if parse_flag(row["extendedSupportEligible"]) and not parse_flag(row["extendedSupportEnabled"]):
                last = parse_google_date(row["extendedSupportStart"])
            assert last
            for band, limit in (("expired", 0), ("12", 1), ("24", 2)):
                end = today.replace(year=today.year + limit)
                if last < end or (limit and last == end):
                    bands[band].add(self.subject["google", row["deviceId"]])
                    break
        return bands

    def find_extension_offered(self) -> Subjects:
        """Find Chromebooks whose updates end within a year and could be extended by opting in."""
        today = self.exports.today
        return {
            self.subject["google", row["deviceId"]]
            for row in self.list_active_chromebooks()
            if parse_flag(row["extendedSupportEligible"]) and not parse_flag(row["extendedSupportEnabled"])
            if (last := parse_google_date(row["extendedSupportStart"])) and last <= today.replace(year=today.year + 1)
        }

    def find_silent(self) -> Subjects:
        failing = set()
        for row in self.list_active_chromebooks():
            asset = self.asset["google", row["deviceId"]]
            is_in_storage = asset is not None and asset["Status"] in ("Spare", "In Storage", "Out for Repair")
            last = parse_google_date(row["lastSync"])
            assert last
            if not is_in_storage and self.exports.count_school_days_since(last) >= 15:
                failing.add(self.subject["google", row["deviceId"]])
        return failing

    def find_unmanaged(self) -> Subjects:
        linked = {asset["Asset Tag"] for _, _, asset in self.managed if asset}
        return {
            build_subject("snipeit", row["Asset Tag"])
            for row in self.exports.assets
            if row["Category"] in _CLIENT_CATEGORIES and row["Status"] == "Deployed" and row["Asset Tag"] not in linked
        }

    def find_without_asset(self) -> Subjects:
        deprovisioned = {row["deviceId"] for row in self.exports.chromebooks if row["status"] == "DEPROVISIONED"}
        return {
            self.subject[source, key]
            for source, key, asset in self.managed
            if asset is None and key not in deprovisioned
        }

    def find_retired_but_managed(self) -> Subjects:
        return {
            self.subject["google", row["deviceId"]]
            for row in self.list_active_chromebooks()
            if (asset := self.asset["google", row["deviceId"]]) and asset["Status"] in ("Retired", "Disposed")
        }

    def find_with_departed_holder(self) -> Subjects:
        people = OwnerLookup(self.exports)
        return {
            self.subject[source, key]
            for source, key, asset in self.managed
            if asset and "left" in (people.staff.get(asset["Employee No."]), people.students.get(asset["Employee No."]))
        }

    def find_in_developer_mode(self) -> Subjects:
        return {
            self.subject["google", row["deviceId"]]
            for row in self.list_active_chromebooks()
            if row["bootMode"] == "Dev"
        }

    def find_with_unknown_system(self) -> Subjects:
        """Find computers of the asset list, not Chromebooks, that no console has and that are not retired."""
        linked = {asset["Asset Tag"] for _, _, asset in self.managed if asset}
        return {
            build_subject("snipeit", row["Asset Tag"])
            for row in self.exports.assets
            if row["Category"] in _CLIENT_CATEGORIES
            and row["Category"] != "Chromebook"
            and row["Asset Tag"] not in linked
            if row["Status"] not in ("Retired", "Disposed", "Lost")
        }

    def find_windows_10(self) -> Subjects:
        failing = set()
        for device in self.exports.computers:
            if device["operatingSystem"] != "Windows" or int(device["osVersion"].split(".")[2]) >= 22000:
                continue
            until = re.search(r"until (\S+)", device["deviceCategoryDisplayName"])
            if not until or date.fromisoformat(until[1]) < self.exports.today:
                failing.add(self.subject["microsoft", device["id"]])
        return failing

    def evaluate_encryption(self) -> tuple[Subjects, Subjects]:
        """Return staff laptops as (not encrypted, unknown)."""
        people = OwnerLookup(self.exports)
        failing, unknown = set(), set()
        for device in self.exports.computers:
            is_staff_device = people.staff.get(device["userPrincipalName"]) == "here"
            if is_staff_device and _LAPTOPS.search(device["model"]):
                subject = self.subject["microsoft", device["id"]]
                if device["isEncrypted"] is None:
                    unknown.add(subject)
                elif not device["isEncrypted"]:
                    failing.add(subject)
        return failing, unknown
