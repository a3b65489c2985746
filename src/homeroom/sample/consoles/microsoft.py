"""Microsoft Graph responses: managed devices of Intune, and second factor registrations in Entra."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.files.writers import JsonPages

PAGE_SIZE: Final = 1000
DISK_BYTES: Final = 500_000_000_000  # bytes
_GRAPH: Final = "https://graph.microsoft.com/v1.0"


@dataclass(slots=True, kw_only=True)
class IntuneDevice:
    """A device in Intune, and what is true of it."""

    key: str
    name: str
    serial: str
    tag: str
    system: str
    version: str
    manufacturer: str
    model: str
    category: str
    edition: str = "Education"
    reports_edition: bool = True
    note: str = ""
    user: str = ""
    user_name: str = ""
    encrypted: bool | None = True
    owner: str = "company"
    compliance: str = "compliant"
    jailbroken: str = "Unknown"
    supervised: bool = False
    free: int = 40  # hundredths of the disk
    enrolled: date
    last: date


def _build_envelope(path: str) -> Any:
    def build_page(records: list[dict[str, Any]], number: int, has_next: bool) -> dict[str, Any]:
        link = {"@odata.nextLink": f"{_GRAPH}/{path}?$skiptoken=page{number}"} if has_next else {}
        return {"@odata.context": f"{_GRAPH}/$metadata#{path}", **link, "value": records}

    return build_page


def open_managed_devices(folder: Path) -> JsonPages:
    """Open the file of Intune's managed devices."""
    return JsonPages(
        folder / "managedDevices.json", size=PAGE_SIZE, envelope=_build_envelope("deviceManagement/managedDevices")
    )


def open_registrations(folder: Path) -> JsonPages:
    """Open the file of Entra's registration details."""
    path = "reports/authenticationMethods/userRegistrationDetails"
    return JsonPages(folder / "userRegistrationDetails.json", size=PAGE_SIZE, envelope=_build_envelope(path))


def build_device_record(computer: IntuneDevice) -> dict[str, Any]:
    """Build one managedDevice as Graph returns it."""
    salt = len(computer.name) * 17 + computer.enrolled.day
    return {
        "id": computer.key,
        "userId": "",
        "deviceName": computer.name,
        "managedDeviceOwnerType": computer.owner,
        "enrolledDateTime": format_timestamp(computer.enrolled, salt).replace(".000Z", "Z"),
        "lastSyncDateTime": format_timestamp(computer.last, salt).replace(".000Z", "Z"),
        "operatingSystem": computer.system,
        "complianceState": computer.compliance,
        "jailBroken": computer.jailbroken,
        "managementAgent": "mdm",
        "osVersion": computer.version,
        "easActivated": False,
        "azureADRegistered": True,
        "deviceEnrollmentType": "windowsAzureADJoin" if computer.system == "Windows" else "userEnrollment",
        "deviceCategoryDisplayName": computer.note or computer.category,
        "isSupervised": computer.supervised,
        "isEncrypted": computer.encrypted,
        "emailAddress": computer.user,
        "userPrincipalName": computer.user,
        "userDisplayName": computer.user_name,
        "model": computer.model,
        "manufacturer": computer.manufacturer,
        "serialNumber": computer.serial,
        "freeStorageSpaceInBytes": computer.free * DISK_BYTES // 100,
        "totalStorageSpaceInBytes": DISK_BYTES,
        "skuFamily": computer.edition if computer.system == "Windows" and computer.reports_edition else "",
        "wiFiMacAddress": "",
        "imei": "",
        "meid": "",
    }


def build_registration_record(
    *, key: str, email: str, name: str, admin: bool, methods: tuple[str, ...], day: date
) -> dict[str, Any]:
    """Build one userRegistrationDetails as Graph returns it; registered does not mean required."""
    registered = bool(methods)
    return {
        "id": key,
        "userPrincipalName": email,
        "userDisplayName": name,
        "userType": "member",
        "isAdmin": admin,
        "isSsprRegistered": registered,
        "isSsprEnabled": True,
        "isSsprCapable": registered,
        "isMfaRegistered": registered,
        "isMfaCapable": registered,
        "isPasswordlessCapable": False,
        "methodsRegistered": list(methods),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": ["PhoneAppNotification"] if registered else [],
        "userPreferredMethodForSecondaryAuthentication": "push" if registered else "none",
        "lastUpdatedDateTime": format_timestamp(day).replace(".000Z", ".1234567Z"),
    }
