"""The inventory's lists: what they hold, how they are narrowed, and what a page of them reads."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homeroom.apps.inventory.listed import FOLDER
from homeroom.apps.inventory.listings import LISTINGS
from homeroom.apps.inventory.models import Device
from homeroom.apps.inventory.queries import Ask, every, everywhere, page_of
from homeroom.apps.inventory.subjects import merged_into, subject
from homeroom.domain.ids import public_id
from tests.apps.inventory_queries.district import MORNING, account, device, merged, person, published
from tests.cast import Cast, gather

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return gather()


def serials(district: Any, ask: Ask, rows: int = 50) -> list[str]:
    return [row.values["serial"] for row in page_of(district=district, ask=ask, columns=["serial"], rows=rows).rows]


def walked(district: Any, ask: Ask, *, rows: int) -> list[list[str]]:
    """Every page of a list, forward."""
    pages, cursor = [], ""
    for _ in range(100):
        asked = Ask(kind=ask.kind, filters=ask.filters, search=ask.search, sort=ask.sort, down=ask.down, cursor=cursor)
        page = page_of(district=district, ask=asked, columns=["sort"], rows=rows)
        pages.append([row.public for row in page.rows])
        cursor = page.after
        if not cursor:
            return pages
    raise AssertionError("the list never ends")


def test_a_stranger_sees_nothing_of_the_district(cast: Cast) -> None:
    device(cast.district, 1)
    published(cast.district)
    published(cast.next_district)
    assert serials(cast.next_district, Ask(kind="device")) == []
    assert serials(cast.district, Ask(kind="device")) == ["SN00001"]
    assert subject(district=cast.next_district, public=public_id("device", 1)) is None


def test_a_row_of_an_unpublished_or_closed_generation_is_not_there(cast: Cast) -> None:
    device(cast.district, 1, opened=3)
    device(cast.district, 2, closed=2)
    device(cast.district, 3, closed=3)
    published(cast.district, generation=2)
    assert serials(cast.district, Ask(kind="device")) == ["SN00003"]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize(
    ("kind", "sort"), [(kind, sort.name) for kind, listing in LISTINGS.items() for sort in listing.sorts]
)
def test_every_sort_pages_through_all_rows_once_and_back_the_same_way(
    cast: Cast, kind: str, sort: str, down: bool
) -> None:
    _mixed(cast)
    ask = Ask(kind=kind, sort=sort, down=down)
    pages = walked(cast.district, ask, rows=7)
    seen = [public for page in pages for public in page]
    assert len(seen) == len(set(seen)) == 40
    assert seen == [row.public for row in every(district=cast.district, ask=ask, columns=["sort"])]
    assert _back(cast, ask, rows=7, pages=len(pages)) == pages


def _back(cast: Cast, ask: Ask, *, rows: int, pages: int) -> list[list[str]]:
    cursor, before = "", ""
    for _ in range(pages):
        page = page_of(district=cast.district, ask=_at(ask, cursor), columns=["sort"], rows=rows)
        cursor, before = page.after or cursor, page.before
    found = [[row.public for row in page.rows]]
    while before:
        page = page_of(district=cast.district, ask=_at(ask, before), columns=["sort"], rows=rows)
        found.append([row.public for row in page.rows])
        before = page.before
    return found[::-1]


def _at(ask: Ask, cursor: str) -> Ask:
    return Ask(kind=ask.kind, filters=ask.filters, sort=ask.sort, down=ask.down, cursor=cursor)


def _mixed(cast: Cast) -> None:
    """Forty of each kind, with equal sort keys and empty dates among them, in no order."""
    dice = random.Random(5)
    for number in dice.sample(range(40), 40):
        unset = number % 4 == 0
        device(
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
        person(
            cast.district,
            number,
            sort=f"name {number % 5}",
            school=f"School {number % 3}",
            left=number % 7 == 0,
            sources=("google oneroster", "oneroster")[number % 2],
            email=f"p{number % 9}@maple.example",
        )
        account(
            cast.district, number, sort=f"name {number % 5}", school=f"School {number % 3}", enabled=number % 3 != 0
        )
    published(cast.district)


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
    _mixed(cast)
    ask = Ask(kind="device", filters=filters, sort=sort, down=down)
    pages = walked(cast.district, ask, rows=4)
    found = [public for page in pages for public in page]
    every_one = [public for page in walked(cast.district, replace(ask, filters={}), rows=40) for public in page]
    meant = {public_id("device", number) for number in range(40) if wanted(number)}
    assert found == [public for public in every_one if public in meant]
    assert _back(cast, ask, rows=4, pages=len(pages)) == pages
    assert page_of(district=cast.district, ask=ask, columns=[]).count == len(meant)


def test_rows_that_are_laid_out_are_asked_of_no_database_but_for_those_of_the_page(cast: Cast) -> None:
    _mixed(cast)
    ask = Ask(kind="device", filters={"status": "repair"}, sort="last_seen")
    first = page_of(district=cast.district, ask=ask, columns=["serial"], rows=5)
    Device.objects.of(cast.district).update(status="active", last_seen=None)
    again = page_of(district=cast.district, ask=ask, columns=["serial"], rows=5)
    assert (again, again.count) == (first, 13)
    published(cast.district)
    assert page_of(district=cast.district, ask=ask, columns=["serial"], rows=5).count == 0


def test_what_is_laid_out_holds_no_name(cast: Cast) -> None:
    person(cast.district, 1, name="Ada Lovelace", sort="lovelace ada", email="ada@maple.example", homeroom="Room 7")
    account(cast.district, 2, name="Ada L", sort="ada@maple.example", email="ada@maple.example", person=1)
    device(cast.district, 3, holder=1, holder_name="Ada Lovelace", serial="ADA1", sort="ada1")
    stands = published(cast.district)
    for kind in LISTINGS:
        assert page_of(district=cast.district, ask=Ask(kind=kind), columns=[]).total == 1
    files = list((settings.DATA / "evidence" / cast.district.slug / FOLDER / stands.derived).glob("*.arrow"))
    assert len(files) == 3
    assert not any(word in path.read_bytes().lower() for path in files for word in (b"ada", b"lovelace", b"room 7"))


def test_a_cursor_of_another_question_or_of_nobody_begins_anew(cast: Cast) -> None:
    _mixed(cast)
    page = page_of(district=cast.district, ask=Ask(kind="device"), columns=["serial"], rows=5)
    other = Ask(kind="device", sort="school", cursor=page.after)
    assert page_of(district=cast.district, ask=other, columns=["serial"], rows=5).before == ""
    forged = Ask(kind="device", cursor="bm90IG91cnM")
    assert page_of(district=cast.district, ask=forged, columns=["serial"], rows=5).rows == page.rows


def test_a_cursor_stays_in_its_generation_while_the_next_is_published(cast: Cast) -> None:
    _mixed(cast)
    first = page_of(district=cast.district, ask=Ask(kind="device"), columns=["serial"], rows=39)
    device(cast.district, 99, opened=3, sort="zzz")
    published(cast.district, generation=3)
    rest = page_of(district=cast.district, ask=Ask(kind="device", cursor=first.after), columns=["serial"], rows=39)
    assert len(rest.rows) == 1
    assert rest.rows[0].values["serial"] != "SN00099"
    assert rest.total == 40


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("sort", ["name", "last_seen"])
def test_a_cursor_of_a_generation_that_is_gone_goes_on_after_its_row(cast: Cast, sort: str, down: bool) -> None:
    _mixed(cast)
    ask = Ask(kind="device", sort=sort, down=down)
    before = [row.public for row in every(district=cast.district, ask=ask, columns=[])]
    first = page_of(district=cast.district, ask=ask, columns=[], rows=20)
    for number in (97, 98, 99):
        device(cast.district, number, opened=3, sort=f"name {number % 5}")
    gone = [before[3], before[30]]
    Device.objects.of(cast.district).filter(public__in=gone).update(closed=4)
    published(cast.district, generation=4)
    now = [row.public for row in every(district=cast.district, ask=ask, columns=[])]
    rest = page_of(district=cast.district, ask=replace(ask, cursor=first.after), columns=[])
    assert [row.public for row in rest.rows] == now[now.index(before[19]) + 1 :]
    Device.objects.of(cast.district).filter(public=before[19]).update(closed=5)
    published(cast.district, generation=6)
    rest = page_of(district=cast.district, ask=replace(ask, cursor=first.after), columns=[])
    assert set(before[21:]) - set(gone) <= {row.public for row in rest.rows}


def test_an_emptied_list_has_an_empty_page_for_a_cursor_of_before(cast: Cast) -> None:
    _mixed(cast)
    first = page_of(district=cast.district, ask=Ask(kind="device"), columns=[], rows=20)
    Device.objects.of(cast.district).delete()
    published(cast.district, generation=9)
    page = page_of(district=cast.district, ask=Ask(kind="device", cursor=first.after), columns=[])
    assert (page.rows, page.count, page.total, page.after) == ((), 0, 0, "")


def test_any_identifier_finds_its_subject_by_its_beginning(cast: Cast) -> None:
    device(cast.district, 12345)
    device(cast.district, 12399)
    person(cast.district, 7, name="Lovelace Ada")
    published(cast.district)
    assert serials(cast.district, Ask(kind="device", search="sn1234")) == ["SN12345"]
    assert serials(cast.district, Ask(kind="device", search=" SN123 ")) == ["SN12345", "SN12399"]
    assert serials(cast.district, Ask(kind="device", search="n123")) == []
    found = everywhere(district=cast.district, text="Ada Lovelace")
    assert [row.public for row in found["person"]] == [public_id("person", 7)]
    assert found["device"] == ()


def test_things_of_a_person_are_listed_by_the_persons_id(cast: Cast) -> None:
    for number in range(6):
        device(cast.district, number, holder=(7, 8, None)[number % 3])
        account(cast.district, number, person=(None, 7, 8)[number % 3])
    published(cast.district)
    seven = public_id("person", 7)
    assert serials(cast.district, Ask(kind="device", filters={"holder": seven})) == ["SN00000", "SN00003"]
    found = page_of(district=cast.district, ask=Ask(kind="account", filters={"person": seven}), columns=[])
    assert [row.public for row in found.rows] == [public_id("account", number) for number in (1, 4)]
    for nobody in (public_id("person", 99), "p-nonsense", "-1"):
        assert serials(cast.district, Ask(kind="device", filters={"holder": nobody})) == []


def test_a_search_is_narrowed_and_sorted_as_a_list_is(cast: Cast) -> None:
    _mixed(cast)
    ask = Ask(kind="device", search="sn0001", filters={"school": "School 1"}, sort="last_seen", down=True)
    seen = {n: MORNING - timedelta(hours=n) if n % 4 else None for n in range(10, 20) if n % 3 == 1}
    latest = sorted((n for n, at in seen.items() if at), key=lambda n: seen[n] or MORNING, reverse=True)
    wanted = [f"SN{n:05}" for n in ([n for n, at in seen.items() if not at] + latest)]
    assert serials(cast.district, ask) == wanted
    assert [one for page in walked(cast.district, ask, rows=1) for one in page] == [
        public_id("device", int(serial[2:])) for serial in wanted
    ]


def test_an_old_id_leads_to_the_subject_that_it_became(cast: Cast) -> None:
    person(cast.district, 3)
    merged(cast.district, "person", 1, into=2)
    merged(cast.district, "person", 2, into=3)
    published(cast.district)
    assert merged_into(district=cast.district, public=public_id("person", 1)) == public_id("person", 3)
    assert merged_into(district=cast.district, public=public_id("person", 3)) is None
    assert merged_into(district=cast.next_district, public=public_id("person", 1)) is None


@pytest.mark.parametrize("many", [3, 40])
def test_a_page_asks_the_same_number_of_questions_whatever_the_rows(cast: Cast, many: int) -> None:
    for number in range(many):
        device(cast.district, number)
    published(cast.district)
    ask = Ask(kind="device", filters={"status": "active"})
    page_of(district=cast.district, ask=ask, columns=["serial"], rows=2)
    with CaptureQueriesContext(connection) as asked:
        page_of(district=cast.district, ask=ask, columns=["serial"], rows=2)
    assert len(asked) == 2  # the generation, the rows


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's query plans")
@pytest.mark.parametrize("kind", list(LISTINGS))
def test_the_rows_of_a_page_are_fetched_by_their_ids_alone(cast: Cast, kind: str) -> None:
    _mixed(cast)
    for sort in LISTINGS[kind].sorts:
        for filters in ({}, {"school": "School 1"}, {"missing": "google"}, {"kind": "student"}):
            ask = Ask(kind=kind, sort=sort.name, filters=filters)
            page_of(district=cast.district, ask=ask, columns=["sort"])
            with CaptureQueriesContext(connection) as asked:
                page = page_of(district=cast.district, ask=ask, columns=["sort"])
            fetched = [query["sql"] for query in asked.captured_queries if '"public"' in query["sql"]]
            assert len(fetched) == (1 if page.rows else 0)
            for sql in fetched:
                assert _plan(sql) == [
                    f"SEARCH {LISTINGS[kind].model._meta.db_table} USING INDEX {kind}_public (district_id=? AND public=?)"
                ]


def _plan(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
        return [row[3] for row in cursor.fetchall()]
