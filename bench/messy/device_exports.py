"""The exports of a messy district of devices, as the products write them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from bench.messy.devices import MessyMachine

Files = dict[str, str]
_NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_CATEGORIES = {
    "chromebook": "Chromebook", "laptop": "Laptop", "lab": "Desktop", "mac": "Laptop", "ipad": "Tablet",
    "printer": "Printer", "switch": "Network",
}  # fmt: skip
_GRAPH = "https://graph.microsoft.com/v1.0/$metadata#deviceManagement/managedDevices"


class DeviceExports:
    """The rows of every export; each `add` also notes the record in the machine."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._assets: list[dict[str, str]] = []
        self._chromebooks: list[dict[str, str]] = []
        self._intune: list[dict[str, Any]] = []
        self._computers: list[dict[str, Any]] = []
        self._mobiles: list[dict[str, Any]] = []
        self._fleet: list[dict[str, Any]] = []
        self._defender: list[dict[str, Any]] = []
        self._wazuh: list[dict[str, Any]] = []
        self._nmap: list[str] = []
        self._nessus: list[str] = []
        self._mac_heading = chance.choice(("MAC Address", "Ethernet MAC", "LAN MAC Address", "Wired MAC"))
        self._host_heading = chance.choice(("Asset Name", "Hostname", "Computer Name", "Host Name"))

    def add_asset(
        self,
        machine: MessyMachine,
        *,
        tag: str,
        serial: str,
        host: str,
        mac: str,
        holder: str,
        status: str = "Deployed",
        category: str = "",
    ) -> None:
        """Add a row of Snipe-IT."""
        key = str(len(self._assets) + 1)
        machine.records.append(("snipeit", key))
        self._assets.append(
            {
                "ID": key,
                "Asset Name": "",
                "Asset Tag": tag,
                "Serial": serial,
                "Model": machine.typed_model,
                "Category": category or _CATEGORIES[machine.kind],
                "Manufacturer": machine.maker.split()[0].title(),
                "Status": status,
                "Checked Out To": holder.split("@")[0].replace(".", " ").title(),
                "Email": holder,
                "Location": machine.school,
                self._mac_heading: _write_mac(mac, self._chance.choice((":", "-"))),
                self._host_heading: host,
            }
        )

    def add_chromebook(self, machine: MessyMachine, *, tag: str) -> None:
        """Add a Chromebook as GAM prints it."""
        key = f"cb-{machine.number:08x}"
        machine.records.append(("google", key))
        self._chromebooks.append(
            {
                "deviceId": key,
                "serialNumber": machine.serial,
                "status": "ACTIVE",
                "model": machine.model,
                "annotatedAssetId": tag,
                "annotatedUser": machine.holder if self._chance.random() < 0.5 else "",
                "lastSync": _write_time(0),
                "macAddress": machine.mac,
                "orgUnitPath": f"/Chromebooks/{machine.school}",
            }
        )

    def add_intune(self, machine: MessyMachine, *, serial: str, host: str, dock: str, age: int) -> None:
        """Add a managed device; `age` counts how many installations came after it."""
        key = f"{len(self._intune):08x}-1111-4000-8000-{machine.number:012x}"
        machine.records.append(("microsoft", key))
        has_address = self._chance.random() < 0.9
        self._intune.append(
            {
                "id": key,
                "deviceName": host,
                "serialNumber": serial or None,
                "operatingSystem": "Windows",
                "osVersion": "10.0.22631.4890" if not age else "10.0.19045.3803",
                "manufacturer": machine.maker,
                "model": machine.model,
                "userPrincipalName": f"old.{machine.holder}" if age and self._chance.random() < 0.4 else machine.holder,
                "azureADDeviceId": f"{len(self._intune):08x}-2222-4000-8000-{machine.number:012x}",
                "wiFiMacAddress": machine.mac.upper() if has_address else "",
                "ethernetMacAddress": dock.upper(),
                "enrolledDateTime": _write_time(age * 200 + 190),
                "lastSyncDateTime": _write_time(age * 200 + self._chance.randrange(0, 3)),
            }
        )

    def add_computer(self, machine: MessyMachine) -> None:
        """Add a Mac of Jamf Pro."""
        key = str(100 + machine.number)
        machine.records.append(("jamf", key))
        self._computers.append(
            {
                "id": key,
                "udid": machine.uuid,
                "general": {
                    "name": machine.host,
                    "lastContactTime": _write_time(0),
                    "assetTag": machine.tag if self._chance.random() < 0.4 else "",
                    "remoteManagement": {"managed": True},
                },
                "hardware": {
                    "make": "Apple",
                    "model": machine.model,
                    "serialNumber": machine.serial,
                    "macAddress": _write_mac(machine.mac, ":"),
                },
                "userAndLocation": {"email": machine.holder},
                "operatingSystem": {"name": "macOS", "version": "14.7.2"},
            }
        )

    def add_mobile(self, machine: MessyMachine) -> None:
        """Add an iPad of Jamf Pro."""
        key = str(50_000 + machine.number)
        machine.records.append(("jamf", key))
        self._mobiles.append(
            {
                "mobileDeviceId": key,
                "deviceType": "iOS",
                "general": {
                    "udid": machine.uuid.lower(),
                    "displayName": machine.host,
                    "assetTag": machine.tag if self._chance.random() < 0.4 else "",
                    "managed": True,
                    "osVersion": "17.7",
                    "lastInventoryUpdateDate": _write_time(0),
                },
                "hardware": {
                    "model": machine.model,
                    "serialNumber": machine.serial,
                    "wifiMacAddress": _write_mac(machine.mac, ":"),
                },
                "userAndLocation": {"emailAddress": ""},
            }
        )

    def add_fleet(self, machine: MessyMachine, *, serial: str, uuid: str, host: str, age: int) -> None:
        """Add a host of Fleet; an old one ran Linux at times."""
        key = str(len(self._fleet) + 1)
        machine.records.append(("fleet", key))
        is_linux = bool(age) and self._chance.random() < 0.15
        self._fleet.append(
            {
                "id": int(key),
                "uuid": uuid,
                "hostname": host,
                "computer_name": host,
                "platform": "ubuntu" if is_linux else "windows",
                "os_version": "Ubuntu 22.04.5 LTS" if is_linux else "Windows 11 Education 23H2 10.0.22631.4890",
                "hardware_serial": serial,
                "hardware_vendor": machine.maker,
                "hardware_model": machine.model,
                "primary_mac": _write_mac(machine.mac, ":") if self._chance.random() < 0.93 else "",
                "primary_ip": machine.address if not age else "",
                "last_enrolled_at": _write_time(age * 200 + 190),
                "seen_time": _write_time(age * 200 + self._chance.randrange(0, 3)),
            }
        )

    def add_defender(self, machine: MessyMachine) -> None:
        """Add a machine of Defender for Endpoint, which knows neither serial nor tag."""
        key = f"{machine.number:040x}"
        machine.records.append(("defender", key))
        self._defender.append(
            {
                "id": key,
                "computerDnsName": f"{machine.host.lower()}.larkspur.example",
                "osPlatform": "Windows11",
                "healthStatus": "Active",
                "lastSeen": _write_time(0),
                "aadDeviceId": None,
                "lastIpAddress": machine.address,
                "ipAddresses": [{"ipAddress": machine.address, "macAddress": machine.mac.upper(), "type": "Ethernet"}],
            }
        )

    def add_wazuh(self, machine: MessyMachine, *, host: str) -> None:
        """Add a vulnerability that an agent of Wazuh reports; the agent has a name and nothing else."""
        if any(row["_source"]["agent"]["name"] == host for row in self._wazuh):
            return
        key = f"{len(self._wazuh) + 1:03d}"
        machine.records.append(("wazuh", key))
        self._wazuh.append(
            {
                "_index": "wazuh-states-vulnerabilities-larkspur",
                "_source": {
                    "agent": {"id": key, "name": host, "type": "Wazuh"},
                    "package": {"name": "7-Zip", "version": "22.01"},
                    "vulnerability": {
                        "id": "CVE-2024-11477",
                        "severity": "High",
                        "score": {"base": 7.8},
                        "detected_at": _write_time(3),
                    },
                },
            }
        )

    def add_nmap(self, machine: MessyMachine, *, mac: str, name: bool) -> None:
        """Add a host of an Nmap scan, keyed by its network card, else its address."""
        machine.records.append(("nmap", mac or machine.address))
        card = f'<address addr="{_write_mac(mac, ":")}" addrtype="mac"/>' if mac else ""
        host = f'<hostname name={quoteattr(machine.host.lower() + ".larkspur.example")} type="PTR"/>' if name else ""
        self._nmap.append(
            f'<host endtime="1772430000"><status state="up"/><address addr="{machine.address}" addrtype="ipv4"/>{card}'
            f'<hostnames>{host}</hostnames><ports><port protocol="tcp" portid="443"><state state="open"/>'
            f'<service name="https"/></port></ports></host>'
        )

    def add_nessus(self, machine: MessyMachine, *, mac: str, name: bool) -> None:
        """Add a host of a Nessus report."""
        machine.records.append(("nessus", mac or machine.address))
        card = f'<tag name="mac-address">{_write_mac(mac, ":")}</tag>' if mac else ""
        host = f'<tag name="netbios-name">LARKSPUR\\{machine.host.upper()}</tag>' if name else ""
        self._nessus.append(
            f'<ReportHost name="{machine.address}"><HostProperties>'
            f'<tag name="host-ip">{machine.address}</tag>{card}{host}'
            f'<tag name="HOST_END_TIMESTAMP">1772430000</tag></HostProperties><ReportItem port="443" svc_name="www" '
            f'protocol="tcp" severity="1" pluginID="57582" pluginName="SSL Self-Signed Certificate" '
            f'pluginFamily="General"/></ReportHost>'
        )

    def build_files(self, *, as_api: bool) -> Files:
        """Return the text of each export, its rows in no order."""
        rows: list[list[Any]] = [self._assets, self._chromebooks, self._intune, self._computers, self._mobiles]
        for listed in (*rows, self._fleet, self._defender, self._wazuh, self._nmap, self._nessus):
            self._chance.shuffle(listed)
        hits = {"total": {"value": len(self._wazuh), "relation": "eq"}, "hits": self._wazuh}
        return {
            **({"hardware.json": self._write_api()} if as_api else {"assets.csv": _write_csv(self._assets)}),
            "chromebooks.csv": _write_csv(self._chromebooks),
            "managedDevices.json": json.dumps({"@odata.context": _GRAPH, "value": self._intune}),
            "computers.json": json.dumps({"totalCount": len(self._computers), "results": self._computers}),
            "mobiles.json": json.dumps({"totalCount": len(self._mobiles), "results": self._mobiles}),
            "hosts.json": json.dumps({"hosts": self._fleet}),
            "machines.json": json.dumps(
                {"@odata.context": "https://api.securitycenter.microsoft.com/api/$metadata#Machines"}
                | {"value": self._defender}
            ),
            "vulnerabilities.json": json.dumps(
                {"took": 8, "timed_out": False, "_shards": {"total": 1}, "hits": hits},
            ),
            "scan.xml": f'<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -oX scan.xml 10.0.0.0/8" '
            f'start="1772420000" version="7.95" xmloutputversion="1.05">{"".join(self._nmap)}</nmaprun>',
            "scan.nessus": '<?xml version="1.0"?><NessusClientData_v2><Policy><policyName>Basic</policyName></Policy>'
            f'<Report name="Rooms">{"".join(self._nessus)}</Report></NessusClientData_v2>',
        }

    def _write_api(self) -> str:
        custom = [name for name in (self._mac_heading, self._host_heading) if name != "Asset Name"]
        return json.dumps({"total": len(self._assets), "rows": [_convert_asset(row, custom) for row in self._assets]})


