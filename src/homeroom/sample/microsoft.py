"""Microsoft Graph's answers: managed devices of Intune, and who registered a second factor in Entra."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.google import stamp
from homeroom.sample.writers import JsonPages

PAGE: Final = 1000
DISK: Final = 500_000_000_000  # bytes
_GRAPH: Final = "https://graph.microsoft.com/v1.0"


@dataclass(slots=True, kw_only=True)
class Computer:
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
    says_edition: bool = True
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


def _envelope(path: str) -> Any:
    def page(records: list[dict[str, Any]], number: int, more: bool) -> dict[str, Any]:
        link = {"@odata.nextLink": f"{_GRAPH}/{path}?$skiptoken=page{number}"} if more else {}
        return {"@odata.context": f"{_GRAPH}/$metadata#{path}", **link, "value": records}

    return page


def managed_devices(folder: Path) -> JsonPages:
    """The file of Intune's managed devices."""
    return JsonPages(folder / "managedDevices.json", size=PAGE, envelope=_envelope("deviceManagement/managedDevices"))


def registrations(folder: Path) -> JsonPages:
    """The file of Entra's registration details."""
    path = "reports/authenticationMethods/userRegistrationDetails"
    return JsonPages(folder / "userRegistrationDetails.json", size=PAGE, envelope=_envelope(path))


def device_record(computer: Computer) -> dict[str, Any]:
    """One managedDevice as Graph states it."""
    salt = len(computer.name) * 17 + computer.enrolled.day
    return {
        "id": computer.key,
        "userId": "",
        "deviceName": computer.name,
        "managedDeviceOwnerType": computer.owner,
        "enrolledDateTime": stamp(computer.enrolled, salt).replace(".000Z", "Z"),
        "lastSyncDateTime": stamp(computer.last, salt).replace(".000Z", "Z"),
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
        "freeStorageSpaceInBytes": computer.free * DISK // 100,
        "totalStorageSpaceInBytes": DISK,
        "skuFamily": computer.edition if computer.system == "Windows" and computer.says_edition else "",
        "wiFiMacAddress": "",
        "imei": "",
        "meid": "",
    }


def registration_record(
    *, key: str, email: str, name: str, admin: bool, methods: tuple[str, ...], day: date
) -> dict[str, Any]:
    """One userRegistrationDetails as Graph states it. Registered is not the same as demanded."""
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
        "lastUpdatedDateTime": stamp(day).replace(".000Z", ".1234567Z"),
    }
