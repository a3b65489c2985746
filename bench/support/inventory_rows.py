"""A district's inventory of a given size, invented row by row, and every question that its lists can be asked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import Any

GENERATION, SNAPSHOT = 3, "bench"
_BATCH = 20_000
_GIVEN = ("Ama", "Bao", "Chidi", "Dana", "Elif", "Farid", "Goran", "Hana", "Ines", "Jomo", "Keiko", "Luz", "Mina")
_FAMILY = ("Abara", "Bergh", "Castro", "Diallo", "Eide", "Fofana", "Garza", "Huang", "Ito", "Jansen", "Kaya", "Lopez")


def filled(scale: int) -> Any:
    """The district, with `scale` people, as many accounts and a fifth as many devices in its projection."""
    from django.db import connection, transaction

    from homeroom.apps.districts.models import District
    from homeroom.apps.inventory.models import Account, Device, Person, Projection, SearchTerm

    district = District.objects.create(slug="bench", name="Bench Unified")
    Projection.objects.create(district=district, generation=GENERATION, derived=SNAPSHOT, as_of=datetime.now(UTC))
    dice = random.Random(7)
    for model, rows in (
        (Person, _people(district.pk, scale, dice)),
        (Account, _accounts(district.pk, scale, dice)),
        (Device, _devices(district.pk, scale // 5, dice)),
        (SearchTerm, _terms(district.pk, scale)),
    ):
        columns, values = _as_merged(rows, order=("kind", "term") if model is SearchTerm else ("sort",))
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
        for at in range(0, len(values), _BATCH):
            with transaction.atomic(), connection.cursor() as cursor:
                sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'
                cursor.executemany(sql, values[at : at + _BATCH])
    return district


def _as_merged(
    rows: Iterator[dict[str, Any]], *, order: tuple[str, ...]
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The columns, and the rows in the order in which a merge writes them (`inventory.projecting`), so that they lie alike."""
    first = next(rows)
    columns = tuple(first)
    written = itemgetter(*(columns.index(name) for name in order))
    return columns, sorted((tuple(row.values()) for row in chain([first], rows)), key=written)


def _interval(district: int, kind: str, subject: int, sort: str) -> dict[str, Any]:
    from homeroom.domain.ids import public_id

    closed = 2 if subject % 50 == 0 else None  # some rows of an older generation are still there
    public = public_id(kind, subject)
    return {
        "district_id": district,
        "subject": subject,
        "public": public,
        "opened": 1,
        "closed": closed,
        "sort": sort,
    }


def _sources(dice: random.Random, *names: str) -> str:
    kept = [name for name in names if dice.random() < 0.97]
    return f" {' '.join(kept)} " if kept else ""


