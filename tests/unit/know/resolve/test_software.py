"""Test software, vulnerabilities and coverage: one name per product, one row per CVE, missing data unknown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from homeroom.library.know.software import load_products
from tests.unit.know.resolve.source_records import build_record, get_only_row, resolve_records

pytestmark = pytest.mark.scale

WINDOWS = build_record(
    "fleet", "f1", serial="5CD11111", managed=True, status="active", platform="windows", reports_software=True
)
CHROMEBOOK = build_record(
    "google", "d1", serial="5CD22222", managed=True, status="active", platform="chromeos", name="CB-1"
)


def build_device_row(connector: str = "fleet", key: str = "f1", **values: Any) -> dict[str, Any]:
    record = build_record(connector, key, **values)
    return {("device_key" if name == "key" else name): value for name, value in record.items()}


def list_software(*rows: dict[str, Any], **extra_tables: Any) -> list[dict[str, Any]]:
    records = {"device_records": [WINDOWS], "software_records": list(rows), **extra_tables}
    return resolve_records(**records, products=load_products()).tables["software"].to_pylist()


def test_a_browser_is_one_product_by_whatever_name_and_its_updater_is_none() -> None:
    programs = list_software(
        build_device_row(name="Mozilla Firefox (x64 en-US)", version="131.0", kind="programs"),
        build_device_row(name="Google Update Helper", version="1.3", kind="programs"),
        build_device_row(name="Google Chrome", version="1.0", kind="chrome_extensions"),
    )
    assert {(program["name"], program["product"], program["kind"]) for program in programs} == {
        ("Mozilla Firefox (x64 en-US)", "firefox", "browser"),
        ("Google Update Helper", None, None),
        ("Google Chrome", None, None),
    }


def test_a_program_that_two_listings_of_a_source_carry_stands_once() -> None:
    twice = [
        build_device_row(name="WinRAR 7.13 (64-bit)", version="7.13.0", kind=kind) for kind in ("programs", "apps")
    ]
    assert [program["product"] for program in list_software(*twice)] == ["winrar"]


def test_the_catalog_adds_to_what_the_source_calls_exploited() -> None:
    program = build_device_row(
        name="Reader", version="1", kind="programs", cves=["CVE-2025-1", "CVE-2025-2"], exploited_cves=None
    )
    catalog = [{key: value for key, value in build_record("cisa", "k", cve="CVE-2025-2").items() if key != "key"}]
    assert list_software(program)[0]["exploited_cves"] is None
    assert list_software(program, known_exploited=catalog)[0]["exploited_cves"] == ["CVE-2025-2"]


def test_a_computer_of_which_nobody_lists_the_software_has_one_empty_row_and_a_chromebook_none() -> None:
    unreported = {**WINDOWS, "reports_software": None}
    result = resolve_records(device_records=[unreported, CHROMEBOOK])
    assert [(program["device"], program["name"]) for program in result.tables["software"].to_pylist()] == [
        (get_only_row(result, "devices", serial="5CD11111")["id"], None)
    ]
    assert resolve_records(device_records=[WINDOWS]).tables["software"].num_rows == 0  # it is listed, and has none


def list_vulnerabilities(*, catalog: bool, **values: Any) -> list[tuple[Any, ...]]:
    host = build_record("nessus", "h1", serial="5CD11111")
    check = build_device_row("nessus", "h1", check_id="p1", title="Old", protocol=None, port=0, **values)
    exploited_catalog = (
        [build_record("cisa", "k", cve="CVE-2025-2", due_on=date(2026, 2, 1), ransomware=True)] if catalog else []
    )
    exploited_catalog = [{key: value for key, value in entry.items() if key != "key"} for entry in exploited_catalog]
    result = resolve_records(
        device_records=[WINDOWS, host], vulnerability_records=[check], known_exploited=exploited_catalog
    )
    return [
        (entry["cve"], entry["known_exploited"], entry["due_on"])
        for entry in result.tables["vulnerabilities_found"].to_pylist()
    ]


def test_a_check_is_one_row_for_each_cve_and_the_catalog_says_which_are_exploited() -> None:
    cves = ["CVE-2025-1", "CVE-2025-2"]
    assert list_vulnerabilities(catalog=False, cves=cves) == [("CVE-2025-1", None, None), ("CVE-2025-2", None, None)]
    assert list_vulnerabilities(catalog=True, cves=cves) == [
        ("CVE-2025-1", False, None),
        ("CVE-2025-2", True, date(2026, 2, 1)),
    ]


def test_a_check_without_a_cve_is_exploited_by_the_scanners_word_alone() -> None:
    assert list_vulnerabilities(catalog=False) == [(None, None, None)]
    assert list_vulnerabilities(catalog=True) == [(None, False, None)]
    assert list_vulnerabilities(catalog=True, known_exploited=True) == [(None, True, None)]


@pytest.mark.parametrize(
    ("entry", "filtered"),
    [
        ({"serial": "5cd-22222"}, True),
        ({"serial": "5CD22222", "covered": False}, False),
        ({"asset_tag": "T-1"}, True),
        ({"name": "cb-1.maple.example"}, True),
        ({"name": "CB-1", "serial": "5CD99999"}, False),  # another device of that name
        ({"email": "sam@students.maple.example"}, True),
        ({"email": "sam@students.maple.example", "serial": "5CD99999"}, False),  # another device of that student
    ],
)
def test_a_filters_list_covers_the_device_that_it_names(entry: dict[str, Any], filtered: bool) -> None:
    student = build_record("oneroster", "s1", email="sam@students.maple.example", given_name="Sam", grade="07")
    device = {**CHROMEBOOK, "asset_tag": "T1", "holder_email": "sam@students.maple.example"}
    result = resolve_records(
        person_records=[student],
        device_records=[device],
        coverage_records=[build_record("coverage", "1", purpose="filter", **entry)],
    )
    resolved_device = get_only_row(result, "devices", serial="5CD22222")
    assert (resolved_device["filtered"], resolved_device["antivirus"]) == (filtered, None)


def test_a_word_for_protection_that_nobody_knows_leaves_the_device_undecided() -> None:
    """Leave the device undecided, unless another row of the list marks it as covered."""

    def get_filtered(*rows: dict[str, Any]) -> bool | None:
        coverage = [build_record("coverage", str(key), purpose="filter", **fields) for key, fields in enumerate(rows)]
        device = get_only_row(
            resolve_records(device_records=[CHROMEBOOK], coverage_records=coverage), "devices", serial="5CD22222"
        )
        return bool(device["filtered"]) if device["filtered"] is not None else None

    unclear, off = {"serial": "5CD22222", "unclear": True}, {"serial": "5CD22222", "covered": False}
    assert get_filtered(unclear) is None
    assert get_filtered(unclear, off) is None
    assert get_filtered(unclear, {"serial": "5CD22222"}) is True
    assert get_filtered({"serial": "5CD99999", "unclear": True}) is False  # another device


def test_a_directory_on_the_premises_says_what_its_passwords_are() -> None:
    result = resolve_records(
        account_records=[build_record("activedirectory", "g1", email="ann@d.example", password_not_required=True)]
    )
    account = get_only_row(result, "accounts", email="ann@d.example")
    assert (account["directory"], account["password_not_required"], account["password_reversible"]) == (
        "activedirectory",
        True,
        None,
    )
