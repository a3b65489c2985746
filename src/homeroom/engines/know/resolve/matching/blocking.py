"""Blocking: select pairs of subjects that share a value, counted and capped before any pair is compared.

Needs rz_candidates: for each component the sources that carry it now, the lanes (kinds that it may be) and `twice`.
Two subjects may be the same only where they share a lane, and no source carries both or `twice` is true of both (a list
whose rows have no identity of their own may hold a person twice).
"""

from __future__ import annotations

import pyarrow as pa

from homeroom.engines.know.resolve.shared.components import IntArray
from homeroom.engines.know.resolve.shared.words import quote_sql_list
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

MAX_PAIRS = 1_500_000
"""Maximum number of scored pairs; the values with the most subjects are left out first."""
PARTIAL_SPACES = ("prefixed", "tagged", "token", "numbered", "spelt")
"""Spaces in which a part of one side's value meets the other's full value, such as a name that contains a tag."""
MAX_BLOCK_SIZE = 400
"""A value that more subjects than this share generates no pair."""


def list_open_subject_steps() -> tuple[Step, ...]:
    """Build rz_open_subjects (comp, seeks): subjects that could have a match.

    Needs rz_candidates. In every possible pair at least one subject `seeks`; the seeking subjects are as few as can be
    found. Where each device is in a console and in the asset list except for some hundreds, those hundreds seek, and
    only the values that they have are read from the others.
    """
    return (
        Step(
            name="group candidates by their sources",
            reads=("candidates",),
            writes=("candidate_groups",),
            sql="""SELECT row_number() OVER (ORDER BY sources, lanes, twice) - 1 AS number, * FROM (
            SELECT sources, lanes, twice, count(*) AS c FROM rz_candidates GROUP BY ALL)""",
        ),
        Step(
            name="select the groups that seek matches",
            reads=("candidate_groups",),
            writes=("seeking_groups",),
            run=_select_seeking_groups,
        ),
        Step(
            name="select the subjects that could have a match",
            reads=("candidates", "candidate_groups", "seeking_groups"),
            writes=("open_subjects",),
            sql="""SELECT s.comp, k.seeks FROM rz_candidates s JOIN rz_candidate_groups t ON t.sources = s.sources
            AND t.lanes = s.lanes AND t.twice = s.twice
        JOIN rz_seeking_groups k USING (number)""",
        ),
    )


def _select_seeking_groups(tables: TempTables) -> None:
    left, right = tables.fetch_arrays(
        """SELECT a.number, b.number FROM rz_candidate_groups a JOIN rz_candidate_groups b ON a.number <= b.number
            AND list_has_any(a.lanes, b.lanes) AND (a.twice AND b.twice
                OR NOT list_has_any(a.sources, b.sources) AND (len(a.sources) > 0 OR len(b.sources) > 0))"""
    )
    (sizes,) = tables.fetch_arrays("SELECT c FROM rz_candidate_groups ORDER BY number")
    tables.register("seeking_groups", _select_seeking_sets(sizes, left, right))


def _select_seeking_sets(sizes: IntArray, left: IntArray, right: IntArray) -> pa.Table:
    """Return (number, seeks) of each set that has a partner.

    The largest sets, one after the other, need not seek unless one of their partners already does not.
    """
    partners: dict[int, set[int]] = {}
    for number, partner in zip(left.tolist(), right.tolist(), strict=True):
        partners.setdefault(number, set()).add(partner)
        partners.setdefault(partner, set()).add(number)
    passive: set[int] = set()
    for number in sorted(partners, key=lambda candidate: (-sizes[candidate], candidate)):
        if number not in partners[number] and not partners[number] & passive:
            passive.add(number)
    numbers = sorted(partners)
    return pa.table(
        {
            "number": pa.array(numbers, pa.int64()),
            "seeks": pa.array([number not in passive for number in numbers], pa.bool_()),
        }
    )


