"""Attacks on a trail by somebody who writes to the database with SQL and has no key. Each changes something."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from tests.apps.platform.audit.documented_hashes import hash_entry, hash_json

COLUMNS = ("at", "actor", "action", "subject_kind", "subject", "detail", "number", "salt", "removed", "previous",
           "digest", "mac")  # fmt: skip
CONTENT = ("at", "actor", "action", "subject_kind", "subject", "detail", "salt", "removed")
HEAD_COLUMNS = ("chain", "number", "digest", "mac")
Row = dict[str, Any]


@dataclass
class Attacker:
    """Who attacks the trail of `district` (a key); the trail of `other` is beside it. `older` is a copy from before."""

    district: int
    other: int
    checkpoints: Path
    older_entries: list[Row]
    older_head: Row
    original: Row
    random: random.Random

    def list_rows(self, district: int | None = None) -> list[Row]:
        return read_rows(self.district if district is None else district)

    def pick(self) -> Row:
        return self.random.choice(self.list_rows())


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def read_rows(district: int) -> list[Row]:
    """Return the entries of a district as the database stores them, by number."""
    names = ("id", *COLUMNS)
    sql = f"SELECT {', '.join(names)} FROM audit_entry WHERE district_id = %s ORDER BY number"
    return _read(sql, names, district)


def read_head(district: int) -> Row:
    """Return the head of a district as the database stores it."""
    sql = f"SELECT {', '.join(HEAD_COLUMNS)} FROM audit_head WHERE district_id = %s"
    return _read(sql, HEAD_COLUMNS, district)[0]


def _read(sql: str, names: tuple[str, ...], *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def update(row: Row, **values: Any) -> None:
    names = ", ".join(f"{name} = %s" for name in values)
    run(f"UPDATE audit_entry SET {names} WHERE id = %s", *values.values(), row["id"])


def insert(district: int, row: Row) -> None:
    names = ("district_id", *COLUMNS)
    places = ", ".join(["%s"] * len(names))
    values = [district, *(row[name] for name in COLUMNS)]
    run(f"INSERT INTO audit_entry ({', '.join(names)}) VALUES ({places})", *values)


def update_head(district: int, **values: Any) -> None:
    names = ", ".join(f"{name} = %s" for name in values)
    run(f"UPDATE audit_head SET {names} WHERE district_id = %s", *values.values(), district)


def _change_text(text: str, chance: random.Random) -> str:
    """Return another text: a letter more, one less, or another one."""
    place = chance.randrange(len(text) + 1)
    kinds = [text[:place] + chance.choice("0aZ é") + text[place:]]
    if text:
        kinds += [text[: max(place - 1, 0)] + text[max(place, 1) :], text.swapcase()]
    return next(kind for kind in [*chance.sample(kinds, len(kinds)), text + "x"] if kind != text)


def _change_digits(text: str, chance: random.Random) -> str:
    if not text:
        return "0"
    place = chance.randrange(len(text))
    return text[:place] + ("0" if text[place] != "0" else "f") + text[place + 1 :]


def edit_word(attacker: Attacker) -> None:
    row, name = attacker.pick(), attacker.random.choice(("actor", "action", "subject_kind", "subject"))
    limit = {"actor": 150, "action": 60, "subject_kind": 30, "subject": 80}[name]
    changed = _change_text(row[name], attacker.random)
    update(row, **{name: changed if len(changed) <= limit else row[name][:-1]})


def edit_time(attacker: Attacker) -> None:
    row, moment = attacker.pick(), datetime.fromtimestamp(attacker.random.randrange(10**9), UTC)
    update(row, at=moment if connection.vendor == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S"))


def edit_detail(attacker: Attacker) -> None:
    row = attacker.pick()
    detail = json.loads(row["detail"])
    names = sorted(detail)
    if names and attacker.random.random() < 0.5:
        del detail[attacker.random.choice(names)]
    else:
        detail["count"] = detail.get("count", 0) + 1
    update(row, detail=json.dumps(detail))


def edit_hash(attacker: Attacker) -> None:
    row, name = attacker.pick(), attacker.random.choice(("salt", "previous", "digest", "mac"))
    update(row, **{name: _change_digits(row[name], attacker.random)})


def edit_number(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    row = attacker.random.choice(rows)
    update(row, number=attacker.random.choice((0, rows[-1]["number"] + attacker.random.randrange(1, 9))))


def mark_as_erased(attacker: Attacker) -> None:
    """Change a value and state its old commitment as one that an erasure removed."""
    rows = [row for row in attacker.list_rows() if row["removed"] == "{}"]
    row, field = attacker.random.choice(rows), attacker.random.choice(("actor", "subject"))
    salt = row["salt"][:32] if field == "actor" else row["salt"][32:64]
    empty = {"removed": {}, "salts": {field: salt}, field: row[field]}
    commitment = _commit(empty, field)
    update(row, removed=json.dumps({field: commitment}), **{field: "somebody else"})


def _commit(entry: Row, field: str) -> str:
    return hash_json(["homeroom-audit-1", field, entry["salts"][field], entry[field]])


def change_erased_value(attacker: Attacker) -> None:
    row = next(row for row in attacker.list_rows() if row["removed"] != "{}")
    update(row, subject=f"p-{attacker.random.randrange(10**9)}")


def put_erased_value_back(attacker: Attacker) -> None:
    row = next(row for row in attacker.list_rows() if row["removed"] != "{}")
    update(row, **{name: attacker.original[name] for name in CONTENT})


def delete_some(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    first = attacker.random.randrange(len(rows))
    for row in rows[first : first + attacker.random.randrange(1, 6)]:
        run("DELETE FROM audit_entry WHERE id = %s", row["id"])


def delete_and_close_ranks(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    place = attacker.random.randrange(len(rows) - 1)
    run("DELETE FROM audit_entry WHERE id = %s", rows[place]["id"])
    for row in rows[place + 1 :]:
        update(row, number=row["number"] - 1)
    update_head(attacker.district, number=rows[-1]["number"] - 1)


def cut_end(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    left = rows[: attacker.random.randrange(1, len(rows))]
    run("DELETE FROM audit_entry WHERE district_id = %s AND number > %s", attacker.district, left[-1]["number"])
    if attacker.random.random() < 0.7:
        update_head(attacker.district, number=left[-1]["number"], digest=left[-1]["digest"])


def cut_beginning(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    cut = rows[: attacker.random.randrange(1, len(rows))]
    run("DELETE FROM audit_entry WHERE district_id = %s AND number <= %s", attacker.district, cut[-1]["number"])


def put_older_copy_back(attacker: Attacker) -> None:
    """Replace the trail, head and all, with an earlier one of the same district: every hash in it fits."""
    run("DELETE FROM audit_entry WHERE district_id = %s", attacker.district)
    for row in attacker.older_entries:
        insert(attacker.district, row)
    update_head(attacker.district, **attacker.older_head)


def swap_two(attacker: Attacker) -> None:
    first, second = attacker.random.sample(attacker.list_rows(), 2)
    swapped = ("number",) if attacker.random.random() < 0.5 else CONTENT
    update(first, number=10**6)
    update(second, **{name: first[name] for name in swapped})
    update(first, **{"number": first["number"]} | {name: second[name] for name in swapped})


def insert_copy(attacker: Attacker) -> None:
    rows = attacker.list_rows()
    copy = {**attacker.random.choice(rows), "number": rows[-1]["number"] + 1, "previous": rows[-1]["digest"]}
    insert(attacker.district, copy)
    if attacker.random.random() < 0.7:
        update_head(attacker.district, number=copy["number"], digest=copy["digest"])


def insert_before_first(attacker: Attacker) -> None:
    insert(attacker.district, {**attacker.pick(), "number": 0})


def hash_again(attacker: Attacker) -> None:
    """Change an entry and make all hashes behind it again, and those of the head: all but the keyed ones."""
    rows, chain = attacker.list_rows(), read_head(attacker.district)["chain"]
    place = attacker.random.randrange(len(rows))
    rows[place]["actor"] = "somebody else"
    previous = rows[place]["previous"]
    for row in rows[place:]:
        moment = row["at"] if isinstance(row["at"], datetime) else datetime.fromisoformat(row["at"])
        salts = {
            name: row["salt"][start : start + 32] for name, start in (("actor", 0), ("subject", 32), ("detail", 64))
        }
        entry = {**row, "at": moment.replace(tzinfo=UTC).isoformat(timespec="microseconds"), "salts": salts}
        entry |= {"detail": json.loads(row["detail"]), "removed": json.loads(row["removed"]), "previous": previous}
        previous = hash_entry(chain, entry)
        update(row, actor=row["actor"], previous=entry["previous"], digest=previous)
    update_head(attacker.district, digest=previous)


def edit_head(attacker: Attacker) -> None:
    name = attacker.random.choice(HEAD_COLUMNS)
    value = read_head(attacker.district)[name]
    update_head(
        attacker.district, **{name: value + 1 if isinstance(value, int) else _change_digits(value, attacker.random)}
    )


def delete_head(attacker: Attacker) -> None:
    run("DELETE FROM audit_head WHERE district_id = %s", attacker.district)


def delete_all(attacker: Attacker) -> None:
    run("DELETE FROM audit_entry WHERE district_id = %s", attacker.district)
    if attacker.random.random() < 0.5:
        delete_head(attacker)


def move_to_other_district(attacker: Attacker) -> None:
    last = read_rows(attacker.other)[-1]["number"]
    run("UPDATE audit_entry SET district_id = %s, number = %s WHERE id = %s", attacker.other, last + 1,
        attacker.pick()["id"])  # fmt: skip


def exchange_districts(attacker: Attacker) -> None:
    """Give each district the entries and the head of the other one."""
    pairs = ((attacker.district, attacker.other), (attacker.other, attacker.district))
    trails = {old: (read_rows(old), read_head(old), new) for old, new in pairs}
    run("DELETE FROM audit_entry WHERE district_id IN (%s, %s)", attacker.district, attacker.other)
    for rows, head, new in trails.values():
        for row in rows:
            insert(new, row)
        update_head(new, **head)


def edit_checkpoint(attacker: Attacker) -> None:
    lines = attacker.checkpoints.read_bytes().splitlines(keepends=True)
    place = attacker.random.randrange(len(lines))
    kind = attacker.random.choice(("remove", "edit", "swap", "repeat"))
    if kind == "edit":
        letter = attacker.random.randrange(len(lines[place]) - 1)
        changed = (lines[place][letter] + 1) % 128 or 1
        lines[place] = lines[place][:letter] + bytes([changed]) + lines[place][letter + 1 :]
    elif kind == "swap":
        other = (place + 1) % len(lines)
        lines[place], lines[other] = lines[other], lines[place]
    elif kind == "repeat":
        lines.insert(place, lines[place])
    else:
        del lines[place]
    attacker.checkpoints.write_bytes(b"".join(lines))


ATTACKS: tuple[Callable[[Attacker], None], ...] = (
    edit_word, edit_time, edit_detail, edit_hash, edit_number, mark_as_erased, change_erased_value,
    put_erased_value_back, delete_some, delete_and_close_ranks, cut_end, cut_beginning, put_older_copy_back, swap_two,
    insert_copy, insert_before_first, hash_again, edit_head, delete_head, delete_all, move_to_other_district,
    exchange_districts, edit_checkpoint,
)  # fmt: skip
