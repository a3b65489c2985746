"""Whoever edits the trail with SQL is found: every kind of attack, many times, and nothing else is."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from homeroom.apps.platform.audit.appending import redact_entries
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.signing import sign_trail
from homeroom.apps.platform.audit.verification import verify_trail
from homeroom.domain.platform.audit.chain import REDACTION, SIGNING
from tests.amounts import choose_amount
from tests.apps.platform.audit.tampering import ATTACKS, Attacker, read_head, read_rows, run, update
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("rows are edited with SQL")]
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
SEED = 20261129


def record(cast: Cast, first: int, last: int) -> None:
    """Record entries of both districts, with details of every kind that JSON has."""
    for number in range(first, last):
        values = {"count": number, "share": number / 7, "whole": 2.0, "names": ["é", "日"], "nothing": None, "is": True}
        for district in (cast.district, cast.next_district):
            record_audit_entry(
                district=district,
                at=AT + timedelta(minutes=number, microseconds=number),
                actor="technician" if number % 3 else "",
                action="open person" if number % 2 else "load",
                subject_kind="person",
                subject=f"p-{number:05}",
                detail=values if number % 4 else {},
            )


@pytest.fixture
def attacker(tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any) -> Attacker:
    """Return who attacks a district with 60 entries, three checkpoints and an erasure, and a copy from before."""
    settings.DATA = tmp_path
    cast = create_cast()
    with django_capture_on_commit_callbacks(execute=True):
        record(cast, 0, 12)
        sign_trail(district=cast.district, at=AT)
        record(cast, 12, 20)
        sign_trail(district=cast.district, at=AT + timedelta(days=1))
        original = read_rows(cast.district.pk)[8]
        older_entries, older_head = read_rows(cast.district.pk), read_head(cast.district.pk)
        redact_entries(district=cast.district, at=AT, changes=[(original["id"], {"subject": "[erased]"})])
        record(cast, 20, 34)
        sign_trail(district=cast.district, at=AT + timedelta(days=2))
        record(cast, 34, 40)
    for district in (cast.district, cast.next_district):
        assert verify_trail(district=district).problems == ()
    return Attacker(
        district=cast.district.pk,
        other=cast.next_district.pk,
        checkpoints=tmp_path / "audit" / cast.district.slug / "checkpoints.jsonl",
        older_entries=older_entries,
        older_head=older_head,
        original=original,
        random=random.Random(SEED),
    )


def find_problems(attacker: Attacker, attack: Any) -> bool:
    """Attack, verify both trails, and undo the attack; return whether anything was found."""
    from homeroom.apps.platform.districts.models import District

    checkpoints = attacker.checkpoints.read_bytes()
    with transaction.atomic():
        attack(attacker)
        districts = District.objects.filter(pk__in=(attacker.district, attacker.other))
        has_problems = any(verify_trail(district=district).problems for district in districts)
        transaction.set_rollback(True)
    attacker.checkpoints.write_bytes(checkpoints)
    return has_problems


def test_every_attack_is_found(attacker: Attacker):
    amount = choose_amount(brief=4, thorough=1_000 // len(ATTACKS) + 1)
    missed = Counter(
        attack.__name__ for attack in ATTACKS for _ in range(amount) if not find_problems(attacker, attack)
    )
    assert missed == {}


def test_what_changes_no_value_is_no_problem(attacker: Attacker):
    def write_json_with_blanks(attacker: Attacker) -> None:
        run('UPDATE audit_entry SET detail = \'{"b": 1.0,  "a": 2}\' WHERE id = %s', attacker.pick()["id"])

    def change_nothing(attacker: Attacker) -> None:
        run("UPDATE audit_entry SET actor = actor WHERE district_id = %s", attacker.district)

    assert find_problems(attacker, write_json_with_blanks)
    assert not find_problems(attacker, change_nothing)


MALFORMED = {
    "detail": ["[]", "null", '"text"', "3"],
    "removed": ["[]", "null", '{"x": "y"}', '{"actor": 3}', '{"actor": "x"}', '{"actor": null}'],
    "at": ["", "yesterday", "2026-13-45 10:00:00"],
    "salt": ["", "0" * 97, "é" * 96],
    "mac": ["", "é"],
    "digest": ["", "é"],
    "previous": ["", "é"],
}


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL refuses most of these values")
@pytest.mark.parametrize("action", ["open person", SIGNING, REDACTION])
def test_values_of_another_form_are_named_and_stop_no_verification(attacker: Attacker, action: str):
    rows = [row for row in attacker.list_rows() if row["action"] == action] or attacker.list_rows()
    for name, values in MALFORMED.items():
        for value in values:

            def write(attacker: Attacker, name: str = name, value: str = value) -> None:
                update(rows[0], **{name: value})

            assert find_problems(attacker, write), (name, value)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL refuses a text that is too long")
def test_letters_behind_the_salts_are_found(attacker: Attacker):
    def append(attacker: Attacker) -> None:
        row = attacker.pick()
        update(row, salt=row["salt"] + "0")

    assert find_problems(attacker, append)
