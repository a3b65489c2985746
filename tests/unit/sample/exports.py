"""Reads a sample's exports with nothing but the standard library, as somebody would who never saw how they are made."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Row = dict[str, str]


def _rows(text: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = list(reader)
    for row in rows:
        assert None not in row, "a row is longer than the header"
        assert None not in row.values(), "a row is shorter than the header"
    return rows


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(inner, f"{path}.{number}")
    else:
        yield path, "" if value is None else str(value)


@dataclass(frozen=True)
class Scanned:
    """One host of a scan: `key` is its network address in hexadecimal digits, else its IP address."""

    key: str
    address: str
    mac: str
    name: str
    open: set[int]


def _scanned(host: ElementTree.Element) -> Scanned:
    by = {one.get("addrtype", ""): one.get("addr", "") for one in host.iter("address")}
    mac = by.get("mac", "").replace(":", "").lower()
    name = next((one.get("name", "") for one in host.iter("hostname")), "")
    there = {
        int(port.get("portid", "0"))
        for port in host.iter("port")
        if any(state.get("state") == "open" for state in port.iter("state"))
    }
    return Scanned(key=mac or by["ipv4"], address=by["ipv4"], mac=mac, name=name, open=there)


@dataclass(frozen=True)
class Exports:
    """One sample folder."""

    folder: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))

    @cached_property
    def today(self) -> date:
        return date.fromisoformat(self.truth["today"])

    def things(self) -> dict[str, set[str]]:
        """By source, the keys of what is neither a person, nor an account, nor a device."""
        jobs = [(row["System"], row["Job"]) for row in self.csv("lists/backups.csv")]
        graph = [self.folder / "microsoft" / f"{name}.json" for name in ("oauth2PermissionGrants", "servicePrincipals")]
        grants, principals = (json.loads(path.read_text(encoding="utf-8"))["value"] for path in graph)
        google = (("tokens", "clientId"), ("groups", "email"), ("orgs", "orgUnitId"))
        return {
            "backups": {key for system, job in jobs for key in (system, f"{system} / {job}" if job else system)},
            "names": {row["Domain"] for row in self.csv("lists/mail-domains.csv")},
            "agreements": {row["Agreement"] for row in self.csv("lists/agreements.csv")},
            "contracts": {row["Contract"] for row in self.csv("lists/contracts.csv")},
            "google": {row[key] for name, key in google for row in self.csv(f"google/{name}.csv")},
            "microsoft": {grant["clientId"] for grant in grants} | {one["id"] for one in principals},
        }

    def csv(self, path: str) -> list[Row]:
        return _rows((self.folder / path).read_bytes().decode("utf-8-sig"))

    def pages(self, folder: str, stem: str) -> list[dict[str, Any]]:
        def number(path: Path) -> int:
            return int(re.sub(r"\D", "", path.stem) or 1)

        paths = sorted((self.folder / folder).glob(f"{stem}*.json"), key=number)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def _google(self, stem: str, member: str) -> list[Row]:
        if (self.folder / "google" / f"{stem}.csv").exists():
            return self.csv(f"google/{stem}.csv")
        return [dict(_flat(record)) for page in self.pages("google", stem) for record in page[member]]

    @cached_property
    def users(self) -> list[Row]:
        return self._google("users", "users")

    @cached_property
    def chromebooks(self) -> list[Row]:
        return self._google("chromeosdevices", "chromeosdevices")

    @cached_property
    def computers(self) -> list[dict[str, Any]]:
        return [record for page in self.pages("microsoft", "managedDevices") for record in page["value"]]

    @cached_property
    def registrations(self) -> list[dict[str, Any]]:
        return [record for page in self.pages("microsoft", "userRegistrationDetails") for record in page["value"]]

    @cached_property
    def assets(self) -> list[Row]:
        return [{key: html.unescape(value) for key, value in row.items()} for row in self.csv("snipeit/assets.csv")]

    @cached_property
    def employees(self) -> list[Row]:
        return self.csv("hr/staff.csv")

    @cached_property
    def premises(self) -> list[Row]:
        """Active Directory's accounts. Nothing between two commas is null, and reads as empty text here."""
        text = (self.folder / "activedirectory" / "users.csv").read_bytes().decode("utf-16")
        kind, _, rest = text.partition("\r\n")
        assert kind == "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser"
        return _rows(rest)

    def json(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text(encoding="utf-8-sig"))

    @cached_property
    def hosts(self) -> list[dict[str, Any]]:
        return self.json("fleet/hosts.json")["hosts"]

    @cached_property
    def macs(self) -> list[dict[str, Any]]:
        return self.json("jamf/computers.json")["results"]

    @cached_property
    def tablets(self) -> list[dict[str, Any]]:
        path = "jamf-school/devices.json"
        return self.json(path)["devices"] if (self.folder / path).exists() else []

    def scan(self, name: str) -> list[Scanned]:
        """The hosts of one of nmap's scans."""
        root = ElementTree.parse(self.folder / "nmap" / f"{name}.xml").getroot()
        assert root.tag == "nmaprun"
        return [_scanned(host) for host in root.iter("host")]

    @cached_property
    def report(self) -> list[ElementTree.Element]:
        """The hosts of the Nessus report."""
        return list(ElementTree.parse(self.folder / "nessus" / "servers.nessus").getroot().iter("ReportHost"))

    @cached_property
    def alerts(self) -> list[dict[str, Any]]:
        text = (self.folder / "wazuh" / "alerts.json").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def roster(self, member: str) -> list[Row]:
        bundle = self.folder / "oneroster.zip"
        if bundle.exists():
            with zipfile.ZipFile(bundle) as opened:
                return _rows(opened.read(f"{member}.csv").decode("utf-8"))
        return self.csv(f"oneroster/{member}.csv")

    @cached_property
    def roster_users(self) -> list[Row]:
        return self.roster("users")

    @cached_property
    def roles(self) -> dict[str, list[Row]]:
        """Roles by person, whichever version says them."""
        found: dict[str, list[Row]] = defaultdict(list)
        if "role" in self.roster_users[0]:
            for row in self.roster_users:
                found[row["sourcedId"]].append({"role": row["role"], "status": row["status"], "endDate": ""})
        else:
            for row in self.roster("roles"):
                found[row["userSourcedId"]].append(row)
        return found

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The lines of district.yaml that the checks need."""
        text = (self.folder / "district.yaml").read_text(encoding="utf-8")
        closed = re.findall(r"\{(?:on: (\S+?)|from: (\S+?), to: (\S+?)), kind: (\w+), title: \"([^\"]+)\"\}", text)
        days = [
            (date.fromisoformat(on or first), date.fromisoformat(on or last), kind)
            for on, first, last, kind, _ in closed
        ]
        return {
            "unit": re.findall(r'unit: "([^"]+)"', text)[0],
            "first": date.fromisoformat(re.findall(r"first_day: (\S+)", text)[0]),
            "last": date.fromisoformat(re.findall(r"last_day: (\S+)", text)[0]),
            "closed": days,
        }

    def is_school(self, day: date) -> bool:
        facts = self.facts
        return (
            facts["first"] <= day <= facts["last"]
            and day.weekday() < 5
            and not any(first <= day <= last for first, last, _ in facts["closed"])
        )

    def is_summer(self, day: date) -> bool:
        return any(kind == "summer" and first <= day <= last for first, last, kind in self.facts["closed"])

    def school_days_since(self, day: date) -> int:
        """School days after that day and before today."""
        return sum(self.is_school(day + timedelta(days=n)) for n in range(1, (self.today - day).days))

    def days_outside_summer_since(self, day: date) -> int:
        return sum(not self.is_summer(day + timedelta(days=n)) for n in range(1, (self.today - day).days + 1))


def true(value: str) -> bool:
    assert value in ("True", "False"), value
    return value == "True"


def day_of(stamp: str) -> date | None:
    """The day of a Google time; None for never."""
    if stamp in ("Never", "1970-01-01T00:00:00.000Z"):
        return None
    if stamp.isdigit():
        return datetime.fromtimestamp(int(stamp) / 1000, tz=UTC).date()
    return date.fromisoformat(stamp[:10])


def us_moment(text: str) -> date | None:
    """The day of a time as PowerShell writes it in the culture of the United States; None for nothing."""
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC).date() if text else None


def us_day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date() if text else None


def user_key(row: Row) -> str:
    return row.get("id") or row["primaryEmail"].lower()


def plain_serial(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
