"""Tables of a large district: agreements, rosters that were sent, and permissions, with the totals counted apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

SEEN_AT = datetime(2026, 11, 1, tzinfo=UTC)
STUDENTS, STAFF, APPS = 9_000, 1_000, 250
API = "https://www.googleapis.com/auth/"
SCOPES = (
    ["openid"],
    [f"{API}userinfo.email", f"{API}userinfo.profile"],
    [f"{API}drive.readonly", f"{API}userinfo.email"],
    ["https://mail.google.com/", f"{API}calendar.readonly"],
)
READS_MAIL = 3


@dataclass(frozen=True, kw_only=True)
class LargeDistrict:
    """Tables by view, and how many students let each app read their mail."""

    tables: dict[str, pa.Table]
    mail_readers: dict[str, int]


def build_large_district(*, grants: int, agreements: int, bundles: int) -> LargeDistrict:
    """Build the tables; app n is of vendor n, and every third has an agreement that allows mail."""
    chance = np.random.default_rng(11)
    accounts = STUDENTS + STAFF
    pairs = chance.choice(accounts * APPS, size=grants, replace=False)
    account, app = pairs // APPS, pairs % APPS
    scopes = (app % len(SCOPES)).astype(np.int32)
    is_student = account < STUDENTS
    mail = {
        f"Product {number}": int((is_student & (app == number)).sum())
        for number in range(APPS)
        if number % len(SCOPES) == READS_MAIL
    }
    keys = pa.array([f"a{number}" for number in range(accounts)])
    names = pa.array([f"Product {number}" for number in range(APPS)])
    tables = {
        "app_grants": pa.table(
            {
                **_build_origin("google", grants),
                "account_key": keys.take(pa.array(account)),
                "email": pa.array([f"a{number}@maple.example" for number in range(accounts)]).take(pa.array(account)),
                "app_key": pa.array([f"k{number}" for number in range(APPS)]).take(pa.array(app)),
                "app_name": names.take(pa.array(app)),
                "kind": pa.repeat("delegated", grants),
                "scopes": pa.array(SCOPES).take(pa.array(scopes)),
            }
        ),
        "accounts": pa.table(
            {
                "id": pa.array(range(accounts), pa.int64()),
                "directory": pa.repeat("google", accounts),
                "email": pa.array([f"a{number}@maple.example" for number in range(accounts)]),
                "kind": ["student"] * STUDENTS + ["staff"] * STAFF,
                "works_here": [False] * STUDENTS + [True] * STAFF,
            }
        ),
        "links": pa.table(
            {
                "subject_kind": pa.repeat("account", accounts),
                "id": pa.array(range(accounts), pa.int64()),
                "connector": pa.repeat("google", accounts),
                "instance": pa.repeat("google", accounts),
                "key": keys,
            }
        ),
        "agreement_records": _build_agreements(agreements),
        "sent_records": _build_sent(bundles),
    }
    return LargeDistrict(tables=tables, mail_readers=mail)


def _build_origin(connector: str, rows: int) -> dict[str, pa.Array]:
    return {
        "connector": pa.repeat(connector, rows),
        "instance": pa.repeat(connector, rows),
        "load_id": pa.repeat("1", rows),
        "seen_at": pa.repeat(pa.scalar(SEEN_AT, pa.timestamp("us", tz="UTC")), rows),
    }


def _build_agreements(count: int) -> pa.Table:
    words = ["Student name", "E-mail address", "Student work", "Class schedule"]
    rows = [
        {
            "key": str(number),
            "vendor": f"Vendor {number}, Inc.",
            "product": f"Product {number}",
            "signed_on": date(2026, 1, 1),
            "ends_on": date(2027, 1, 1),
            "data_kinds": sorted([*words, "Messages"] if number % 3 == 0 else words),
        }
        for number in range(count)
    ]
    return (
        pa.Table.from_pylist(rows)
        .append_column("connector", pa.repeat("list", count))
        .append_column("instance", pa.repeat("list", count))
    )


def _build_sent(bundles: int) -> pa.Table:
    elements = ("name", "email", "schedule", "birth-date", "grade-level", "school", "sis-id", "student-number")
    rows = [
        {
            "connector": "sent", "instance": "sent", "recipient": f"PRODUCT {number}", "way": "roster",
            "sent_on": date(2026, 9, 1), "batch": "b", "element": element, "column": f"users.{element}",
            "students": 500, "guardians": 0, "children": 500,
        }
        for number in range(bundles)
        for element in elements
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)
