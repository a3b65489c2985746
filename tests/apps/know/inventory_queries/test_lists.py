"""The inventory's lists: their rows, their filters, and what a page of them reads."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.models import Device
from homeroom.apps.know.inventory.queries import ListQuery, get_page, iter_list_rows, search_all
from homeroom.apps.know.inventory.subjects import find_merge_target, find_subject
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.evidence.page_cache.folders import LIST_FOLDERS
from tests.apps.know.inventory_queries.sample_inventory import (
    MORNING,
    create_account,
    create_device,
    create_student,
    merge_subject,
    publish_projection,
)
from tests.cast import Cast, create_cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("order of text, ranges of an index, SQL of the lists"),
]

query_all = partial(ListQuery, schools=EVERY_SCHOOL)


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def list_serials(district: District, query: ListQuery, rows: int = 50) -> list[str]:
    return [
        row.values["serial"] for row in get_page(district=district, query=query, columns=["serial"], rows=rows).rows
    ]


def collect_pages(district: District, query: ListQuery, *, rows: int) -> list[list[str]]:
    """Return the rows of every page of a list, forward."""
    pages, cursor = [], ""
    for _ in range(100):
        page_query = query_all(
            kind=query.kind,
            filters=query.filters,
            search=query.search,
            sort=query.sort,
            down=query.down,
            cursor=cursor,
        )
        page = get_page(district=district, query=page_query, columns=["sort"], rows=rows)
        pages.append([row.public for row in page.rows])
        cursor = page.after
        if not cursor:
            return pages
    raise AssertionError("the list never ends")


def test_a_stranger_sees_nothing_of_the_district(cast: Cast) -> None:
    create_device(cast.district, 1)
    publish_projection(cast.district)
    publish_projection(cast.next_district)
    assert list_serials(cast.next_district, query_all(kind="device")) == []
    assert list_serials(cast.district, query_all(kind="device")) == ["SN00001"]
    assert find_subject(district=cast.next_district, public=format_public_id("device", 1), schools=EVERY_SCHOOL) is None


def test_a_row_of_an_unpublished_or_closed_generation_is_not_there(cast: Cast) -> None:
    create_device(cast.district, 1, opened=3)
    create_device(cast.district, 2, closed=2)
    create_device(cast.district, 3, closed=3)
    publish_projection(cast.district, generation=2)
    assert list_serials(cast.district, query_all(kind="device")) == ["SN00003"]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize(
    ("kind", "sort"), [(kind, sort.name) for kind, listing in LISTINGS.items() for sort in listing.sorts]
)
def test_every_sort_pages_through_all_rows_once_and_back_the_same_way(
    cast: Cast, kind: str, sort: str, down: bool
) -> None:
    _create_mixed_rows(cast)
    query = query_all(kind=kind, sort=sort, down=down)
    pages = collect_pages(cast.district, query, rows=7)
    public_ids = [public for page in pages for public in page]
    assert len(public_ids) == len(set(public_ids)) == 40
    assert public_ids == [row.public for row in iter_list_rows(district=cast.district, query=query, columns=["sort"])]
    assert _collect_pages_back(cast, query, rows=7, pages=len(pages)) == pages


def _collect_pages_back(cast: Cast, query: ListQuery, *, rows: int, pages: int) -> list[list[str]]:
    cursor, before = "", ""
    for _ in range(pages):
        page = get_page(district=cast.district, query=_set_cursor(query, cursor), columns=["sort"], rows=rows)
        cursor, before = page.after or cursor, page.before
    collected = [[row.public for row in page.rows]]
    while before:
        page = get_page(district=cast.district, query=_set_cursor(query, before), columns=["sort"], rows=rows)
        collected.append([row.public for row in page.rows])
        before = page.before
    return collected[::-1]


def _set_cursor(query: ListQuery, cursor: str) -> ListQuery:
    return query_all(kind=query.kind, filters=query.filters, sort=query.sort, down=query.down, cursor=cursor)


def _create_mixed_rows(cast: Cast) -> None:
    """Create forty rows of each kind, in random order, with equal sort keys and empty dates among them."""
    rng = random.Random(5)
    for number in rng.sample(range(40), 40):
        unset = number % 4 == 0
        create_device(
            cast.district,
            number,
            sort=f"name {number % 5}",
            school=f"School {number % 3}",
            status=("active", "repair", "retired")[number % 3],
            cart=f"Cart {number % 6}",
            org_unit=f"/Students/School {number % 3}/{number % 2}",
            sources=("google snipeit", "google", "snipeit")[number % 3],
            holder_left=(None, True, False)[number % 3],
            **({"last_seen": None} if unset else {}),
        )
        create_student(
            cast.district,
            number,
            sort=f"name {number % 5}",
            school=f"School {number % 3}",
            left=number % 7 == 0,
            sources=("google oneroster", "oneroster")[number % 2],
            email=f"p{number % 9}@maple.example",
        )
        create_account(
            cast.district, number, sort=f"name {number % 5}", school=f"School {number % 3}", enabled=number % 3 != 0
        )
    publish_projection(cast.district)


_FILTERS: list[tuple[dict[str, str], Any]] = [
    ({"school": "School 1"}, lambda n: n % 3 == 1),
    ({"status": "repair"}, lambda n: n % 3 == 1),
    ({"missing": "snipeit"}, lambda n: n % 3 == 1),
    ({"missing": "google"}, lambda n: n % 3 == 2),
    ({"in": "snipeit"}, lambda n: n % 3 != 1),
    ({"unit": "/Students/School 2"}, lambda n: n % 3 == 2),
    ({"unit": "/Students/School 2/1"}, lambda n: n % 3 == 2 and n % 2 == 1),
    ({"unit": "/Students/School"}, lambda n: False),
    ({"cart": "Cart 4"}, lambda n: n % 6 == 4),
    ({"withdrawn": "yes"}, lambda n: n % 3 == 1),
    ({"withdrawn": "unknown"}, lambda n: n % 3 == 0),
    ({"cart": "Cart 4", "status": "repair"}, lambda n: n % 6 == 4 and n % 3 == 1),
    ({"school": "School 1", "unit": "/Students/School 1/0"}, lambda n: n % 3 == 1 and n % 2 == 0),
    ({"kind": "chromebook", "missing": "nowhere"}, lambda n: True),
    ({"school": "No such school"}, lambda n: False),
]


@pytest.mark.parametrize("sort", ["name", "last_seen"])
@pytest.mark.parametrize(("filters", "wanted"), _FILTERS)
@pytest.mark.parametrize("down", [False, True])
def test_a_filter_shows_exactly_what_it_says(
    cast: Cast, filters: dict[str, str], wanted: Any, sort: str, down: bool
) -> None:
    _create_mixed_rows(cast)
    query = query_all(kind="device", filters=filters, sort=sort, down=down)
    pages = collect_pages(cast.district, query, rows=4)
    public_ids = [public for page in pages for public in page]
    all_ids = [public for page in collect_pages(cast.district, replace(query, filters={}), rows=40) for public in page]
    expected = {format_public_id("device", number) for number in range(40) if wanted(number)}
    assert public_ids == [public for public in all_ids if public in expected]
    assert _collect_pages_back(cast, query, rows=4, pages=len(pages)) == pages
    assert get_page(district=cast.district, query=query, columns=[]).count == len(expected)


def test_rows_that_are_laid_out_are_asked_of_no_database_but_for_those_of_the_page(cast: Cast) -> None:
    _create_mixed_rows(cast)
    query = query_all(kind="device", filters={"status": "repair"}, sort="last_seen")
    first = get_page(district=cast.district, query=query, columns=["serial"], rows=5)
    Device.objects.of(cast.district).update(status="active", last_seen=None)
    again = get_page(district=cast.district, query=query, columns=["serial"], rows=5)
    assert (again, again.count) == (first, 13)
    publish_projection(cast.district)
    assert get_page(district=cast.district, query=query, columns=["serial"], rows=5).count == 0


def test_what_is_laid_out_holds_no_name(cast: Cast) -> None:
    create_student(
        cast.district, 1, name="Ada Lovelace", sort="lovelace ada", email="ada@maple.example", homeroom="Room 7"
    )
    create_account(cast.district, 2, name="Ada L", sort="ada@maple.example", email="ada@maple.example", person=1)
    create_device(cast.district, 3, holder=1, holder_name="Ada Lovelace", serial="ADA1", sort="ada1")
    projection = publish_projection(cast.district)
    for kind in LISTINGS:
        assert get_page(district=cast.district, query=query_all(kind=kind), columns=[]).total == 1
    files = list((settings.DATA / "evidence" / cast.district.slug / LIST_FOLDERS / projection.derived).glob("*.arrow"))
    assert len(files) == 3
    assert not any(text in path.read_bytes().lower() for path in files for text in (b"ada", b"lovelace", b"room 7"))


def test_a_cursor_of_another_question_or_of_nobody_begins_again(cast: Cast) -> None:
    _create_mixed_rows(cast)
    page = get_page(district=cast.district, query=query_all(kind="device"), columns=["serial"], rows=5)
    resorted_query = query_all(kind="device", sort="school", cursor=page.after)
    assert get_page(district=cast.district, query=resorted_query, columns=["serial"], rows=5).before == ""
    forged_query = query_all(kind="device", cursor="bm90IG91cnM")
    assert get_page(district=cast.district, query=forged_query, columns=["serial"], rows=5).rows == page.rows


def test_a_cursor_stays_in_its_generation_while_the_next_is_published(cast: Cast) -> None:
    _create_mixed_rows(cast)
    first = get_page(district=cast.district, query=query_all(kind="device"), columns=["serial"], rows=39)
    create_device(cast.district, 99, opened=3, sort="zzz")
    publish_projection(cast.district, generation=3)
    rest = get_page(
        district=cast.district,
        query=query_all(kind="device", cursor=first.after),
        columns=["serial"],
        rows=39,
    )
    assert len(rest.rows) == 1
    assert rest.rows[0].values["serial"] != "SN00099"
    assert rest.total == 40


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("sort", ["name", "last_seen"])
def test_a_cursor_of_a_generation_that_is_gone_goes_on_after_its_row(cast: Cast, sort: str, down: bool) -> None:
    _create_mixed_rows(cast)
    query = query_all(kind="device", sort=sort, down=down)
    before = [row.public for row in iter_list_rows(district=cast.district, query=query, columns=[])]
    first = get_page(district=cast.district, query=query, columns=[], rows=20)
    for number in (97, 98, 99):
        create_device(cast.district, number, opened=3, sort=f"name {number % 5}")
    removed = [before[3], before[30]]
    Device.objects.of(cast.district).filter(public__in=removed).update(closed=4)
    publish_projection(cast.district, generation=4)
    current = [row.public for row in iter_list_rows(district=cast.district, query=query, columns=[])]
    rest = get_page(district=cast.district, query=replace(query, cursor=first.after), columns=[])
    assert [row.public for row in rest.rows] == current[current.index(before[19]) + 1 :]
    Device.objects.of(cast.district).filter(public=before[19]).update(closed=5)
    publish_projection(cast.district, generation=6)
    rest = get_page(district=cast.district, query=replace(query, cursor=first.after), columns=[])
    assert set(before[21:]) - set(removed) <= {row.public for row in rest.rows}


def test_an_emptied_list_has_an_empty_page_for_a_cursor_of_before(cast: Cast) -> None:
    _create_mixed_rows(cast)
    first = get_page(district=cast.district, query=query_all(kind="device"), columns=[], rows=20)
    Device.objects.of(cast.district).delete()
    publish_projection(cast.district, generation=9)
    page = get_page(district=cast.district, query=query_all(kind="device", cursor=first.after), columns=[])
    assert (page.rows, page.count, page.total, page.after) == ((), 0, 0, "")


def test_any_identifier_finds_its_subject_by_any_part_of_it(cast: Cast) -> None:
    create_device(cast.district, 12345)
    create_device(cast.district, 12399)
    create_student(cast.district, 7, name="Lovelace Ada")
    publish_projection(cast.district)
    assert list_serials(cast.district, query_all(kind="device", search="sn1234")) == ["SN12345"]
    assert list_serials(cast.district, query_all(kind="device", search=" SN123 ")) == [
        "SN12345",
        "SN12399",
    ]
    assert list_serials(cast.district, query_all(kind="device", search="n123")) == [
        "SN12345",
        "SN12399",
    ]
    assert list_serials(cast.district, query_all(kind="device", search="399")) == ["SN12399"]
    assert list_serials(cast.district, query_all(kind="device", search="n132")) == []
    assert list_serials(cast.district, query_all(kind="device", search="--")) == []
    results = search_all(district=cast.district, schools=EVERY_SCHOOL, text="Ada Lovelace")
    assert [row.public for row in results["person"].rows] == [format_public_id("person", 7)]
    assert results["device"].rows == ()
    assert search_all(district=cast.district, schools=EVERY_SCHOOL, text="--") == {}


def test_the_best_match_of_a_search_comes_first_and_all_are_counted(cast: Cast) -> None:
    for number, name in enumerate(["Bea Johannason", "Cal Anning", "Dee Ann", "Eve Hannah", "Fay Mannheim"]):
        create_student(cast.district, number, name=name, sort=f"{number}", email=f"{number}@maple.example")
    publish_projection(cast.district)
    matches = search_all(district=cast.district, schools=EVERY_SCHOOL, text="ann", limit=3)["person"]
    assert [row.values["name"] for row in matches.rows] == ["Dee Ann", "Cal Anning", "Bea Johannason"]
    assert (matches.count, matches.exact) == (5, 1)


def test_things_of_a_person_are_listed_by_the_persons_id(cast: Cast) -> None:
    for number in range(6):
        create_device(cast.district, number, holder=(7, 8, None)[number % 3])
        create_account(cast.district, number, person=(None, 7, 8)[number % 3])
    publish_projection(cast.district)
    seven = format_public_id("person", 7)
    assert list_serials(cast.district, query_all(kind="device", filters={"holder": seven})) == [
        "SN00000",
        "SN00003",
    ]
    page = get_page(
        district=cast.district,
        query=query_all(kind="account", filters={"person": seven}),
        columns=[],
    )
    assert [row.public for row in page.rows] == [format_public_id("account", number) for number in (1, 4)]
    for unknown_id in (format_public_id("person", 99), "p-nonsense", "-1"):
        assert list_serials(cast.district, query_all(kind="device", filters={"holder": unknown_id})) == []


def test_a_search_is_narrowed_and_sorted_as_a_list_is(cast: Cast) -> None:
    _create_mixed_rows(cast)
    query = query_all(
        kind="device",
        search="sn0001",
        filters={"school": "School 1"},
        sort="last_seen",
        down=True,
    )
    last_seen = {n: MORNING - timedelta(hours=n) if n % 4 else None for n in range(10, 20) if n % 3 == 1}
    latest = sorted((n for n, at in last_seen.items() if at), key=lambda n: last_seen[n] or MORNING, reverse=True)
    expected = [f"SN{n:05}" for n in ([n for n, at in last_seen.items() if not at] + latest)]
    assert list_serials(cast.district, query) == expected
    assert [row_id for page in collect_pages(cast.district, query, rows=1) for row_id in page] == [
        format_public_id("device", int(serial[2:])) for serial in expected
    ]


def test_an_old_id_leads_to_the_subject_that_it_became(cast: Cast) -> None:
    create_student(cast.district, 3)
    merge_subject(cast.district, "person", 1, into=2)
    merge_subject(cast.district, "person", 2, into=3)
    publish_projection(cast.district)
    assert find_merge_target(district=cast.district, public=format_public_id("person", 1)) == format_public_id(
        "person", 3
    )
    assert find_merge_target(district=cast.district, public=format_public_id("person", 3)) is None
    assert find_merge_target(district=cast.next_district, public=format_public_id("person", 1)) is None


@pytest.mark.parametrize("count", [3, 40])
def test_a_page_asks_the_same_number_of_questions_whatever_the_rows(cast: Cast, count: int) -> None:
    for number in range(count):
        create_device(cast.district, number)
    publish_projection(cast.district)
    query = query_all(kind="device", filters={"status": "active"})
    get_page(district=cast.district, query=query, columns=["serial"], rows=2)
    with CaptureQueriesContext(connection) as captured:
        get_page(district=cast.district, query=query, columns=["serial"], rows=2)
    assert len(captured) == 2  # the generation, the rows


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plans")
@pytest.mark.parametrize("kind", list(LISTINGS))
def test_the_rows_of_a_page_are_fetched_by_their_ids_alone(cast: Cast, kind: str) -> None:
    _create_mixed_rows(cast)
    for sort in LISTINGS[kind].sorts:
        for filters in ({}, {"school": "School 1"}, {"missing": "google"}, {"kind": "student"}):
            list_query = query_all(kind=kind, sort=sort.name, filters=filters)
            get_page(district=cast.district, query=list_query, columns=["sort"])
            with CaptureQueriesContext(connection) as captured:
                page = get_page(district=cast.district, query=list_query, columns=["sort"])
            fetched = [query["sql"] for query in captured.captured_queries if '"public"' in query["sql"]]
            assert len(fetched) == (1 if page.rows else 0)
            for sql in fetched:
                assert _explain_query(sql) == [
                    f"SEARCH {LISTINGS[kind].model._meta.db_table} USING INDEX {kind}_public (district_id=? AND "
                    f"public=?)"
                ]


def _explain_query(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
        return [row[3] for row in cursor.fetchall()]
