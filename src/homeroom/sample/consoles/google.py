"""Google's exports: users and ChromeOS devices, as GAM prints them and as the Admin SDK returns them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from homeroom.sample.files.writers import CsvFile, JsonPages
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.truth.google_directory import GoogleDirectoryIndex
from homeroom.sample.truth.ground_truth import Chromebook, GoogleAccount

# GAM prints "Never" for the epoch, which is what the API answers for an account that nobody used.
_NEVER: Final = "1970-01-01T00:00:00.000Z"
_USER_HEADER: Final = (
    "primaryEmail,id,name.givenName,name.familyName,orgUnitPath,suspended,archived,isAdmin,isDelegatedAdmin,"
    "isEnrolledIn2Sv,isEnforcedIn2Sv,lastLoginTime,creationTime,externalIds.0.type,externalIds.0.value,aliases.0"
)
_DEVICE_HEADER: Final = (
    "deviceId,annotatedAssetId,annotatedLocation,annotatedUser,autoUpdateExpiration,autoUpdateThrough,bootMode,"
    "deprovisionReason,extendedSupportEligible,extendedSupportEnabled,extendedSupportStart,lastEnrollmentTime,lastSync,"
    "macAddress,model,notes,orgUnitPath,osVersion,osVersionCompliance,recentUsers.0.email,recentUsers.0.type,serialNumber,status"
)


def format_timestamp(day: date, salt: int = 0) -> str:
    """Format a time of that day between 15:00 and 20:59 UTC, the same date in every zone of the continental states."""
    return f"{day.isoformat()}T{15 + salt % 6:02d}:{salt % 60:02d}:{salt * 7 % 60:02d}.000Z"


def _convert_to_epoch_ms(day: date) -> int:
    return int(datetime.combine(day, time(7), tzinfo=UTC).timestamp() * 1000)


def build_user_key(district: DistrictPlan, email: str, number: int) -> tuple[str, str]:
    """Return (the id column, the record's key): the id if the export has it, else the address."""
    if not district.google_ids:
        return "", email
    identity = f"1{district.seed % 100_000:05d}{1_000_003 * number % 10**15:015d}"
    return identity, identity


class GoogleUsersExport:
    """The export of users, and a second export of one unit that was made separately."""

    def __init__(self, folder: Path, district: DistrictPlan, *, directory: GoogleDirectoryIndex) -> None:
        self._ids = district.google_ids
        self._directory = directory
        self.unit = f"/Students/{district.schools[-1].name}"
        header = _USER_HEADER if self._ids else _USER_HEADER.replace(",id,", ",", 1)
        self._pages = (
            JsonPages(folder / "users.json", size=500, envelope=_build_users_page) if district.google_pages else None
        )
        self._csv = None if self._pages else CsvFile(folder / "users.csv", header, ends="\n")
        self._unit_csv = CsvFile(folder / "one-unit" / "users.csv", header, ends="\n")

    def write(self, account: GoogleAccount) -> None:
        """Write one account."""
        self._directory.add_account(account)
        in_unit = account.unit == self.unit
        if self._pages:
            self._pages.add_record(_build_user_record(account))
        if self._csv or in_unit:
            row = _build_user_row(account, ids=self._ids)
            if self._csv:
                self._csv.write_row(row)
            if in_unit:
                self._unit_csv.write_row(row)

    @property
    def rows(self) -> int:
        """Number of accounts written."""
        return (self._pages or self._csv).rows  # type: ignore[union-attr]

    def close(self) -> list[Path]:
        """Close the files and return their paths."""
        main = self._pages or self._csv
        return [*(main.close() if main else []), *self._unit_csv.close()]


def _build_users_page(users: list[dict[str, Any]], number: int, has_next: bool) -> dict[str, Any]:
    token = {"nextPageToken": f"CAUQ{number:06d}"} if has_next else {}
    return {"kind": "admin#directory#users", "etag": f'"page-{number}"', "users": users, **token}


def _build_user_row(account: GoogleAccount, *, ids: bool) -> list[object]:
    salt = len(account.email) * 31 + account.created.day
    row: list[object] = [
        account.email,
        account.first_name,
        account.last_name,
        account.unit,
        account.suspended,
        account.archived,
        account.admin,
        account.delegated,
        account.enrolled,
        account.enforced,
        format_timestamp(account.last, salt) if account.last else "Never",
        format_timestamp(account.created, salt),
        "organization" if account.number else "",
        account.number,
        account.aliases[0] if account.aliases else "",
    ]
    if ids:
        row.insert(1, account.key)
    return row


def _build_user_record(account: GoogleAccount) -> dict[str, Any]:
    salt = len(account.email) * 31 + account.created.day
    record: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": account.key,
        "primaryEmail": account.email,
        "name": {
            "givenName": account.first_name,
            "familyName": account.last_name,
            "fullName": f"{account.first_name} {account.last_name}",
        },
        "isAdmin": account.admin,
        "isDelegatedAdmin": account.delegated,
        "lastLoginTime": format_timestamp(account.last, salt) if account.last else _NEVER,
        "creationTime": format_timestamp(account.created, salt),
        "agreedToTerms": account.last is not None,
        "suspended": account.suspended,
        "archived": account.archived,
        "orgUnitPath": account.unit,
        "isEnrolledIn2Sv": account.enrolled,
        "isEnforcedIn2Sv": account.enforced,
        "includeInGlobalAddressList": True,
    }
    if account.number:
        record["externalIds"] = [{"value": account.number, "type": "organization"}]
    if account.aliases:
        record["aliases"] = list(account.aliases)
    return record


