"""Google's users and ChromeOS devices in each of the three forms that they are exported in."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from homeroom.connectors.google import readers
from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.detection.sniffer import sniff_file
from tests.connectors.raw_frames import build_frame, list_rejects, list_rows, parse_csv

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SAMPLE = SHARED / "data" / "inventory" / "chromeosdevice_sample.json"


def test_a_user_printed_by_gam() -> None:
    read = readers.read_users(
        parse_csv("""
        primaryEmail,id,name.givenName,name.familyName,orgUnitPath,suspended,archived,isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,isEnforcedIn2Sv,lastLoginTime,creationTime,aliases,aliases.0,aliases.1,externalIds,externalIds.0.value,organizations.0.title,recoveryPhone
        Okoro@maple.example,1001,Ada,Okoro,Staff/Lincoln/,False,False,True,False,True,False,2025-10-01T14:00:00.000Z,2019-08-01T00:00:00.000Z,2,b@maple.example,A@maple.example,1,E77,Teacher,+15550100
        new@maple.example,1002,Per,Lind,/,False,maybe,False,False,False,False,Never,2025-08-01T00:00:00.000Z,,,,,,,
        """)
    )
    assert list_rows(read, "account_records") == [
        {
            "key": "1001",
            "email": "okoro@maple.example",
            "directory_id": "1001",
            "aliases": ["a@maple.example", "b@maple.example"],
            "given_name": "Ada",
            "family_name": "Okoro",
            "external_ids": ["E77"],
            "org_unit": "/Staff/Lincoln",
            "suspended": False,
            "archived": False,
            "super_admin": True,
            "delegated_admin": False,
            "mfa_enrolled": True,
            "mfa_enforced": False,
            "last_sign_in": datetime(2025, 10, 1, 14, tzinfo=UTC),
            "never_signed_in": False,
            "created_at": datetime(2019, 8, 1, tzinfo=UTC),
            "recovery_set": True,
            "title": "Teacher",
        },
        {
            "key": "1002",
            "email": "new@maple.example",
            "directory_id": "1002",
            "given_name": "Per",
            "family_name": "Lind",
            "org_unit": "/",
            "suspended": False,
            "super_admin": False,
            "delegated_admin": False,
            "mfa_enrolled": False,
            "mfa_enforced": False,
            "never_signed_in": True,
            "created_at": datetime(2025, 8, 1, tzinfo=UTC),
            "recovery_set": False,
        },
    ]
    assert list_rejects(read) == [(3, "archived", False)]
    assert read.dropped == {"recoveryPhone": 1}


def test_a_user_in_gams_json_column_reads_as_in_plain_columns() -> None:
    user = {
        "primaryEmail": "okoro@maple.example",
        "name": {"givenName": "Ada"},
        "aliases": ["b@maple.example", "a@maple.example"],
        "isAdmin": True,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
    }
    read = readers.read_users(
        build_frame(
            [
                {"primaryEmail": "okoro@maple.example", "JSON": json.dumps(user)},
                {"primaryEmail": "x@maple.example", "JSON": "{"},
            ]
        )
    )
    assert list_rows(read, "account_records") == [
        {
            "key": "okoro@maple.example",
            "email": "okoro@maple.example",
            "aliases": ["a@maple.example", "b@maple.example"],
            "given_name": "Ada",
            "super_admin": True,
            "never_signed_in": True,
        }
    ]
    assert list_rejects(read) == [(3, "JSON", True)]


def test_several_rows_of_one_device_are_one_device() -> None:
    read = readers.read_chromeos(
        parse_csv("""
        deviceId,serialNumber,status,annotatedLocation,orgUnitPath,recentUsers.email,macAddress,bootMode,model,lastSync,annotatedUser,annotatedAssetId
        d1,5CD1,ACTIVE,"Lincoln Cart 12, slot 4",/Students/Lincoln,P@maple.example,B4:69:21:18:C6:76,Dev,HP Chromebook 11,2025-10-01T14:00:00.000Z,ada@maple.example,A-1
        d1,,,,,k@maple.example,,,,,,
        """)
    )
    assert list_rows(read, "device_records") == [
        {
            "key": "d1",
            "serial": "5CD1",
            "asset_tag": "A-1",
            "macs": ["b4692118c676"],
            "kind": "chromebook",
            "platform": "chromeos",
            "model": "HP Chromebook 11",
            "managed": True,
            "status": "active",
            "status_word": "ACTIVE",
            "org_unit": "/Students/Lincoln",
            "location": "Lincoln Cart 12, slot 4",
            "cart": "Lincoln Cart 12",
            "holder_email": "ada@maple.example",
            "recent_emails": ["k@maple.example", "p@maple.example"],
            "last_seen": datetime(2025, 10, 1, 14, tzinfo=UTC),
            "boot_mode": "developer",
        }
    ]


@pytest.mark.parametrize(
    ("written", "without", "with_opt_in"),
    [
        ({"autoUpdateExpiration": "1719730800000"}, date(2024, 6, 30), None),
        ({"autoUpdateExpiration": "1719730800000", "autoUpdateThrough": "2031-06-01"}, date(2031, 6, 1), None),
        (
            {
                "autoUpdateThrough": "2029-06-01",
                "extendedSupportEligible": "True",
                "extendedSupportStart": "2025-06-01",
            },
            date(2025, 6, 1),
            date(2029, 6, 1),
        ),
        (
            {
                "autoUpdateExpiration": "1719730800000",
                "autoUpdateThrough": "2029-06-01",
                "extendedSupportEligible": "true",
            },
            date(2024, 6, 30),
            date(2029, 6, 1),
        ),
        (
            {
                "autoUpdateThrough": "2031-06-01",
                "extendedSupportEligible": "false",
                "extendedSupportStart": "2025-06-01",
            },
            date(2031, 6, 1),
            None,
        ),
    ],
)
def test_updates_end_without_and_with_the_opt_in(
    written: dict[str, str], without: date, with_opt_in: date | None
) -> None:
    device = list_rows(readers.read_chromeos(build_frame([{"deviceId": "d1", **written}])), "device_records")[0]
    assert (device.get("expires_on"), device.get("extended_expires_on")) == (without, with_opt_in)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ({"status": "provisioned"}, "active"),
        ({"status": "DISABLED"}, "disabled"),
        ({"status": "Deprovisioned", "notes": "spare"}, "deprovisioned"),
        ({"status": "ACTIVE", "annotatedLocation": "Spare shelf"}, "spare"),
        ({"status": "ACTIVE", "orgUnitPath": "/Devices/Storage"}, "storage"),
        ({"status": "ACTIVE", "notes": "sent for repair 10/2"}, "repair"),
        ({"status": "ACTIVE", "notes": "repair done, returned"}, "active"),
        ({"status": "INACTIVE"}, None),
    ],
)
def test_a_device_rests_where_its_words_say_so(written: dict[str, str], status: str | None) -> None:
    read = readers.read_chromeos(build_frame([{"deviceId": "d1", **written}]))
    assert list_rows(read, "device_records")[0].get("status") == status
    assert list_rejects(read) == []


def test_an_unknown_status_is_reported() -> None:
    read = readers.read_chromeos(
        build_frame([{"deviceId": "d1", "status": "parked"}, {"deviceId": None, "status": "ACTIVE"}])
    )
    assert list_rejects(read) == [(2, "status", False), (3, "deviceId", True)]


@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared data folder is not beside this clone")
def test_googles_own_sample_is_read() -> None:
    origin = find_sources(SAMPLE, limits=STANDARD).origins[0]
    document = sniff_file(origin, limits=STANDARD).document
    assert document is not None
    (frame,) = document.iter_chunks(notes=Notes())
    read = readers.read_chromeos(frame)
    assert list_rows(read, "device_records") == [
        {
            "key": "deviceId",
            "serial": "8B17G066JL",
            "macs": ["b4692118c676"],
            "kind": "chromebook",
            "platform": "chromeos",
            "model": "Google Pixelbook",
            "os_version": "79.0.3945.123",
            "managed": True,
            "status": "deprovisioned",
            "status_word": "DEPROVISIONED",
            "org_unit": "/Kiosks",
            "recent_emails": ["user@dummy.com"],
            "enrolled_at": datetime(2020, 2, 17, 5, 28, 8, 264000, tzinfo=UTC),
            "last_seen": datetime(2020, 2, 18, 0, 26, 57, 326000, tzinfo=UTC),
            "boot_mode": "verified",
            "expires_on": date(2024, 6, 30),
        }
    ]
    assert list_rejects(read) == [(1, "ethernetMacAddress", False)]
