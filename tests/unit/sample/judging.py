"""Judges a sample from its files alone, slowly and plainly, by the controls' definitions: a second opinion on the truth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from tests.unit.sample.exports import Exports, Row, day_of, plain_serial, true, us_day, us_moment, user_key

Subjects = set[frozenset[tuple[str, str]]]

_NO_NUMBER = ("", "000000")
_CLIENTS = ("Chromebook", "Laptop", "Tablet", "Desktop")
_LAPTOPS = re.compile(r"Latitude|EliteBook|ThinkPad|Surface Laptop|MacBook")


def subjects(lists: Iterable[list[dict[str, str]]]) -> Subjects:
    """Truth's lists of records as sets that compare."""
    return {frozenset((record["source"], record["key"]) for record in records) for records in lists}


def one(source: str, key: str) -> frozenset[tuple[str, str]]:
    return frozenset({(source, key)})


class People:
    """Who is here and who left, by staff list and roster."""

    def __init__(self, exports: Exports) -> None:
        self.today = exports.today
        self.staff: dict[str, str] = {}  # address or number: here or left
        self.pupils: dict[str, str] = {}
        self.guardians: set[str] = set()
        for row in exports.employees:
            ended = us_day(row["Termination Date"])
            gone = row["Status"] not in ("Active", "On Leave") or (ended is not None and ended < self.today)
            for name in (row["Email"].lower(), row["Employee ID"]):
                self.staff[name] = "left" if gone else "here"
        for user in exports.users:  # who was renamed has another address in the directory than on the staff list
            if user.get("externalIds.0.value") in self.staff:
                self.staff[user["primaryEmail"]] = self.staff[user["externalIds.0.value"]]
        for row in exports.roster_users:
            roles = exports.roles[row["sourcedId"]]
            kinds = {role["role"] for role in roles}
            current = [role for role in roles if self._current(role)]
            if "student" in kinds:
                here = row["status"] == "active" and row["enabledUser"] == "true" and bool(current)
                for name in (row["sourcedId"], row["identifier"]):
                    self.pupils[name] = "here" if here else "left"
            elif kinds & {"guardian", "parent"} and row["email"]:
                self.guardians.add(row["email"].lower())

    def _current(self, role: Row) -> bool:
        return role["status"] == "active" and (not role["endDate"] or date.fromisoformat(role["endDate"]) >= self.today)

    def state(self, user: Row) -> tuple[str, str]:
        """(kind, here or left or unknown) of the owner of a Google account."""
        number = user.get("externalIds.0.value", "")
        names = [user["primaryEmail"].lower(), user.get("aliases.0", "").lower()]
        names += [number] if number not in _NO_NUMBER else []
        states = [self.staff[name] for name in names if name in self.staff]
        if states:
            if "here" in states:
                return "staff", "here"
            return "staff", "other" if self.guardians & set(names) else "left"
        if number in self.pupils:
            return "pupil", self.pupils[number]
        return "none", "unknown"

    def on_premises(self, account: Row) -> tuple[str, str]:
        """(kind, here or left or unknown) of the owner of an account on premises."""
        return self.state({"primaryEmail": account["UserPrincipalName"], "externalIds.0.value": account["EmployeeID"]})


def enabled(user: Row) -> bool:
    return not true(user["suspended"]) and not true(user["archived"])


def leavers_and_strangers(exports: Exports) -> tuple[Subjects, Subjects]:
    """Enabled accounts of people who left, and of those whom no list knows, people or not."""
    people = People(exports)
    states = {one("google", user_key(user)): people.state(user)[1] for user in exports.users if enabled(user)}
    for account in working(exports):
        states[one("activedirectory", account["ObjectGUID"])] = people.on_premises(account)[1]
    return (
        {subject for subject, state in states.items() if state == "left"},
        {subject for subject, state in states.items() if state == "unknown"},
    )


def working(exports: Exports) -> list[Row]:
    """The accounts on premises that can sign in."""
    return [account for account in exports.premises if true(account["Enabled"])]


