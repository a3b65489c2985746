"""Test who is active, who left, what their accounts may do and what their devices are."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from tests.unit.know.resolve.partial_resolution import PartialResult
from tests.unit.know.resolve.source_records import (
    LOADED_AT,
    TODAY,
    build_record,
    build_role_record,
    build_school_days,
    get_only_row,
    resolve_records,
)

pytestmark = pytest.mark.scale  # each test resolves a district
_ACCOUNT = build_record("google", "g-1", email="ann@d.example", suspended=False, mfa_enrolled=False)


def _build_staff_record(**values: Any) -> dict[str, Any]:
    return build_record("hr", "100", email="ann@d.example", given_name="Ann", title="Teacher", **values)


def test_whose_end_date_is_past_has_left_and_the_reason_names_the_source() -> None:
    result = resolve_records(
        person_records=[_build_staff_record(end_date=date(2025, 12, 19))], account_records=[_ACCOUNT]
    )
    account = get_only_row(result, "accounts", email="ann@d.example")
    assert account["person_left"] is True
    assert account["works_here"] is False
    assert account["left_because"] == "hr says that they end on 2025-12-19"
    assert get_only_row(result, "people", name="Ann")["left_on"] == date(2025, 12, 19)


def test_whose_end_date_is_today_works_here_still() -> None:
    result = resolve_records(person_records=[_build_staff_record(end_date=TODAY)])
    person = get_only_row(result, "people", name="Ann")
    assert (person["here"], person["left"]) == (True, False)


def test_whom_the_authority_held_and_holds_no_more_has_left() -> None:
    result = resolve_records(
        person_records_gone=[_build_staff_record()], account_records=[_ACCOUNT], named={"staff": "hr"}
    )
    account = get_only_row(result, "accounts", email="ann@d.example")
    assert account["person_left"] is True
    assert account["known_to_authority"] is True


def test_whom_a_list_that_nobody_named_held_and_holds_no_more_is_a_question_and_no_leaver() -> None:
    result = resolve_records(
        person_records_gone=[_build_staff_record()],
        person_records=[build_record("oneroster", "t9", given_name="Bob")],
        role_records=[build_role_record("oneroster", "t9", "teacher")],
        account_records=[_ACCOUNT],
    )
    account = get_only_row(result, "accounts", email="ann@d.example")
    assert (account["person_left"], account["person_here"]) == (False, False)
    assert account["known_to_authority"] is False


def test_a_teacher_of_the_roster_works_here_where_no_staff_list_decides() -> None:
    result = resolve_records(
        person_records=[
            build_record("oneroster", "t1", email="ann@d.example", given_name="Ann"),
            build_record("hr", "900", email="bob@d.example", given_name="Bob", title="Custodian"),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
        account_records=[_ACCOUNT],
    )
    account = get_only_row(result, "accounts", email="ann@d.example")
    assert (account["works_here"], account["known_to_authority"]) == (True, True)


@pytest.mark.parametrize(
    ("values", "because"),
    [
        ({"status": "tobedeleted"}, "marks them tobedeleted"),
        ({"enabled": False}, "says that they are not enabled"),
        ({"end_date": date(2025, 12, 19)}, "says that they end on 2025-12-19"),
    ],
)
def test_a_row_that_reports_a_departure_proves_it_beside_a_named_list_without_that_person(
    values: dict[str, Any], because: str
) -> None:
    result = resolve_records(
        person_records=[
            build_record("hr", "900", email="bob@d.example", given_name="Bob", title="Custodian"),
            build_record("oneroster", "t1", email="ann@d.example", given_name="Ann", **values),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
        named={"staff": "hr"},
    )
    person = get_only_row(result, "people", name="Ann")
    assert (person["left"], person["left_because"]) == (True, f"oneroster {because}")


def test_a_list_of_users_without_dates_of_employment_keeps_no_leaver_of_the_roster_here() -> None:
    result = resolve_records(
        person_records=[
            build_record("hr", "100", email="ann@d.example", given_name="Ann", title="User"),
            build_record("oneroster", "t1", email="ann@d.example", given_name="Ann", status="tobedeleted"),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
    )
    assert get_only_row(result, "people", name="Ann")["left"] is True


def test_a_staff_list_that_dates_employment_keeps_here_whom_a_roster_dropped() -> None:
    result = resolve_records(
        person_records=[
            _build_staff_record(start_date=date(2019, 8, 1)),
            build_record("oneroster", "t1", email="ann@d.example", given_name="Ann", status="tobedeleted"),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
    )
    person = get_only_row(result, "people", name="Ann")
    assert (person["left"], person["here"]) == (False, True)


def test_an_answer_names_one_source_of_a_connector_and_not_the_other() -> None:
    substitutes = build_record("hr", "700", email="sue@d.example", given_name="Sue", title="Teacher")
    result = resolve_records(
        person_records=[_build_staff_record()],
        person_records_gone=[{**substitutes, "instance": "substitutes"}],
        named={"staff": "hr"},
    )
    person = get_only_row(result, "people", name="Sue")
    assert (person["left"], person["here"]) == (False, False)


def test_a_roster_that_nobody_tidied_does_not_keep_a_leaver_here() -> None:
    result = resolve_records(
        person_records=[
            _build_staff_record(end_date=date(2025, 12, 19)),
            build_record("oneroster", "t1", email="ann@d.example"),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
    )
    assert get_only_row(result, "people", name="Ann")["left"] is True


@pytest.mark.parametrize(
    ("name", "job"), [("teacher", "Substitute Teacher"), ("staff", "Coach"), ("other", "Board"), ("guardian", None)]
)
def test_a_substitute_a_coach_a_board_member_and_a_parent_have_not_left(name: str, job: str | None) -> None:
    result = resolve_records(
        person_records=[
            _build_staff_record(end_date=date(2025, 12, 19)),
            build_record("oneroster", "t1", email="ann@d.example"),
        ],
        role_records=[build_role_record("oneroster", "t1", name, job=job)],
    )
    person = get_only_row(result, "people", name="Ann")
    assert (person["left"], person["here"]) == (False, True)


def test_whom_no_authority_ever_carried_is_unknown_and_has_not_left() -> None:
    result = resolve_records(
        person_records=[_build_staff_record()],
        account_records=[build_record("google", "g-2", email="who@d.example", org_unit="/Staff")],
        named={"staff": "hr"},
    )
    account = get_only_row(result, "accounts", email="who@d.example")
    assert account["known_to_authority"] is False
    assert account["person_left"] is None


def test_without_any_authority_nobody_can_tell_who_is_known() -> None:
    result = resolve_records(account_records=[build_record("google", "g-2", email="who@d.example", org_unit="/Staff")])
    assert get_only_row(result, "accounts", email="who@d.example")["known_to_authority"] is None


def test_a_separate_administration_account_belongs_to_its_one_member_of_staff() -> None:
    admin = build_record("google", "g-9", email="adm-ann@d.example", super_admin=True, suspended=False)
    result = resolve_records(person_records=[_build_staff_record()], account_records=[_ACCOUNT, admin])
    account = get_only_row(result, "accounts", email="adm-ann@d.example")
    assert account["person"] == get_only_row(result, "people", name="Ann")["id"]
    assert account["administrator"] is True
    assert account["works_here"] is True


def test_accounts_that_sign_in_elsewhere_are_judged_by_that_record_or_not_at_all() -> None:
    rule = {**build_record("district", "", directory="google", org_unit="/Staff", domain="", provider="microsoft")}
    del rule["key"]
    unit = {**_ACCOUNT, "org_unit": "/Staff/Lincoln"}
    registered = build_record("microsoft", "guid-1", email="ann@d.example", mfa_enrolled=True)
    with_registration = resolve_records(
        person_records=[_build_staff_record()], account_records=[unit, registered], sign_in_rules=[rule]
    )
    without_registration = resolve_records(
        person_records=[_build_staff_record()], account_records=[unit], sign_in_rules=[rule]
    )
    assert get_only_row(with_registration, "accounts", directory="google")["second_factor"] is True
    assert get_only_row(without_registration, "accounts", directory="google")["second_factor"] is None
    assert get_only_row(without_registration, "accounts", directory="google")["mfa_enrolled"] is False


def test_an_account_is_called_as_its_directory_says_else_as_its_person_else_by_its_address() -> None:
    registered = build_record("microsoft", "guid-1", email="ann@d.example")
    stranger = build_record("microsoft", "guid-2", email="who@d.example")
    named_account = {**_ACCOUNT, "given_name": "Annie", "family_name": "Lee"}
    result = resolve_records(
        person_records=[_build_staff_record(family_name="Li")], account_records=[named_account, registered, stranger]
    )
    assert get_only_row(result, "accounts", directory="google")["name"] == "Annie Lee"
    assert get_only_row(result, "accounts", email="ann@d.example", directory="microsoft")["name"] == "Ann Li"
    assert get_only_row(result, "accounts", email="who@d.example")["name"] == "who@d.example"


def test_school_days_since_the_last_sign_in_are_counted_up_to_today() -> None:
    account = {**_ACCOUNT, "last_sign_in": LOADED_AT - timedelta(days=4)}
    result = resolve_records(account_records=[account], calendar_days=build_school_days(30))
    without = resolve_records(account_records=[account])
    assert get_only_row(result, "accounts", email="ann@d.example")["idle_school_days"] == 4
    assert get_only_row(without, "accounts", email="ann@d.example")["idle_school_days"] is None


WINDOWS: tuple[tuple[str | None, str | None, str | None, str | None, str | None, date | None], ...] = (
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
)
"""Version, edition and note of a computer; its Windows, and how and until when that is supported longer."""


@cache
def _resolve_windows_devices() -> PartialResult:
    """Resolve one district that has a computer for each row of WINDOWS."""
    return resolve_records(
        device_records=[
            build_record(
                "microsoft",
                f"w{n}",
                serial=f"5CD{n:02}111",
                platform="windows",
                managed=True,
                os_version=version,
                os_edition=edition,
                os_support_note=note,
            )
            for n, (version, edition, note, *_) in enumerate(WINDOWS)
        ]
    )


@pytest.mark.parametrize("case", range(len(WINDOWS)), ids=[str(row[:3]) for row in WINDOWS])
def test_windows_and_its_recorded_long_support(case: int) -> None:
    device = get_only_row(_resolve_windows_devices(), "devices", serial=f"5CD{case:02}111")
    assert (device["windows"], device["os_support_kind"], device["os_support_until"]) == WINDOWS[case][3:]


def test_the_newest_record_that_knows_says_whether_a_disk_is_encrypted() -> None:
    old, new = LOADED_AT - timedelta(days=9), LOADED_AT
    result = resolve_records(
        device_records=[
            build_record("microsoft", "w1", serial="5CD11111", last_seen=old, encrypted=False, managed=True),
            build_record("microsoft", "w2", serial="5CD11111", last_seen=new, encrypted=True, managed=True),
            build_record("snipeit", "A1", managed=False, serial="5CD11111", asset_tag="A1"),
        ]
    )
    device = get_only_row(result, "devices", serial="5CD11111")
    assert device["encrypted"] is True
    assert device["last_seen"] == new


def test_the_asset_list_says_who_holds_a_device_and_that_they_left() -> None:
    result = resolve_records(
        person_records=[_build_staff_record(end_date=date(2025, 12, 19))],
        device_records=[
            build_record(
                "google", "d1", serial="5CD11111", managed=True, status="active", holder_email="other@d.example"
            ),
            build_record(
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
    device = get_only_row(result, "devices", serial="5CD11111")
    assert (device["holder_name"], device["holder_left"], device["checked_out"]) == ("Ann", True, True)
    assert (device["in_assets"], device["managed"], device["active"]) == (True, True, True)


def test_the_opt_in_that_was_taken_decides_which_expiry_applies() -> None:
    dates = {"expires_on": date(2026, 6, 1), "extended_expires_on": date(2028, 6, 1)}
    opt_ins = {"5CD11111": True, "5CD22222": False, "5CD33333": None}
    result = resolve_records(
        device_records=[
            build_record("google", serial, serial=serial, managed=True, extended_enabled=extended, **dates)
            for serial, extended in opt_ins.items()
        ]
    )
    for serial, applies in zip(opt_ins, (date(2028, 6, 1), date(2026, 6, 1), date(2026, 6, 1)), strict=True):
        device = get_only_row(result, "devices", serial=serial)
        assert (device["expires_on"], device["expires_without"], device["expires_with"]) == (applies, *dates.values())


def test_without_an_asset_list_nobody_can_tell_what_is_in_it() -> None:
    console = [build_record("google", "d1", serial="5CD11111", managed=True)]
    assert get_only_row(resolve_records(device_records=console), "devices", serial="5CD11111")["in_assets"] is None
    listed = resolve_records(device_records=console, sources=(("snipeit", "snipeit.assets"),))
    assert get_only_row(listed, "devices", serial="5CD11111")["in_assets"] is False


def test_a_deprovisioned_chromebook_is_neither_managed_nor_active() -> None:
    result = resolve_records(
        device_records=[
            build_record("google", "d1", serial="5CD11111", managed=True, status="deprovisioned"),
            build_record("google", "d2", managed=True),
        ]
    )
    device = get_only_row(result, "devices", serial="5CD11111")
    assert (device["managed"], device["active"]) == (False, False)


def test_a_leavers_account_that_is_deleted_has_no_row_but_keeps_its_link() -> None:
    result = resolve_records(person_records_gone=[_build_staff_record()], account_records_gone=[_ACCOUNT])
    assert result.tables["accounts"].num_rows == 0
    assert {(link["subject_kind"], link["gone"]) for link in result.tables["links"].to_pylist()} == {
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
        build_record(name, "100", email="ann@d.example", end_date=date(2025, 12, 19))
        for name, _ in loaded
        if name == decides
    ]
    rows += [build_record(name, "100", email="ann@d.example") for name, _ in loaded if name != decides]
    roles = [build_role_record(name, "100", "staff") for name, _ in loaded]
    result = resolve_records(
        person_records=rows,
        role_records=roles,
        sources=tuple((name, f"{name}.x") for name, _ in loaded),
        decides=dict(loaded),
    )
    assert get_only_row(result, "people")["left_because"].startswith(decides)
