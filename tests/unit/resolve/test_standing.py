"""Who is here, who left, what their accounts may do, and what their devices are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.resolve.records import SEEN, TODAY, only, resolved, role, row, school_days

pytestmark = pytest.mark.scale  # each test resolves a district
_ACCOUNT = row("google", "g-1", email="ann@d.example", suspended=False, mfa_enrolled=False)


def _staff(**values: Any) -> dict[str, Any]:
    return row("hr", "100", email="ann@d.example", given_name="Ann", title="Teacher", **values)


def test_whose_end_date_is_past_has_left_and_the_reason_names_the_source() -> None:
    made = resolved(person_records=[_staff(end_date=date(2025, 12, 19))], account_records=[_ACCOUNT])
    account = only(made, "accounts", email="ann@d.example")
    assert account["person_left"] is True
    assert account["works_here"] is False
    assert account["left_because"] == "hr says that they end on 2025-12-19"
    assert only(made, "people", name="Ann")["left_on"] == date(2025, 12, 19)


def test_whose_end_date_is_today_works_here_still() -> None:
    made = resolved(person_records=[_staff(end_date=TODAY)])
    person = only(made, "people", name="Ann")
    assert (person["here"], person["left"]) == (True, False)


def test_whom_the_authority_held_and_holds_no_more_has_left() -> None:
    made = resolved(person_records_gone=[_staff()], account_records=[_ACCOUNT])
    account = only(made, "accounts", email="ann@d.example")
    assert account["person_left"] is True
    assert account["known_to_authority"] is True


def test_a_roster_that_nobody_tidied_does_not_keep_a_leaver_here() -> None:
    made = resolved(
        person_records=[_staff(end_date=date(2025, 12, 19)), row("oneroster", "t1", email="ann@d.example")],
        role_records=[role("oneroster", "t1", "teacher")],
    )
    assert only(made, "people", name="Ann")["left"] is True


@pytest.mark.parametrize(
    ("name", "job"), [("teacher", "Substitute Teacher"), ("staff", "Coach"), ("other", "Board"), ("guardian", None)]
)
def test_a_substitute_a_coach_a_board_member_and_a_parent_have_not_left(name: str, job: str | None) -> None:
    made = resolved(
        person_records=[_staff(end_date=date(2025, 12, 19)), row("oneroster", "t1", email="ann@d.example")],
        role_records=[role("oneroster", "t1", name, job=job)],
    )
    person = only(made, "people", name="Ann")
    assert (person["left"], person["here"]) == (False, True)


def test_whom_no_authority_ever_carried_is_unknown_and_has_not_left() -> None:
    made = resolved(
        person_records=[_staff()], account_records=[row("google", "g-2", email="who@d.example", org_unit="/Staff")]
    )
    account = only(made, "accounts", email="who@d.example")
    assert account["known_to_authority"] is False
    assert account["person_left"] is None


def test_without_any_authority_nobody_can_tell_who_is_known() -> None:
    made = resolved(account_records=[row("google", "g-2", email="who@d.example", org_unit="/Staff")])
    assert only(made, "accounts", email="who@d.example")["known_to_authority"] is None


def test_a_separate_administration_account_belongs_to_its_one_member_of_staff() -> None:
    admin = row("google", "g-9", email="adm-ann@d.example", super_admin=True, suspended=False)
    made = resolved(person_records=[_staff()], account_records=[_ACCOUNT, admin])
    account = only(made, "accounts", email="adm-ann@d.example")
    assert account["person"] == only(made, "people", name="Ann")["id"]
    assert account["administrator"] is True
    assert account["works_here"] is True


def test_accounts_that_sign_in_elsewhere_are_judged_by_that_record_or_not_at_all() -> None:
    rule = {**row("district", "", directory="google", org_unit="/Staff", domain="", provider="microsoft")}
    del rule["key"]
    unit = {**_ACCOUNT, "org_unit": "/Staff/Lincoln"}
    registered = row("microsoft", "guid-1", email="ann@d.example", mfa_enrolled=True)
    judged = resolved(person_records=[_staff()], account_records=[unit, registered], sign_in_rules=[rule])
    missing = resolved(person_records=[_staff()], account_records=[unit], sign_in_rules=[rule])
    assert only(judged, "accounts", directory="google")["second_factor"] is True
    assert only(missing, "accounts", directory="google")["second_factor"] is None
    assert only(missing, "accounts", directory="google")["mfa_enrolled"] is False


def test_an_account_is_called_as_its_directory_says_else_as_its_person_else_by_its_address() -> None:
    registered = row("microsoft", "guid-1", email="ann@d.example")
    stranger = row("microsoft", "guid-2", email="who@d.example")
    called = {**_ACCOUNT, "given_name": "Annie", "family_name": "Lee"}
    made = resolved(person_records=[_staff(family_name="Li")], account_records=[called, registered, stranger])
    assert only(made, "accounts", directory="google")["name"] == "Annie Lee"
    assert only(made, "accounts", email="ann@d.example", directory="microsoft")["name"] == "Ann Li"
    assert only(made, "accounts", email="who@d.example")["name"] == "who@d.example"


def test_school_days_since_the_last_sign_in_are_counted_up_to_today() -> None:
    account = {**_ACCOUNT, "last_sign_in": SEEN - timedelta(days=4)}
    made = resolved(account_records=[account], calendar_days=school_days(30))
    without = resolved(account_records=[account])
    assert only(made, "accounts", email="ann@d.example")["idle_school_days"] == 4
    assert only(without, "accounts", email="ann@d.example")["idle_school_days"] is None


def _windows(**values: Any) -> dict[str, Any]:
    made = resolved(
        device_records=[row("microsoft", "w1", serial="5CD11111", platform="windows", managed=True, **values)]
    )
    return only(made, "devices", serial="5CD11111")


@pytest.mark.parametrize(
    ("version", "edition", "note", "windows", "kind", "until"),
    [
        ("10.0.19045.4529", "Education", None, "10", None, None),
        ("10.0.22631.1", "Education", None, "11", None, None),
        ("10.0.17763.1", "Enterprise LTSC", None, "10", "ltsc", date(2029, 1, 9)),
        ("10.0.19044.1", "Enterprise LTSC", None, "10", "ltsc", date(2027, 1, 12)),
        ("10.0.19044.1", "IoT Enterprise LTSC", None, "10", "ltsc", date(2032, 1, 13)),
        ("10.0.14393.1", "Enterprise 2016 LTSB", None, "10", "ltsc", date(2026, 10, 13)),
        ("10.0.19045.1", "Education", "ESU year 2", "10", "esu", date(2027, 10, 12)),
        ("10.0.19045.1", "Education", "ESU until 2026-10-13", "10", "esu", date(2026, 10, 13)),
        ("10.0.19045.1", "Education", "ESU", "10", "esu", None),
        ("10.0.19045.1", "Education", "no ESU", "10", None, None),
        (None, None, None, None, None, None),
    ],
)
def test_windows_and_its_recorded_long_support(
    version: str | None,
    edition: str | None,
    note: str | None,
    windows: str | None,
    kind: str | None,
    until: date | None,
) -> None:
    device = _windows(os_version=version, os_edition=edition, os_support_note=note)
    assert (device["windows"], device["os_support_kind"], device["os_support_until"]) == (windows, kind, until)


def test_the_newest_record_that_knows_says_whether_a_disk_is_encrypted() -> None:
    old, new = SEEN - timedelta(days=9), SEEN
    made = resolved(
        device_records=[
            row("microsoft", "w1", serial="5CD11111", last_seen=old, encrypted=False, managed=True),
            row("microsoft", "w2", serial="5CD11111", last_seen=new, encrypted=True, managed=True),
            row("snipeit", "A1", managed=False, serial="5CD11111", asset_tag="A1"),
        ]
    )
    device = only(made, "devices", serial="5CD11111")
    assert device["encrypted"] is True
    assert device["last_seen"] == new


def test_the_asset_list_says_who_holds_a_device_and_that_they_left() -> None:
    made = resolved(
        person_records=[_staff(end_date=date(2025, 12, 19))],
        device_records=[
            row("google", "d1", serial="5CD11111", managed=True, status="active", holder_email="other@d.example"),
            row(
                "snipeit",
                "A1",
                managed=False,
                serial="5CD11111",
                asset_tag="A1",
                holder_email="ann@d.example",
                checked_out=True,
            ),
        ],
    )
    device = only(made, "devices", serial="5CD11111")
    assert (device["holder_name"], device["holder_left"], device["checked_out"]) == ("Ann", True, True)
    assert (device["in_assets"], device["managed"], device["active"]) == (True, True, True)


def test_the_opt_in_that_was_taken_decides_which_expiry_applies() -> None:
    dates = {"expires_on": date(2026, 6, 1), "extended_expires_on": date(2028, 6, 1)}
    for taken, applies in ((True, date(2028, 6, 1)), (False, date(2026, 6, 1)), (None, date(2026, 6, 1))):
        made = resolved(
            device_records=[row("google", "d1", serial="5CD11111", managed=True, extended_enabled=taken, **dates)]
        )
        device = only(made, "devices", serial="5CD11111")
        assert (device["expires_on"], device["expires_without"], device["expires_with"]) == (applies, *dates.values())


def test_without_an_asset_list_nobody_can_tell_what_is_in_it() -> None:
    console = [row("google", "d1", serial="5CD11111", managed=True)]
    assert only(resolved(device_records=console), "devices", serial="5CD11111")["in_assets"] is None
    listed = resolved(device_records=console, sources=(("snipeit", "snipeit.assets"),))
    assert only(listed, "devices", serial="5CD11111")["in_assets"] is False


def test_a_deprovisioned_chromebook_is_neither_managed_nor_active() -> None:
    made = resolved(
        device_records=[
            row("google", "d1", serial="5CD11111", managed=True, status="deprovisioned"),
            row("google", "d2", managed=True),
        ]
    )
    device = only(made, "devices", serial="5CD11111")
    assert (device["managed"], device["active"]) == (False, False)


def test_a_leavers_account_that_is_deleted_has_no_row_but_keeps_its_link() -> None:
    made = resolved(person_records_gone=[_staff()], account_records_gone=[_ACCOUNT])
    assert made.tables["accounts"].num_rows == 0
    assert {(link["subject_kind"], link["gone"]) for link in made.tables["links"].to_pylist()} == {
        ("person", True),
        ("account", True),
    }


@pytest.mark.parametrize(
    ("loaded", "decides"),
    [
        ([("munis", ["staff"])], "munis"),
        ([("munis", ["staff"]), ("oneroster", ["staff", "student"])], "munis"),
        ([("munis", ["staff"]), ("hr", ["staff"])], "hr"),
        ([("edfi", ["staff", "student"]), ("oneroster", ["staff", "student"])], "oneroster"),
        ([("edfi", ["staff", "student"])], "edfi"),
    ],
)
def test_a_staff_list_decides_who_works_here_before_a_roster_does(
    loaded: list[tuple[str, list[str]]], decides: str
) -> None:
    rows = [
        row(name, "100", email="ann@d.example", end_date=date(2025, 12, 19)) for name, _ in loaded if name == decides
    ]
    rows += [row(name, "100", email="ann@d.example") for name, _ in loaded if name != decides]
    roles = [role(name, "100", "staff") for name, _ in loaded]
    made = resolved(person_records=rows, role_records=roles, sources=tuple((name, f"{name}.x") for name, _ in loaded),
                    decides=dict(loaded))  # fmt: skip
    assert only(made, "people")["left_because"].startswith(decides)
