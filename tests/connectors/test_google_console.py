"""Google's lists as an administrator downloads them from the Admin console."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from homeroom.connectors.google import readers
from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rejects, list_rows, parse_csv
from tests.connectors.recordings import RECORDINGS, read_recording, select_columns

CHROMEBOOKS = (RECORDINGS / "google" / "console-chromebooks.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
USERS = (RECORDINGS / "google" / "console-users.csv").read_text(encoding="utf-8").splitlines()[0].split(",")


def _match(header: list[str]) -> KindMatch[CsvKind] | NoMatch:
    return match_kind(header, kind_class=CsvKind, connectors=load_connectors())


def _name(header: list[str]) -> tuple[str, str]:
    match = _match(header)
    assert isinstance(match, KindMatch), match
    return match.kind.id, match.kind.stream


def test_users_as_the_console_downloads_them() -> None:
    kind, read = read_recording("google/console-users.csv")
    assert kind == "google.users.console"
    assert list_rows(read, "account_records")[:2] == [
        {
            "key": "aokoro@maple.example",
            "email": "aokoro@maple.example",
            "given_name": "Ada",
            "family_name": "Okoro",
            "external_ids": ["E77"],
            "org_unit": "/Staff/Lincoln",
            "suspended": False,
            "archived": False,
            "mfa_enrolled": True,
            "mfa_enforced": True,
            "last_sign_in": datetime(2025, 11, 3, 16, 10, 2, tzinfo=UTC),
            "never_signed_in": False,
            "recovery_set": True,
            "title": "Teacher",
            "department": "Science",
        },
        {
            "key": "plind@maple.example",
            "email": "plind@maple.example",
            "given_name": "Per",
            "family_name": "Lind",
            "org_unit": "/Students/Lincoln",
            "suspended": False,
            "archived": False,
            "mfa_enrolled": False,
            "mfa_enforced": False,
            "never_signed_in": True,
            "recovery_set": False,
        },
    ]
    assert select_columns(read, "account_records", "suspended", "archived")[2:] == [(True, False), (False, True)]
    assert read.rejects.is_empty()


def test_passwords_and_ways_to_recover_are_counted_and_not_stored() -> None:
    _, read = read_recording("google/console-users.csv")
    assert read.dropped == {
        "Password [Required]": 4,
        "Recovery Email": 1,
        "Recovery Phone [MUST BE IN THE E.164 FORMAT]": 1,
    }
    assert not any("****" in map(str, row.values()) for row in list_rows(read, "account_records"))


def test_a_column_that_was_not_downloaded_says_nothing() -> None:
    read = readers.read_console_users(
        parse_csv("""
        Email Address [Required],Status [READ ONLY],Last Sign In [READ ONLY]
        a@maple.example,Active,2025/11/03 16:10:02
        b@maple.example,Invited,soon
        nobody,Active,Never logged in
        """)
    )
    first = {"key": "a@maple.example", "email": "a@maple.example", "suspended": False, "archived": False}
    assert list_rows(read, "account_records") == [
        {**first, "last_sign_in": datetime(2025, 11, 3, 16, 10, 2, tzinfo=UTC), "never_signed_in": False},
        {"key": "b@maple.example", "email": "b@maple.example"},
    ]
    assert list_rejects(read) == [
        (3, "Status [READ ONLY]", False),
        (3, "Last Sign In [READ ONLY]", False),
        (4, "Email Address [Required]", False),
        (4, "Email Address [Required]", True),
    ]


@pytest.mark.parametrize(
    "header",
    [USERS, USERS[:-2], ["First Name", "Email Address", "Status [READ ONLY]", "Last Sign In [READ ONLY]"]],
    ids=["of today", "of some years ago", "a few columns"],
)
def test_the_console_is_the_same_list_as_gam_and_the_api(header: list[str]) -> None:
    assert _name(header) == ("google.users.console", _name(["primaryEmail", "id", "suspended"])[1])


def test_a_form_for_new_users_is_not_the_list_of_users() -> None:
    match = _match([name for name in USERS if "READ ONLY" not in name])
    assert isinstance(match, NoMatch), match
    assert match.fits == "Google users (Admin console download), which also needs Status [READ ONLY]"


def test_chromebooks_as_the_console_downloads_them() -> None:
    kind, read = read_recording("google/console-chromebooks.csv")
    assert kind == "google.chromeos.console"
    assert list_rows(read, "device_records")[0] == {
        "key": "5f0c1b52-0000-4c1e-9a77-2d1d6c7e0001",
        "serial": "5CD0000001",
        "asset_tag": "MV-0101",
        "macs": ["b4692118c676"],
        "kind": "chromebook",
        "platform": "chromeos",
        "model": "HP Chromebook 11 G8 EE",
        "os_version": "141.0.7390.61",
        "managed": True,
        "status": "active",
        "status_word": "Provisioned",
        "org_unit": "/Devices/Students/Lincoln",
        "location": "Lincoln Cart 12, slot 4",
        "cart": "Lincoln Cart 12",
        "holder_email": "plind@maple.example",
        "recent_emails": ["plind@maple.example"],
        "enrolled_at": datetime(2021, 8, 12, 9, 30, tzinfo=UTC),
        "last_seen": datetime(2025, 11, 3, 16, 10, 2, tzinfo=UTC),
        "boot_mode": "verified",
        "expires_on": date(2029, 6, 30),
    }
    assert select_columns(read, "device_records", "status", "expires_on")[1:] == [
        ("spare", date(2029, 6, 30)),
        ("deprovisioned", date(2024, 6, 30)),
    ]
    assert read.rejects.is_empty()


def test_a_month_or_a_day_in_which_updates_end() -> None:
    read = readers.read_chromeos(
        parse_csv("""
        deviceId,autoUpdateExpiration
        d1,2028-02
        d2,1719730800000
        d3,2029-13
        """)
    )
    assert select_columns(read, "device_records", "expires_on") == [(date(2028, 2, 29),), (date(2024, 6, 30),), (None,)]
    assert list_rejects(read) == [(4, "autoUpdateExpiration", False)]


@pytest.mark.parametrize("mark", ["provisionStatus", "lastPolicySync", "annotatedNotes", "mostRecentUser"])
def test_chromebooks_of_the_console_and_of_gam_are_one_list_of_two_kinds(mark: str) -> None:
    gam = ["deviceId", "serialNumber", "annotatedAssetId", "status", "lastSync", "orgUnitPath", "notes"]
    assert _name(gam) == ("google.chromeos.csv", "google.chromeos")
    assert (
        _name(CHROMEBOOKS)
        == _name(["deviceId", "serialNumber", mark])
        == ("google.chromeos.console", "google.chromeos")
    )
