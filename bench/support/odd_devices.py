"""A second messy labeled district of devices, in the consoles' own formats, and the truth.

It was designed independently of `messy_devices`, with other kinds and rates of mess: barcodes that scan a prefix with
the serial, dropped zeros, replaced boards, tags that were given to the next machine, records that an enrollment left
behind, virtual machines, default names. It shares no code and no constant with the resolver or the sample. Every rate
is an assumption.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Any

Truth = list[list[tuple[str, str]]]
Files = dict[str, str]

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRSTVWXYZ"
_SCHOOLS = ("Harbor Point", "Kettle Creek", "Prairie View", "Ridgeline", "Stone Bridge")
_LOOKALIKES = {
    "0": "O",
    "O": "0",
    "1": "I",
    "I": "1",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "2": "Z",
    "Z": "2",
    "G": "6",
    "6": "G",
    "L": "1",
    "D": "0",
    "Q": "O",
}
_EMPTY_SERIALS = ("", "", "", "N/A", "unknown", "TBD", "see label", "-", "xxxxxxxx", "no serial")
_GENERIC = ("LAPTOP", "Chromebook", "iPad", "DESKTOP", "localhost", "MacBook Pro")


@dataclass(kw_only=True)
class OddMachine:
    """One real machine."""

    number: int
    kind: str
    maker: str
    model: str
    typed_model: str
    serial: str
    tag: str
    wifi: str
    wired: str
    uuid: str
    imei: str
    name: str
    holder: str
    school: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def generate_odd_devices(*, machines: int, seed: int) -> tuple[Files, Truth]:
    """Return files by name, and the truth.

    Google as GAM prints it, Intune and Jamf as their APIs respond, Fleet, and Snipe-IT's export.
    """
    chance = random.Random(f"odd devices {seed}")
    district = [_generate_machine(chance, number) for number in range(machines)]
    lists = _DeviceLists(chance, district)
    for machine in district:
        if chance.random() < 0.06:  # in a cupboard: it never came to a console
            lists.add_to_snipe(machine)
            continue
        {
            "chromebook": lists.add_to_google,
            "windows": lists.add_to_intune,
            "mac": lists.add_to_jamf,
            "ipad": lists.add_to_jamf_mobile,
        }[machine.kind](machine)
        if machine.kind in ("windows", "mac") and chance.random() < 0.6:
            lists.add_to_fleet(machine)
        if chance.random() < 0.93:
            lists.add_to_snipe(machine)
    lists.add_other_assets(district)
    return lists.build_files(), [machine.rows for machine in district if machine.rows]


def _draw_characters(chance: random.Random, count: int, alphabet: str = _CHARACTERS) -> str:
    return "".join(chance.choices(alphabet, k=count))


def _generate_machine(chance: random.Random, number: int) -> OddMachine:
    kind = chance.choices(("chromebook", "windows", "mac", "ipad"), (55, 25, 8, 12))[0]
    if kind == "chromebook":
        maker, model, typed_model, serial = chance.choice(
            (
                (
                    "Acer",
                    "Acer Chromebook Spin 512 (R853TA)",
                    "Spin 512",
                    "NXK74AA0021" + _draw_characters(chance, 11, "0123456789ABCDEF"),
                ),
                ("Lenovo", "Lenovo 100e Chromebook Gen 4", "100e G4", "YX0" + _draw_characters(chance, 5)),
                (
                    "HP",
                    "HP Chromebook 11 G8 EE",
                    "HP 11 G8",
                    f"5CD1{number:06d}"
                    if number % 2
                    else "5CD" + _draw_characters(chance, 7, "0123456789" * 2 + "BCFGHJKLMNPQRSTVWXYZ"),
                ),
                (
                    "Asus",
                    "ASUS Chromebook C204",
                    "C204",
                    _draw_characters(chance, 3, "LMNPR") + _draw_characters(chance, 12, "0123456789"),
                ),
            )
        )
    elif kind == "windows":
        maker, model, typed_model, serial = chance.choice(
            (
                ("Dell Inc.", "Latitude 3310", "Dell 3310", _draw_characters(chance, 7)),
                ("LENOVO", "20VE", "ThinkBook 15 G2", "PF" + _draw_characters(chance, 6)),
                ("HP", "HP ProBook 440 G8 Notebook PC", "ProBook 440", "5CG" + _draw_characters(chance, 7)),
                ("Dell Inc.", "OptiPlex 3080", "Optiplex 3080", _draw_characters(chance, 7)),
            )
        )  # fmt: skip
    elif kind == "mac":
        maker, model, typed_model, serial = (
            "Apple",
            "MacBookPro18,3",
            "MacBook Pro 14",
            "C02" + _draw_characters(chance, 9),
        )
    else:
        maker, model, typed_model, serial = (
            "Apple",
            "iPad (9th generation)",
            "iPad 9",
            "DMP" + _draw_characters(chance, 9),
        )
    school = chance.choice(_SCHOOLS)
    name = {
        "windows": chance.choice(
            (
                f"{serial}",
                f"{school[:2].upper()}{number:05d}-W",
                f"DESKTOP-{_draw_characters(chance, 7)}",
                f"{school[:3]}-LAB{number % 40:02d}-{number % 30:02d}",
            )
        ),
        "mac": chance.choice((f"{school[:4]}-MBP-{number:04d}", f"Staff’s MacBook Pro ({number})", serial)),
        "ipad": chance.choice(("iPad", f"Cart {number % 20} iPad {number % 31}", f"iPad {number:05d}")),
    }.get(kind, "")
    return OddMachine(
        number=number,
        kind=kind,
        maker=maker,
        model=model,
        typed_model=typed_model,
        serial=serial,
        tag=f"{number + 20413:06d}",
        wifi=_generate_mac(chance),
        wired=_generate_mac(chance),
        uuid=_generate_uuid(chance),
        imei="35" + _draw_characters(chance, 13, "0123456789"),
        name=name,
        holder=f"{chance.choice('abcdefghjklmnprstw')}{_draw_characters(chance, 6, 'aeioulmnrst')}"
        f"{chance.randrange(100)}@kettle.example",
        school=school,
    )


def _generate_mac(chance: random.Random) -> str:
    return "a4c3f0"[: 2 * chance.randrange(1, 4)].ljust(2, "0") + _draw_characters(chance, 12, "0123456789abcdef")


def _generate_uuid(chance: random.Random) -> str:
    text = _draw_characters(chance, 32, "0123456789abcdef")
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class _DeviceLists:
    def __init__(self, chance: random.Random, district: list[OddMachine]) -> None:
        self._chance, self._district = chance, district
        self._docks = [_generate_mac(chance)[:12] for _ in range(max(2, len(district) // 250))]
        self._board = "0" + _draw_characters(chance, 9)
        self._boards = max(12, len(district) // 60)
        self._gam: list[dict[str, str]] = []
        self._graph: list[dict[str, Any]] = []
        self._macs: list[dict[str, Any]] = []
        self._ipads: list[dict[str, Any]] = []
        self._hosts: list[dict[str, Any]] = []
        self._assets: list[dict[str, str]] = []

    def _add_record(self, machine: OddMachine, source: str, key: str, rows: list[Any], row: Any) -> None:
        rows.append(row)
        machine.rows.append((source, key))

    def _draw_tag(self, machine: OddMachine, share: float) -> str:
        return machine.tag if self._chance.random() < share else ""

    def add_to_google(self, machine: OddMachine) -> None:
        chance = self._chance
        swapped = (
            chance.random() < 0.015
        )  # a new board: another serial and another Wi-Fi address, the label is the same
        key = _generate_uuid(chance)
        self._add_record(
            machine,
            "google",
            key,
            self._gam,
            {
                "deviceId": key,
                "annotatedAssetId": machine.tag if swapped else self._draw_tag(machine, 0.45),
                "annotatedLocation": machine.school,
                "annotatedUser": machine.holder if swapped or chance.random() < 0.55 else "",
                "lastSync": "2026-02-2" + str(chance.randrange(8)) + "T10:00:00.000Z",
                "serialNumber": _draw_characters(chance, len(machine.serial)) if swapped else machine.serial,
                "status": "ACTIVE",
                "model": machine.model,
                "macAddress": _draw_characters(chance, 12, "0123456789abcdef") if swapped else machine.wifi[:12],
                "ethernetMacAddress": chance.choice(self._docks) if chance.random() < 0.07 else "",
                "orgUnitPath": f"/Devices/{machine.school}",
            },
        )

    def add_to_intune(self, machine: OddMachine) -> None:
        chance = self._chance
        shared = (
            machine.number % 4 == 1
            and len([row for row in self._graph if row["serialNumber"] == self._board]) < self._boards
        )
        for copy in range(2 if chance.random() < 0.05 else 1):  # the record that a fresh installation left behind
            key = _generate_uuid(chance)
            placeholder = chance.random() < 0.02
            serial = (
                self._board
                if shared
                else chance.choice(("Default string", "System Serial Number", "0"))
                if placeholder
                else machine.serial
            )
            self._add_record(
                machine,
                "microsoft",
                key,
                self._graph,
                {
                    "id": key,
                    "deviceName": machine.name if not copy else f"DESKTOP-{_draw_characters(chance, 7)}",
                    "serialNumber": serial,
                    "userPrincipalName": machine.holder if chance.random() < 0.75 or shared or placeholder else "",
                    "operatingSystem": "Windows",
                    "osVersion": "10.0.22631.3007",
                    "manufacturer": machine.maker,
                    "model": machine.model,
                    "wiFiMacAddress": machine.wifi[:12].upper()
                    if chance.random() < 0.8 or copy or shared or placeholder
                    else "",
                    "ethernetMacAddress": chance.choice(self._docks) if chance.random() < 0.2 else "",
                    "imei": "",
                    "azureADDeviceId": _generate_uuid(chance),
                    "lastSyncDateTime": "2026-02-20T08:00:00Z" if not copy else "2025-09-01T08:00:00Z",
                },
            )

    def add_to_jamf(self, machine: OddMachine) -> None:
        key = str(4000 + machine.number)
        self._add_record(
            machine,
            "jamf",
            key,
            self._macs,
            {
                "id": key,
                "udid": machine.uuid.upper(),
                "general": {
                    "name": machine.name,
                    "lastContactTime": "2026-02-20T08:00:00Z",
                    "assetTag": self._draw_tag(machine, 0.5),
                    "remoteManagement": {"managed": True},
                },
                "hardware": {
                    "make": "Apple",
                    "model": machine.model,
                    "modelIdentifier": machine.model,
                    "serialNumber": machine.serial,
                    "macAddress": _format_mac(machine.wifi[:12]),
                },
                "userAndLocation": {"email": machine.holder if self._chance.random() < 0.6 else ""},
                "operatingSystem": {"name": "macOS", "version": "14.3"},
            },
        )

    def add_to_jamf_mobile(self, machine: OddMachine) -> None:
        key = str(9000 + machine.number)
        serial = machine.serial if self._chance.random() > 0.01 else ""
        self._add_record(
            machine,
            "jamf",
            key,
            self._ipads,
            {
                "mobileDeviceId": key,
                "deviceType": "iOS",
                "general": {
                    "udid": machine.uuid,
                    "displayName": machine.name,
                    "assetTag": machine.tag if not serial else self._draw_tag(machine, 0.6),
                    "managed": True,
                    "osVersion": "17.3",
                },
                "hardware": {
                    "model": machine.model,
                    "serialNumber": serial,
                    "wifiMacAddress": _format_mac(machine.wifi[:12]),
                },
                "network": {"imei": machine.imei if machine.number % 3 == 0 else ""},
                "userAndLocation": {"emailAddress": machine.holder if self._chance.random() < 0.5 else ""},
            },
        )

    def add_to_fleet(self, machine: OddMachine) -> None:
        chance = self._chance
        key = str(100 + machine.number)
        is_generic = chance.random() < 0.04
        self._add_record(
            machine,
            "fleet",
            key,
            self._hosts,
            {
                "id": int(key),
                "uuid": machine.uuid.upper() if machine.kind == "mac" else _generate_uuid(chance),
                "hostname": machine.name if not is_generic else chance.choice(_GENERIC),
                "computer_name": machine.name,
                "platform": "darwin" if machine.kind == "mac" else "windows",
                "os_version": "macOS 14.3" if machine.kind == "mac" else "Windows 11 Enterprise 23H2",
                "hardware_serial": machine.serial if chance.random() > 0.03 else "-1",
                "hardware_vendor": machine.maker,
                "hardware_model": machine.model,
                "primary_mac": _format_mac(machine.wifi[:12])
                if chance.random() < 0.85
                else _format_mac("3e" + _draw_characters(chance, 10, "0123456789abcdef")),
                "seen_time": "2026-02-20T08:00:00Z",
            },
        )

    def add_to_snipe(self, machine: OddMachine) -> None:
        chance = self._chance
        serial, needs_evidence = self._type_serial(machine)
        tag = chance.choices(
            (machine.tag, f"KC-{machine.tag}", machine.tag.lstrip("0"), f" {machine.tag}"), (80, 8, 8, 4)
        )[0]
        self._add_record(
            machine,
            "snipeit",
            tag.strip(),
            self._assets,
            {
                "Company": "Kettle Creek ISD",
                "Asset Name": machine.name if machine.name and chance.random() < 0.5 else "",
                "Asset Tag": tag,
                "Model": machine.typed_model,
                "Model No.": machine.model if chance.random() < 0.5 else "",
                "Category": {"chromebook": "Chromebook", "windows": "Laptop", "mac": "Laptop", "ipad": "Tablet"}[
                    machine.kind
                ],
                "Manufacturer": machine.maker.removesuffix(" Inc.").title(),
                "Serial": serial,
                "Status": "Deployed",
                "Location": machine.school,
                "Checked Out To": "",
                "Email": machine.holder if chance.random() < (0.9 if needs_evidence else 0.7) else "",
            },
        )

    def add_other_assets(self, district: list[OddMachine]) -> None:
        """Add cameras, monitors and old laptops without a serial, with the holders of other machines.

        They are none of those machines.
        """
        for number in range(len(district) // 25):
            neighbor = self._chance.choice(district)
            model, category = self._chance.choice(
                (
                    ("HUE HD Pro", "Document Camera"),
                    ("Dell P2419H", "Monitor"),
                    ("", "Laptop"),
                    ("Latitude E5450", "Laptop"),
                )
            )
            tag = f"X{number:05d}"
            self._assets.append(
                {
                    "Company": "Kettle Creek ISD",
                    "Asset Name": "",
                    "Asset Tag": tag,
                    "Model": model,
                    "Model No.": "",
                    "Category": category,
                    "Manufacturer": "",
                    "Serial": "",
                    "Status": "Deployed",
                    "Location": neighbor.school,
                    "Checked Out To": "",
                    "Email": neighbor.holder,
                }
            )

    def _type_serial(self, machine: OddMachine) -> tuple[str, bool]:
        """Return the serial as somebody typed, scanned or pasted it, and whether it needs other evidence."""
        chance, text, roll = self._chance, machine.serial, self._chance.random()
        if roll < 0.035:
            return "".join(
                _LOOKALIKES.get(letter, letter) if chance.random() < 0.5 else letter for letter in text
            ), True
        if roll < 0.055:
            position = chance.randrange(len(text) - 1)
            return text[:position] + text[position + 1] + text[position] + text[position + 2 :], True
        if roll < 0.07:
            position = chance.randrange(len(text))
            return text[:position] + chance.choice(_CHARACTERS) + text[position + 1 :], True
        if roll < 0.08:
            return text[:-1] if chance.random() < 0.5 else text[1:], True
        if roll < 0.11:
            prefix = {"Apple": "S", "LENOVO": "1S" + machine.model + "00AUS1"[:6]}.get(
                machine.maker, chance.choice(("S/N: ", "SN", "#"))
            )
            return prefix + text, True
        if roll < 0.14:
            return chance.choice(_EMPTY_SERIALS), True
        if roll < 0.30:
            halves = f"{text[:3]}{chance.choice((' ', '-', ' - ', '.'))}{text[3:]}"
            return chance.choice((text.lower(), halves, f"  {text}", text.capitalize(), f"'{text}", f"{text}*")), False
        return text, False

    def build_files(self) -> Files:
        for rows in (self._gam, self._graph, self._macs, self._ipads, self._hosts, self._assets):
            self._chance.shuffle(rows)
        return {
            "chromeos.csv": _format_csv(self._gam),
            "managedDevices.json": json.dumps({"value": self._graph}),
            "computers.json": json.dumps({"totalCount": len(self._macs), "results": self._macs}),
            "mobiles.json": json.dumps({"totalCount": len(self._ipads), "results": self._ipads}),
            "hosts.json": json.dumps({"hosts": self._hosts}),
            "assets.csv": _format_csv(self._assets),
        }


def _format_mac(text: str) -> str:
    return ":".join(text[start : start + 2] for start in range(0, 12, 2)).upper()


def _format_csv(rows: list[dict[str, str]]) -> str:
    def format_cell(text: str) -> str:
        return f'"{text}"' if "," in text or '"' in text else text

    names = list(rows[0])
    return "\n".join([",".join(names), *(",".join(format_cell(row[name]) for name in names) for row in rows), ""])
