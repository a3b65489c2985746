"""Read a sample's exports with the standard library alone, independently of the code that generates them."""

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

ExportRow = dict[str, str]


def _parse_csv(text: str) -> list[ExportRow]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = list(reader)
    for row in rows:
        assert None not in row, "a row is longer than the header"
        assert None not in row.values(), "a row is shorter than the header"
    return rows


def _flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flatten(inner, f"{path}.{number}")
    else:
        yield path, "" if value is None else str(value)


def build_tool_id(name: str) -> str:
    return name.lower().replace(" ", "-")


@dataclass(frozen=True)
class NmapHost:
    """One host of a scan. `key` is its network address in hexadecimal digits, or else its IP address."""

    key: str
    address: str
    mac: str
    name: str
    open_ports: set[int]


def _parse_host(host: ElementTree.Element) -> NmapHost:
    addresses = {element.get("addrtype", ""): element.get("addr", "") for element in host.iter("address")}
    mac = addresses.get("mac", "").replace(":", "").lower()
    name = next((element.get("name", "") for element in host.iter("hostname")), "")
    open_ports = {
        int(port.get("portid", "0"))
        for port in host.iter("port")
        if any(state.get("state") == "open" for state in port.iter("state"))
    }
    return NmapHost(key=mac or addresses["ipv4"], address=addresses["ipv4"], mac=mac, name=name, open_ports=open_ports)


