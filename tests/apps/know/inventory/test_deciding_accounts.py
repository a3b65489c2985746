"""The account page names the account whose registration decides a federated account's second factor."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from homeroom.apps.know.inventory.source_records import list_deciding_accounts
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import TABLES

FEDERATED, OWN, SAME_ADDRESS, SAME_PERSON, ALONE = 1, 2, 3, 4, 5
ACCOUNTS: dict[int, dict[str, Any]] = {
    FEDERATED: {"directory": "google", "signs_in_with": "entra", "email": "ada@maple.test", "person": 7},
    OWN: {"directory": "google", "signs_in_with": "google", "email": "bo@maple.test", "mfa_enrolled": True},
    SAME_ADDRESS: {"directory": "entra", "signs_in_with": "entra", "email": "ada@maple.test", "mfa_enrolled": True},
    SAME_PERSON: {"directory": "entra", "signs_in_with": "entra", "email": "ada2@maple.test", "person": 7},
    ALONE: {"directory": "google", "signs_in_with": "entra", "email": "cy@maple.test"},
}


def open_accounts(*numbers: int) -> duckdb.DuckDBPyConnection:
    schema = build_arrow_schema(TABLES["accounts"])
    rows = [{**dict.fromkeys(schema.names), "id": number, **ACCOUNTS[number]} for number in numbers]
    session = duckdb.connect()
    session.register("accounts", pa.Table.from_pylist(rows, schema=schema))
    return session


@pytest.mark.parametrize(
    ("present", "subject", "expected"),
    [
        ((FEDERATED, SAME_ADDRESS, SAME_PERSON, OWN), FEDERATED, [(SAME_ADDRESS, True)]),
        ((FEDERATED, SAME_PERSON), FEDERATED, [(SAME_PERSON, None)]),
        ((OWN, SAME_ADDRESS), OWN, []),
        ((ALONE, SAME_ADDRESS, SAME_PERSON), ALONE, []),
    ],
)
def test_the_deciding_account_is_that_of_the_same_address_else_of_the_same_person(
    present: tuple[int, ...], subject: int, expected: list[tuple[int, bool | None]]
) -> None:
    deciding = list_deciding_accounts(open_accounts(*present), subject=subject)
    assert [(account.id, account.enrolled) for account in deciding] == expected
