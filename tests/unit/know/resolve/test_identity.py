"""Test that people, accounts and devices are identified by their identifiers and never by names."""

from __future__ import annotations

import random
from functools import cache

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.amounts import choose_amount
from tests.unit.know.resolve.partial_resolution import PartialResult
from tests.unit.know.resolve.source_records import (
    build_record,
    build_role_record,
    get_only_row,
    group_record_keys,
    resolve_records,
)

pytestmark = pytest.mark.scale


def test_a_member_of_staff_in_roster_and_staff_list_is_one_person_by_address() -> None:
    result = resolve_records(
        person_records=[
            build_record("hr", "100", email="ann@d.example"),
            build_record("oneroster", "t1", email="Ann@D.example "),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher")],
    )
    assert group_record_keys(result, "person") == {frozenset({"hr:100", "oneroster:t1"})}


def test_a_student_and_a_member_of_staff_of_the_same_number_stay_two() -> None:
    result = resolve_records(
        person_records=[
            build_record("hr", "100", identifier="100"),
            build_record("oneroster", "s1", identifier="100", grade="03"),
        ]
    )
    assert len(group_record_keys(result, "person")) == 2


def test_numbers_that_lost_their_zeros_in_a_spreadsheet_join_where_each_is_alone() -> None:
    staff = [build_role_record("oneroster", key, "teacher") for key in ("t1", "t2")]
    alone = resolve_records(
        person_records=[
            build_record("hr", "00417", identifier="00417"),
            build_record("oneroster", "t1", identifier="417"),
        ],
        role_records=staff[:1],
    )
    crowded = resolve_records(
        person_records=[
            build_record("hr", "00417", identifier="00417"),
            build_record("oneroster", "t1", identifier="417"),
            build_record("oneroster", "t2", identifier="0417"),
        ],
        role_records=staff,
    )
    assert len(group_record_keys(alone, "person")) == 1
    assert len(group_record_keys(crowded, "person")) == 3


def test_siblings_who_share_the_familys_address_stay_apart_and_so_do_twins_of_one_name() -> None:
    result = resolve_records(
        person_records=[
            build_record(
                "oneroster", "s1", email="family@home.example", given_name="Sam", family_name="Lee", grade="03"
            ),
            build_record(
                "oneroster", "s2", email="family@home.example", given_name="Sam", family_name="Lee", grade="03"
            ),
            build_record("oneroster", "g1", email="family@home.example"),
        ],
        role_records=[build_role_record("oneroster", "g1", "guardian")],
    )
    assert len(group_record_keys(result, "person")) == 3


def test_a_teacher_who_is_a_parent_is_one_person_and_the_child_another() -> None:
    result = resolve_records(
        person_records=[
            build_record("oneroster", "t1", email="ann@d.example"),
            build_record("oneroster", "g1", email="ann@d.example"),
            build_record("oneroster", "s1", email="ann@d.example", grade="02"),
        ],
        role_records=[
            build_role_record("oneroster", "t1", "teacher"),
            build_role_record("oneroster", "g1", "guardian"),
        ],
    )
    assert group_record_keys(result, "person") == {
        frozenset({"oneroster:t1", "oneroster:g1"}),
        frozenset({"oneroster:s1"}),
    }


def test_a_serial_joins_however_it_is_written_and_a_placeholder_never_does() -> None:
    result = resolve_records(
        device_records=[
            build_record("google", "d1", serial="5CD-123 45", managed=True),
            build_record("snipeit", "A1", managed=False, serial="5cd12345", asset_tag="A1"),
            build_record("microsoft", "w1", serial="To be filled by O.E.M.", managed=True),
            build_record("snipeit", "A2", managed=False, serial="To Be Filled By O.E.M.", asset_tag="A2"),
            build_record("microsoft", "w2", serial="0000000", managed=True),
            build_record("snipeit", "A3", managed=False, serial="0000000", asset_tag="A3"),
        ]
    )
    assert frozenset({"google:d1", "snipeit:A1"}) in group_record_keys(result, "device")
    assert len(group_record_keys(result, "device")) == 5
    assert {(entry["identifier"], entry["count"]) for entry in result.worthless.to_pylist()} == {("serial", 2)}


def test_a_serial_on_two_records_of_a_console_is_a_duplicate_and_on_three_is_worthless() -> None:
    def build_devices(count: int) -> list[dict[str, object]]:
        return [build_record("google", f"d{n}", serial="XYZ98765", managed=True) for n in range(count)]

    assert len(group_record_keys(resolve_records(device_records=build_devices(2)), "device")) == 1
    assert len(group_record_keys(resolve_records(device_records=build_devices(3)), "device")) == 3


def test_two_records_of_a_serial_from_two_makers_are_two_devices() -> None:
    result = resolve_records(
        device_records=[
            build_record("microsoft", "w1", serial="1234ABCD", manufacturer="HP", managed=True),
            build_record("microsoft", "w2", serial="1234ABCD", manufacturer="Lenovo", managed=True),
        ]
    )
    assert len(group_record_keys(result, "device")) == 2


def test_an_asset_tag_joins_only_where_serials_do_not_contradict() -> None:
    def group_with_serial(serial: str | None) -> set[frozenset[str]]:
        return group_record_keys(
            resolve_records(
                device_records=[
                    build_record("google", "d1", serial="5CD11111", asset_tag="T-77", managed=True),
                    build_record("snipeit", "T77", managed=False, serial=serial, asset_tag="T77"),
                ]
            ),
            "device",
        )

    assert len(group_with_serial(None)) == 1
    assert len(group_with_serial("5CD99999")) == 2


def test_a_network_address_joins_nothing() -> None:
    result = resolve_records(
        device_records=[
            build_record("google", "d1", macs=["aabbccddeeff"], managed=True),
            build_record("microsoft", "w1", macs=["aabbccddeeff"], managed=True),
        ]
    )
    assert len(group_record_keys(result, "device")) == 2


def test_a_scanned_host_is_the_switch_that_the_asset_list_names_but_never_two_of_one_name() -> None:
    scanned = build_record("nmap", "94:60:d5:00:00:01", name="sw-lincoln-1.d.example")
    switch = build_record("snipeit", "A-1", name="SW-LINCOLN-1", managed=False)
    twin = build_record("snipeit", "A-2", name="SW-LINCOLN-1", managed=False)
    managed = build_record("microsoft", "m-1", name="SW-LINCOLN-1", managed=True)
    result = resolve_records(device_records=[scanned, switch])
    assert group_record_keys(result, "device") == {frozenset({"nmap:94:60:d5:00:00:01", "snipeit:A-1"})}
    assert len(group_record_keys(resolve_records(device_records=[scanned, switch, twin]), "device")) == 3
    device_groups = group_record_keys(resolve_records(device_records=[scanned, switch, twin, managed]), "device")
    assert frozenset({"nmap:94:60:d5:00:00:01", "microsoft:m-1"}) in device_groups


def test_users_and_registrations_of_one_tenant_are_one_account_and_another_tenant_is_another() -> None:
    foreign_account = {**build_record("microsoft", "id-1", email="ann@d.example"), "instance": "second tenant"}
    result = resolve_records(
        account_records=[
            build_record("microsoft", "guid-1", email="ann@d.example", directory_id="guid-1", suspended=False),
            build_record("microsoft", "ann@d.example", email="ann@d.example", mfa_enrolled=True),
            foreign_account,
        ]
    )
    assert group_record_keys(result, "account") == {
        frozenset({"microsoft:guid-1", "microsoft:ann@d.example"}),
        frozenset({"microsoft:id-1"}),
    }
    assert (
        result.tables["accounts"].filter(pa.compute.is_valid(result.tables["accounts"]["mfa_enrolled"])).num_rows == 1
    )


def test_an_id_stays_when_a_record_joins_and_when_it_leaves_again() -> None:
    first = [
        build_record("google", "d1", serial="5CD11111", managed=True),
        build_record("google", "d2", serial="5CD22222", managed=True),
    ]
    link = build_record("snipeit", "A1", managed=False, serial="5CD11111", asset_tag="A1")
    before = resolve_records(device_records=first)
    joined = resolve_records(device_records=[*first, link], ledger=before.ledger_added)
    ledger = pa.concat_tables([before.ledger_added, joined.ledger_added])
    moved = resolve_records(device_records=[*first, {**link, "serial": "5CD33333"}], ledger=ledger)
    original_id = get_only_row(before, "devices", serial="5CD11111")["id"]
    assert get_only_row(joined, "devices", serial="5CD11111")["id"] == original_id
    assert get_only_row(moved, "devices", serial="5CD11111")["id"] == original_id
    assert get_only_row(moved, "devices", serial="5CD33333")["id"] not in {
        entry["subject"] for entry in ledger.to_pylist()
    }


def test_two_subjects_that_turn_out_to_be_one_leave_a_tombstone() -> None:
    records = [
        build_record("google", "d1", serial="5CD11111", managed=True),
        build_record("snipeit", "A1", managed=False, asset_tag="A1"),
    ]
    before = resolve_records(device_records=records)
    after = resolve_records(
        device_records=[records[0], {**records[1], "serial": "5CD11111"}], ledger=before.ledger_added
    )
    (merged,) = after.merged.to_pylist()
    ids = {entry["subject"] for entry in before.ledger_added.to_pylist()}
    assert {merged["subject"], merged["into"]} == ids
    assert get_only_row(after, "devices", serial="5CD11111")["id"] == merged["into"]


PEOPLE = [
    *(build_record("hr", str(n), email=f"p{n % 7}@d.example", identifier=str(100 + n % 9)) for n in range(12)),
    *(build_record("oneroster", f"s{n}", email=f"p{n % 7}@d.example", grade="03", identifier=str(n)) for n in range(9)),
]
DEVICES = [
    build_record("google", f"d{n}", serial=f"5CD0000{n % 6}", asset_tag=f"T{n % 4}", managed=True) for n in range(9)
]


@cache
def _resolve_in_order() -> PartialResult:
    return resolve_records(person_records=PEOPLE, device_records=DEVICES)


@pytest.mark.scale
@settings(max_examples=choose_amount(brief=4, thorough=30), deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_never_matters(seed: int) -> None:
    shuffled = random.Random(seed)
    first = _resolve_in_order()
    second = resolve_records(
        person_records=shuffled.sample(PEOPLE, len(PEOPLE)), device_records=shuffled.sample(DEVICES, len(DEVICES))
    )
    assert all(first.tables[name].equals(second.tables[name]) for name in first.tables)
    assert first.ledger_added.equals(second.ledger_added)
