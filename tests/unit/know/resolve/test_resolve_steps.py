"""Test the steps of the resolution as data: their order, and what their SQL names."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.engines.know.resolve.pipeline import INPUTS, OUTPUTS, PREFIX, list_resolve_stages
from homeroom.engines.know.resolve.records.staging import RECORD_TABLES
from homeroom.evidence.query.steps import find_order_problems, find_unused_reads, iter_steps, list_steps
from tests.amounts import choose_amount
from tests.unit.know.resolve.source_records import build_record, build_role_record, resolve_records

STEPS = list_steps(list_resolve_stages(today=date(2026, 1, 15)))


def test_each_step_reads_only_what_was_written_before_and_nothing_is_written_in_vain() -> None:
    assert find_order_problems(STEPS, inputs=INPUTS, outputs=OUTPUTS) == ()


def test_each_step_declares_the_tables_that_its_sql_names() -> None:
    assert find_unused_reads(STEPS, prefix=PREFIX) == ()


def test_most_steps_are_sql_and_every_step_has_a_name_of_its_own_in_its_stage() -> None:
    all_steps = [step for _, step in iter_steps(STEPS)]
    assert sum(bool(step.sql) for step in all_steps) > 0.9 * sum(not step.steps for step in all_steps)
    for stage in list_resolve_stages(today=date(2026, 1, 15)):
        names = [step.name for step in stage.steps]
        repeated = {name for name in names if names.count(name) > 1}
        assert repeated <= {
            "match accounts by what they share with an assigned account",
            "assign accounts by what they share with another",
        }


@pytest.mark.scale
def test_a_table_that_is_resolved_alone_is_that_of_a_full_and_optimized_resolution() -> None:
    district = {
        "person_records": [
            build_record("hr", "100", email="ann@d.example", given_name="Ann", family_name="Li", title="Teacher"),
            build_record("oneroster", "t1", email="ann@d.example", given_name="Ann", family_name="Li"),
            build_record("oneroster", "s1", email="sam@d.example", given_name="Sam", grade="07"),
        ],
        "role_records": [build_role_record("oneroster", "t1", "teacher")],
        "account_records": [
            build_record("google", "g1", email="ann@d.example", suspended=False),
            build_record("google", "g2", email="nobody@d.example"),
        ],
        "device_records": [
            build_record("google", "d1", serial="5CD11111", managed=True, holder_email="sam@d.example"),
            build_record("snipeit", "a1", serial="5CD11111", asset_tag="1", managed=False),
            build_record("nmap", "h1", name="printer"),
        ],
        "classes": [build_record("oneroster", "c1", org_key="o1", location="Room 1", periods=["1"])],
        "orgs": [build_record("oneroster", "o1", name="Oak", kind="school")],
    }
    ledger = resolve_records(**{**district, "device_records": district["device_records"][:1]}).ledger_added
    result = resolve_records(**district, ledger=ledger)
    full = resolve_records(**district, ledger=ledger, is_optimized=True).full_result
    assert {name for name in full.tables if full.tables[name].num_rows} >= {"people", "accounts", "devices", "rooms"}
    assert [name for name in full.tables if not full.tables[name].equals(result.full_result.tables[name])] == []
    for name in choose_amount(brief=("people", "devices", "rooms"), thorough=tuple(full.tables)):
        assert result.resolve_table(name).equals(full.tables[name]), name
    for kind, records in RECORD_TABLES.items():
        links = [row for row in full.tables["links"].to_pylist() if row["table_name"] == records]
        subjects = {(row["key"], row["id"]) for row in links if row["subject_kind"] == kind}
        assert {(row["key"], row["id"]) for row in result[f"{kind}_nodes"].to_pylist()} == subjects
