"""The inventory of a member of some schools: only rows of these schools, and nobody of another one beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.queries import (
    ListQuery,
    count_subjects,
    filter_choices,
    get_page,
    iter_list_rows,
    list_rows_of,
    search_all,
)
from homeroom.apps.know.inventory.subjects import find_subject, find_subject_row, list_belongings
from homeroom.apps.platform.districts.memberships import MemberRefused
from homeroom.apps.platform.districts.school_keys import load_school_scope
from homeroom.apps.platform.districts.school_names import list_school_choices, parse_schools
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL, SchoolScope
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.know.inventory_queries.sample_inventory import (
    create_account,
    create_device,
    create_student,
    publish_projection,
)
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("ranges of an index, SQL of the lists"),
]
CEDAR = SchoolScope(texts=frozenset({"cedar middle", "102"}))
NOWHERE = SchoolScope(texts=frozenset())
ADA, GRACE = 7, 8  # at Lincoln, at Cedar


@pytest.fixture
def cast() -> Cast:
    """A school each for Ada and Grace; Ada holds a device of Grace's school, and Grace one of Ada's."""
    cast = create_cast()
    create_student(cast.district, ADA, name="Ada Lovelace", sort="lovelace ada")
    create_student(cast.district, GRACE, name="Grace Hopper", sort="hopper grace", school="Cedar Middle")
    create_student(cast.district, 9, name="Nobody Knows", school="")
    create_account(cast.district, 1, person=ADA, name="Ada Lovelace")
    create_account(cast.district, 2, person=GRACE, name="Grace Hopper", school="Cedar Middle", directory="microsoft")
    create_device(cast.district, 1, holder=ADA, holder_name="Ada Lovelace", cart="Lincoln 1")
    create_device(cast.district, 2, holder=GRACE, holder_name="Grace Hopper", school=" CEDAR middle", cart="Cedar 1")
    create_device(cast.district, 3, holder=ADA, holder_name="Ada Lovelace", school="102", holder_left=True)
    create_device(cast.district, 4, holder_name="A Visitor", school="Cedar Middle")
    create_device(cast.district, 5, holder=GRACE, holder_name="Grace Hopper")
    create_device(cast.district, 6, school="")
    publish_projection(cast.district)
    return cast


def list_public(cast: Cast, kind: str, schools: SchoolScope, **query: Any) -> list[str]:
    columns = [column.name for column in LISTINGS[kind].columns]
    list_query = ListQuery(kind=kind, schools=schools, **query)
    page = get_page(district=cast.district, query=list_query, columns=columns)
    exported = list(iter_list_rows(district=cast.district, query=list_query, columns=columns))
    assert [row.public for row in exported] == [row.public for row in page.rows]
    assert page.count == len(page.rows)
    assert schools is EVERY_SCHOOL or not any("Ada" in str(row.values) for row in (*page.rows, *exported))
    return [row.public for row in page.rows]


def number(kind: str, *subjects: int) -> list[str]:
    return [format_public_id(kind, subject) for subject in subjects]


def test_lists_and_files_have_rows_of_the_schools_only(cast: Cast) -> None:
    assert list_public(cast, "person", CEDAR) == number("person", GRACE)
    assert list_public(cast, "account", CEDAR) == number("account", 2)
    assert list_public(cast, "device", CEDAR) == number("device", 2, 3, 4)
    assert len(list_public(cast, "device", EVERY_SCHOOL)) == 6
    assert count_subjects(district=cast.district, schools=CEDAR) == {"device": 3, "person": 1, "account": 1}
    assert all(list_public(cast, kind, NOWHERE) == [] for kind in LISTINGS)


def test_no_filter_search_or_sort_leads_to_a_row_of_another_school(cast: Cast) -> None:
    assert list_public(cast, "device", CEDAR, filters={"school": "Lincoln Elementary"}) == []
    assert list_public(cast, "device", CEDAR, filters={"cart": "Lincoln 1"}) == []
    assert list_public(cast, "person", CEDAR, search="ada") == []
    assert list_public(cast, "device", CEDAR, sort="last_seen", down=True) == number("device", 2, 3, 4)


def test_a_holder_of_another_school_is_neither_shown_nor_searched_by(cast: Cast) -> None:
    list_query = ListQuery(kind="device", schools=CEDAR)
    page = get_page(district=cast.district, query=list_query, columns=["holder", "holder_name", "holder_left"])
    assert [tuple(row.values.values()) for row in page.rows] == [
        (GRACE, "Grace Hopper", None),
        (None, "", None),
        (None, "", None),
    ]
    ada, grace = number("person", ADA, GRACE)
    assert list_public(cast, "device", CEDAR, filters={"holder": ada}) == []
    assert list_public(cast, "device", CEDAR, filters={"holder": grace}) == number("device", 2)
    assert list_public(cast, "account", CEDAR, filters={"person": ada}) == []


def test_no_filter_tells_whether_a_hidden_holder_left_or_is_known(cast: Cast) -> None:
    create_student(cast.district, 10, name="Katherine Johnson", school="Cedar Middle", left=True)
    own = {"holder": 10, "holder_name": "Katherine Johnson", "school": "Cedar Middle"}
    create_device(cast.district, 7, holder_left=True, **own)
    create_device(cast.district, 8, holder_left=False, **own)
    create_device(cast.district, 9, holder=ADA, holder_name="Ada Lovelace", school="Cedar Middle", holder_left=False)
    publish_projection(cast.district)
    answers = {
        answer: list_public(cast, "device", CEDAR, filters={"withdrawn": answer}) for answer in ("yes", "no", "unknown")
    }
    assert answers == {
        "yes": number("device", 7),
        "no": number("device", 8),
        "unknown": number("device", 2, 3, 4, 9),
    }
    everywhere = list_public(cast, "device", EVERY_SCHOOL, filters={"withdrawn": "yes"})
    assert everywhere == number("device", 3, 7)


def test_filters_offer_what_rows_of_the_schools_have(cast: Cast) -> None:
    def list_values(kind: str, schools: SchoolScope) -> dict[str, tuple[str, ...]]:
        choices = filter_choices(district=cast.district, kind=kind, schools=schools)
        return {choice.name: choice.values for choice in choices}

    assert list_values("device", CEDAR)["cart"] == ("Cedar 1",)
    assert set(list_values("device", CEDAR)["school"]) == {" CEDAR middle", "102", "Cedar Middle"}
    assert list_values("account", CEDAR)["directory"] == ("microsoft",)
    assert list_values("account", EVERY_SCHOOL)["directory"] == ("google", "microsoft")
    assert list_values("account", CEDAR)["in"] == ("google",)
    assert list_values("account", CEDAR)["enabled"] == ("yes", "no", "unknown")


def test_a_search_counts_and_ranks_rows_of_the_schools_only(cast: Cast) -> None:
    def count(text: str, schools: SchoolScope) -> dict[str, int]:
        results = search_all(district=cast.district, text=text, schools=schools)
        return {kind: matches.count for kind, matches in results.items()}

    assert count("lovelace", EVERY_SCHOOL) == {"device": 0, "person": 1, "account": 1}
    assert count("lovelace", CEDAR) == {"device": 0, "person": 0, "account": 0}
    assert count("hopper", CEDAR) == {"device": 0, "person": 1, "account": 1}
    assert count("sn00001", CEDAR)["device"] == 0


def test_a_subject_of_another_school_is_not_there(cast: Cast) -> None:
    (ada, grace), (near, far) = number("person", ADA, GRACE), number("device", 3, 1)
    assert find_subject(district=cast.district, public=ada, schools=CEDAR) is None
    assert find_subject(district=cast.district, public=far, schools=CEDAR) is None
    assert find_subject(district=cast.district, public=grace, schools=CEDAR) is not None
    device = find_subject(district=cast.district, public=near, schools=CEDAR)
    assert device is not None
    assert (device.values["holder"], device.values["holder_name"]) == (None, "")
    assert find_subject_row(district=cast.district, kind="person", subject=ADA, schools=CEDAR) is None
    assert find_subject_row(district=cast.district, kind="person", subject=GRACE, schools=CEDAR) is not None
    rows = list_rows_of(district=cast.district, kind="device", subjects=[1, 2, 6], columns=["serial"], schools=CEDAR)
    assert [row.public for row in rows] == number("device", 2)


def test_what_belongs_to_a_person_is_of_the_schools_too(cast: Cast) -> None:
    belongings = list_belongings(district=cast.district, person=GRACE, schools=CEDAR)
    assert [row.public for row in belongings["device"]] == number("device", 2)
    assert len(list_belongings(district=cast.district, person=GRACE, schools=EVERY_SCHOOL)["device"]) == 2


def test_the_schools_of_a_membership_are_those_of_the_loaded_rosters(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    assert load_school_scope(district=cast.district, schools=()) is EVERY_SCHOOL
    assert load_school_scope(district=cast.district, schools=("Cedar Middle",)).texts == {"cedar middle"}
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    orgs = [
        {"key": "102", "name": "Cedar Middle", "kind": "school"},
        {"key": "101", "name": "Lincoln Elementary", "kind": "school"},
        {"key": "100", "name": "Maple Valley Unified", "kind": "district"},
    ]
    publish_load(store, "oneroster", "oneroster.bundle", "orgs", orgs, at=datetime(2026, 1, 15, tzinfo=UTC))
    assert load_school_scope(district=cast.district, schools=("Cedar Middle",)) == CEDAR
    assert load_school_scope(district=cast.district, schools=("102",)) == NOWHERE
    assert parse_schools(district=cast.district, texts=["cedar middle"]) == ("Cedar Middle",)
    assert parse_schools(district=cast.district, texts=["102"]) == ("Cedar Middle",)


def test_schools_that_share_an_id_are_chosen_and_seen_by_their_names(cast: Cast, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    at = datetime(2026, 1, 15, tzinfo=UTC)
    for source, name in (("oneroster", "Cedar Middle"), ("csv", "Lincoln Elementary")):
        orgs = [{"key": "1", "name": name, "kind": "school"}]
        publish_load(store, source, f"{source}.bundle", "orgs", orgs, at=at)
    choices = list_school_choices(district=cast.district)
    assert choices == ("Cedar Middle", "Lincoln Elementary")
    schools = parse_schools(district=cast.district, texts=["cedar middle"])
    assert load_school_scope(district=cast.district, schools=schools).texts == {"cedar middle"}
    with pytest.raises(MemberRefused, match="“1” is the id of several schools"):
        parse_schools(district=cast.district, texts=["1"])
