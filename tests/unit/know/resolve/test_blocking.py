"""Test which subjects seek a match: at least one of any two that may match, and the smaller side if possible."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.engines.know.resolve.matching.blocking import list_blocking_steps, list_open_subject_steps
from homeroom.engines.know.resolve.pipeline import PREFIX
from homeroom.evidence.query.steps import run_steps
from homeroom.evidence.query.temp_tables import TempTables
from tests.amounts import choose_amount

BlockingSubject = tuple[frozenset[int], frozenset[str], bool]
_SUBJECT: st.SearchStrategy[BlockingSubject] = st.tuples(
    st.frozensets(st.integers(1, 4), max_size=3),
    st.frozensets(st.sampled_from(["student", "adult"]), min_size=1),
    st.booleans(),
)
_CANDIDATES = pa.schema(
    [
        ("comp", pa.int64()),
        ("sources", pa.list_(pa.int64())),
        ("lanes", pa.list_(pa.string())),
        ("twice", pa.bool_()),
    ]
)


def select_subjects(subjects: list[BlockingSubject]) -> tuple[TempTables, dict[int, bool]]:
    """Return the tables, and for each open subject whether it seeks a match."""
    tables = TempTables(duckdb.connect(), prefix=PREFIX)
    rows = [
        {"comp": n, "sources": sorted(sources), "lanes": sorted(lanes), "twice": twice}
        for n, (sources, lanes, twice) in enumerate(subjects)
    ]
    tables.register("candidates", pa.Table.from_pylist(rows, schema=_CANDIDATES))
    run_steps(tables, list_open_subject_steps(), outputs=("open_subjects",))
    return tables, dict(tables.fetch_rows("SELECT comp, seeks FROM rz_open_subjects"))


def can_match(first: BlockingSubject, second: BlockingSubject) -> bool:
    """Check the documented rule: a lane in common, and no source in common unless both may be listed twice."""
    return bool(first[1] & second[1]) and (
        (first[2] and second[2]) or (bool(first[0] | second[0]) and not first[0] & second[0])
    )


@settings(max_examples=choose_amount(brief=20, thorough=100), deadline=None)
@given(subjects=st.lists(_SUBJECT, min_size=1, max_size=12))
def test_of_every_two_that_may_be_one_at_least_one_seeks(subjects: list[BlockingSubject]) -> None:
    _, seeks = select_subjects(subjects)
    for n, subject in enumerate(subjects):
        for m in range(n):
            if can_match(subject, subjects[m]):
                assert n in seeks
                assert m in seeks
                assert seeks[n] or seeks[m]


def test_where_nearly_all_are_in_both_lists_only_the_others_seek() -> None:
    both, console = (frozenset({1, 2}), frozenset({""}), False), (frozenset({3}), frozenset({""}), False)
    _, seeks = select_subjects([both] * 5 + [console] * 2)
    assert seeks == {0: False, 1: False, 2: False, 3: False, 4: False, 5: True, 6: True}


def test_students_are_not_open_where_only_adults_are_listed_elsewhere() -> None:
    student, adult = (frozenset({1}), frozenset({"student"}), False), (frozenset({1}), frozenset({"adult"}), False)
    employee = (frozenset({2}), frozenset({"adult"}), False)
    _, seeks = select_subjects([student] * 4 + [adult, adult, employee])
    assert set(seeks) == {4, 5, 6}


def test_of_those_who_do_not_seek_only_what_somebody_seeks_is_blocked() -> None:
    both, console = (frozenset({1, 2}), frozenset({""}), False), (frozenset({3}), frozenset({""}), False)
    tables, _ = select_subjects([both] * 3 + [console])
    tables.register("facts", pa.table({"comp": [0, 1, 2, 3], "tag": ["7", "8", None, "8"]}))
    spaces = "SELECT 'tag' AS space, tag AS value, comp, true AS whole FROM here"
    run_steps(tables, list_blocking_steps(table="facts", spaces=spaces), outputs=("blocking_keys",))
    keys = tables.fetch_rows("SELECT space, value, comp, whole FROM rz_blocking_keys ORDER BY comp")
    assert keys == [("tag", "8", 1, True), ("tag", "8", 3, True)]
