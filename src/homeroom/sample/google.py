"""Google's exports: users and ChromeOS devices, as GAM prints them and as the Admin SDK answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from homeroom.sample.plan import District
from homeroom.sample.roll import Roll
from homeroom.sample.truth import Account, Chromebook
from homeroom.sample.writers import CsvFile, JsonPages

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


def stamp(day: date, salt: int = 0) -> str:
    """A moment of that day between 15:00 and 20:59 UTC: the same date in every zone of the continental states."""
    return f"{day.isoformat()}T{15 + salt % 6:02d}:{salt % 60:02d}:{salt * 7 % 60:02d}.000Z"


def _epoch_ms(day: date) -> int:
    return int(datetime.combine(day, time(7), tzinfo=UTC).timestamp() * 1000)


def user_key(district: District, email: str, number: int) -> tuple[str, str]:
    """(the id column, the record's key): the key is the id where the export has it, else the address."""
    if not district.google_ids:
        return "", email
    identity = f"1{district.seed % 100_000:05d}{1_000_003 * number % 10**15:015d}"
    return identity, identity


class Users:
    """The users' export, and beside it the export of one unit that somebody made by the way."""

    def __init__(self, folder: Path, district: District, *, roll: Roll) -> None:
        self._ids = district.google_ids
        self._roll = roll
        self.unit = f"/Students/{district.schools[-1].name}"
        header = _USER_HEADER if self._ids else _USER_HEADER.replace(",id,", ",", 1)
        self._pages = (
            JsonPages(folder / "users.json", size=500, envelope=_users_page) if district.google_pages else None
        )
        self._csv = None if self._pages else CsvFile(folder / "users.csv", header, ends="\n")
        self._one = CsvFile(folder / "one-unit" / "users.csv", header, ends="\n")

    def write(self, account: Account) -> None:
        """Write one account."""
        self._roll.account(account)
        in_unit = account.unit == self.unit
        if self._pages:
            self._pages.record(_user_record(account))
        if self._csv or in_unit:
            row = _user_row(account, ids=self._ids)
            if self._csv:
                self._csv.row(row)
            if in_unit:
                self._one.row(row)

    @property
    def rows(self) -> int:
        """Accounts written."""
        return (self._pages or self._csv).rows  # type: ignore[union-attr]

    def close(self) -> list[Path]:
        """Close the files and name them."""
        main = self._pages or self._csv
        return [*(main.close() if main else []), *self._one.close()]


def _users_page(users: list[dict[str, Any]], number: int, more: bool) -> dict[str, Any]:
    token = {"nextPageToken": f"CAUQ{number:06d}"} if more else {}
    return {"kind": "admin#directory#users", "etag": f'"page-{number}"', "users": users, **token}


def _user_row(account: Account, *, ids: bool) -> list[object]:
    salt = len(account.email) * 31 + account.created.day
    row: list[object] = [
        account.email,
        account.given,
        account.family,
        account.unit,
        account.suspended,
        account.archived,
        account.admin,
        account.delegated,
        account.enrolled,
        account.enforced,
        stamp(account.last, salt) if account.last else "Never",
        stamp(account.created, salt),
        "organization" if account.number else "",
        account.number,
        account.aliases[0] if account.aliases else "",
    ]
    if ids:
        row.insert(1, account.key)
    return row


def _user_record(account: Account) -> dict[str, Any]:
    salt = len(account.email) * 31 + account.created.day
    record: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": account.key,
        "primaryEmail": account.email,
        "name": {
            "givenName": account.given,
            "familyName": account.family,
            "fullName": f"{account.given} {account.family}",
        },
        "isAdmin": account.admin,
        "isDelegatedAdmin": account.delegated,
        "lastLoginTime": stamp(account.last, salt) if account.last else _NEVER,
        "creationTime": stamp(account.created, salt),
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


class Chromebooks:
    """The ChromeOS devices' export."""

    def __init__(self, folder: Path, district: District, *, roll: Roll) -> None:
        self._roll = roll
        self._pages = (
            JsonPages(folder / "chromeosdevices.json", size=300, envelope=_devices_page)
            if district.google_pages
            else None
        )
        self._csv = None if self._pages else CsvFile(folder / "chromeosdevices.csv", _DEVICE_HEADER, ends="\n")

    def write(self, device: Chromebook) -> None:
        """Write one device."""
        self._roll.device(device)
        if self._pages:
            self._pages.record(_device_record(device))
        elif self._csv:
            self._csv.row(_device_row(device))

    @property
    def rows(self) -> int:
        """Devices written."""
        return (self._pages or self._csv).rows  # type: ignore[union-attr]

    def close(self) -> list[Path]:
        """Close the files and name them."""
        return (self._pages or self._csv).close()  # type: ignore[union-attr]


def _devices_page(devices: list[dict[str, Any]], number: int, more: bool) -> dict[str, Any]:
    token = {"nextPageToken": f"CAIQ{number:06d}"} if more else {}
    return {"kind": "admin#directory#chromeosdevices", "chromeosdevices": devices, **token}


def _mac(device: Chromebook) -> str:
    return f"a4fc77{int(device.key[-12:]) % 0xFFFFFF:06x}"


def _device_row(device: Chromebook) -> list[object]:
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
        stamp(device.enrolled, salt),
        stamp(device.last, salt),
        _mac(device),
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


def _device_record(device: Chromebook) -> dict[str, Any]:
    salt = len(device.location) * 13 + device.expires.day
    record: dict[str, Any] = {
        "kind": "admin#directory#chromeosdevice",
        "deviceId": device.key,
        "serialNumber": device.serial,
        "status": device.status,
        "lastSync": stamp(device.last, salt),
        "model": device.model,
        "osVersion": "131.0.6778.212",
        "osVersionCompliance": device.compliance,
        "bootMode": "Dev" if device.developer else "Verified",
        "lastEnrollmentTime": stamp(device.enrolled, salt),
        "orgUnitPath": device.unit,
        "macAddress": _mac(device),
        "annotatedLocation": device.location,
        "autoUpdateExpiration": str(_epoch_ms(device.expires)),
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
