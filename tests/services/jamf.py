"""Jamf Pro after its API reference: tokens of an API client, computers by sections and mobile devices in detail.

Source: Jamf Pro API: POST /api/oauth/token; GET /v1/computers-inventory and /v2/mobile-devices/detail with `section`,
`page`, `page-size` (default 100) and `sort`; sections that are not requested are null; errors as `httpStatus` and
`errors`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.services.console import Call, Console, Reply
from tests.services.world import World

ID, SECRET = "5b1c-maple", "jamf-client-secret-01"
_SECTIONS = {
    "computers": {
        "GENERAL": "general",
        "HARDWARE": "hardware",
        "OPERATING_SYSTEM": "operatingSystem",
        "DISK_ENCRYPTION": "diskEncryption",
        "SECURITY": "security",
        "LOCAL_USER_ACCOUNTS": "localUserAccounts",
        "USER_AND_LOCATION": "userAndLocation",
        "PURCHASING": "purchasing",
        "APPLICATIONS": "applications",
        "STORAGE": "storage",
    },
    "mobiles": {
        "GENERAL": "general",
        "HARDWARE": "hardware",
        "NETWORK": "network",
        "USER_AND_LOCATION": "userAndLocation",
        "PURCHASING": "purchasing",
        "APPLICATIONS": "applications",
        "PROFILES": "profiles",
    },
}
_PATHS = {"/api/v1/computers-inventory": "computers", "/api/v2/mobile-devices/detail": "mobiles"}
_ALWAYS_INCLUDED = {"computers": ("id", "udid"), "mobiles": ("mobileDeviceId", "deviceType")}
_PAGE_LIMIT = 2000


def build_console(world: World) -> Jamf:
    return Jamf(world)


class Jamf(Console):
    """410 Macs and 250 iPads."""

    client = "jamf"
    secrets = (SECRET,)
    token_seconds = 1800

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows: dict[str, dict[int, dict[str, Any]]] = {
            "computers": {number: self._build_mac(number) for number in range(1, 411)},
            "mobiles": {number: self._build_tablet(number) for number in range(1, 251)},
        }

    def build_settings(self, url: str) -> dict[str, str]:
        return {"address": url + "/", "client_id": ID, "client_secret": SECRET}

    def handle_call(self, call: Call) -> Reply:
        if call.path == "/api/oauth/token":
            return self._handle_token(call)
        if not self.is_valid_token(call.bearer):
            return _build_failure(401, "INVALID_TOKEN")
        name = _PATHS.get(call.path)
        return _build_failure(404, "NOT_FOUND") if name is None else self._handle_page(call, name)

    def change_rows(self) -> None:
        """Add a Mac, update one, delete one, and delete an iPad."""
        macs, tablets = self.rows["computers"], self.rows["mobiles"]
        macs[901] = self._build_mac(901)
        macs[2]["operatingSystem"]["version"] = "15.7.2"
        del macs[3]
        del tablets[5]

    def _handle_token(self, call: Call) -> Reply:
        form = call.form
        if call.method != "POST" or form.get("grant_type") != "client_credentials":
            return Reply(status=400, body={"error": "unsupported_grant_type"})
        if (form.get("client_id"), form.get("client_secret")) != (ID, SECRET):
            return Reply(status=401, body={"error": "invalid_client"})
        reply_body = {"access_token": self.issue_token(), "scope": "api-role:2", "token_type": "Bearer"}
        return Reply(body=reply_body | {"expires_in": self.token_seconds - 1})

    def _handle_page(self, call: Call, name: str) -> Reply:
        sections = call.list_params("section") or ["GENERAL"]
        if unknown := [section for section in sections if section not in _SECTIONS[name]]:
            return _build_failure(400, "INVALID_SECTION", field=unknown[0])
        page, size = int(call.get_param("page", "0")), int(call.get_param("page-size", "100"))
        if not 1 <= size <= _PAGE_LIMIT:
            return _build_failure(400, "INVALID_PAGE_SIZE", field="page-size")
        rows = [self.rows[name][key] for key in sorted(self.rows[name])]
        visible_parts = {_SECTIONS[name][section] for section in sections} | set(_ALWAYS_INCLUDED[name])
        results = [
            {part: value if part in visible_parts else None for part, value in row.items()}
            for row in rows[page * size : (page + 1) * size]
        ]
        return Reply(body={"totalCount": len(rows), "results": results})

    def _build_mac(self, number: int) -> dict[str, Any]:
        last_contact = _format_time(self.read_clock() - timedelta(hours=number % 40))
        return {
            "id": str(number),
            "udid": f"7A0E0000-0000-4000-8000-{number:012d}",
            "general": {
                "name": f"MAC-{number:03d}",
                "assetTag": f"M{number:05d}",
                "platform": "Mac",
                "lastContactTime": last_contact,
                "reportDate": last_contact,
                "lastEnrolledDate": "2025-08-11T14:00:00.000Z",
                "remoteManagement": {"managed": True, "managementUsername": "localadmin"},
                "site": {"id": str(number % 3), "name": f"School {number % 3}"},
                "lastIpAddress": "203.0.113.9",
                "lastReportedIp": f"10.2.{number % 200}.{number % 250}",
            },
            "hardware": {
                "make": "Apple",
                "model": "MacBook Air (13-inch, M2, 2022)",
                "serialNumber": f"C02MAC{number:05d}",
                "macAddress": f"3C:22:FB:00:{number // 256:02X}:{number % 256:02X}",
                "altMacAddress": None,
            },
            "operatingSystem": {"name": "macOS", "version": "15.6.1", "fileVault2Status": "ALL_ENCRYPTED"},
            "diskEncryption": {
                "bootPartitionEncryptionDetails": {
                    "partitionName": "Macintosh HD",
                    "partitionFileVault2State": "ENCRYPTED",
                }
            },
            "security": {"firewallEnabled": number % 4 != 0, "gatekeeperStatus": "APP_STORE_AND_IDENTIFIED_DEVELOPERS"},
            "localUserAccounts": [
                {
                    "uid": "501",
                    "username": f"teacher{number}",
                    "admin": number % 9 == 0,
                    "homeDirectory": "/var/teachers/t",
                }
            ],
            "userAndLocation": {
                "username": f"teacher{number}",
                "realname": f"Teacher {number}",
                "email": f"teacher{number}@maple.example",
                "room": f"{100 + number}",
            },
            "purchasing": {"poDate": "2024-07-01", "warrantyDate": "2027-07-01"},
            "applications": [{"name": "Safari.app", "path": "/Applications/Safari.app", "version": "18.6"}],
            "storage": {"bootDriveAvailableSpaceMegabytes": 120000},
        }

    def _build_tablet(self, number: int) -> dict[str, Any]:
        return {
            "mobileDeviceId": str(number),
            "deviceType": "iOS",
            "general": {
                "udid": f"00008101-{number:016X}",
                "displayName": f"iPad {number}",
                "assetTag": f"T{number:05d}",
                "managed": True,
                "osVersion": "18.6.2",
                "deviceOwnershipType": "Institutional",
                "lastEnrolledDate": "2025-08-11T14:00:00.000Z",
                "lastInventoryUpdateDate": _format_time(self.read_clock() - timedelta(hours=number % 50)),
                "ipAddress": f"10.3.{number % 200}.{number % 250}",
            },
            "hardware": {
                "model": "iPad (10th generation)",
                "serialNumber": f"DMQPAD{number:05d}",
                "wifiMacAddress": f"A4:83:E7:00:{number // 256:02X}:{number % 256:02X}",
            },
            "network": {"imei": None, "meid": None},
            "userAndLocation": {
                "username": "",
                "emailAddress": "",
                "building": f"School {number % 3}",
                "room": "Cart 4",
            },
            "purchasing": {"poDate": "2025-07-01T00:00:00.000Z", "warrantyExpiresDate": "2028-07-01T00:00:00.000Z"},
            "applications": [{"identifier": "com.apple.Keynote", "name": "Keynote", "version": "14.4"}],
            "profiles": [],
        }


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _build_failure(status: int, code: str, *, field: str = "") -> Reply:
    error = {"code": code, "field": field or None, "description": "Not carried out.", "id": "0"}
    return Reply(status=status, body={"httpStatus": status, "errors": [error]})
