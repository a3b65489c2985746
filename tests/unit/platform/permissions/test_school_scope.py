"""Which rows a member of some schools sees: by the names and ids of schools, and nothing where an id is ambiguous."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL, SchoolScope, build_school_scope

SCHOOLS = {"101": ["Lincoln Elementary"], "102": ["Cedar Middle"], "cedar-2": ["Cedar Middle"]}


def build(*wanted: str, schools: dict[str, list[str]] | None = None, more_names: Sequence[str] = ()) -> SchoolScope:
    names_by_key = SCHOOLS if schools is None else schools
    names = [name for key_names in names_by_key.values() for name in key_names]
    return build_school_scope(wanted, names_by_key=names_by_key, names=[*names, *more_names])


def test_a_membership_without_schools_sees_every_row():
    assert build() is EVERY_SCHOOL
    assert EVERY_SCHOOL.includes("Cedar Middle")
    assert EVERY_SCHOOL.includes("")
    assert EVERY_SCHOOL.includes(None)


def test_a_school_is_seen_by_each_of_its_names_and_ids_however_they_are_written():
    scope = build("CEDAR middle")
    for text in ("Cedar Middle", " cedar  MIDDLE ", "102", "CEDAR-2"):
        assert scope.includes(text), text


def test_rows_of_another_school_or_of_none_are_not_seen():
    scope = build("Cedar Middle")
    for text in ("Lincoln Elementary", "101", "Cedar Middle North", "", " ", None):
        assert not scope.includes(text), text


def test_a_name_means_its_school_too_and_a_school_that_no_roster_has_is_seen_by_its_own_text():
    assert build("lincoln elementary").includes("101")
    assert build("Night School").includes("night school")
    assert not build("Night School").includes("Cedar Middle")


def test_an_id_that_two_schools_have_opens_neither():
    shared = {"1": ["Lincoln Elementary", "Cedar Middle"], "c2": ["Cedar Middle"]}
    scope = build("1", schools=shared)
    assert scope.is_limited
    for text in ("1", "Lincoln Elementary", "Cedar Middle"):
        assert not scope.includes(text), text
    named = build("Cedar Middle", schools=shared)
    assert named.includes("c2")
    assert not named.includes("1")


def test_ids_that_differ_in_case_alone_are_one_id():
    assert not build("Cedar Middle", schools={"A1": ["Lincoln"], "a1": ["Cedar Middle"]}).includes("a1")
    assert build("Cedar Middle", schools={"A1": ["Cedar Middle"], "a1": ["cedar middle"]}).includes("a1")


def test_an_id_opens_nothing_whichever_school_has_it_now():
    for schools in ({"12": ["Lincoln Elementary"]}, {"12": ["Cedar Middle"]}):
        scope = build("12", schools=schools)
        assert scope.is_limited
        assert not any(scope.includes(text) for text in ("12", "Lincoln Elementary", "Cedar Middle"))
    moved = build("Lincoln Elementary", schools={"12": ["Cedar Middle"], "7": ["Lincoln Elementary"]})
    assert [moved.includes(text) for text in ("12", "7", "Cedar Middle")] == [False, True, False]


def test_an_id_that_is_the_name_of_another_school_is_that_school():
    schools = {"north": ["Cedar Middle"], "n-1": ["North"]}
    assert build("north", schools=schools).includes("n-1")
    assert not build("north", schools=schools).includes("Cedar Middle")
    assert not build("Cedar Middle", schools=schools).includes("North")


def test_a_membership_whose_schools_are_blank_sees_nothing():
    assert not build(" ").includes("")
    assert not build(" ").includes("Cedar Middle")
