"""Get-ADUser's accounts, from CSV and JSON of either PowerShell."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.connectors.activedirectory import filetimes, names
from homeroom.connectors.activedirectory.readers import read_users
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows

COLLECTION = "Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"
ADA: dict[str, str | None] = {
    "DistinguishedName": "CN=Okoro\\, Ada,OU=Staff,OU=Lincoln,DC=maple,DC=example",
    "Enabled": "True",
    "GivenName": "Ada",
    "Surname": "Okoro",
    "ObjectClass": "user",
    "ObjectGUID": "4C4C4544-0051-3510-8052-B4C04F4A4E32",
    "SamAccountName": "aokoro",
    "SID": "S-1-5-21-1-2-3-1104",
    "UserPrincipalName": "AOkoro@maple.example",
    "EmailAddress": "ada.okoro@maple.example",
    "EmployeeID": "10442",
    "Title": "Teacher",
    "Department": "Science",
    "Created": "8/1/2019 9:00:00 AM",
    "LastLogonDate": "11/2/2026 2:03:11 PM",
    "PasswordLastSet": "9/1/2026 12:15:00 AM",
    "AccountExpirationDate": "7/1/2027 12:00:00 AM",
    "PasswordNeverExpires": "True",
    "PasswordNotRequired": "False",
    "AllowReversiblePasswordEncryption": "False",
    "DoesNotRequirePreAuth": "False",
    "adminCount": "1",
    "MemberOf": COLLECTION,
}


def _read_account(**overrides: str | None) -> dict[str, Any]:
    (row,) = list_rows(read_users(build_frame([ADA | overrides])), "account_records")
    return row


def test_an_exported_account() -> None:
    read = read_users(build_frame([ADA]))
    assert list_rows(read, "account_records") == [
        {
            "key": "4c4c4544-0051-3510-8052-b4c04f4a4e32",
            "email": "aokoro@maple.example",
            "directory_id": "4c4c4544-0051-3510-8052-b4c04f4a4e32",
            "aliases": ["ada.okoro@maple.example"],
            "synced_ids": [
                "guid:4c4c4544-0051-3510-8052-b4c04f4a4e32",
                "sam:maple.example/aokoro",
                "sid:s-1-5-21-1-2-3-1104",
            ],
            "given_name": "Ada",
            "family_name": "Okoro",
            "external_ids": ["10442"],
            "org_unit": "/Lincoln/Staff",
            "suspended": False,
            "any_admin": True,
            "last_sign_in": datetime(2026, 11, 2, 14, 3, 11, tzinfo=UTC),
            "never_signed_in": False,
            "created_at": datetime(2019, 8, 1, 9, tzinfo=UTC),
            "title": "Teacher",
            "department": "Science",
            "password_set_at": datetime(2026, 9, 1, 0, 15, tzinfo=UTC),
            "password_never_expires": True,
            "password_not_required": False,
            "password_reversible": False,
            "preauth_not_required": False,
            "expires_on": date(2027, 6, 30),
            "ends_by_itself": True,
            "admin_mark": True,
        }
    ]
    assert list_rejects(read) == []


def test_raw_attributes_say_the_same_in_ticks_and_bits() -> None:
    read = read_users(
        build_frame(
            [
                {
                    "DistinguishedName": "CN=svc-backup,CN=Users,DC=maple,DC=example",
                    "SamAccountName": "svc-backup",
                    "objectSid": "S-1-5-21-1-2-3-1200",
                    "userAccountControl": str(
                        0x200 | 0x2 | 0x20 | 0x80 | 0x10000 | 0x80000 | 0x100000 | 0x200000 | 0x400000
                    ),
                    "lastLogonTimestamp": "133500000000000000",
                    "lastLogon": "0",
                    "pwdLastSet": "0",
                    "accountExpires": "9223372036854775807",
                    "mail": "",
                    "proxyAddresses": "SMTP:svc-backup@maple.example smtp:backup@maple.example X500:/o=x",
                }
            ]
        )
    )
    assert list_rows(read, "account_records") == [
        {
            "key": "s-1-5-21-1-2-3-1200",
            "email": "svc-backup@maple.example",
            "aliases": ["backup@maple.example"],
            "synced_ids": ["sam:maple.example/svc-backup", "sid:s-1-5-21-1-2-3-1200"],
            "org_unit": "/Users",
            "suspended": True,
            "last_sign_in": datetime(2024, 1, 17, 21, 20, tzinfo=UTC),
            "never_signed_in": False,
            "password_never_expires": True,
            "password_not_required": True,
            "password_reversible": True,
            "preauth_not_required": True,
            "delegates_anyone": True,
            "never_delegated": True,
            "des_only": True,
            "ends_by_itself": False,
        }
    ]
    assert list_rejects(read) == []


def test_nothing_is_said_where_a_column_is_empty_or_missing() -> None:
    bare = {"SamAccountName": "x", "ObjectGUID": "g", "LastLogonDate": None, "adminCount": None, "Enabled": None}
    assert list_rows(read_users(build_frame([bare])), "account_records") == [{"key": "g", "directory_id": "g"}]


def test_an_empty_sign_in_says_never_only_where_others_have_one() -> None:
    read = read_users(build_frame([ADA, ADA | {"ObjectGUID": "g2", "LastLogonDate": None, "adminCount": None}]))
    first, second = list_rows(read, "account_records")
    assert (first["never_signed_in"], second["never_signed_in"]) == (False, True)
    assert (first["any_admin"], second["any_admin"]) == (True, False)
    assert "last_sign_in" not in second
    alone = _read_account(LastLogonDate=None)
    assert "never_signed_in" not in alone


def test_the_administrators_groups_are_seen_where_the_export_joins_them() -> None:
    joined = "CN=Teachers,OU=Groups,DC=maple,DC=example;CN=Domain Admins,CN=Users,DC=maple,DC=example"
    assert _read_account(MemberOf=joined)["super_admin"] is True
    assert "super_admin" not in _read_account(MemberOf="CN=Not Domain Admins,OU=Groups,DC=maple,DC=example")


GROUPS = "CN=Teachers,OU=Groups,DC=maple,DC=example;CN={},CN=Users,DC=maple,DC=example"


@pytest.mark.parametrize(
    ("group", "protected", "separate"),
    [
        ("Domain Admins", True, False),
        ("Backup Operators", True, False),
        ("Protected Users", False, True),
        ("Not Domain Admins", False, False),
    ],
)
def test_groups_say_who_is_protected_and_who_cannot_be_lent_on(group: str, protected: bool, separate: bool) -> None:
    row = _read_account(MemberOf=GROUPS.format(group), AccountNotDelegated="False")
    assert (row["protected_group"], row["never_delegated"]) == (protected, separate)


def test_service_names_and_older_ids_are_none_only_where_the_export_asked_for_them() -> None:
    named = {"ServicePrincipalNames": "HTTP/a.maple.example;HTTP/b", "SIDHistory": "S-1-5-21-9-9-9-1104"}
    first, second = list_rows(read_users(build_frame([ADA | named, ADA | {"ObjectGUID": "g2"}])), "account_records")
    assert (first["service_names"], first["sid_history"]) == (["HTTP/a.maple.example", "HTTP/b"], True)
    assert (second["service_names"], second["sid_history"]) == ([], False)
    unsaid = _read_account(ServicePrincipalNames=COLLECTION, SIDHistory=None)
    assert not {"service_names", "sid_history"} & set(unsaid)


def test_lists_of_json_are_read_as_those_that_a_script_joined(tmp_path: Path) -> None:
    account = {**ADA, "ServicePrincipalNames": ["HTTP/a", "HTTP/b"], "MemberOf": ["CN=Domain Admins,CN=Users,DC=maple"]}
    older = {"SIDHistory": [{"BinaryLength": 28, "Value": "S-1-5-21-9-9-9-1104"}], "TrustedForDelegation": True}
    path = tmp_path / "users.json"
    path.write_text(json.dumps([account | older]), encoding="utf-8")
    (row,) = list_rows(_load_export(path), "account_records")
    assert row["service_names"] == ["HTTP/a", "HTTP/b"]
    assert (row["super_admin"], row["protected_group"], row["sid_history"], row["delegates_anyone"]) == (True,) * 4


def test_secrets_and_private_numbers_stay_at_the_door_and_are_counted() -> None:
    mess = {
        "unicodePwd": "hunter2",
        "ms-Mcs-AdmPwd": "hunter3",
        "msLAPS-Password": "{hunter4}",
        "MobilePhone": "555-0100",
    }
    read = read_users(build_frame([ADA | mess | {"EmployeeID": "078-05-1120"}, ADA | {"ObjectGUID": "g2"}]))
    assert read.dropped == {
        "unicodePwd": 1,
        "ms-Mcs-AdmPwd": 1,
        "msLAPS-Password": 1,
        "MobilePhone": 1,
        "EmployeeID": 1,
    }
    assert not any(contains_text(read, secret) for secret in ("hunter", "078-05", "555-0100"))
    assert "external_ids" not in list_rows(read, "account_records")[0]


def test_what_is_no_user_or_cannot_be_read_is_rejected_with_line_and_field() -> None:
    read = read_users(
        build_frame(
            [
                ADA | {"PasswordLastSet": "13/13/2026 9:00:00 AM", "Enabled": "perhaps"},
                ADA | {"ObjectGUID": "g2", "ObjectClass": "computer", "SamAccountName": "LAB-1$"},
                ADA,
                {"SamAccountName": None, "DistinguishedName": "CN=x,DC=maple,DC=example", "ObjectClass": "user"},
            ]
        )
    )
    assert list_rejects(read) == [
        (2, "Enabled", False),
        (2, "PasswordLastSet", False),
        (3, "ObjectClass", True),
        (4, "ObjectGUID", True),
        (5, "ObjectGUID", True),
    ]


@pytest.mark.parametrize("name", ["krbtgt", "Guest", "DefaultAccount"])
def test_built_in_accounts_are_kept(name: str) -> None:
    row = _read_account(SamAccountName=name, UserPrincipalName=None, Enabled="False")
    assert (row["email"], row["suspended"]) == (f"{name.lower()}@maple.example", True)


def _parse_times(*texts: str) -> list[datetime | None]:
    column = pl.Series("x", texts, dtype=pl.String)
    value_format = filetimes.build_time_format(day_first=filetimes.is_day_first([column]))
    return list(pl.DataFrame([column]).select(value_format.parse(pl.col("x")))["x"])


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("3/2/2026 2:03:11 PM", 14),
        ("3/2/2026 12:03:11 AM", 0),
        ("3/2/2026 12:03:11 PM", 12),
        ("3/2/2026 2:03:11\u202fPM", 14),
        ("3/2/2026 14:03:11", 14),
        ("02.03.2026 14:03:11", 14),
        ("02-03-2026 14:03:11", 14),
        ("2026-03-02 14:03:11", 14),
        ("2026-03-02T14:03:11.1234567Z", 14),
        ("2026-03-02T14:03:11-06:00", 20),
        ("/Date(1772460191000)/", 14),
        ("134169337910000000", 14),
    ],
)
def test_a_time_in_any_form_of_powershell(written: str, hour: int) -> None:
    (parsed,) = _parse_times(written)
    assert parsed is not None
    assert parsed.replace(microsecond=0) == datetime(2026, 3, 2, hour, 3, 11, tzinfo=UTC)


def test_one_value_proves_the_day_first_for_all_columns_and_else_the_month_is_first() -> None:
    assert _parse_times("03/02/2026 14:00:00", "25/12/2025 08:00:00") == [
        datetime(2026, 2, 3, 14, tzinfo=UTC),
        datetime(2025, 12, 25, 8, tzinfo=UTC),
    ]
    assert _parse_times("03/02/2026 14:00:00") == [datetime(2026, 3, 2, 14, tzinfo=UTC)]
    both = _parse_times("12/25/2025 08:00:00", "25/12/2025 08:00:00")
    assert both == [datetime(2025, 12, 25, 8, tzinfo=UTC), None]
    row = _read_account(
        PasswordLastSet="03/02/2026 14:00:00",
        LastLogonDate="25/12/2025 08:00:00",
        Created=None,
        AccountExpirationDate=None,
    )
    assert row["password_set_at"] == datetime(2026, 2, 3, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("CN=Ada,OU=Grade 6/7,OU=Students,DC=maple,DC=example", "/Students/Grade 6-7"),
        (r"CN=Okoro\, Ada,OU=Music\, Art \+ Drama,DC=maple,DC=example", "/Music, Art + Drama"),
        (r"CN=a\\,OU=b\5cc,DC=maple,DC=example", "/b\\c"),
        ("CN=Administrator,CN=Users,DC=maple,DC=example", "/Users"),
        ("CN=Stray,DC=maple,DC=example", "/"),
        (r"CN=x\,OU=trap,OU=Real,DC=maple,DC=example", "/Real"),
        ("no name at all", None),
    ],
)
def test_the_unit_is_the_path_of_containers(written: str, unit: str | None) -> None:
    frame = pl.DataFrame({"dn": [written]})
    assert frame.select(names.extract_org_unit(pl.col("dn"))).item() == unit


HEADER = "DistinguishedName,Enabled,GivenName,Surname,SamAccountName,ObjectGUID,EmployeeID,LastLogonDate"
LINE = (
    '"CN=Okoro\\, Ada,OU=Staff,DC=maple,DC=example","True","Ada","Ok\u00f3ro","aokoro","g1","7","11/2/2026 2:03:11 PM"'
)
TYPE = "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser"


def _load_export(path: Path) -> Reading:
    detection = detect_packages([path], connectors=load_connectors())
    assert detection.problems == ()
    (package,) = detection.packages
    (file,) = package.files
    assert package.stream == "activedirectory.users"
    (frame,) = file.iter_chunks()
    return package.connector.readers[file.kind.reader](frame)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("first", [TYPE, f'"{TYPE}"', f"{TYPE},,,,,,,", ""])
def test_a_file_of_windows_powershell_is_read_from_its_bytes(tmp_path: Path, encoding: str, first: str) -> None:
    path = tmp_path / "users.csv"
    text = "\r\n".join([*([first] if first else []), HEADER, LINE, ""])
    path.write_bytes(text.encode(encoding))
    (row,) = list_rows(_load_export(path), "account_records")
    assert (row["family_name"], row["org_unit"], row["suspended"]) == ("Ok\u00f3ro", "/Staff", False)


def test_semicolons_of_a_european_culture_are_read(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    line = LINE.replace('","', '";"').replace("11/2/2026 2:03:11 PM", "02.11.2026 14:03:11")
    path.write_text("\r\n".join([TYPE, HEADER.replace(",", ";"), line, ""]), encoding="utf-8", newline="")
    (row,) = list_rows(_load_export(path), "account_records")
    assert row["last_sign_in"] == datetime(2026, 11, 2, 14, 3, 11, tzinfo=UTC)


def test_json_of_either_powershell_is_the_same_account(tmp_path: Path) -> None:
    account = {**ADA, "Enabled": True, "adminCount": 1, "MemberOf": [], "Created": None, "AccountExpirationDate": None}
    old = account | {"LastLogonDate": "/Date(1793628191000)/", "PasswordLastSet": "/Date(1788264900000)/"}
    new = account | {"LastLogonDate": "2026-11-02T08:03:11-06:00", "PasswordLastSet": "2026-09-01T07:15:00-05:00"}
    accounts = []
    for name, record in (("old.json", old), ("new.json", new)):
        path = tmp_path / name
        path.write_text(json.dumps([record]), encoding="utf-16")
        accounts.append(list_rows(_load_export(path), "account_records"))
    assert accounts[0] == accounts[1]
    assert accounts[0][0]["last_sign_in"] == datetime(2026, 11, 2, 14, 3, 11, tzinfo=UTC)


def test_json_that_powershell_wraps_with_a_count_is_the_list_in_it(tmp_path: Path) -> None:
    people = [{"SamAccountName": "ofield", "Enabled": True}, {"SamAccountName": "tortiz", "Enabled": False}]
    (tmp_path / "users.json").write_text(json.dumps({"value": people, "Count": 2}), encoding="utf-8")
    (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
    accounts = [
        row for chunk in package.files[0].iter_chunks() for row in list_rows(read_users(chunk), "account_records")
    ]
    assert [(account["key"], account["suspended"]) for account in accounts] == [("ofield", False), ("tortiz", True)]


@pytest.mark.parametrize(
    "zero", ["12/31/1600 6:00:00 PM", "1/1/1601 12:00:00 AM", "01.01.1601 01:00:00", "/Date(-11644473600000)/", "0"]
)
def test_the_beginning_of_the_calendar_of_windows_is_never(zero: str) -> None:
    people = [
        {"SamAccountName": "ofield", "LastLogonDate": zero, "PasswordLastSet": zero, "AccountExpirationDate": zero},
        {"SamAccountName": "tortiz", "LastLogonDate": "11/20/2026 2:03:11 PM"},
    ]
    read = read_users(build_frame(people))
    first, second = list_rows(read, "account_records")
    assert first == {"key": "ofield", "never_signed_in": True, "ends_by_itself": False}
    assert second["last_sign_in"] == datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC)
    assert list_rejects(read) == []


@pytest.mark.parametrize("half", ["p. m.", "p.\u00a0m.", "p.m.", "PM"])
def test_an_afternoon_in_spanish_is_the_afternoon(half: str) -> None:
    (row,) = list_rows(
        read_users(build_frame([{"SamAccountName": "ofield", "LastLogonDate": f"20/11/2026 2:03:11 {half}"}])),
        "account_records",
    )
    assert row["last_sign_in"] == datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC)
