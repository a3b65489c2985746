"""Graph's devices, registration and users."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from homeroom.connectors.microsoft import readers
from tests.connectors.raw_frames import build_frame, list_rejects, list_rows, parse_csv


def test_a_managed_device() -> None:
    device = {
        "id": "a1",
        "deviceName": "LT-044",
        "serialNumber": "5CG1",
        "azureADDeviceId": readers.NO_DEVICE,
        "operatingSystem": "Windows",
        "osVersion": "10.0.19045.4170",
        "skuFamily": "EnterpriseS",
        "model": "Latitude 3420",
        "manufacturer": "Dell",
        "notes": "ESU until 2026-10-13",
        "isEncrypted": "false",
        "userPrincipalName": "Ada@maple.example",
        "managedDeviceOwnerType": "company",
        "complianceState": "noncompliant",
        "lastSyncDateTime": "2025-10-01T14:00:00Z",
        "enrolledDateTime": "0001-01-01T00:00:00Z",
        "wiFiMacAddress": "B4692118C676",
        "imei": "35-1",
        "phoneNumber": "5550100",
    }
    read = readers.read_devices(
        build_frame([device, {"id": "a2", "lastSyncDateTime": "yesterday"}, {"deviceName": "no id"}])
    )
    assert list_rows(read, "device_records")[0] == {
        "key": "a1",
        "serial": "5CG1",
        "hardware_ids": ["imei:35-1"],
        "macs": ["b4692118c676"],
        "name": "LT-044",
        "kind": "laptop",
        "platform": "windows",
        "manufacturer": "Dell",
        "model": "Latitude 3420",
        "os_version": "10.0.19045.4170",
        "os_edition": "Enterprise LTSC",
        "os_support_note": "ESU until 2026-10-13",
        "managed": True,
        "status": "active",
        "holder_email": "ada@maple.example",
        "ownership": "company",
        "last_seen": datetime(2025, 10, 1, 14, tzinfo=UTC),
        "encrypted": False,
        "compliant": "noncompliant",
    }
    assert list_rejects(read) == [(3, "lastSyncDateTime", False), (4, "id", True)]
    assert read.dropped == {"phoneNumber": 1}


@pytest.mark.parametrize(
    ("model", "system", "kind"),
    [
        ("Surface Laptop 5", "Windows", "laptop"),
        ("OptiPlex 7090", "Windows", "desktop"),
        ("iPad (9th generation)", "iPadOS", "tablet"),
        ("iPhone 13", "iOS", "phone"),
        ("MacBookAir10,1", "macOS", "laptop"),
        ("Virtual Machine", "Windows", None),
    ],
)
def test_the_kind_comes_from_the_model_or_is_not_known(model: str, system: str, kind: str | None) -> None:
    read = readers.read_devices(
        build_frame([{"id": "a1", "deviceName": "x", "model": model, "operatingSystem": system}])
    )
    assert list_rows(read, "device_records")[0].get("kind") == kind


def test_intunes_own_export_reads_like_graphs_answer() -> None:
    read = readers.read_devices(
        parse_csv("""
        Device ID,Device name,Ownership,OS,OS version,Last check-in,Serial number,Encrypted,Primary user UPN
        a1,LT-044,Corporate,Windows,10.0.22631,2025-10-01 14:00:00,5CG1,True,ada@maple.example
        """)
    )
    assert list_rows(read, "device_records") == [
        {
            "key": "a1",
            "serial": "5CG1",
            "name": "LT-044",
            "platform": "windows",
            "os_version": "10.0.22631",
            "managed": True,
            "status": "active",
            "holder_email": "ada@maple.example",
            "ownership": "company",
            "last_seen": datetime(2025, 10, 1, 14, tzinfo=UTC),
            "encrypted": True,
        }
    ]


def test_registration_says_administrator_and_second_factor() -> None:
    read = readers.read_registration(
        build_frame(
            [
                {
                    "id": "B1",
                    "userPrincipalName": "Ada@maple.example",
                    "isAdmin": "true",
                    "isMfaRegistered": "false",
                    "methodsRegistered": "mobilePhone email",
                },
                {"userPrincipalName": "Per@maple.example", "isMfaRegistered": "true"},
            ]
        )
    )
    assert list_rows(read, "account_records") == [
        {
            "key": "B1",
            "email": "ada@maple.example",
            "directory_id": "b1",
            "any_admin": True,
            "mfa_enrolled": False,
            "mfa_methods": ["email", "mobilePhone"],
        },
        {"key": "per@maple.example", "email": "per@maple.example", "mfa_enrolled": True},
    ]


def test_a_user_who_is_not_enabled_is_suspended_and_an_unknown_sign_in_is_not_never() -> None:
    read = readers.read_users(
        build_frame(
            [
                {
                    "id": "b1",
                    "userPrincipalName": "ada@maple.example",
                    "accountEnabled": "false",
                    "mail": "ada@maple.example",
                    "proxyAddresses": "SMTP:ada@maple.example smtp:ada.o@maple.example x500:old",
                    "otherMails": "Home@maple.example",
                    "employeeId": "E77",
                    "signInActivity.lastSignInDateTime": "0001-01-01T00:00:00Z",
                }
            ]
        )
    )
    assert list_rows(read, "account_records") == [
        {
            "key": "b1",
            "email": "ada@maple.example",
            "directory_id": "b1",
            "aliases": ["ada.o@maple.example", "home@maple.example"],
            "external_ids": ["E77"],
            "suspended": True,
        }
    ]
    assert list_rejects(read) == []


@pytest.mark.parametrize(
    ("system", "said_of_it", "message"),
    [
        ("iOS", {"isSupervised": "false", "jailBroken": "False"}, {"supervised": False, "jailbroken": False}),
        ("iOS", {"isSupervised": "true", "jailBroken": "Unknown"}, {"supervised": True}),
        ("Android", {"isSupervised": "false", "jailBroken": "True"}, {"jailbroken": True}),
        (
            "Windows",
            {"freeStorageSpaceInBytes": "49999", "totalStorageSpaceInBytes": "500000"},
            {"disk_free_percent": 9},
        ),
        ("Windows", {"freeStorageSpaceInBytes": "0", "totalStorageSpaceInBytes": "0"}, {}),
    ],
)
def test_what_only_some_devices_can_have_is_told_of_them(
    system: str, said_of_it: dict[str, str], message: dict[str, object]
) -> None:
    read = readers.read_devices(build_frame([{"id": "a1", "operatingSystem": system, **said_of_it}]))
    (row,) = list_rows(read, "device_records")
    values = {name: row[name] for name in ("supervised", "jailbroken", "disk_free_percent") if name in row}
    assert (values, list_rejects(read)) == (message, [])
