"""A second messy labelled district of devices, in the consoles' own forms, and which of their records are one machine.

It was designed apart from `messy_devices`, with other kinds and rates of mess: barcodes that scan a prefix with the serial,
eaten zeros, boards that were replaced, tags that were given to the next machine, records that an enrolment left behind,
virtual machines, default names. It shares no code and no constant with the resolver or the sample. Every rate is an assumption.
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
_LOOKS = {"0": "O", "O": "0", "1": "I", "I": "1", "5": "S", "S": "5", "8": "B", "B": "8", "2": "Z", "Z": "2", "G": "6", "6": "G", "L": "1", "D": "0", "Q": "O"}  # fmt: skip
_NOTHING = ("", "", "", "N/A", "unknown", "TBD", "see label", "-", "xxxxxxxx", "no serial")
_GENERIC = ("LAPTOP", "Chromebook", "iPad", "DESKTOP", "localhost", "MacBook Pro")


@dataclass(kw_only=True)
class Thing:
    """One real machine."""

    number: int
    sort: str
    maker: str
    model: str
    spoken: str
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


def odd_devices(*, machines: int, seed: int) -> tuple[Files, Truth]:
    """Files by name (Google as GAM prints it, Intune and Jamf as their APIs answer, Fleet, Snipe-IT's export), and the truth."""
    chance = random.Random(f"odd devices {seed}")
    district = [_thing(chance, number) for number in range(machines)]
    out = _Lists(chance, district)
    for one in district:
        if chance.random() < 0.06:  # in a cupboard: it never came to a console
            out.snipe(one)
            continue
        {"chromebook": out.google, "windows": out.intune, "mac": out.jamf, "ipad": out.jamf_mobile}[one.sort](one)
        if one.sort in ("windows", "mac") and chance.random() < 0.6:
            out.fleet(one)
        if chance.random() < 0.93:
            out.snipe(one)
    out.other_things(district)
    return out.files(), [one.rows for one in district if one.rows]


def _some(chance: random.Random, count: int, of: str = _CHARACTERS) -> str:
    return "".join(chance.choices(of, k=count))


def _thing(chance: random.Random, number: int) -> Thing:
    sort = chance.choices(("chromebook", "windows", "mac", "ipad"), (55, 25, 8, 12))[0]
    if sort == "chromebook":
        maker, model, spoken, serial = chance.choice(
            (
                ("Acer", "Acer Chromebook Spin 512 (R853TA)", "Spin 512", "NXK74AA0021" + _some(chance, 11, "0123456789ABCDEF")),
                ("Lenovo", "Lenovo 100e Chromebook Gen 4", "100e G4", "YX0" + _some(chance, 5)),
                ("HP", "HP Chromebook 11 G8 EE", "HP 11 G8", f"5CD1{number:06d}" if number % 2 else "5CD" + _some(chance, 7, "0123456789" * 2 + "BCFGHJKLMNPQRSTVWXYZ")),
                ("Asus", "ASUS Chromebook C204", "C204", _some(chance, 3, "LMNPR") + _some(chance, 12, "0123456789")),
            )
        )  # fmt: skip
    elif sort == "windows":
        maker, model, spoken, serial = chance.choice(
            (
                ("Dell Inc.", "Latitude 3310", "Dell 3310", _some(chance, 7)),
                ("LENOVO", "20VE", "ThinkBook 15 G2", "PF" + _some(chance, 6)),
                ("HP", "HP ProBook 440 G8 Notebook PC", "ProBook 440", "5CG" + _some(chance, 7)),
                ("Dell Inc.", "OptiPlex 3080", "Optiplex 3080", _some(chance, 7)),
            )
        )  # fmt: skip
    elif sort == "mac":
        maker, model, spoken, serial = "Apple", "MacBookPro18,3", "MacBook Pro 14", "C02" + _some(chance, 9)
    else:
        maker, model, spoken, serial = "Apple", "iPad (9th generation)", "iPad 9", "DMP" + _some(chance, 9)
    school = chance.choice(_SCHOOLS)
    named = {
        "windows": chance.choice((f"{serial}", f"{school[:2].upper()}{number:05d}-W", f"DESKTOP-{_some(chance, 7)}", f"{school[:3]}-LAB{number % 40:02d}-{number % 30:02d}")),
        "mac": chance.choice((f"{school[:4]}-MBP-{number:04d}", f"Staff’s MacBook Pro ({number})", serial)),
        "ipad": chance.choice(("iPad", f"Cart {number % 20} iPad {number % 31}", f"iPad {number:05d}")),
    }.get(sort, "")  # fmt: skip
    return Thing(
        number=number, sort=sort, maker=maker, model=model, spoken=spoken, serial=serial, tag=f"{number + 20413:06d}",
        wifi=_mac(chance), wired=_mac(chance), uuid=_uuid(chance), imei="35" + _some(chance, 13, "0123456789"), name=named,
        holder=f"{chance.choice('abcdefghjklmnprstw')}{_some(chance, 6, 'aeioulmnrst')}{chance.randrange(100)}@kettle.example", school=school,
    )  # fmt: skip


def _mac(chance: random.Random) -> str:
    return "a4c3f0"[: 2 * chance.randrange(1, 4)].ljust(2, "0") + _some(chance, 12, "0123456789abcdef")


def _uuid(chance: random.Random) -> str:
    text = _some(chance, 32, "0123456789abcdef")
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class _Lists:
    def __init__(self, chance: random.Random, district: list[Thing]) -> None:
        self._chance, self._district = chance, district
        self._docks = [_mac(chance)[:12] for _ in range(max(2, len(district) // 250))]
        self._board = "0" + _some(chance, 9)
        self._boards = max(12, len(district) // 60)
        self._gam: list[dict[str, str]] = []
        self._graph: list[dict[str, Any]] = []
        self._macs: list[dict[str, Any]] = []
        self._ipads: list[dict[str, Any]] = []
        self._hosts: list[dict[str, Any]] = []
        self._assets: list[dict[str, str]] = []

    def _put(self, one: Thing, source: str, key: str, rows: list[Any], row: Any) -> None:
        rows.append(row)
        one.rows.append((source, key))

    def _tag(self, one: Thing, share: float) -> str:
        return one.tag if self._chance.random() < share else ""

    def google(self, one: Thing) -> None:
        chance = self._chance
        swapped = (
            chance.random() < 0.015
        )  # a new board: another serial and another Wi-Fi address, the label is the same
        key = _uuid(chance)
        self._put(one, "google", key, self._gam, {
            "deviceId": key, "annotatedAssetId": one.tag if swapped else self._tag(one, 0.45), "annotatedLocation": one.school,
            "annotatedUser": one.holder if swapped or chance.random() < 0.55 else "", "lastSync": "2026-02-2" + str(chance.randrange(8)) + "T10:00:00.000Z",
            "serialNumber": _some(chance, len(one.serial)) if swapped else one.serial, "status": "ACTIVE", "model": one.model,
            "macAddress": _some(chance, 12, "0123456789abcdef") if swapped else one.wifi[:12],
            "ethernetMacAddress": chance.choice(self._docks) if chance.random() < 0.07 else "", "orgUnitPath": f"/Devices/{one.school}",
        })  # fmt: skip

    def intune(self, one: Thing) -> None:
        chance = self._chance
        shared = (
            one.number % 4 == 1
            and len([row for row in self._graph if row["serialNumber"] == self._board]) < self._boards
        )
        for again in range(2 if chance.random() < 0.05 else 1):  # the record that a fresh installation left behind
            key = _uuid(chance)
            placeholder = chance.random() < 0.02
            serial = (
                self._board
                if shared
                else chance.choice(("Default string", "System Serial Number", "0"))
                if placeholder
                else one.serial
            )
            self._put(one, "microsoft", key, self._graph, {
                "id": key, "deviceName": one.name if not again else f"DESKTOP-{_some(chance, 7)}", "serialNumber": serial,
                "userPrincipalName": one.holder if chance.random() < 0.75 or shared or placeholder else "", "operatingSystem": "Windows", "osVersion": "10.0.22631.3007",
                "manufacturer": one.maker, "model": one.model, "wiFiMacAddress": one.wifi[:12].upper() if chance.random() < 0.8 or again or shared or placeholder else "",
                "ethernetMacAddress": chance.choice(self._docks) if chance.random() < 0.2 else "", "imei": "", "azureADDeviceId": _uuid(chance),
                "lastSyncDateTime": "2026-02-20T08:00:00Z" if not again else "2025-09-01T08:00:00Z",
            })  # fmt: skip

    def jamf(self, one: Thing) -> None:
        key = str(4000 + one.number)
        self._put(one, "jamf", key, self._macs, {
            "id": key, "udid": one.uuid.upper(), "general": {"name": one.name, "lastContactTime": "2026-02-20T08:00:00Z", "assetTag": self._tag(one, 0.5), "remoteManagement": {"managed": True}},
            "hardware": {"make": "Apple", "model": one.model, "modelIdentifier": one.model, "serialNumber": one.serial, "macAddress": _colons(one.wifi[:12])},
            "userAndLocation": {"email": one.holder if self._chance.random() < 0.6 else ""}, "operatingSystem": {"name": "macOS", "version": "14.3"},
        })  # fmt: skip

    def jamf_mobile(self, one: Thing) -> None:
        key = str(9000 + one.number)
        serial = one.serial if self._chance.random() > 0.01 else ""
        self._put(one, "jamf", key, self._ipads, {
            "mobileDeviceId": key, "deviceType": "iOS", "general": {"udid": one.uuid, "displayName": one.name, "assetTag": one.tag if not serial else self._tag(one, 0.6), "managed": True, "osVersion": "17.3"},
            "hardware": {"model": one.model, "serialNumber": serial, "wifiMacAddress": _colons(one.wifi[:12])}, "network": {"imei": one.imei if one.number % 3 == 0 else ""},
            "userAndLocation": {"emailAddress": one.holder if self._chance.random() < 0.5 else ""},
        })  # fmt: skip

    def fleet(self, one: Thing) -> None:
        chance = self._chance
        key = str(100 + one.number)
        odd = chance.random() < 0.04
        self._put(one, "fleet", key, self._hosts, {
            "id": int(key), "uuid": one.uuid.upper() if one.sort == "mac" else _uuid(chance), "hostname": one.name if not odd else chance.choice(_GENERIC), "computer_name": one.name,
            "platform": "darwin" if one.sort == "mac" else "windows", "os_version": "macOS 14.3" if one.sort == "mac" else "Windows 11 Enterprise 23H2",
            "hardware_serial": one.serial if chance.random() > 0.03 else "-1", "hardware_vendor": one.maker, "hardware_model": one.model,
            "primary_mac": _colons(one.wifi[:12]) if chance.random() < 0.85 else _colons("3e" + _some(chance, 10, "0123456789abcdef")), "seen_time": "2026-02-20T08:00:00Z",
        })  # fmt: skip

    def snipe(self, one: Thing) -> None:
        chance = self._chance
        serial, wrong = self._written(one)
        tag = chance.choices((one.tag, f"KC-{one.tag}", one.tag.lstrip("0"), f" {one.tag}"), (80, 8, 8, 4))[0]
        self._put(one, "snipeit", tag.strip(), self._assets, {
            "Company": "Kettle Creek ISD", "Asset Name": one.name if one.name and chance.random() < 0.5 else "", "Asset Tag": tag,
            "Model": one.spoken, "Model No.": one.model if chance.random() < 0.5 else "", "Category": {"chromebook": "Chromebook", "windows": "Laptop", "mac": "Laptop", "ipad": "Tablet"}[one.sort],
            "Manufacturer": one.maker.removesuffix(" Inc.").title(), "Serial": serial, "Status": "Deployed", "Location": one.school,
            "Checked Out To": "", "Email": one.holder if chance.random() < (0.9 if wrong else 0.7) else "",
        })  # fmt: skip

    def other_things(self, district: list[Thing]) -> None:
        """Cameras, monitors and old laptops without a serial, with the holders of other machines: they are none of these."""
        for number in range(len(district) // 25):
            near = self._chance.choice(district)
            model, category = self._chance.choice(
                (
                    ("HUE HD Pro", "Document Camera"),
                    ("Dell P2419H", "Monitor"),
                    ("", "Laptop"),
                    ("Latitude E5450", "Laptop"),
                )
            )
            tag = f"X{number:05d}"
            self._assets.append({
                "Company": "Kettle Creek ISD", "Asset Name": "", "Asset Tag": tag, "Model": model, "Model No.": "", "Category": category, "Manufacturer": "",
                "Serial": "", "Status": "Deployed", "Location": near.school, "Checked Out To": "", "Email": near.holder,
            })  # fmt: skip

    def _written(self, one: Thing) -> tuple[str, bool]:
        """The serial as somebody typed, scanned or pasted it; whether it needs other evidence."""
        chance, text, roll = self._chance, one.serial, self._chance.random()
        if roll < 0.035:
            return "".join(_LOOKS.get(letter, letter) if chance.random() < 0.5 else letter for letter in text), True
        if roll < 0.055:
            at = chance.randrange(len(text) - 1)
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :], True
        if roll < 0.07:
            at = chance.randrange(len(text))
            return text[:at] + chance.choice(_CHARACTERS) + text[at + 1 :], True
        if roll < 0.08:
            return text[:-1] if chance.random() < 0.5 else text[1:], True
        if roll < 0.11:
            prefix = {"Apple": "S", "LENOVO": "1S" + one.model + "00AUS1"[:6]}.get(
                one.maker, chance.choice(("S/N: ", "SN", "#"))
            )
            return prefix + text, True
        if roll < 0.14:
            return chance.choice(_NOTHING), True
        if roll < 0.30:
            halves = f"{text[:3]}{chance.choice((' ', '-', ' - ', '.'))}{text[3:]}"
            return chance.choice((text.lower(), halves, f"  {text}", text.capitalize(), f"'{text}", f"{text}*")), False
        return text, False

    def files(self) -> Files:
        for rows in (self._gam, self._graph, self._macs, self._ipads, self._hosts, self._assets):
            self._chance.shuffle(rows)
        return {
            "chromeos.csv": _csv(self._gam),
            "managedDevices.json": json.dumps({"value": self._graph}),
            "computers.json": json.dumps({"totalCount": len(self._macs), "results": self._macs}),
            "mobiles.json": json.dumps({"totalCount": len(self._ipads), "results": self._ipads}),
            "hosts.json": json.dumps({"hosts": self._hosts}),
            "assets.csv": _csv(self._assets),
        }


def _colons(text: str) -> str:
    return ":".join(text[at : at + 2] for at in range(0, 12, 2)).upper()


def _csv(rows: list[dict[str, str]]) -> str:
    def cell(text: str) -> str:
        return f'"{text}"' if "," in text or '"' in text else text

    names = list(rows[0])
    return "\n".join([",".join(names), *(",".join(cell(row[name]) for name in names) for row in rows), ""])
