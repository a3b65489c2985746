"""Blocking: select pairs of subjects that share a value, counted and capped before any pair is compared.

Needs rz_sets: for each component the sources that carry it now, the lanes (kinds that it may be) and `twice`. Two
subjects may be the same only where they share a lane, and no source carries both or `twice` is true of both (a list
whose rows have no identity of their own may hold a person twice).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from homeroom.engines.resolve.shared.components import IntArray
from homeroom.engines.resolve.shared.sql import (
    create_temp_table,
    drop_temp_tables,
    fetch_arrays,
    fetch_number,
    register_temp_table,
)
from homeroom.engines.resolve.shared.words import quote_sql_list

MAX_PAIRS = 1_500_000
"""Maximum number of scored pairs; the values with the most subjects are left out first."""
PARTIAL_SPACES = ("token", "numbered", "spelt")
"""Spaces in which a part of one side's value meets the other's full value, such as a name that contains a tag."""
MAX_BLOCK_SIZE = 400
"""A value that more subjects than this share generates no pair."""


def select_open_subjects(session: duckdb.DuckDBPyConnection) -> int:
    """Create rz_open (comp, seeks): subjects that could have a match, and return their count.

    Needs rz_sets. In every possible pair at least one subject `seeks`; the seeking subjects are as few as can be found.
    Where each device is in a console and in the asset list except for some hundreds, those hundreds seek, and only the
    values that they have are read from the others.
    """
    create_temp_table(
        session,
        "standing_sets",
        """SELECT row_number() OVER (ORDER BY standing, lanes, twice) - 1 AS number, * FROM (
            SELECT standing, lanes, twice, count(*) AS c FROM rz_sets GROUP BY ALL)""",
    )
    left, right = fetch_arrays(
        session,
        """SELECT a.number, b.number FROM rz_standing_sets a JOIN rz_standing_sets b ON a.number <= b.number
            AND list_has_any(a.lanes, b.lanes) AND (a.twice AND b.twice
                OR NOT list_has_any(a.standing, b.standing) AND (len(a.standing) > 0 OR len(b.standing) > 0))""",
    )
    (sizes,) = fetch_arrays(session, "SELECT c FROM rz_standing_sets ORDER BY number")
    register_temp_table(session, "seeking", _select_seeking_sets(sizes, left, right))
    create_temp_table(
        session,
        "open",
        """SELECT s.comp, k.seeks FROM rz_sets s JOIN rz_standing_sets t ON t.standing = s.standing
            AND t.lanes = s.lanes AND t.twice = s.twice
        JOIN rz_seeking k USING (number)""",
    )
    drop_temp_tables(session, "standing_sets", "seeking")
    return fetch_number(session, "SELECT count(*) FROM rz_open")


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


def build_blocking_keys(session: duckdb.DuckDBPyConnection, *, table: str, spaces: str) -> None:
    """Create rz_block (space, value, comp, whole) from seeking subjects, and from others with the same values.

    `spaces` is SQL that yields these columns from `here`, the rows of rz_<table> (with a column `comp`).
    """
    rows = f"""WITH here AS (SELECT h.* FROM rz_{table} h JOIN rz_open o USING (comp) WHERE o.seeks = {{}}),
        every AS ({spaces})
        SELECT space, value, comp, bool_or(whole) AS whole FROM every {{}} WHERE value IS NOT NULL GROUP BY ALL"""
    create_temp_table(session, "block", rows.format("true", ""))
    semi_join = "SEMI JOIN rz_block s USING (space, value)"
    create_temp_table(session, "found", rows.format("false", semi_join))
    session.execute("INSERT INTO rz_block SELECT * FROM rz_found")
    drop_temp_tables(session, "found")


def generate_pairs(session: duckdb.DuckDBPyConnection, *, spaces: tuple[str, ...]) -> int:
    """Create rz_pairs (a, b, and a column for each space) and return the number of pairs.

    A space's column is the frequency of the shared value, or null: the largest number of subjects of one source that
    carry the value; 1 where each source has it once. In PARTIAL_SPACES a part of one side's value must meet the full
    value of the other: two equal full values share nothing there.
    """
    create_temp_table(
        session,
        "shared",
        f"""SELECT * FROM (SELECT space, value, count(DISTINCT comp) AS c FROM rz_block GROUP BY space, value)
        WHERE c BETWEEN 2 AND {MAX_BLOCK_SIZE}""",
    )
    create_temp_table(
        session,
        "shared",
        f"""SELECT s.*, m.most, s.space IN ({quote_sql_list(PARTIAL_SPACES)}) AS crosswise FROM rz_shared s
            JOIN (SELECT space, value, max(n)::BIGINT AS most FROM (
            SELECT space, value, source, count(DISTINCT comp) AS n FROM (
                SELECT b.space, b.value, b.comp, unnest(CASE WHEN len(p.standing) > 0 THEN p.standing
                    ELSE [-1] END) AS source
                FROM rz_block b SEMI JOIN rz_shared s ON s.space = b.space AND s.value = b.value JOIN rz_sets p
                    USING (comp))
            GROUP BY ALL) GROUP BY ALL) m USING (space, value)""",
    )
    limit = _compute_max_block_size(session)
    columns = ", ".join(f"min(most) FILTER (space = '{space}') AS {space}" for space in spaces)
    create_temp_table(
        session,
        "pairs",
        f"""SELECT a, b, {columns} FROM (
            SELECT x.comp AS a, y.comp AS b, s.space, s.most FROM rz_shared s
            JOIN rz_block x ON x.space = s.space AND x.value = s.value
            JOIN rz_block y ON y.space = s.space AND y.value = s.value
            WHERE s.c <= {limit} AND x.comp < y.comp AND (x.whole OR y.whole) AND (NOT s.crosswise
                OR x.whole <> y.whole))
        JOIN rz_sets p ON p.comp = a JOIN rz_sets q ON q.comp = b
        WHERE (NOT list_has_any(p.standing, q.standing) OR p.twice AND q.twice) AND (len(p.standing) > 0
            OR len(q.standing) > 0)
        GROUP BY a, b""",
    )
    return fetch_number(session, "SELECT count(*) FROM rz_pairs")


def _compute_max_block_size(session: duckdb.DuckDBPyConnection) -> int:
    """Return the largest block size whose pairs, with those of all smaller blocks, stay within MAX_PAIRS."""
    sizes, pairs = fetch_arrays(
        session,
        """SELECT c, sum(pairs) OVER (ORDER BY c)::BIGINT FROM (SELECT c, sum(c * (c - 1) / 2) AS pairs FROM rz_shared
            GROUP BY c)
        ORDER BY c""",
    )
    within = sizes[pairs <= MAX_PAIRS]
    return int(within[-1]) if len(within) else 0