class ChromebooksExport:
    """The ChromeOS devices' export."""

    def __init__(self, folder: Path, district: DistrictPlan, *, directory: GoogleDirectoryIndex) -> None:
        self._directory = directory
        self._pages = (
            JsonPages(folder / "chromeosdevices.json", size=300, envelope=_build_devices_page)
            if district.google_pages
            else None
        )
        self._csv = None if self._pages else CsvFile(folder / "chromeosdevices.csv", _DEVICE_HEADER, ends="\n")

    def write(self, device: Chromebook) -> None:
        """Write one device."""
        self._directory.add_device(device)
        if self._pages:
            self._pages.add_record(_build_device_record(device))
        elif self._csv:
            self._csv.write_row(_build_device_row(device))

    @property
    def rows(self) -> int:
        """Number of devices written."""
        return (self._pages or self._csv).rows  # type: ignore[union-attr]

    def close(self) -> list[Path]:
        """Close the files and return their paths."""
        return (self._pages or self._csv).close()  # type: ignore[union-attr]


def _build_devices_page(devices: list[dict[str, Any]], number: int, has_next: bool) -> dict[str, Any]:
    token = {"nextPageToken": f"CAIQ{number:06d}"} if has_next else {}
    return {"kind": "admin#directory#chromeosdevices", "chromeosdevices": devices, **token}


def _build_mac_address(device: Chromebook) -> str:
    return f"a4fc77{int(device.key[-12:]) % 0xFFFFFF:06x}"


def _build_device_row(device: Chromebook) -> list[object]:
    salt = len(device.location) * 13 + device.expires.day
    return [
        device.key,
        device.tag if device.in_assets else "",
        device.location,
        device.user,
        device.expires.isoformat(),
        f"{(device.extended or device.expires).isoformat()}T07:00:00.000Z",
        "Dev" if device.developer else "Verified",
        "DEPROVISION_REASON_RETIRING_DEVICE" if device.status == "DEPROVISIONED" else "",
        device.extended is not None,
        device.opted_in,
        f"{device.expires.isoformat()}T07:00:00.000Z" if device.extended else "",
        format_timestamp(device.enrolled, salt),
        format_timestamp(device.last, salt),
        _build_mac_address(device),
        device.model,
        "",
        device.unit,
        "131.0.6778.212",
        device.compliance,
        device.user,
        "USER_TYPE_MANAGED" if device.user else "",
        device.serial,
        device.status,
    ]


def _build_device_record(device: Chromebook) -> dict[str, Any]:
    salt = len(device.location) * 13 + device.expires.day
    record: dict[str, Any] = {
        "kind": "admin#directory#chromeosdevice",
        "deviceId": device.key,
        "serialNumber": device.serial,
        "status": device.status,
        "lastSync": format_timestamp(device.last, salt),
        "model": device.model,
        "osVersion": "131.0.6778.212",
        "osVersionCompliance": device.compliance,
        "bootMode": "Dev" if device.developer else "Verified",
        "lastEnrollmentTime": format_timestamp(device.enrolled, salt),
        "orgUnitPath": device.unit,
        "macAddress": _build_mac_address(device),
        "annotatedLocation": device.location,
        "autoUpdateExpiration": str(_convert_to_epoch_ms(device.expires)),
        "autoUpdateThrough": f"{(device.extended or device.expires).isoformat()}T07:00:00.000Z",
        "extendedSupportEligible": device.extended is not None,
        "extendedSupportEnabled": device.opted_in,
        "chromeOsType": "chromeOs",
    }
    if device.in_assets:
        record["annotatedAssetId"] = device.tag
    if device.extended:
        record["extendedSupportStart"] = f"{device.expires.isoformat()}T07:00:00.000Z"
    if device.status == "DEPROVISIONED":
        record["deprovisionReason"] = "DEPROVISION_REASON_RETIRING_DEVICE"
    if device.user:
        record["annotatedUser"] = device.user
        record["recentUsers"] = [{"type": "USER_TYPE_MANAGED", "email": device.user}]
    return record
