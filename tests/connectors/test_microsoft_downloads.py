"""Microsoft's lists as an administrator exports them from the consoles."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rows
from tests.connectors.recordings import read_recording, select_columns

ADA = "96ca293c-0000-4668-a763-ee407bd90001"


def _name(*header: str) -> tuple[str, str]:
    match = match_kind(header, kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, KindMatch), match
    return match.kind.id, match.kind.stream


@pytest.mark.parametrize("recording", ["microsoft/active-users.csv", "microsoft/active-users-newer.csv"])
def test_active_users_as_the_admin_center_exports_them(recording: str) -> None:
    kind, read = read_recording(recording)
    assert kind == "microsoft.users.admin-center"
    assert list_rows(read, "account_records")[0] == {
        "key": ADA,
        "directory_id": ADA,
        "email": "aokoro@maple.example",
        "aliases": ["ada+tests@maple.example", "aokoro@maple.onmicrosoft.example"],
        "given_name": "Ada",
        "family_name": "Okoro",
        "suspended": False,
        "created_at": datetime(2020, 5, 23, 19, 59, tzinfo=UTC),
        "title": "Teacher",
        "department": "Science",
        "password_set_at": datetime(2025, 8, 14, 12, 10, 9, tzinfo=UTC),
        "password_never_expires": True,
    }
    assert read.rejects.is_empty()
    assert read.dropped == {"Phone number": 1}


def test_who_is_blocked_or_deleted_cannot_sign_in() -> None:
    _, read = read_recording("microsoft/active-users.csv")
    assert select_columns(read, "account_records", "given_name", "suspended") == [
        ("Ada", False),
        ("Cara", True),
        ("Jon", True),
    ]


def test_an_export_without_object_ids_is_keyed_by_the_name() -> None:
    header = ["Display name", "User principal name", "Block credential", "Licenses"]
    assert _name(*header) == ("microsoft.users.admin-center", "microsoft.users")
    assert _name(*header, "Employee ID", "Last name") == ("microsoft.users.admin-center", "microsoft.users")


def test_graphs_users_are_recognized_as_before() -> None:
    assert _name("id", "userPrincipalName", "accountEnabled", "givenName", "surname") == (
        "microsoft.users.csv",
        "microsoft.users",
    )
    assert _name("userPrincipalName", "isMfaRegistered") == ("microsoft.registration.csv", "microsoft.registration")


@pytest.mark.parametrize("recording", ["microsoft/entra-users.csv", "microsoft/entra-users-older.csv"])
def test_users_as_entra_downloads_them(recording: str) -> None:
    kind, read = read_recording(recording)
    assert kind == "microsoft.users.csv"
    row = list_rows(read, "account_records")[0]
    assert row.pop("created_at", None) in (None, datetime(2021, 8, 19, 13, 25, 31, tzinfo=UTC))
    assert row == {
        "key": ADA,
        "directory_id": ADA,
        "email": "aokoro@maple.onmicrosoft.example",
        "aliases": ["aokoro@maple.example"],
        "given_name": "Ada",
        "family_name": "Okoro",
        "suspended": False,
        "title": "Teacher",
        "department": "Science",
    }
    assert read.rejects.is_empty()


def test_telephones_and_private_addresses_are_counted_and_not_stored() -> None:
    _, read = read_recording("microsoft/entra-users-older.csv")
    assert read.dropped == {"authenticationPhoneNumber": 1, "authenticationEmail": 1}
    assert "home.example" not in str(list_rows(read, "account_records"))


def test_whoever_may_not_sign_in_is_suspended_in_entras_list() -> None:
    _, read = read_recording("microsoft/entra-users.csv")
    assert select_columns(read, "account_records", "email", "suspended", "created_at")[1:] == [
        ("cdiaz@maple.example", True, datetime(2019, 8, 19, 15, 2, 10, tzinfo=UTC))
    ]


@pytest.mark.parametrize("recording", ["microsoft/intune-devices.csv", "microsoft/intune-devices-newer.csv"])
def test_devices_as_intune_exports_them(recording: str) -> None:
    kind, read = read_recording(recording)
    assert kind == "microsoft.devices.csv"
    assert list_rows(read, "device_records")[0] == {
        "key": "0a1b2c3d-0000-4000-8000-000000000001",
        "directory_id": "7f0c1b52-0000-4000-8000-000000000001",
        "serial": "5CG1000044",
        "macs": ["a0b1c2d3e4f5", "a0b1c2d3e4f6"],
        "name": "LT-044",
        "kind": "laptop",
        "platform": "windows",
        "manufacturer": "Dell Inc.",
        "model": "Latitude 3420",
        "os_version": "10.0.26100.4652",
        "os_edition": "Education",
        "managed": True,
        "status": "active",
        "status_word": "Managed",
        "holder_email": "aokoro@maple.example",
        "holder_name": "Ada Okoro",
        "ownership": "company",
        "enrolled_at": datetime(2025, 8, 12, 13, 4, 55, tzinfo=UTC),
        "last_seen": datetime(2026, 2, 3, 14, 22, 10, tzinfo=UTC),
        "encrypted": True,
        "compliant": "ingraceperiod",
        "disk_free_percent": 25,
    }
    assert select_columns(read, "device_records", "platform", "kind", "directory_id", "hardware_ids", "compliant")[
        1:
    ] == [("ios", "tablet", None, ["imei:352099001761481"], "noncompliant")]
    assert read.rejects.is_empty()
    assert read.dropped == {"Subscriber carrier": 1, "Phone number": 1}
