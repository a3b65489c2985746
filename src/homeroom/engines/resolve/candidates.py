"""Which pairs are worth weighing: subjects that share a value of some kind, counted and capped before any is compared.

Needs rz_block (space, value, comp, whole) and rz_sets (comp, standing: the sources that carry the subject now). Two
subjects may be one only where no source carries both, or where `twice` is true of both (a list whose rows have no identity of
their own may hold somebody twice).
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.sql import arrays, made, number

MOST_PAIRS = 1_500_000
"""Pairs that are weighed at most; the most crowded values are left out first."""
CROWDED = 400
"""A value that more subjects than this carry proposes no pair at all."""


def open_subjects(session: duckdb.DuckDBPyConnection) -> int:
    """Makes rz_open (comp): the subjects that could have a partner at all; answers how many. Needs rz_sets."""
    made(
        session,
        "standing_sets",
        "SELECT standing, bool_or(twice) AS twice, count(*) AS c FROM rz_sets GROUP BY standing",
    )
    made(
        session,
        "open",
        """SELECT s.comp FROM rz_sets s SEMI JOIN (
            SELECT DISTINCT a.standing FROM rz_standing_sets a JOIN rz_standing_sets b
                ON NOT list_has_any(a.standing, b.standing) AND (len(a.standing) > 0 OR len(b.standing) > 0)) o
            ON o.standing = s.standing
        UNION SELECT comp FROM rz_sets WHERE twice""",
    )
    return number(session, "SELECT count(*) FROM rz_open")


def propose(session: duckdb.DuckDBPyConnection, *, spaces: tuple[str, ...]) -> int:
    """Makes rz_pairs (a, b, and for each space how common a shared value is, or null); answers how many pairs.

    Of `token`, one side's name holds the other's identifier: two that are alike whole share no token.
    How common: the most subjects of any one source that carry the value; 1 where each source has it once.
    """
    made(
        session,
        "shared",
        f"""SELECT * FROM (SELECT space, value, count(DISTINCT comp) AS c FROM rz_block GROUP BY space, value)
        WHERE c BETWEEN 2 AND {CROWDED}""",
    )
    made(
        session,
        "shared",
        """SELECT s.*, m.most, s.space = 'token' AS crosswise FROM rz_shared s JOIN (SELECT space, value, max(n)::BIGINT AS most FROM (
            SELECT space, value, source, count(DISTINCT comp) AS n FROM (
                SELECT b.space, b.value, b.comp, unnest(CASE WHEN len(p.standing) > 0 THEN p.standing ELSE [-1] END) AS source
                FROM rz_block b SEMI JOIN rz_shared s ON s.space = b.space AND s.value = b.value JOIN rz_sets p USING (comp))
            GROUP BY ALL) GROUP BY ALL) m USING (space, value)""",
    )
    limit = _limit(session)
    columns = ", ".join(f"min(most) FILTER (space = '{space}') AS {space}" for space in spaces)
    made(
        session,
        "pairs",
        f"""SELECT a, b, {columns} FROM (
            SELECT x.comp AS a, y.comp AS b, s.space, s.most FROM rz_shared s
            JOIN rz_block x ON x.space = s.space AND x.value = s.value
            JOIN rz_block y ON y.space = s.space AND y.value = s.value
            WHERE s.c <= {limit} AND x.comp < y.comp AND (x.whole OR y.whole) AND (NOT s.crosswise OR x.whole <> y.whole))
        JOIN rz_sets p ON p.comp = a JOIN rz_sets q ON q.comp = b
        WHERE (NOT list_has_any(p.standing, q.standing) OR p.twice AND q.twice) AND (len(p.standing) > 0 OR len(q.standing) > 0)
        GROUP BY a, b""",
    )
    return number(session, "SELECT count(*) FROM rz_pairs")


def _limit(session: duckdb.DuckDBPyConnection) -> int:
    """The largest crowd whose pairs, with those of all smaller ones, stay below MOST_PAIRS."""
    sizes, pairs = arrays(
        session,
        """SELECT c, sum(pairs) OVER (ORDER BY c)::BIGINT FROM (SELECT c, sum(c * (c - 1) / 2) AS pairs FROM rz_shared GROUP BY c)
        ORDER BY c""",
    )
    within = sizes[pairs <= MOST_PAIRS]
    return int(within[-1]) if len(within) else 0