def second_factors(exports: Exports) -> tuple[Subjects, Subjects, Subjects]:
    """(staff failing, staff cannot tell, administrators failing)."""
    people = People(exports)
    entra = {row["userPrincipalName"]: row for row in exports.registrations}
    listed = {row["Employee ID"]: row["Email"].lower() for row in exports.employees}
    failing, unknown, admins = set(), set(), set()
    for user in filter(enabled, exports.users):
        federated = f"{user['orgUnitPath']}/".startswith(f"{exports.facts['unit']}/")
        record = entra.get(user["primaryEmail"]) or entra.get(user.get("aliases.0", ""))
        record = record or entra.get(listed.get(user.get("externalIds.0.value", ""), ""))  # a second account of theirs
        second = (record["isMfaRegistered"] if record else None) if federated else true(user["isEnrolledIn2Sv"])
        subject = one("google", user_key(user))
        if people.state(user) == ("staff", "here"):
            if second is None:
                unknown.add(subject)
            elif not second:
                failing.add(subject)
        if (true(user["isAdmin"]) or true(user["isDelegatedAdmin"])) and second is False:
            admins.add(subject)
    for row in exports.registrations:
        assert people.staff[row["userPrincipalName"]] == "here"
        if not row["isMfaRegistered"]:
            failing.add(one("microsoft", row["id"]))
            if row["isAdmin"]:
                admins.add(one("microsoft", row["id"]))
    return failing, unknown, admins


def idle_accounts(exports: Exports) -> tuple[Subjects, Subjects, Subjects]:
    """(dormant, never used, neither can be told: Microsoft's report of registrations knows no sign-in)."""
    people = People(exports)
    dormant, never = set(), set()
    for user in filter(enabled, exports.users):
        last, subject = day_of(user["lastLoginTime"]), one("google", user_key(user))
        if last is None:
            created = day_of(user["creationTime"])
            assert created
            if (exports.today - created).days > 90:
                never.add(subject)
        elif people.state(user)[0] == "pupil":
            if exports.school_days_since(last) >= 45:
                dormant.add(subject)
        elif exports.days_outside_summer_since(last) > 90:
            dormant.add(subject)
    for account in working(exports):
        last, subject = us_moment(account["LastLogonDate"]), one("activedirectory", account["ObjectGUID"])
        made = us_moment(account["Created"])
        assert made
        if last is None and (exports.today - made).days > 90:
            never.add(subject)
        if last is not None and exports.days_outside_summer_since(last) > 90:
            dormant.add(subject)
    silent = {one("microsoft", row["id"]) for row in exports.registrations if "signInActivity" not in row}
    return dormant, never, silent


def seen_as(exports: Exports) -> dict[str, set[tuple[str, str]]]:
    """By serial number: what Fleet and Jamf call a device, and what scanners do that found it by network address or name."""
    found: dict[str, set[tuple[str, str]]] = {}
    macs: dict[str, str] = {}
    for host in exports.hosts:
        found.setdefault(host["hardware_serial"], set()).add(("fleet", str(host["id"])))
        macs[host["primary_mac"].replace(":", "")] = host["hardware_serial"]
    for mac in exports.macs:
        found.setdefault(mac["hardware"]["serialNumber"], set()).add(("jamf", mac["id"]))
    names = {row["Asset Name"].lower(): plain_serial(row["Serial"]) for row in exports.assets if row["Asset Name"]}
    for host in exports.scan("inside"):
        serial = macs.get(host.mac) or names.get(host.name.partition(".")[0])
        if serial:
            found.setdefault(serial, set()).add(("nmap", host.key))
    for host in exports.report:
        mac = host.findtext(".//tag[@name='mac-address']", "").replace(":", "").lower()
        found[macs[mac]].add(("nessus", mac))
    for alert in exports.alerts:
        found[names[alert["agent"]["name"].lower()]].add(("wazuh", alert["agent"]["id"]))
    return found


