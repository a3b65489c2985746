"""Jamf's responses: Macs of Jamf Pro (GET /api/v1/computers-inventory), iPads of Jamf School (GET /devices)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.consoles.fleet_hosts import build_hardware_uuid
from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.consoles.programs import InstalledProgram

_FILEVAULT: Final = {True: "ALL_ENCRYPTED", False: "NOT_ENCRYPTED", None: "UNKNOWN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MacSecurity:
    """The security settings of a Mac, in Jamf's terms."""

    integrity: str = "ENABLED"
    gatekeeper: str = "APP_STORE_AND_IDENTIFIED_DEVELOPERS"
    boot: str = "FULL_SECURITY"
    auto_login_disabled: bool = True
    updates: str = "ESCROWED"
    personal_key: str = "VALID"
    institutional_key: bool = False


@dataclass(slots=True, kw_only=True)
class JamfMac:
    """A Mac in Jamf Pro; None is a value that Jamf could not determine."""

    index: int
    name: str
    serial: str
    tag: str
    model: str
    version: str
    build: str
    user: str = ""
    user_name: str = ""
    location: str
    encrypted: bool | None
    firewall: bool | None
    security: MacSecurity
    admins: tuple[str, ...]
    programs: tuple[InstalledProgram, ...]
    enrolled: date
    last: date

    @property
    def key(self) -> str:
        """Jamf's id of the computer."""
        return str(self.index)


@dataclass(slots=True, kw_only=True)
class JamfTablet:
    """An iPad in Jamf School."""

    index: int
    name: str
    serial: str
    tag: str
    version: str
    location: str
    last: date

    @property
    def key(self) -> str:
        """UDID of the device: 8 and 16 hexadecimal digits."""
        return f"{self.index * 2_654_435_761 % 2**32:08X}-{self.index * 40_503:016X}"


class JamfExport:
    """Records in one JSON document, written at the end, so that the total can come first."""

    def __init__(self, path: Path, *, head: str, member: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._head, self._member = path, head, member
        self._records: list[str] = []

    def add_record(self, record: dict[str, Any]) -> None:
        """Add one record."""
        self._records.append(json.dumps(record, ensure_ascii=False))

    @property
    def rows(self) -> int:
        """Number of records."""
        return len(self._records)

    def close(self) -> list[Path]:
        """Write the document and return its path."""
        head, body = self._head.format(count=self.rows), ",\n".join(self._records)
        self._path.write_text(f'{{{head}"{self._member}": [\n{body}\n]}}\n', encoding="utf-8", newline="\n")
        return [self._path]


def open_mac_export(folder: Path) -> JamfExport:
    """Open the file of Macs."""
    return JamfExport(folder / "computers.json", head='"totalCount": {count}, ', member="results")


def open_tablet_export(folder: Path) -> JamfExport:
    """Open the file of iPads."""
    return JamfExport(folder / "devices.json", head='"code": 200, "count": {count}, ', member="devices")


def build_mac_record(mac: JamfMac) -> dict[str, Any]:
    """Build the record of one computer with the sections that a district requests."""
    return {
        "id": mac.key,
        "udid": build_hardware_uuid(mac.index),
        "general": _build_general(mac),
        "diskEncryption": _build_encryption(mac),
        "applications": [_build_application(program) for program in mac.programs],
        "userAndLocation": {
            "username": mac.user.partition("@")[0] or None,
            "realname": mac.user_name or None,
            "email": mac.user or None,
            "position": None,
            "phone": None,
            "departmentId": None,
            "buildingId": None,
            "room": mac.location,
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
            "macAddress": build_mac_address(mac.index).upper(),
            "altNetworkAdapterType": "Ethernet",
            "altMacAddress": None,
            "appleSilicon": True,
            "extensionAttributes": [],
        },
        "localUserAccounts": [_build_local_account(number, name) for number, name in enumerate(mac.admins)],
        "security": {
            "sipStatus": mac.security.integrity,
            "gatekeeperStatus": mac.security.gatekeeper,
            "autoLoginDisabled": mac.security.auto_login_disabled,
            "remoteDesktopEnabled": False,
            "firewallEnabled": mac.firewall,
            "secureBootLevel": mac.security.boot,
            "bootstrapTokenEscrowedStatus": mac.security.updates,
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


def build_mac_address(index: int) -> str:
    """Build the MAC address of a Mac's network adapter."""
    return f"f0:18:98:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"


def _build_general(mac: JamfMac) -> dict[str, Any]:
    last_contact = format_timestamp(mac.last, mac.index).replace(".000Z", ".123Z")
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
        "reportDate": last_contact,
        "lastContactTime": last_contact,
        "lastEnrolledDate": format_timestamp(mac.enrolled, mac.index),
        "initialEntryDate": mac.enrolled.isoformat(),
        "site": {"id": "-1", "name": "None"},
        "enrolledViaAutomatedDeviceEnrollment": True,
        "userApprovedMdm": True,
        "extensionAttributes": [],
    }


def _build_encryption(mac: JamfMac) -> dict[str, Any]:
    return {
        "bootPartitionEncryptionDetails": {
            "partitionName": "Macintosh HD",
            "partitionFileVault2State": "ENCRYPTED" if mac.encrypted else "DECRYPTED",
            "partitionFileVault2Percent": 100 if mac.encrypted else -1,
        },
        "individualRecoveryKeyValidityStatus": mac.security.personal_key if mac.encrypted else "NOT_APPLICABLE",
        "institutionalRecoveryKeyPresent": mac.security.institutional_key,
        "fileVault2Enabled": mac.encrypted,
        "fileVault2EnabledUserNames": list(mac.admins[:1]) if mac.encrypted else [],
        "fileVault2EligibilityMessage": "Eligible",
    }


def _build_application(program: InstalledProgram) -> dict[str, Any]:
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


def _build_local_account(number: int, name: str) -> dict[str, Any]:
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


def build_tablet_record(tablet: JamfTablet) -> dict[str, Any]:
    """Build the record of one iPad; Jamf School writes times without a zone."""
    mac_suffix = f"{tablet.index >> 16 & 255:02x}:{tablet.index >> 8 & 255:02x}:{tablet.index & 255:02x}"
    checked_in = f"{tablet.last.isoformat()} 15:{tablet.index % 60:02d}:00"
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
        "groups": [tablet.location],
        "batteryLevel": 0.74,
        "totalCapacity": 64,
        "availableCapacity": "41.5",
        "hasPasscode": False,
        "passcodeCompliant": True,
        "hardwareEncryptionEnabled": True,
        "notes": "",
        "lastCheckin": checked_in,
        "modified": checked_in,
        "networkInformation": {
            "IPAddress": f"10.50.{tablet.index // 250 % 250}.{tablet.index % 250 + 1}",
            "WiFiMAC": f"60:8b:0e:{mac_suffix}",
        },
    }
