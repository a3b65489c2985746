"""Jamf's answers: the Macs of Jamf Pro (GET /api/v1/computers-inventory) and the iPads of Jamf School (GET /devices)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.google import stamp
from homeroom.sample.hosts import uuid_of
from homeroom.sample.programs import Program

_FILEVAULT: Final = {True: "ALL_ENCRYPTED", False: "NOT_ENCRYPTED", None: "UNKNOWN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """How a Mac is guarded, in Jamf's words."""

    integrity: str = "ENABLED"
    gatekeeper: str = "APP_STORE_AND_IDENTIFIED_DEVELOPERS"
    boot: str = "FULL_SECURITY"
    own_login: bool = True
    updates: str = "ESCROWED"
    own_key: str = "VALID"
    shared_key: bool = False


@dataclass(slots=True, kw_only=True)
class Mac:
    """A Mac in Jamf Pro. None stands for what it did not find out."""

    index: int
    name: str
    serial: str
    tag: str
    model: str
    version: str
    build: str
    user: str = ""
    user_name: str = ""
    place: str
    encrypted: bool | None
    firewall: bool | None
    guards: Guards
    admins: tuple[str, ...]
    programs: tuple[Program, ...]
    enrolled: date
    last: date

    @property
    def key(self) -> str:
        """Jamf's id of the computer."""
        return str(self.index)


@dataclass(slots=True, kw_only=True)
class Tablet:
    """An iPad in Jamf School."""

    index: int
    name: str
    serial: str
    tag: str
    version: str
    place: str
    last: date

    @property
    def key(self) -> str:
        """The device's UDID: 8 and 16 hexadecimal digits."""
        return f"{self.index * 2_654_435_761 % 2**32:08X}-{self.index * 40_503:016X}"


