"""A district's inventory of a given size, generated row by row, and every query that its lists support."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

import polars as pl

GENERATION, SNAPSHOT = 3, "bench"
_BATCH = 20_000
_GIVEN = ("Ama", "Bao", "Chidi", "Dana", "Elif", "Farid", "Goran", "Hana", "Ines", "Jomo", "Keiko", "Luz", "Mina")
_FAMILY = ("Abara", "Bergh", "Castro", "Diallo", "Eide", "Fofana", "Garza", "Huang", "Ito", "Jansen", "Kaya", "Lopez")


def create_inventory(scale: int) -> Any:
    """Create the district, with `scale` people, as many accounts and a fifth as many devices in its projection."""
    from django.db import connection, transaction

    from homeroom.apps.know.inventory.models import Account, Device, Person, Projection
    from homeroom.apps.platform.districts.models import District

    district = District.objects.create(slug="bench", name="Bench Unified")
    Projection.objects.create(district=district, generation=GENERATION, derived=SNAPSHOT, as_of=datetime.now(UTC))
    dice = random.Random(7)
    for model, rows in (
        (Person, _generate_people(district.pk, scale, dice)),
        (Account, _generate_accounts(district.pk, scale, dice)),
        (Device, _generate_devices(district.pk, scale // 5, dice)),
    ):
        columns, values = _sort_as_merged(rows, order="sort")
        names, placeholders = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
        for start in range(0, len(values), _BATCH):
            with transaction.atomic(), connection.cursor() as cursor:
                sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({placeholders})'
                cursor.executemany(sql, values[start : start + _BATCH])
    return district


def _sort_as_merged(rows: Iterator[dict[str, Any]], *, order: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the columns, and the rows in the order in which a merge writes them, for equal locality."""
    first = next(rows)
    columns = tuple(first)
    sort_key = itemgetter(columns.index(order))
    return columns, sorted((tuple(row.values()) for row in chain([first], rows)), key=sort_key)


def _build_interval(district: int, kind: str, subject: int, sort: str) -> dict[str, Any]:
    from homeroom.domain.ids import format_public_id

    closed = 2 if subject % 50 == 0 else None  # some rows of an older generation are still there
    public = format_public_id(kind, subject)
    return {
        "district_id": district,
        "subject": subject,
        "public": public,
        "opened": 1,
        "closed": closed,
        "sort": sort,
    }


def _pick_sources(dice: random.Random, *names: str) -> str:
    picked = [name for name in names if dice.random() < 0.97]
    return f" {' '.join(picked)} " if picked else ""