def _people(district: int, many: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(many):
        given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
        kind = "staff" if number % 9 == 0 else "student"
        yield {
            **_interval(district, "person", number, f"{family}{number % 997:03} {given}".lower()),
            "name": f"{given} {family}",
            "email": f"{given}.{family}{number}@bench.example".lower(),
            "kind": kind,
            "here": True,
            "left": dice.random() < 0.02,
            "school": f"School {dice.randrange(max(2, many // 700)):04}",
            "grade": "" if kind == "staff" else "05",
            "grade_band": "" if kind == "staff" else dice.choice(("k-2", "3-5", "6-8", "9-12")),
            "homeroom": "",
            "title": "",
            "sources": _sources(dice, "google", "oneroster"),
        }


def _accounts(district: int, many: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    start = date(2025, 1, 1)
    for number in range(many):
        school = f"School {dice.randrange(max(2, many // 700)):04}"
        role = "staff" if number % 9 == 0 else "student"
        seen = f"{start + timedelta(days=dice.randrange(350))} {dice.randrange(24):02}:{dice.randrange(60):02}:00"
        yield {
            **_interval(district, "account", number, f"person{dice.randrange(many):07}"),
            "directory": "google",
            "email": f"person{number}@bench.example",
            "name": f"Person {number}",
            "person": number,
            "kind": role,
            "role": role,
            "school": school,
            "grade_band": "" if role == "staff" else dice.choice(("k-2", "3-5", "6-8", "9-12")),
            "org_unit": f"/{role.title()}/{school}",
            "enabled": dice.random() < 0.95,
            "administrator": dice.random() < 0.0005,
            "second_factor": dice.random() < 0.6 if role == "staff" else None,
            "last_sign_in": seen if dice.random() < 0.9 else None,
            "left": dice.random() < 0.02,
            "sources": _sources(dice, "google", "microsoft"),
        }


def _devices(district: int, many: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    start = date(2025, 1, 1)
    for number in range(many):
        school = f"School {dice.randrange(max(2, many // 140)):04}"
        yield {
            **_interval(district, "device", number, f"chromebook {dice.randrange(many):06}"),
            "serial": f"SN{number:08}",
            "asset_tag": f"A{number:06}",
            "name": "",
            "kind": dice.choices(("chromebook", "laptop", "tablet"), (90, 8, 2))[0],
            "platform": "chromeos",
            "model": "Model 3",
            "os_version": "140",
            "status": dice.choices(("active", "repair", "retired"), (95, 3, 2))[0],
            "school": school,
            "cart": f"Cart {number // 30}" if number % 3 == 0 else "",
            "org_unit": f"/Students/{school}",
            "location": "",
            "holder": dice.randrange(5 * many),
            "holder_name": "Somebody",
            "holder_left": dice.random() < 0.01,
            "last_seen": f"{start + timedelta(days=dice.randrange(350))} {dice.randrange(24):02}:{dice.randrange(60):02}:00",
            "expires_on": f"20{dice.randrange(25, 33)}-06-30",
            "sources": _sources(dice, "google", "snipeit"),
        }


def _terms(district: int, many: int) -> Iterator[dict[str, Any]]:
    for number in range(many):
        for kind, term in (("person", f"s{number:07}"), ("device", f"sn{number:08}" if number < many // 5 else "")):
            if term:
                yield {
                    "district_id": district,
                    "kind": kind,
                    "term": term,
                    "subject": number,
                    "opened": 1,
                    "closed": None,
                }


def questions(district: Any) -> Iterator[tuple[str, Any]]:
    """(name, what is asked): every sort both ways, every filter under every sort, pairs of filters, searches by prefix."""
    from homeroom.apps.inventory.listings import LISTINGS
    from homeroom.apps.inventory.queries import Ask, choices_of

    dice = random.Random(11)
    for kind, listing in LISTINGS.items():
        choices = [choice for choice in choices_of(district=district, kind=kind) if choice.values]
        for sort in listing.sorts:
            for down in (False, True):
                yield f"{kind} by {sort.name} {down}", Ask(kind=kind, sort=sort.name, down=down)
            for choice in choices:
                value = dice.choice(choice.values)
                yield (
                    f"{kind} {choice.name}={value} by {sort.name}",
                    Ask(kind=kind, sort=sort.name, filters={choice.name: value}),
                )
            for _ in range(4):
                two = dice.sample(choices, 2)
                filters = {choice.name: dice.choice(choice.values) for choice in two}
                yield f"{kind} {filters} by {sort.name}", Ask(kind=kind, sort=sort.name, filters=filters)
    for text in ("s00012", "s0001234", "s"):
        yield f"search {text}", Ask(kind="person", search=text)
    for text in ("sn00001", "sn"):
        yield f"search {text}", Ask(kind="device", search=text)


def deeper(district: Any, ask: Any, cursor: str) -> str:
    """The same cursor at a random row of the list, so that the next page is deep inside."""
    from dataclasses import replace

    from homeroom.apps.inventory.choosing import chosen
    from homeroom.apps.inventory.cursors import opened
    from homeroom.apps.inventory.listed import listed_of
    from homeroom.apps.inventory.listings import LISTINGS
    from homeroom.apps.inventory.queries import _question, projection_of

    found = opened(cursor, question=_question(district, ask))
    assert found is not None
    listed = listed_of(district=district, kind=ask.kind, projection=projection_of(district))
    every = chosen(listed=listed, listing=LISTINGS[ask.kind], sort=ask.sort, filters={}, subjects=None)
    rank = random.Random(cursor).randrange(len(listed))
    return replace(found, rank=rank, subject=int(listed.subjects[every.places([rank])[0]])).sealed()
