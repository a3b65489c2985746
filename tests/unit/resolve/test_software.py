"""Software, flaws and coverage of resolved devices: one name a product, one row a CVE, and silence that is no proof."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from homeroom.engines.resolve import LEDGER_SCHEMA, resolve
from homeroom.evidence.session import session_over
from homeroom.library.software import products
from tests.unit.resolve.records import TODAY, only, resolved, row, tables

pytestmark = pytest.mark.scale

WINDOWS = row(
    "fleet", "f1", serial="5CD11111", managed=True, status="active", platform="windows", reports_software=True
)
CHROMEBOOK = row("google", "d1", serial="5CD22222", managed=True, status="active", platform="chromeos", name="CB-1")


def of_device(connector: str = "fleet", key: str = "f1", **values: Any) -> dict[str, Any]:
    made = row(connector, key, **values)
    return {("device_key" if name == "key" else name): value for name, value in made.items()}


def listed(*rows: dict[str, Any], **others: Any) -> list[dict[str, Any]]:
    session = session_over(tables(device_records=[WINDOWS], software_records=list(rows), **others))
    made = resolve(session, ledger=LEDGER_SCHEMA.empty_table(), today=TODAY, products=products())
    return made.tables["software"].to_pylist()


def test_a_browser_is_one_product_by_whatever_name_and_its_updater_is_none() -> None:
    found = listed(
        of_device(name="Mozilla Firefox (x64 en-US)", version="131.0", kind="programs"),
        of_device(name="Google Update Helper", version="1.3", kind="programs"),
        of_device(name="Google Chrome", version="1.0", kind="chrome_extensions"),
    )
    assert {(one["name"], one["product"], one["kind"]) for one in found} == {
        ("Mozilla Firefox (x64 en-US)", "firefox", "browser"),
        ("Google Update Helper", None, None),
        ("Google Chrome", None, None),
    }


def test_a_program_that_two_listings_of_a_source_carry_stands_once() -> None:
    twice = [of_device(name="WinRAR 7.13 (64-bit)", version="7.13.0", kind=kind) for kind in ("programs", "apps")]
    assert [one["product"] for one in listed(*twice)] == ["winrar"]


def test_the_catalogue_adds_to_what_the_source_calls_exploited() -> None:
    program = of_device(
        name="Reader", version="1", kind="programs", flaws=["CVE-2025-1", "CVE-2025-2"], exploited_flaws=None
    )
    catalogue = [{key: value for key, value in row("cisa", "k", cve="CVE-2025-2").items() if key != "key"}]
    assert listed(program)[0]["exploited_flaws"] is None
    assert listed(program, known_exploited=catalogue)[0]["exploited_flaws"] == ["CVE-2025-2"]


def test_a_computer_of_which_nobody_lists_the_software_has_one_empty_row_and_a_chromebook_none() -> None:
    silent = {**WINDOWS, "reports_software": None}
    made = resolved(device_records=[silent, CHROMEBOOK])
    assert [(one["device"], one["name"]) for one in made.tables["software"].to_pylist()] == [
        (only(made, "devices", serial="5CD11111")["id"], None)
    ]
    assert resolved(device_records=[WINDOWS]).tables["software"].num_rows == 0  # it is listed, and has none


def flaws(*, catalogue: bool, **values: Any) -> list[tuple[Any, ...]]:
    host = row("nessus", "h1", serial="5CD11111")
    check = of_device("nessus", "h1", check_id="p1", title="Old", protocol=None, port=0, **values)
    known = [row("cisa", "k", cve="CVE-2025-2", due_on=date(2026, 2, 1), ransomware=True)] if catalogue else []
    known = [{key: value for key, value in one.items() if key != "key"} for one in known]
    made = resolved(device_records=[WINDOWS, host], flaw_records=[check], known_exploited=known)
    return [(one["cve"], one["known_exploited"], one["due_on"]) for one in made.tables["flaws"].to_pylist()]


def test_a_check_is_one_row_for_each_cve_and_the_catalogue_says_which_are_exploited() -> None:
    cves = ["CVE-2025-1", "CVE-2025-2"]
    assert flaws(catalogue=False, cves=cves) == [("CVE-2025-1", None, None), ("CVE-2025-2", None, None)]
    assert flaws(catalogue=True, cves=cves) == [("CVE-2025-1", False, None), ("CVE-2025-2", True, date(2026, 2, 1))]


def test_a_check_without_a_cve_is_exploited_by_the_scanners_word_alone() -> None:
    assert flaws(catalogue=False) == [(None, None, None)]
    assert flaws(catalogue=True) == [(None, False, None)]
    assert flaws(catalogue=True, known_exploited=True) == [(None, True, None)]


@pytest.mark.parametrize(
    ("entry", "filtered"),
    [
        ({"serial": "5cd-22222"}, True),
        ({"serial": "5CD22222", "covered": False}, False),
        ({"asset_tag": "T-1"}, True),
        ({"name": "cb-1.maple.example"}, True),
        ({"name": "CB-1", "serial": "5CD99999"}, False),  # another device of that name
        ({"email": "sam@students.maple.example"}, True),
        ({"email": "sam@students.maple.example", "serial": "5CD99999"}, False),  # another device of that pupil
    ],
)
def test_a_filters_list_covers_the_device_that_it_names(entry: dict[str, Any], filtered: bool) -> None:
    pupil = row("oneroster", "s1", email="sam@students.maple.example", given_name="Sam", grade="07")
    device = {**CHROMEBOOK, "asset_tag": "T1", "holder_email": "sam@students.maple.example"}
    made = resolved(
        person_records=[pupil],
        device_records=[device],
        coverage_records=[row("coverage", "1", purpose="filter", **entry)],
    )
    found = only(made, "devices", serial="5CD22222")
    assert (found["filtered"], found["antivirus"]) == (filtered, None)


def test_a_word_for_protection_that_nobody_knows_leaves_the_device_undecided() -> None:
    """Unless another row of the list says that the device is covered."""

    def filtered(*rows: dict[str, Any]) -> bool | None:
        listed = [row("coverage", str(key), purpose="filter", **one) for key, one in enumerate(rows)]
        found = only(resolved(device_records=[CHROMEBOOK], coverage_records=listed), "devices", serial="5CD22222")
        return bool(found["filtered"]) if found["filtered"] is not None else None

    unclear, off = {"serial": "5CD22222", "unclear": True}, {"serial": "5CD22222", "covered": False}
    assert filtered(unclear) is None
    assert filtered(unclear, off) is None
    assert filtered(unclear, {"serial": "5CD22222"}) is True
    assert filtered({"serial": "5CD99999", "unclear": True}) is False  # another device


def test_a_directory_on_the_premises_says_what_its_passwords_are() -> None:
    made = resolved(account_records=[row("activedirectory", "g1", email="ann@d.example", password_not_required=True)])
    account = only(made, "accounts", email="ann@d.example")
    assert (account["directory"], account["password_not_required"], account["password_reversible"]) == (
        "activedirectory",
        True,
        None,
    )