class Document:
    """Records in one JSON document, written when all are known; so that the total may stand first."""

    def __init__(self, path: Path, *, head: str, member: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._head, self._member = path, head, member
        self._records: list[str] = []

    def record(self, record: dict[str, Any]) -> None:
        """Keep one record."""
        self._records.append(json.dumps(record, ensure_ascii=False))

    @property
    def rows(self) -> int:
        """Records kept."""
        return len(self._records)

    def close(self) -> list[Path]:
        """Write the document and name it."""
        head, body = self._head.format(count=self.rows), ",\n".join(self._records)
        self._path.write_text(f'{{{head}"{self._member}": [\n{body}\n]}}\n', encoding="utf-8", newline="\n")
        return [self._path]


def computers(folder: Path) -> Document:
    """The file of Macs."""
    return Document(folder / "computers.json", head='"totalCount": {count}, ', member="results")


def tablets(folder: Path) -> Document:
    """The file of iPads."""
    return Document(folder / "devices.json", head='"code": 200, "count": {count}, ', member="devices")


def mac_record(mac: Mac) -> dict[str, Any]:
    """One computer with the sections that a district asks for."""
    return {
        "id": mac.key,
        "udid": uuid_of(mac.index),
        "general": _general(mac),
        "diskEncryption": _encryption(mac),
        "applications": [_application(program) for program in mac.programs],
        "userAndLocation": {
            "username": mac.user.partition("@")[0] or None,
            "realname": mac.user_name or None,
            "email": mac.user or None,
            "position": None,
            "phone": None,
            "departmentId": None,
            "buildingId": None,
            "room": mac.place,
            "extensionAttributes": [],
        },
        "hardware": {
            "make": "Apple",
            "model": mac.model,
            "modelIdentifier": "Mac14,2",
            "serialNumber": mac.serial,
            "processorType": "Apple M2",
            "processorArchitecture": "arm64",
            "networkAdapterType": "IEEE80211",
            "macAddress": mac_address(mac.index).upper(),
            "altNetworkAdapterType": "Ethernet",
            "altMacAddress": None,
            "appleSilicon": True,
            "extensionAttributes": [],
        },
        "localUserAccounts": [_local(number, name) for number, name in enumerate(mac.admins)],
        "security": {
            "sipStatus": mac.guards.integrity,
            "gatekeeperStatus": mac.guards.gatekeeper,
            "autoLoginDisabled": mac.guards.own_login,
            "remoteDesktopEnabled": False,
            "firewallEnabled": mac.firewall,
            "secureBootLevel": mac.guards.boot,
            "bootstrapTokenEscrowedStatus": mac.guards.updates,
        },
        "operatingSystem": {
            "name": "macOS",
            "version": mac.version,
            "build": mac.build,
            "rapidSecurityResponse": None,
            "activeDirectoryStatus": "Not Bound",
            "fileVault2Status": _FILEVAULT[mac.encrypted],
        },
    }


def mac_address(index: int) -> str:
    """The address of a Mac's network adapter."""
    return f"f0:18:98:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"


def _general(mac: Mac) -> dict[str, Any]:
    seen = stamp(mac.last, mac.index).replace(".000Z", ".123Z")
    return {
        "name": mac.name,
        "lastIpAddress": "192.88.99.1",
        "lastReportedIp": f"10.40.{mac.index // 250 % 250}.{mac.index % 250 + 1}",
        "jamfBinaryVersion": "11.14.1-t1740409745798",
        "platform": "Mac",
        "barcode1": None,
        "barcode2": None,
        "assetTag": mac.tag or None,
        "remoteManagement": {"managed": True, "managementUsername": None},
        "supervised": True,
        "mdmCapable": {"capable": True, "capableUsers": []},
        "reportDate": seen,
        "lastContactTime": seen,
        "lastEnrolledDate": stamp(mac.enrolled, mac.index),
        "initialEntryDate": mac.enrolled.isoformat(),
        "site": {"id": "-1", "name": "None"},
        "enrolledViaAutomatedDeviceEnrollment": True,
        "userApprovedMdm": True,
        "extensionAttributes": [],
    }


def _encryption(mac: Mac) -> dict[str, Any]:
    return {
        "bootPartitionEncryptionDetails": {
            "partitionName": "Macintosh HD",
            "partitionFileVault2State": "ENCRYPTED" if mac.encrypted else "DECRYPTED",
            "partitionFileVault2Percent": 100 if mac.encrypted else -1,
        },
        "individualRecoveryKeyValidityStatus": mac.guards.own_key if mac.encrypted else "NOT_APPLICABLE",
        "institutionalRecoveryKeyPresent": mac.guards.shared_key,
        "fileVault2Enabled": mac.encrypted,
        "fileVault2EnabledUserNames": list(mac.admins[:1]) if mac.encrypted else [],
        "fileVault2EligibilityMessage": "Eligible",
    }


def _application(program: Program) -> dict[str, Any]:
    return {
        "name": program.name,
        "path": f"/Applications/{program.name}",
        "version": program.version,
        "macAppStore": False,
        "sizeMegabytes": 120,
        "bundleId": program.bundle,
        "updateAvailable": False,
        "externalVersionId": "0",
    }


def _local(number: int, name: str) -> dict[str, Any]:
    return {
        "uid": str(501 + number),
        "userGuid": None,
        "username": name,
        "fullName": name.title(),
        "admin": True,
        "homeDirectory": "/".join(("", "Users", name)),
        "homeDirectorySizeMb": -1,
        "fileVault2Enabled": number == 0,
        "userAccountType": "LOCAL",
        "passwordMinLength": 8,
    }


def tablet_record(tablet: Tablet) -> dict[str, Any]:
    """One iPad. Jamf School says times without a zone."""
    low = f"{tablet.index >> 16 & 255:02x}:{tablet.index >> 8 & 255:02x}:{tablet.index & 255:02x}"
    at = f"{tablet.last.isoformat()} 15:{tablet.index % 60:02d}:00"
    return {
        "UDID": tablet.key,
        "locationId": 0,
        "serialNumber": tablet.serial,
        "assetTag": tablet.tag,
        "inTrash": False,
        "class": "ipad",
        "model": {"name": "iPad (10th generation)", "identifier": "iPad13,18", "type": "iPad"},
        "os": {"prefix": "iOS", "version": tablet.version},
        "name": tablet.name,
        "owner": {"id": 0, "inTrash": False, "username": "", "email": "", "firstName": "", "lastName": ""},
        "isManaged": True,
        "isSupervised": True,
        "enrollType": "dep",
        "depProfile": "Classroom iPads",
        "groups": [tablet.place],
        "batteryLevel": 0.74,
        "totalCapacity": 64,
        "availableCapacity": "41.5",
        "hasPasscode": False,
        "passcodeCompliant": True,
        "hardwareEncryptionEnabled": True,
        "notes": "",
        "lastCheckin": at,
        "modified": at,
        "networkInformation": {
            "IPAddress": f"10.50.{tablet.index // 250 % 250}.{tablet.index % 250 + 1}",
            "WiFiMAC": f"60:8b:0e:{low}",
        },
    }