def _convert_asset(row: Mapping[str, str], custom: list[str]) -> dict[str, Any]:
    """Convert a row of the export to what GET /api/v1/hardware responds."""
    holder = {"id": 7, "username": row["Email"], "name": row["Checked Out To"], "email": row["Email"], "type": "user"}
    return {
        "id": int(row["ID"]),
        "name": row["Asset Name"],
        "asset_tag": row["Asset Tag"],
        "serial": row["Serial"],
        "model": {"id": 3, "name": row["Model"]},
        "status_label": {"id": 2, "name": row["Status"], "status_type": "deployable", "status_meta": "deployed"},
        "category": {"id": 4, "name": row["Category"]},
        "manufacturer": {"id": 5, "name": row["Manufacturer"]},
        "location": {"id": 6, "name": row["Location"]},
        "assigned_to": holder if row["Email"] else None,
        "custom_fields": {
            name: {
                "field": f"_snipeit_{name.lower().replace(' ', '_')}_{number}",
                "value": row[name],
                "field_format": "MAC" if "MAC" in name else "ANY",
                "element": "text",
            }
            for number, name in enumerate(custom, start=1)
        },
    }


def _write_mac(mac: str, separator: str) -> str:
    return separator.join(mac[start : start + 2] for start in range(0, len(mac), 2)).upper()


def _write_time(days_ago: int) -> str:
    return (_NOW - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write_csv(rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