@dataclass(frozen=True)
class SampleExports:
    """The exports of one sample folder."""

    folder: Path

    @cached_property
    def truth(self) -> dict[str, Any]:
        return json.loads((self.folder / "truth.json").read_text(encoding="utf-8"))

    @cached_property
    def today(self) -> date:
        return date.fromisoformat(self.truth["today"])

    def list_resource_keys(self) -> dict[str, set[str]]:
        """List by source the keys of what is neither a person, nor an account, nor a device."""
        jobs = [(row["System"], row["Job"]) for row in self.read_csv("lists/backups.csv")]
        graph = [self.folder / "microsoft" / f"{name}.json" for name in ("oauth2PermissionGrants", "servicePrincipals")]
        grants, principals = (json.loads(path.read_text(encoding="utf-8"))["value"] for path in graph)
        products, stated = self.read_csv("lists/products.csv"), (self.folder / "tools.yaml").read_text(encoding="utf-8")
        listed = [row["Product"] for row in self.read_csv("lists/contracts.csv")]
        extensions = [row["displayName"] for row in self.read_csv("google/chromeapps.csv")]
        google = (("tokens", "clientId"), ("groups", "email"), ("orgs", "orgUnitId"))
        return {
            "backups": {key for system, job in jobs for key in (system, f"{system} / {job}" if job else system)},
            "names": {row["Domain"] for row in self.read_csv("lists/mail-domains.csv")},
            "agreements": {row["Agreement"] for row in self.read_csv("lists/agreements.csv")},
            "contracts": {row["Contract"] for row in self.read_csv("lists/contracts.csv")},
            "toolcontracts": {row["No."] for row in products},
            "toolbackups": {row["Protected"] for row in self.read_csv("lists/other-backups.csv")},
            "tools": {build_tool_id(name) for name in (*listed, *(row["Product"] for row in products), *extensions)},
            "needs": set(re.findall(r"^  ([a-z-]+): \{for:", stated, re.MULTILINE)),
            "renewals": {row["Contract"] for row in self.read_csv("lists/contracts.csv")}
            | {row["No."] for row in products},
            "google": {row[key] for name, key in google for row in self.read_csv(f"google/{name}.csv")},
            "microsoft": {grant["clientId"] for grant in grants} | {principal["id"] for principal in principals},
        }

    def read_csv(self, path: str) -> list[ExportRow]:
        return _parse_csv((self.folder / path).read_bytes().decode("utf-8-sig"))

    def read_pages(self, folder: str, stem: str) -> list[dict[str, Any]]:
        def get_page_number(path: Path) -> int:
            return int(re.sub(r"\D", "", path.stem) or 1)

        paths = sorted((self.folder / folder).glob(f"{stem}*.json"), key=get_page_number)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def _read_google(self, stem: str, member: str) -> list[ExportRow]:
        if (self.folder / "google" / f"{stem}.csv").exists():
            return self.read_csv(f"google/{stem}.csv")
        return [dict(_flatten(record)) for page in self.read_pages("google", stem) for record in page[member]]

    @cached_property
    def users(self) -> list[ExportRow]:
        return self._read_google("users", "users")

    @cached_property
    def chromebooks(self) -> list[ExportRow]:
        return self._read_google("chromeosdevices", "chromeosdevices")

    @cached_property
    def computers(self) -> list[dict[str, Any]]:
        return [record for page in self.read_pages("microsoft", "managedDevices") for record in page["value"]]

    @cached_property
    def registrations(self) -> list[dict[str, Any]]:
        return [record for page in self.read_pages("microsoft", "userRegistrationDetails") for record in page["value"]]

    @cached_property
    def assets(self) -> list[ExportRow]:
        return [
            {key: html.unescape(value) for key, value in row.items()} for row in self.read_csv("snipeit/assets.csv")
        ]

    @cached_property
    def employees(self) -> list[ExportRow]:
        return self.read_csv("hr/staff.csv")

    @cached_property
    def directory_accounts(self) -> list[ExportRow]:
        """Active Directory's accounts. A value without quotes is null, and empty text here."""
        text = (self.folder / "activedirectory" / "users.csv").read_bytes().decode("utf-16")
        kind, _, rest = text.partition("\r\n")
        assert kind == "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser"
        return _parse_csv(rest)

    def read_json(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text(encoding="utf-8-sig"))

    @cached_property
    def hosts(self) -> list[dict[str, Any]]:
        return self.read_json("fleet/hosts.json")["hosts"]

    @cached_property
    def macs(self) -> list[dict[str, Any]]:
        return self.read_json("jamf/computers.json")["results"]

    @cached_property
    def tablets(self) -> list[dict[str, Any]]:
        path = "jamf-school/devices.json"
        return self.read_json(path)["devices"] if (self.folder / path).exists() else []

    def read_scan(self, name: str) -> list[NmapHost]:
        """Return the hosts of one nmap scan."""
        root = ElementTree.parse(self.folder / "nmap" / f"{name}.xml").getroot()
        assert root.tag == "nmaprun"
        return [_parse_host(host) for host in root.iter("host")]

    @cached_property
    def report(self) -> list[ElementTree.Element]:
        """Hosts of the Nessus report."""
        return list(ElementTree.parse(self.folder / "nessus" / "servers.nessus").getroot().iter("ReportHost"))

    @cached_property
    def alerts(self) -> list[dict[str, Any]]:
        text = (self.folder / "wazuh" / "alerts.json").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def read_roster(self, member: str) -> list[ExportRow]:
        bundle = self.folder / "oneroster.zip"
        if bundle.exists():
            with zipfile.ZipFile(bundle) as archive:
                return _parse_csv(archive.read(f"{member}.csv").decode("utf-8"))
        return self.read_csv(f"oneroster/{member}.csv")

    @cached_property
    def roster_users(self) -> list[ExportRow]:
        return self.read_roster("users")

    @cached_property
    def roles(self) -> dict[str, list[ExportRow]]:
        """Roles by person, from users.csv or roles.csv depending on the OneRoster version."""
        roles_by_person: dict[str, list[ExportRow]] = defaultdict(list)
        if "role" in self.roster_users[0]:
            for row in self.roster_users:
                roles_by_person[row["sourcedId"]].append({"role": row["role"], "status": row["status"], "endDate": ""})
        else:
            for row in self.read_roster("roles"):
                roles_by_person[row["userSourcedId"]].append(row)
        return roles_by_person

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Facts of district.yaml that the checks need."""
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

    def is_school_day(self, day: date) -> bool:
        facts = self.facts
        return (
            facts["first"] <= day <= facts["last"]
            and day.weekday() < 5
            and not any(first <= day <= last for first, last, _ in facts["closed"])
        )

    def is_summer(self, day: date) -> bool:
        return any(kind == "summer" and first <= day <= last for first, last, kind in self.facts["closed"])

    def count_school_days_since(self, day: date) -> int:
        """Count the school days after that day and before today."""
        return sum(self.is_school_day(day + timedelta(days=n)) for n in range(1, (self.today - day).days))

    def count_days_outside_summer_since(self, day: date) -> int:
        return sum(not self.is_summer(day + timedelta(days=n)) for n in range(1, (self.today - day).days + 1))


def parse_flag(value: str) -> bool:
    assert value in ("True", "False"), value
    return value == "True"


def parse_google_date(stamp: str) -> date | None:
    """Return the day of a Google time, or None for never."""
    if stamp in ("Never", "1970-01-01T00:00:00.000Z"):
        return None
    if stamp.isdigit():
        return datetime.fromtimestamp(int(stamp) / 1000, tz=UTC).date()
    return date.fromisoformat(stamp[:10])


def parse_us_datetime(text: str) -> date | None:
    """Return the day of a time as PowerShell writes it with US culture, or None for empty text."""
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC).date() if text else None


def parse_us_date(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date() if text else None


def get_user_key(row: ExportRow) -> str:
    return row.get("id") or row["primaryEmail"].lower()


def normalize_serial(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