class Devices:
    """Devices of consoles and asset list, joined by serial number or asset tag."""

    def __init__(self, exports: Exports) -> None:
        self.exports = exports
        self.by_serial = {
            plain_serial(row["Serial"]): row
            for row in exports.assets
            if row["Category"] in _CLIENTS and plain_serial(row["Serial"])
        }
        self.managed: list[tuple[str, str, Row | None]] = []
        for row in exports.chromebooks:
            self.managed.append(("google", row["deviceId"], self.by_serial.get(plain_serial(row["serialNumber"]))))
        for device in exports.computers:
            self.managed.append(("microsoft", device["id"], self.by_serial.get(plain_serial(device["serialNumber"]))))
        for tablet in exports.tablets:
            self.managed.append(("jamf", tablet["UDID"], self.by_serial.get(tablet["serialNumber"])))
        self.serial = {("google", row["deviceId"]): row["serialNumber"] for row in exports.chromebooks}
        self.serial |= {("microsoft", device["id"]): device["serialNumber"] for device in exports.computers}
        also = seen_as(exports)
        self.subject = {
            (source, key): frozenset(
                {
                    (source, key),
                    *([("snipeit", asset["Asset Tag"])] if asset else []),
                    *also.get(self.serial.get((source, key), ""), set()),
                }
            )
            for source, key, asset in self.managed
        }
        self.asset = {(source, key): asset for source, key, asset in self.managed}

    def active(self) -> list[Row]:
        return [row for row in self.exports.chromebooks if row["status"] == "ACTIVE"]

    def bands(self) -> dict[str, Subjects]:
        """Chromebooks by when their updates end."""
        today = self.exports.today
        found: dict[str, Subjects] = {"expired": set(), "12": set(), "24": set()}
        for row in self.active():
            last = day_of(row["autoUpdateThrough"])
            if true(row["extendedSupportEligible"]) and not true(row["extendedSupportEnabled"]):
                last = day_of(row["extendedSupportStart"])
            assert last
            for band, limit in (("expired", 0), ("12", 1), ("24", 2)):
                end = today.replace(year=today.year + limit)
                if last < end or (limit and last == end):
                    found[band].add(self.subject["google", row["deviceId"]])
                    break
        return found

    def offered(self) -> Subjects:
        """Chromebooks that could have more updates for the asking, and run out of them within a year."""
        today = self.exports.today
        return {
            self.subject["google", row["deviceId"]]
            for row in self.active()
            if true(row["extendedSupportEligible"]) and not true(row["extendedSupportEnabled"])
            if (last := day_of(row["extendedSupportStart"])) and last <= today.replace(year=today.year + 1)
        }

    def silent(self) -> Subjects:
        found = set()
        for row in self.active():
            asset = self.asset["google", row["deviceId"]]
            rests = asset is not None and asset["Status"] in ("Spare", "In Storage", "Out for Repair")
            last = day_of(row["lastSync"])
            assert last
            if not rests and self.exports.school_days_since(last) >= 15:
                found.add(self.subject["google", row["deviceId"]])
        return found

    def unmanaged(self) -> Subjects:
        linked = {asset["Asset Tag"] for _, _, asset in self.managed if asset}
        return {
            one("snipeit", row["Asset Tag"])
            for row in self.exports.assets
            if row["Category"] in _CLIENTS and row["Status"] == "Deployed" and row["Asset Tag"] not in linked
        }

    def without_asset(self) -> Subjects:
        over = {row["deviceId"] for row in self.exports.chromebooks if row["status"] == "DEPROVISIONED"}
        return {self.subject[source, key] for source, key, asset in self.managed if asset is None and key not in over}

    def retired_but_managed(self) -> Subjects:
        return {
            self.subject["google", row["deviceId"]]
            for row in self.active()
            if (asset := self.asset["google", row["deviceId"]]) and asset["Status"] in ("Retired", "Disposed")
        }

    def holder_gone(self) -> Subjects:
        people = People(self.exports)
        return {
            self.subject[source, key]
            for source, key, asset in self.managed
            if asset and "left" in (people.staff.get(asset["Employee No."]), people.pupils.get(asset["Employee No."]))
        }

    def developer_mode(self) -> Subjects:
        return {self.subject["google", row["deviceId"]] for row in self.active() if row["bootMode"] == "Dev"}

    def system_unknown(self) -> Subjects:
        """Computers of the asset list, not Chromebooks, that no console knows and that nobody retired."""
        linked = {asset["Asset Tag"] for _, _, asset in self.managed if asset}
        return {
            one("snipeit", row["Asset Tag"])
            for row in self.exports.assets
            if row["Category"] in _CLIENTS and row["Category"] != "Chromebook" and row["Asset Tag"] not in linked
            if row["Status"] not in ("Retired", "Disposed", "Lost")
        }

    def windows_10(self) -> Subjects:
        found = set()
        for device in self.exports.computers:
            if device["operatingSystem"] != "Windows" or int(device["osVersion"].split(".")[2]) >= 22000:
                continue
            until = re.search(r"until (\S+)", device["deviceCategoryDisplayName"])
            if not until or date.fromisoformat(until[1]) < self.exports.today:
                found.add(self.subject["microsoft", device["id"]])
        return found

    def not_encrypted(self) -> tuple[Subjects, Subjects]:
        """Laptops of staff: (not encrypted, nobody knows)."""
        people = People(self.exports)
        failing, unknown = set(), set()
        for device in self.exports.computers:
            held = people.staff.get(device["userPrincipalName"]) == "here"
            if held and _LAPTOPS.search(device["model"]):
                subject = self.subject["microsoft", device["id"]]
                if device["isEncrypted"] is None:
                    unknown.add(subject)
                elif not device["isEncrypted"]:
                    failing.add(subject)
        return failing, unknown
