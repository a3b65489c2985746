"""Who is one person, one account, one device: by identifiers, never by names."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.resolve.records import groups, only, resolved, role, row

pytestmark = pytest.mark.scale


def test_a_member_of_staff_in_roster_and_staff_list_is_one_person_by_address() -> None:
    made = resolved(
        person_records=[row("hr", "100", email="ann@d.example"), row("oneroster", "t1", email="Ann@D.example ")],
        role_records=[role("oneroster", "t1", "teacher")],
    )
    assert groups(made, "person") == {frozenset({"hr:100", "oneroster:t1"})}


def test_a_pupil_and_a_member_of_staff_of_the_same_number_stay_two() -> None:
    made = resolved(
        person_records=[row("hr", "100", identifier="100"), row("oneroster", "s1", identifier="100", grade="03")]
    )
    assert len(groups(made, "person")) == 2


def test_numbers_that_lost_their_zeros_in_a_spreadsheet_join_where_each_is_alone() -> None:
    staff = [role("oneroster", key, "teacher") for key in ("t1", "t2")]
    alone = resolved(
        person_records=[row("hr", "00417", identifier="00417"), row("oneroster", "t1", identifier="417")],
        role_records=staff[:1],
    )
    crowded = resolved(
        person_records=[
            row("hr", "00417", identifier="00417"),
            row("oneroster", "t1", identifier="417"),
            row("oneroster", "t2", identifier="0417"),
        ],
        role_records=staff,
    )
    assert len(groups(alone, "person")) == 1
    assert len(groups(crowded, "person")) == 3


def test_siblings_who_share_the_familys_address_stay_apart_and_so_do_twins_of_one_name() -> None:
    made = resolved(
        person_records=[
            row("oneroster", "s1", email="family@home.example", given_name="Sam", family_name="Lee", grade="03"),
            row("oneroster", "s2", email="family@home.example", given_name="Sam", family_name="Lee", grade="03"),
            row("oneroster", "g1", email="family@home.example"),
        ],
        role_records=[role("oneroster", "g1", "guardian")],
    )
    assert len(groups(made, "person")) == 3


def test_a_teacher_who_is_a_parent_is_one_person_and_the_child_another() -> None:
    made = resolved(
        person_records=[
            row("oneroster", "t1", email="ann@d.example"),
            row("oneroster", "g1", email="ann@d.example"),
            row("oneroster", "s1", email="ann@d.example", grade="02"),
        ],
        role_records=[role("oneroster", "t1", "teacher"), role("oneroster", "g1", "guardian")],
    )
    assert groups(made, "person") == {frozenset({"oneroster:t1", "oneroster:g1"}), frozenset({"oneroster:s1"})}


def test_a_serial_joins_however_it_is_written_and_a_placeholder_never_does() -> None:
    made = resolved(
        device_records=[
            row("google", "d1", serial="5CD-123 45", managed=True),
            row("snipeit", "A1", managed=False, serial="5cd12345", asset_tag="A1"),
            row("microsoft", "w1", serial="To be filled by O.E.M.", managed=True),
            row("snipeit", "A2", managed=False, serial="To Be Filled By O.E.M.", asset_tag="A2"),
            row("microsoft", "w2", serial="0000000", managed=True),
            row("snipeit", "A3", managed=False, serial="0000000", asset_tag="A3"),
        ]
    )
    assert frozenset({"google:d1", "snipeit:A1"}) in groups(made, "device")
    assert len(groups(made, "device")) == 5
    assert {(one["identifier"], one["count"]) for one in made.worthless.to_pylist()} == {("serial", 2)}


def test_a_serial_on_two_records_of_a_console_is_a_duplicate_and_on_three_is_worthless() -> None:
    def devices(count: int) -> list[dict[str, object]]:
        return [row("google", f"d{n}", serial="XYZ98765", managed=True) for n in range(count)]

    assert len(groups(resolved(device_records=devices(2)), "device")) == 1
    assert len(groups(resolved(device_records=devices(3)), "device")) == 3


def test_two_records_of_a_serial_from_two_makers_are_two_devices() -> None:
    made = resolved(
        device_records=[
            row("microsoft", "w1", serial="1234ABCD", manufacturer="HP", managed=True),
            row("microsoft", "w2", serial="1234ABCD", manufacturer="Lenovo", managed=True),
        ]
    )
    assert len(groups(made, "device")) == 2


def test_an_asset_tag_joins_only_where_serials_do_not_contradict() -> None:
    def tagged(serial: str | None) -> set[frozenset[str]]:
        return groups(
            resolved(
                device_records=[
                    row("google", "d1", serial="5CD11111", asset_tag="T-77", managed=True),
                    row("snipeit", "T77", managed=False, serial=serial, asset_tag="T77"),
                ]
            ),
            "device",
        )

    assert len(tagged(None)) == 1
    assert len(tagged("5CD99999")) == 2


def test_a_network_address_joins_nothing() -> None:
    made = resolved(
        device_records=[
            row("google", "d1", macs=["aabbccddeeff"], managed=True),
            row("microsoft", "w1", macs=["aabbccddeeff"], managed=True),
        ]
    )
    assert len(groups(made, "device")) == 2


def test_a_scanned_host_is_the_switch_that_the_asset_list_names_but_never_two_of_one_name() -> None:
    scanned = row("nmap", "94:60:d5:00:00:01", name="sw-lincoln-1.d.example")
    switch = row("snipeit", "A-1", name="SW-LINCOLN-1", managed=False)
    twin = row("snipeit", "A-2", name="SW-LINCOLN-1", managed=False)
    managed = row("microsoft", "m-1", name="SW-LINCOLN-1", managed=True)
    one = resolved(device_records=[scanned, switch])
    assert groups(one, "device") == {frozenset({"nmap:94:60:d5:00:00:01", "snipeit:A-1"})}
    assert len(groups(resolved(device_records=[scanned, switch, twin]), "device")) == 3
    known = groups(resolved(device_records=[scanned, switch, twin, managed]), "device")
    assert frozenset({"nmap:94:60:d5:00:00:01", "microsoft:m-1"}) in known


def test_users_and_registrations_of_one_tenant_are_one_account_and_another_tenant_is_another() -> None:
    other = {**row("microsoft", "id-1", email="ann@d.example"), "instance": "second tenant"}
    made = resolved(
        account_records=[
            row("microsoft", "guid-1", email="ann@d.example", directory_id="guid-1", suspended=False),
            row("microsoft", "ann@d.example", email="ann@d.example", mfa_enrolled=True),
            other,
        ]
    )
    assert groups(made, "account") == {
        frozenset({"microsoft:guid-1", "microsoft:ann@d.example"}),
        frozenset({"microsoft:id-1"}),
    }
    assert made.tables["accounts"].filter(pa.compute.is_valid(made.tables["accounts"]["mfa_enrolled"])).num_rows == 1


def test_an_id_stays_when_a_record_joins_and_when_it_leaves_again() -> None:
    first = [row("google", "d1", serial="5CD11111", managed=True), row("google", "d2", serial="5CD22222", managed=True)]
    link = row("snipeit", "A1", managed=False, serial="5CD11111", asset_tag="A1")
    before = resolved(device_records=first)
    joined = resolved(device_records=[*first, link], ledger=before.ledger_added)
    ledger = pa.concat_tables([before.ledger_added, joined.ledger_added])
    moved = resolved(device_records=[*first, {**link, "serial": "5CD33333"}], ledger=ledger)
    stays = only(before, "devices", serial="5CD11111")["id"]
    assert only(joined, "devices", serial="5CD11111")["id"] == stays
    assert only(moved, "devices", serial="5CD11111")["id"] == stays
    assert only(moved, "devices", serial="5CD33333")["id"] not in {one["subject"] for one in ledger.to_pylist()}


def test_two_subjects_that_turn_out_to_be_one_leave_a_tombstone() -> None:
    apart = [row("google", "d1", serial="5CD11111", managed=True), row("snipeit", "A1", managed=False, asset_tag="A1")]
    before = resolved(device_records=apart)
    after = resolved(device_records=[apart[0], {**apart[1], "serial": "5CD11111"}], ledger=before.ledger_added)
    (merged,) = after.merged.to_pylist()
    ids = {one["subject"] for one in before.ledger_added.to_pylist()}
    assert {merged["subject"], merged["into"]} == ids
    assert only(after, "devices", serial="5CD11111")["id"] == merged["into"]


@pytest.mark.scale
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_never_matters(seed: int) -> None:
    people = [row("hr", str(n), email=f"p{n % 7}@d.example", identifier=str(100 + n % 9)) for n in range(12)]
    people += [row("oneroster", f"s{n}", email=f"p{n % 7}@d.example", grade="03", identifier=str(n)) for n in range(9)]
    devices = [row("google", f"d{n}", serial=f"5CD0000{n % 6}", asset_tag=f"T{n % 4}", managed=True) for n in range(9)]
    shuffled = random.Random(seed)
    one = resolved(person_records=people, device_records=devices)
    other = resolved(
        person_records=shuffled.sample(people, len(people)), device_records=shuffled.sample(devices, len(devices))
    )
    assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)
    assert one.ledger_added.equals(other.ledger_added)