def _generate_people(district: int, count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        first_name, family_name = dice.choice(_GIVEN), dice.choice(_FAMILY)
        kind = "staff" if number % 9 == 0 else "student"
        yield {
            **_build_interval(district, "person", number, f"{family_name}{number % 997:03} {first_name}".lower()),
            "name": f"{first_name} {family_name}",
            "email": f"{first_name}.{family_name}{number}@bench.example".lower(),
            "kind": kind,
            "here": True,
            "left": dice.random() < 0.02,
            "school": f"School {dice.randrange(max(2, count // 700)):04}",
            "grade": "" if kind == "staff" else "05",
            "grade_band": "" if kind == "staff" else dice.choice(("k-2", "3-5", "6-8", "9-12")),
            "homeroom": "",
            "title": "",
            "sources": _pick_sources(dice, "google", "oneroster"),
        }


def _generate_accounts(district: int, count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    start = date(2025, 1, 1)
    for number in range(count):
        school = f"School {dice.randrange(max(2, count // 700)):04}"
        role = "staff" if number % 9 == 0 else "student"
        last_sign_in = (
            f"{start + timedelta(days=dice.randrange(350))} {dice.randrange(24):02}:{dice.randrange(60):02}:00"
        )
        yield {
            **_build_interval(district, "account", number, f"person{dice.randrange(count):07}"),
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
            "last_sign_in": last_sign_in if dice.random() < 0.9 else None,
            "left": dice.random() < 0.02,
            "sources": _pick_sources(dice, "google", "microsoft"),
        }


def _generate_devices(district: int, count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    start = date(2025, 1, 1)
    for number in range(count):
        school = f"School {dice.randrange(max(2, count // 140)):04}"
        yield {
            **_build_interval(district, "device", number, f"chromebook {dice.randrange(count):06}"),
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
            "holder": dice.randrange(5 * count),
            "holder_name": "Somebody",
            "holder_left": dice.random() < 0.01,
            "last_seen": f"{start + timedelta(days=dice.randrange(350))} "
            f"{dice.randrange(24):02}:{dice.randrange(60):02}:00",
            "expires_on": f"20{dice.randrange(25, 33)}-06-30",
            "sources": _pick_sources(dice, "google", "snipeit"),
        }


SEARCHES = {
    "person": ("lopez0004", "garza keiko", "4211@bench", "ansen", "bench.example", "an", "i", "zzz"),
    "account": ("person40021", "99213@", "student", "4", "7 8", "zzz"),
    "device": ("sn0001", "1234", "mv-0012", "cart 17", "model 3", "9", "zzz"),
}
"""Beginnings, middles, ends, several words, and texts that most rows have, and none."""


def write_list_files(district: Any, store: Any) -> None:
    """Write the list caches and search texts of the generation, as a merge does."""
    from homeroom.apps.know.inventory.generation_lists import build_from_database
    from homeroom.apps.know.inventory.list_definitions import LISTINGS
    from homeroom.apps.know.inventory.search import SEARCH_FIELDS
    from homeroom.evidence.page_cache.list_cache import read_subjects, write_list_cache
    from homeroom.evidence.page_cache.search_text import build_search_table, write_search_text

    for kind, listing in LISTINGS.items():
        table = build_from_database(district=district, kind=kind, generation=GENERATION)
        write_list_cache(store, layout=listing.layout, derived=SNAPSHOT, table=table)
        rows = _read_searched_rows(district, listing)
        text = build_search_table(SEARCH_FIELDS[kind], rows, subjects=read_subjects(table))
        write_search_text(store, kind=kind, derived=SNAPSHOT, table=text)


def _read_searched_rows(district: Any, listing: Any) -> pl.DataFrame:
    """Return what is searched of a list: what its rows show, and identifiers as long as a directory's are."""
    columns = {
        "person": {"id": "subject", "name": "name", "sort_name": "sort", "email": "email"},
        "account": {"id": "subject", "name": "name", "email": "email"},
        "device": {
            "id": "subject",
            **{name: name for name in ("name", "model", "cart", "serial", "asset_tag")},
        },
    }[listing.kind]
    rows = listing.model.objects.of(district).values_list(*columns.values())
    frame = pl.DataFrame(list(rows), schema=list(columns), orient="row")
    dice = random.Random(13)
    long_id = pl.Series([str(dice.randrange(10**20, 10**21)) for _ in range(len(frame))])
    mac_address = pl.Series([f"{dice.randrange(2**48):012x}" for _ in range(len(frame))])
    if listing.kind == "device":
        address = pl.Series([f"10.{dice.randrange(256)}.{dice.randrange(256)}.7" for _ in range(len(frame))])
        return frame.with_columns(identifiers=pl.concat_list(mac_address), addresses=pl.concat_list(address))
    number = pl.format("S{}", pl.col("id").cast(pl.String).str.zfill(7))
    return frame.with_columns(identifiers=pl.concat_list("email", number, long_id))


def build_queries(district: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, query): every sort both ways, filters under every sort, pairs of filters, searches."""
    from homeroom.apps.know.inventory.list_definitions import LISTINGS
    from homeroom.apps.know.inventory.queries import ListQuery, filter_choices
    from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL

    dice, query_all = random.Random(11), partial(ListQuery, schools=EVERY_SCHOOL)
    for kind, listing in LISTINGS.items():
        choices = [
            choice for choice in filter_choices(district=district, kind=kind, schools=EVERY_SCHOOL) if choice.values
        ]
        for sort in listing.sorts:
            for down in (False, True):
                yield (
                    f"{kind} by {sort.name} {down}",
                    query_all(kind=kind, sort=sort.name, down=down),
                )
            for choice in choices:
                value = dice.choice(choice.values)
                yield (
                    f"{kind} {choice.name}={value} by {sort.name}",
                    query_all(kind=kind, sort=sort.name, filters={choice.name: value}),
                )
            for _ in range(4):
                pair = dice.sample(choices, 2)
                filters = {choice.name: dice.choice(choice.values) for choice in pair}
                yield (
                    f"{kind} {filters} by {sort.name}",
                    query_all(kind=kind, sort=sort.name, filters=filters),
                )
    for kind, texts in SEARCHES.items():
        for text in texts:
            yield f"search {kind} {text}", query_all(kind=kind, search=text)


def move_cursor(district: Any, query: Any, cursor: str) -> str:
    """Return the cursor moved to a random row of the list, so that the next page is deep inside."""
    from dataclasses import replace

    from homeroom.apps.know.inventory.cursors import parse_cursor
    from homeroom.apps.know.inventory.generation_lists import open_generation_list
    from homeroom.apps.know.inventory.list_definitions import LISTINGS
    from homeroom.apps.know.inventory.list_filters import filter_rows
    from homeroom.apps.know.inventory.queries import _hash_list_query, get_projection
    from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL

    decoded = parse_cursor(cursor, query_hash=_hash_list_query(district, query))
    assert decoded is not None
    cached_list = open_generation_list(district=district, kind=query.kind, projection=get_projection(district))
    filtered = filter_rows(
        list_cache=cached_list,
        definition=LISTINGS[query.kind],
        order=cached_list.orders.get(query.sort),
        filters={},
        schools=EVERY_SCHOOL,
        matches=None,
    )
    rank = random.Random(cursor).randrange(len(cached_list))
    return replace(decoded, rank=rank, subject=int(cached_list.subjects[filtered.get_positions([rank])[0]])).serialize()