def list_blocking_steps(*, table: str, spaces: str, reads: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """Build rz_blocking_keys (space, value, comp, whole) from seeking subjects, and from others with the same values.

    `spaces` is SQL that yields these columns from `here`, the rows of rz_<table> (with a column `comp`); `reads` names
    other tables that it reads.
    """
    rows = f"""WITH here AS (SELECT h.* FROM rz_{table} h JOIN rz_open_subjects o USING (comp) WHERE o.seeks = {{}}),
        every AS ({spaces})
        SELECT space, value, comp, bool_or(whole) AS whole FROM every {{}} WHERE value IS NOT NULL GROUP BY ALL"""
    return (
        Step(
            name=f"list the values of {table} that seek matches",
            reads=(table, "open_subjects", *reads),
            writes=("blocking_keys",),
            sql=rows.format("true", ""),
        ),
        Step(
            name=f"list the same values of other {table}",
            reads=(table, "open_subjects", "blocking_keys", *reads),
            writes=("other_keys",),
            sql=rows.format("false", "SEMI JOIN rz_blocking_keys s USING (space, value)"),
        ),
        Step(
            name=f"add the values of other {table}",
            reads=("blocking_keys", "other_keys"),
            writes=("blocking_keys",),
            sql="INSERT INTO rz_blocking_keys SELECT * FROM rz_other_keys",
        ),
    )


_LARGEST_BLOCK_SQL = f"""(SELECT coalesce(max(c), 0) FROM (
    SELECT c, sum(pairs) OVER (ORDER BY c)::BIGINT AS so_far
    FROM (SELECT c, sum(c * (c - 1) / 2) AS pairs FROM rz_shared_keys GROUP BY c)) WHERE so_far <= {MAX_PAIRS})"""
"""SQL for the largest block size whose pairs, with those of all smaller blocks, stay within MAX_PAIRS."""


def list_pair_steps(*, spaces: tuple[str, ...]) -> tuple[Step, ...]:
    """Build rz_pairs (a, b, and a column for each space) from rz_blocking_keys and rz_candidates.

    A space's column is the frequency of the shared value, or null: the largest number of subjects of one source that
    carry the value; 1 where each source has it once. In PARTIAL_SPACES a part of one side's value must meet the full
    value of the other: two equal full values share nothing there.
    """
    columns = ", ".join(f"min(most) FILTER (space = '{space}') AS {space}" for space in spaces)
    return (
        Step(
            name="find values that several candidates share",
            reads=("blocking_keys",),
            writes=("shared_keys",),
            sql=f"""SELECT * FROM (SELECT space, value, count(DISTINCT comp) AS c FROM rz_blocking_keys
            GROUP BY space, value)
        WHERE c BETWEEN 2 AND {MAX_BLOCK_SIZE}""",
        ),
        Step(
            name="count shared values in each source",
            reads=("blocking_keys", "candidates", "shared_keys"),
            writes=("shared_keys",),
            sql=f"""SELECT s.*, m.most, s.space IN ({quote_sql_list(PARTIAL_SPACES)}) AS crosswise FROM rz_shared_keys s
            JOIN (SELECT space, value, max(n)::BIGINT AS most FROM (
            SELECT space, value, source, count(DISTINCT comp) AS n FROM (
                SELECT b.space, b.value, b.comp, unnest(CASE WHEN len(p.sources) > 0 THEN p.sources
                    ELSE [-1] END) AS source
                FROM rz_blocking_keys b SEMI JOIN rz_shared_keys s ON s.space = b.space AND s.value = b.value
                    JOIN rz_candidates p USING (comp))
            GROUP BY ALL) GROUP BY ALL) m USING (space, value)""",
        ),
        Step(
            name="pair candidates that share a value",
            reads=("blocking_keys", "candidates", "shared_keys"),
            writes=("pairs",),
            sql=f"""SELECT a, b, {columns} FROM (
            SELECT x.comp AS a, y.comp AS b, s.space, s.most FROM rz_shared_keys s
            JOIN rz_blocking_keys x ON x.space = s.space AND x.value = s.value
            JOIN rz_blocking_keys y ON y.space = s.space AND y.value = s.value
            WHERE s.c <= {_LARGEST_BLOCK_SQL} AND x.comp < y.comp AND (x.whole OR y.whole) AND (NOT s.crosswise
                OR x.whole <> y.whole))
        JOIN rz_candidates p ON p.comp = a JOIN rz_candidates q ON q.comp = b
        WHERE (NOT list_has_any(p.sources, q.sources) OR p.twice AND q.twice) AND (len(p.sources) > 0
            OR len(q.sources) > 0)
        GROUP BY a, b""",
        ),
    )
