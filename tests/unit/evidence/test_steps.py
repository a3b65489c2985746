"""Test the steps of an engine: their order, the tables that they may name, and when a table is dropped."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from homeroom.evidence.query.steps import (
    Step,
    find_order_problems,
    find_unused_reads,
    iter_steps,
    list_unneeded_tables,
    run_steps,
)
from homeroom.evidence.query.temp_tables import TempTables, UndeclaredTable

COUNT_STUDENTS = Step(
    name="count students",
    reads=("students",),
    writes=("counts",),
    sql="SELECT school, count(*) AS students FROM tt_students GROUP BY school",
)
RANK_SCHOOLS = Step(
    name="rank schools",
    reads=("counts",),
    writes=("ranks",),
    sql="SELECT school, row_number() OVER (ORDER BY students DESC) AS rank FROM tt_counts",
)


def open_tables() -> TempTables:
    tables = TempTables(duckdb.connect(), prefix="tt_")
    tables.register("students", pa.table({"school": ["North", "North", "South"]}))
    return tables


def test_steps_run_in_order_and_leave_only_the_outputs() -> None:
    tables = open_tables()
    run_steps(tables, (COUNT_STUDENTS, RANK_SCHOOLS), outputs=("ranks",))
    assert tables.fetch_rows("SELECT school, rank FROM tt_ranks ORDER BY rank") == [("North", 1), ("South", 2)]
    assert tables.names == {"ranks"}


def test_a_table_is_dropped_after_the_last_step_that_reads_it() -> None:
    assert list_unneeded_tables((COUNT_STUDENTS, RANK_SCHOOLS), outputs=("ranks",)) == [{"students"}, {"counts"}]


def test_a_table_that_is_written_again_is_dropped_before() -> None:
    again = Step(name="count again", writes=("counts",), sql="SELECT 'East' AS school, 1 AS students")
    unneeded = list_unneeded_tables((COUNT_STUDENTS, RANK_SCHOOLS, again, RANK_SCHOOLS), outputs=("ranks",))
    assert unneeded == [{"students"}, {"counts", "ranks"}, frozenset(), {"counts"}]


def test_a_step_that_reads_what_was_not_written_is_refused_with_its_name() -> None:
    with pytest.raises(UndeclaredTable, match="rank schools reads counts, which no step before it wrote"):
        run_steps(open_tables(), (RANK_SCHOOLS,))


def test_a_query_that_names_a_table_which_its_step_does_not_declare_is_refused() -> None:
    careless = Step(name="careless", writes=("copy",), sql="SELECT * FROM tt_students")
    with pytest.raises(UndeclaredTable, match="careless names students, which it does not declare"):
        run_steps(open_tables(), (careless,))


def test_a_step_may_not_replace_a_table_that_it_does_not_declare() -> None:
    careless = Step(
        name="careless", writes=("copy",), run=lambda tables: tables.create("students", "SELECT 1 AS school")
    )
    with pytest.raises(UndeclaredTable, match="careless would replace students"):
        run_steps(open_tables(), (careless,))


def test_what_a_function_creates_beside_its_tables_is_dropped_when_it_ends() -> None:
    def count_twice(tables: TempTables) -> None:
        tables.create_view("doubled", "SELECT school FROM tt_students UNION ALL SELECT school FROM tt_students")
        tables.register_view("factor", pa.table({"factor": [2]}))
        tables.create("counts", "SELECT count(*) * any_value(factor) AS students FROM tt_doubled, tt_factor")

    tables = open_tables()
    step = Step(name="count twice", reads=("students",), writes=("counts",), run=count_twice)
    run_steps(tables, (step,), outputs=("students", "counts"))
    assert tables.fetch_rows("SELECT students FROM tt_counts") == [(12,)]
    assert tables.names == {"students", "counts"}


def test_a_step_that_fails_leaves_no_table_of_its_own() -> None:
    def fail(tables: TempTables) -> None:
        tables.create("scratch", "SELECT 1 AS n")
        raise ZeroDivisionError

    tables = open_tables()
    with pytest.raises(ZeroDivisionError):
        run_steps(tables, (Step(name="fail", writes=("never",), run=fail),))
    assert tables.names == {"students"}


def test_a_statement_changes_its_table() -> None:
    statement = Step(
        name="add a student",
        reads=("students",),
        writes=("students",),
        sql="INSERT INTO tt_students SELECT 'East'",
    )
    tables = open_tables()
    run_steps(tables, (statement,), outputs=("students",))
    assert tables.fetch_number("SELECT count(*) FROM tt_students") == 4


def test_a_step_whose_condition_is_false_does_not_run_and_leaves_its_table() -> None:
    condition = "SELECT count(*) > 99 FROM tt_students"
    larger = Step(
        name="merge large schools", reads=("students",), writes=("students",), steps=(RENAME, MOVE), when=condition
    )
    tables = open_tables()
    run_steps(tables, (larger,), outputs=("students",))
    assert tables.fetch_number("SELECT count(*) FROM tt_students WHERE school = 'West'") == 0


def test_the_parts_of_a_larger_step_share_tables_that_nobody_else_sees() -> None:
    larger = Step(name="merge schools", reads=("students",), writes=("students",), steps=(RENAME, MOVE))
    tables = open_tables()
    run_steps(tables, (larger,), outputs=("students",))
    assert tables.fetch_number("SELECT count(*) FROM tt_students WHERE school = 'West'") == 3
    assert tables.names == {"students"}
    assert find_order_problems((larger,), inputs=("students",), outputs=("students",)) == ()


RENAME = Step(name="rename", reads=("students",), writes=("renamed",), sql="SELECT 'West' AS school FROM tt_students")
MOVE = Step(name="move", reads=("renamed",), writes=("students",), sql="SELECT school FROM tt_renamed")


def test_problems_of_the_order_are_seen_without_running_a_step() -> None:
    assert find_order_problems((RANK_SCHOOLS, COUNT_STUDENTS), inputs=("students",), outputs=("ranks",)) == (
        "rank schools reads counts, which no step before it writes",
        "count students writes counts, which no step after it reads",
    )
    hidden = Step(name="hidden", writes=("ranks",), steps=(RANK_SCHOOLS,))
    assert find_order_problems((hidden,), outputs=("ranks", "totals")) == (
        "rank schools reads counts, which no step before it writes",
        "no step writes the output totals",
    )


def test_a_step_has_one_body_and_a_select_one_table() -> None:
    with pytest.raises(ValueError, match="has 0 of sql, run and steps"):
        Step(name="empty", writes=("a",))
    with pytest.raises(ValueError, match="writes 2 tables"):
        Step(name="double", writes=("a", "b"), sql="SELECT 1")


def test_steps_are_listed_with_their_depth() -> None:
    larger = Step(name="merge schools", reads=("students",), writes=("students",), steps=(RENAME, MOVE))
    assert [(depth, step.name) for depth, step in iter_steps((larger, COUNT_STUDENTS))] == [
        (0, "merge schools"), (1, "rename"), (1, "move"), (0, "count students"),
    ]  # fmt: skip


def test_what_the_sql_of_a_step_names_and_what_it_declares_are_compared() -> None:
    careless = Step(name="careless", reads=("ranks",), writes=("copy",), sql="SELECT * FROM tt_students")
    assert find_unused_reads((COUNT_STUDENTS, careless), prefix="tt_") == (
        "careless declares ranks, which its SQL does not name",
        "careless names students, which it does not declare",
    )
