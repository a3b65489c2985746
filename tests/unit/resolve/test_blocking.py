"""Test which subjects seek a match: at least one of any two that may match, and the smaller side if possible."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.engines.resolve.matching.blocking import build_blocking_keys, select_open_subjects
from homeroom.engines.resolve.shared.sql import register_temp_table as told

BlockingSubject = tuple[frozenset[int], frozenset[str], bool]
_SUBJECT: st.SearchStrategy[BlockingSubject] = st.tuples(
    st.frozensets(st.integers(1, 4), max_size=3),
    st.frozensets(st.sampled_from(["pupil", "adult"]), min_size=1),
    st.booleans(),
)
_SETS = pa.schema(
    [
        ("comp", pa.int64()),
        ("standing", pa.list_(pa.int64())),
        ("lanes", pa.list_(pa.string())),
        ("twice", pa.bool_()),
    ]
)


def open_blocking_session(subjects: list[BlockingSubject]) -> tuple[duckdb.DuckDBPyConnection, dict[int, bool]]:
    """Return a session, and for each open subject whether it seeks a match."""
    session = duckdb.connect()
    rows = [
        {"comp": n, "standing": sorted(sources), "lanes": sorted(lanes), "twice": twice}
        for n, (sources, lanes, twice) in enumerate(subjects)
    ]
    told(session, "sets", pa.Table.from_pylist(rows, schema=_SETS))
    select_open_subjects(session)
    return session, dict(session.execute("SELECT comp, seeks FROM rz_open").fetchall())


def can_match(first: BlockingSubject, second: BlockingSubject) -> bool:
    """Check the documented rule: a lane in common, and no source in common unless both may be listed twice."""
    return bool(first[1] & second[1]) and (
        (first[2] and second[2]) or (bool(first[0] | second[0]) and not first[0] & second[0])
    )


@settings(max_examples=50, deadline=None)
@given(subjects=st.lists(_SUBJECT, min_size=1, max_size=12))
def test_of_every_two_that_may_be_one_at_least_one_seeks(subjects: list[BlockingSubject]) -> None:
    _, seeks = open_blocking_session(subjects)
    for n, subject in enumerate(subjects):
        for m in range(n):
            if can_match(subject, subjects[m]):
                assert n in seeks
                assert m in seeks
                assert seeks[n] or seeks[m]


def test_where_nearly_all_are_in_both_lists_only_the_others_seek() -> None:
    both, console = (frozenset({1, 2}), frozenset({""}), False), (frozenset({3}), frozenset({""}), False)
    _, seeks = open_blocking_session([both] * 5 + [console] * 2)
    assert seeks == {0: False, 1: False, 2: False, 3: False, 4: False, 5: True, 6: True}


def test_pupils_are_not_open_where_only_adults_are_listed_elsewhere() -> None:
    pupil, adult = (frozenset({1}), frozenset({"pupil"}), False), (frozenset({1}), frozenset({"adult"}), False)
    employee = (frozenset({2}), frozenset({"adult"}), False)
    _, seeks = open_blocking_session([pupil] * 4 + [adult, adult, employee])
    assert set(seeks) == {4, 5, 6}


def test_of_those_who_do_not_seek_only_what_somebody_seeks_is_blocked() -> None:
    both, console = (frozenset({1, 2}), frozenset({""}), False), (frozenset({3}), frozenset({""}), False)
    session, _ = open_blocking_session([both] * 3 + [console])
    told(session, "facts", pa.table({"comp": [0, 1, 2, 3], "tag": ["7", "8", None, "8"]}))
    build_blocking_keys(
        session, table="facts", spaces="SELECT 'tag' AS space, tag AS value, comp, true AS whole FROM here"
    )
    blocks = session.execute("SELECT space, value, comp, whole FROM rz_block ORDER BY comp").fetchall()
    assert blocks == [("tag", "8", 1, True), ("tag", "8", 3, True)]
