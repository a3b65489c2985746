"""Contracts, apps, agreements and use meet by the tool that they name, not by the spelling of its name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.tool_finder import ToolFinder
from tests.unit.know.resolve.source_records import build_record, get_only_row, resolve_records

FINDER = ToolFinder(
    [
        ToolProduct(id="wren-math", name="Wren Math", domains=("wrenmath.example",), client_ids=("7.apps",)),
        ToolProduct(id="wren-read", name="Wren Reading"),
    ]
)


def build_use(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in build_record("csv", "", **values).items() if name != "key"}


def build_grant(app_key: str, app_name: str, publisher: str = "") -> dict[str, Any]:
    return build_use(app_key=app_key, app_name=app_name, publisher=publisher, account_key="a1", kind="delegated")


def test_a_contract_has_the_users_of_all_apps_that_its_tool_is_called() -> None:
    period = {"since": date(2025, 9, 1), "until": date(2026, 1, 9)}
    result = resolve_records(
        finder=FINDER,
        contract_records=[
            build_record("csv", "c1", product="CDW-G: Wren Math District 1YR", vendor="CDW-G", seats=100),
            build_record("csv", "c2", product="Wren Reading", vendor="Wren", seats=100),
        ],
        app_use_records=[
            build_use(app="app.wrenmath.example", school_name="Oak", users=20, **period),
            build_use(app="app.wrenmath.example", school_name="Elm", users=10, **period),
            build_use(app="Wren Math", users=5, **period),
        ],
    )
    assert (get_only_row(result, "contracts", seats=100, users=35)["used_percent"]) == 35
    assert get_only_row(result, "contracts", product="Wren Reading")["users"] is None


def test_a_later_contract_of_the_same_tool_replaces_one_under_another_text() -> None:
    result = resolve_records(
        finder=FINDER,
        contract_records=[
            build_record("csv", "c1", product="Wren Math FY26", vendor="CDW-G", ends_on=date(2026, 6, 30)),
            build_record("csv", "c2", product="SHI: WrenMath Site License", vendor="SHI", ends_on=date(2027, 6, 30)),
            build_record("csv", "c3", product="Wren Reading", vendor="CDW-G", ends_on=date(2026, 6, 30)),
        ],
    )
    assert get_only_row(result, "contracts", product="Wren Math FY26")["replaced"] is True
    assert get_only_row(result, "contracts", product="Wren Reading")["replaced"] is False


def test_an_agreement_covers_the_app_that_is_its_tool_and_no_other_of_the_vendor() -> None:
    result = resolve_records(
        finder=FINDER,
        agreement_records=[
            build_record("csv", "d1", product="Wren Math (web)", vendor="Wren", signed_on=date(2025, 7, 1)),
        ],
        app_grants=[build_grant("7.apps", "WM for Chrome"), build_grant("8.apps", "Wren Reading")],
    )
    assert get_only_row(result, "apps", name="WM for Chrome")["agreement"] == "signed"
    assert get_only_row(result, "apps", name="Wren Reading")["agreement"] == "none"
    assert get_only_row(result, "agreements", vendor="Wren")["apps"] == 1


def test_an_agreement_about_all_products_of_a_vendor_covers_the_apps_that_it_publishes() -> None:
    result = resolve_records(
        finder=FINDER,
        agreement_records=[build_record("csv", "d1", vendor="Wren LLC", signed_on=date(2025, 7, 1))],
        app_grants=[build_grant("8.apps", "Wren Reading", "Wren, Inc."), build_grant("9.apps", "Lark", "Lark Ltd")],
    )
    assert get_only_row(result, "apps", name="Wren Reading")["agreement"] == "signed"
    assert get_only_row(result, "apps", name="Lark")["agreement"] == "none"


@pytest.mark.parametrize(
    ("purpose", "column"),
    [
        ("filter", "filtered"),
        ("content-filter", "filtered"),
        ("endpoint-protection", "antivirus"),
        ("classroom-management", "classroom"),
    ],
)
def test_a_list_of_coverage_has_the_usual_word_or_the_capability_as_its_purpose(purpose: str, column: str) -> None:
    result = resolve_records(
        device_records=[
            build_record("google", "d1", serial="AB12345"),
            build_record("google", "d2", serial="AB12346"),
            build_record("csv", "1", serial="AB12345"),
        ],
        coverage_records=[
            build_record("csv", "1", purpose=purpose),  # the list has the device under the same id
            build_record("csv", "2", purpose="device-management", serial="AB12346"),
        ],
    )
    assert get_only_row(result, "devices", serial="AB12345")[column] is True
    assert get_only_row(result, "devices", serial="AB12346")[column] is False
