"""Tables of a large district with many tools, and what is true of them, counted by the generator itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

TODAY = date(2026, 11, 28)
SCHOOLS, STUDENTS, STAFF = 40, 36_000, 4_000
PAIRS = 60
"""Pairs of paid tools for the same capability; every second pair meets in no school."""
MONTHS = ((date(2026, 8, 17), date(2026, 9, 15)), (date(2026, 9, 16), date(2026, 10, 15)), (date(2026, 10, 16), TODAY))


@dataclass(frozen=True, kw_only=True)
class LargePortfolio:
    """Tables by view, the names of paid tools that hardly anybody uses, and the pairs that meet."""

    tables: dict[str, pa.Table]
    unused: frozenset[str]
    meeting: frozenset[tuple[str, str]]


def build_large_portfolio(*, tools: int, grants: int, use: int) -> LargePortfolio:
    """Build the tables: paid pairs first, then tools that only lists of use and permissions name."""
    chance = np.random.default_rng(18)
    people = STUDENTS + STAFF
    schools = pa.array([f"School {number:02}" for number in range(SCHOOLS)])
    emails = pa.array([f"p{number}@maple.example" for number in range(people)])
    home = np.arange(people) % SCHOOLS
    names = [_build_name(number) for number in range(tools)]
    paid = names[: 2 * PAIRS]
    unused = frozenset(paid[::7])
    crowd = [name for name in names if name not in unused]
    app, person, month = (chance.integers(size, size=use) for size in (len(crowd), people, len(MONTHS)))
    since, until = (pa.array([span[side] for span in MONTHS], pa.date32()) for side in (0, 1))
    tables = {
        "people": pa.table({
            "id": pa.array(range(people), pa.int64()), "kind": ["student"] * STUDENTS + ["staff"] * STAFF,
            "here": [True] * people, "school": schools.take(pa.array(home)), "email": emails,
        }),
        "app_use_records": pa.concat_tables([
            pa.table({
                **_build_origin("portal", use), "app": pa.array(crowd).take(pa.array(app)),
                "email": emails.take(pa.array(person)), "school_name": pa.repeat("", use),
                "since": since.take(pa.array(month)), "until": until.take(pa.array(month)),
            }),
            _build_unused(sorted(unused)),
        ], promote_options="default"),
        "app_grants": pa.table({
            **_build_origin("google", grants),
            "account_key": pa.array([f"a{number}" for number in range(people)]).take(
                pa.array(chance.integers(people, size=grants))
            ),
            "app_key": pa.array([f"k{number}" for number in range(tools)]).take(
                pa.array(number := chance.integers(tools, size=grants))
            ),
            "app_name": pa.array(names).take(pa.array(number)), "kind": pa.repeat("delegated", grants),
        }),
        "tool_records": _build_rows("district", [
            {"name": name, "does": [_name_capability(position)], "also_does": []} for position, name in enumerate(paid)
        ]),
        "contract_records": _build_rows("contracts", [
            _build_contract(position, name) for position, name in enumerate(paid)
        ]),
        "calendar_days": _build_rows("district", [
            {"date": day, "org_key": "", "kind": "school"} for day in _list_weekdays(date(2026, 8, 17), TODAY)
        ]),
    }  # fmt: skip
    meeting = frozenset((paid[2 * pair], paid[2 * pair + 1]) for pair in range(0, PAIRS, 2))
    return LargePortfolio(tables=tables, unused=unused, meeting=meeting)


def _build_name(number: int) -> str:
    """Return a name of letters alone: numbers in a name may be a quantity or a year."""
    return "Planted " + "".join("bcdfghjklm"[int(digit)] for digit in f"{number:04}")


def _name_capability(position: int) -> str:
    """Return a capability that only the two tools of a pair have; the pair is position // 2."""
    return f"capability-{position // 2}"


def _build_contract(position: int, name: str) -> dict[str, Any]:
    pair, is_second = divmod(position, 2)
    half = [f"School {number:02}" for number in range(SCHOOLS) if number % 2 == is_second]
    return {
        "key": f"C-{position:04}", "product": f"CDW-G: {name} Site License 1YR", "cost_minor": 100_000 + position,
        "currency": "USD", "seats": 5, "starts_on": date(2026, 7, 1), "ends_on": date(2027, 6, 30),
        "schools": half if pair % 2 else None,
    }  # fmt: skip


def _build_unused(names: list[str]) -> pa.Table:
    rows = [
        {"app": name, "email": "", "school_name": "", "since": MONTHS[2][0], "until": MONTHS[2][1], "users": 0}
        for name in names
    ]
    return _build_rows("portal", rows)


def _build_rows(connector: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{"connector": connector, "instance": connector, "load_id": "1", **row} for row in rows]
    )


def _build_origin(connector: str, rows: int) -> dict[str, pa.Array]:
    return {name: pa.repeat(connector, rows) for name in ("connector", "instance")} | {"load_id": pa.repeat("1", rows)}


def _list_weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]
