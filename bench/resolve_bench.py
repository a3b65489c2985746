"""Resolving a large district out of memory: people, accounts and devices of four sources, invented by numbers.

At scale 250,000 pupils: 280,000 accounts, 200,000 devices, 2,000,000 enrolments. Goals: 25 CPU-seconds and 2 GB.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.support.goals import Goal
from bench.support.medians import medians
from bench.support.program import python
from homeroom.engines.resolve import LEDGER_SCHEMA, resolve
from homeroom.evidence.session import WORKER, session_over

GOALS = {"cpu_seconds": Goal(at_most=25), "peak_mb": Goal(at_most=2048)}
TODAY = date(2026, 1, 15)
_SEEN = datetime(2026, 1, 15, 5, 10, tzinfo=UTC)
_SCHOOLS, _CLASSES = 60, 2000


def measure(*, runs: int = 1, scale: int = 250_000) -> dict[str, float]:
    """Medians over runs of resolving a district of `scale` pupils, each in a process of its own."""
    return medians([json.loads(python("bench.resolve_bench", str(scale)).out) for _ in range(runs)])


def _inside(scale: int) -> dict[str, float]:
    """CPU seconds and peak memory (MB) of one resolve over `scale` pupils, first and again with the ledger it made."""
    session = session_over(district(pupils=scale), limits=WORKER)
    first, made = _timed(session, LEDGER_SCHEMA.empty_table())
    again, same = _timed(session, made.ledger_added)
    if same.ledger_added.num_rows or not all(same.tables[name].equals(table) for name, table in made.tables.items()):
        raise AssertionError("resolving again changed something")
    return {
        "pupils": scale,
        "people": made.tables["people"].num_rows,
        "accounts": made.tables["accounts"].num_rows,
        "devices": made.tables["devices"].num_rows,
        "cpu_seconds": first,
        "cpu_seconds_again": again,
        "peak_mb": _peak(),
    }


def _peak() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(session, ledger):
    began = time.process_time()
    made = resolve(session, ledger=ledger, today=TODAY)
    return time.process_time() - began, made


def district(*, pupils: int) -> dict[str, pa.Table]:
    """Canonical tables of an invented district: every staff member also in a staff list, 1 in 50 pupils moved."""
    staff = pupils // 10
    people = pupils + staff
    is_staff = np.arange(people) >= pupils
    names = _text("u", people)
    domain = pa.array(np.where(is_staff, "@maple.example", "@students.maple.example"))
    emails = pc.binary_join_element_wise(names, domain, "")
    return {
        "orgs": pa.table(
            {**_origin("oneroster", _SCHOOLS), "key": _text("o", _SCHOOLS), "name": _text("School ", _SCHOOLS), "kind": ["school"] * _SCHOOLS}
        ),
        "person_records": pa.concat_tables(
            [_roster(people, emails, names, is_staff), _staff_list(pupils, staff, emails)], promote_options="default"
        ),
        "role_records": pa.table(
            {
                **_origin("oneroster", people),
                "person_key": _text("p", people),
                "role": pa.array(np.where(is_staff, "teacher", "student")),
                "org_key": _text("o", people, modulo=_SCHOOLS),
                "status": ["active"] * people,
            }
        ),
        "classes": pa.table(
            {**_origin("oneroster", _CLASSES), "key": _text("c", _CLASSES), "title": _text("Class ", _CLASSES),
             "kind": ["homeroom" if n % 8 == 0 else "scheduled" for n in range(_CLASSES)]}
        ),
        "enrollments": _enrollments(pupils),
        "account_records": pa.concat_tables(
            [_google(people, emails, names, is_staff), _registration(pupils, staff, emails)], promote_options="default"
        ),
        "device_records": _devices(pupils, emails),
        "calendar_days": _calendar(),
    }  # fmt: skip


def _origin(connector: str, count: int) -> dict[str, pa.Array]:
    return {
        "connector": pa.repeat(connector, count),
        "instance": pa.repeat(connector, count),
        "load_id": pa.repeat(f"{connector}-1", count),
        "seen_at": pa.repeat(pa.scalar(_SEEN, pa.timestamp("us", tz="UTC")), count),
    }


def _text(prefix: str, count: int, *, start: int = 0, modulo: int = 0) -> pa.Array:
    numbers = np.arange(start, start + count)
    return pc.binary_join_element_wise(prefix, pa.array(numbers % modulo if modulo else numbers).cast(pa.string()), "")


def _roster(people: int, emails: pa.Array, names: pa.Array, is_staff: np.ndarray) -> pa.Table:
    grades = np.array(["KG", *(f"{n:02d}" for n in range(1, 13))])[np.arange(people) % 13]
    return pa.table(
        {
            **_origin("oneroster", people),
            "key": _text("p", people),
            "status": pa.repeat("active", people),
            "enabled": pa.repeat(True, people),
            "given_name": _text("Given", people, modulo=997),
            "family_name": _text("Family", people, modulo=7919),
            "username": names,
            "email": emails,
            "identifier": _text("", people, start=100000),
            "grade": pa.array(np.where(is_staff, None, grades), pa.string()),
            "org_key": _text("o", people, modulo=_SCHOOLS),
        }
    )


def _staff_list(pupils: int, staff: int, emails: pa.Array) -> pa.Table:
    return pa.table(
        {
            **_origin("hr", staff),
            "key": _text("", staff, start=100000 + pupils),
            "identifier": _text("", staff, start=100000 + pupils),
            "given_name": _text("Given", staff, start=pupils, modulo=997),
            "family_name": _text("Family", staff, start=pupils, modulo=7919),
            "email": emails.slice(pupils),
            "title": pa.repeat("Teacher", staff),
            "start_date": pa.repeat(date(2020, 8, 1), staff),
            "org_name": _text("School ", staff, modulo=_SCHOOLS),
        }
    )


def _google(people: int, emails: pa.Array, names: pa.Array, is_staff: np.ndarray) -> pa.Table:
    return pa.table(
        {
            **_origin("google", people),
            "key": _text("1000000000000", people),
            "directory_id": _text("1000000000000", people),
            "email": emails,
            "given_name": _text("Given", people, modulo=997),
            "org_unit": pa.array(np.where(is_staff, "/Staff/School ", "/Students/School ")),
            "suspended": pa.repeat(False, people),
            "archived": pa.repeat(False, people),
            "mfa_enrolled": pa.array(is_staff),
            "last_sign_in": pa.repeat(pa.scalar(_SEEN, pa.timestamp("us", tz="UTC")), people),
            "external_ids": pa.ListArray.from_arrays(
                np.arange(people + 1, dtype=np.int32), _text("", people, start=100000)
            ),
        }
    )


def _registration(pupils: int, staff: int, emails: pa.Array) -> pa.Table:
    count = max(staff // 5, 1)
    return pa.table(
        {**_origin("microsoft", count), "key": _text("guid-", count), "email": emails.slice(pupils, count), "mfa_enrolled": pa.repeat(True, count)}
    )  # fmt: skip


def _devices(pupils: int, emails: pa.Array) -> pa.Table:
    count = pupils * 8 // 10
    serials = _text("5CD", count, start=10_000_000)
    console = {
        **_origin("google", count),
        "key": _text("device-", count),
        "serial": serials,
        "platform": pa.repeat("chromeos", count),
        "kind": pa.repeat("chromebook", count),
        "managed": pa.repeat(True, count),
        "status": pa.repeat("active", count),
        "org_unit": pa.repeat("/Devices/School", count),
        "last_seen": pa.repeat(pa.scalar(_SEEN, pa.timestamp("us", tz="UTC")), count),
        "expires_on": pa.repeat(date(2027, 6, 1), count),
    }
    assets = {
        **_origin("snipeit", count),
        "key": _text("T", count),
        "serial": serials,
        "asset_tag": _text("T", count),
        "holder_email": emails.slice(0, count),
        "school_name": _text("School ", count, modulo=_SCHOOLS),
        "checked_out": pa.repeat(True, count),
    }
    return pa.concat_tables([pa.table(console), pa.table(assets)], promote_options="default")


def _enrollments(pupils: int) -> pa.Table:
    count = pupils * 8
    return pa.table(
        {
            **_origin("oneroster", count),
            "key": _text("e", count),
            "person_key": _text("p", count, modulo=pupils),
            "class_key": _text("c", count, modulo=_CLASSES),
            "role": pa.repeat("student", count),
        }
    )


def _calendar() -> pa.Table:
    days = [date(2025, 8, 18) + timedelta(days=n) for n in range(280)]
    school = [day for day in days if day.weekday() < 5]
    return pa.table(
        {**_origin("district", len(school)), "date": school, "org_key": [""] * len(school), "kind": ["school"] * len(school)}
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_inside(int(sys.argv[1]))))
