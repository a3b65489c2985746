"""Which pairs are worth weighing: subjects that share a value of some kind, counted and capped before any is compared.

Needs rz_sets (comp, standing: the sources that carry the subject now; lanes: the sorts of thing that it may be; twice). Two
subjects may be one only where they share a lane, and no source carries both, or `twice` is true of both (a list whose rows
have no identity of their own may hold somebody twice).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from homeroom.engines.resolve.components import Numbers
from homeroom.engines.resolve.sql import arrays, dropped, given, made, number
from homeroom.engines.resolve.words import quoted

MOST_PAIRS = 1_500_000
"""Pairs that are weighed at most; the most crowded values are left out first."""
CROSSWISE = ("token", "numbered", "spelt")
"""The spaces in which a part of what one side says meets what the other says whole, such as a name with a tag in it."""
CROWDED = 400
"""A value that more subjects than this carry proposes no pair at all."""


def open_subjects(session: duckdb.DuckDBPyConnection) -> int:
    """Makes rz_open (comp, seeks): the subjects that could have a partner at all; answers how many. Needs rz_sets.

    Of every two that may be one at least one `seeks`; they are as few as can be found. Where each device is in a console and
    in the asset list but for some hundreds, those hundreds seek, and nothing of the others is looked at that none has.
    """
    made(
        session,
        "standing_sets",
        """SELECT row_number() OVER (ORDER BY standing, lanes, twice) - 1 AS number, * FROM (
            SELECT standing, lanes, twice, count(*) AS c FROM rz_sets GROUP BY ALL)""",
    )
    left, right = arrays(
        session,
        """SELECT a.number, b.number FROM rz_standing_sets a JOIN rz_standing_sets b ON a.number <= b.number
            AND list_has_any(a.lanes, b.lanes) AND (a.twice AND b.twice
                OR NOT list_has_any(a.standing, b.standing) AND (len(a.standing) > 0 OR len(b.standing) > 0))""",
    )
    (sizes,) = arrays(session, "SELECT c FROM rz_standing_sets ORDER BY number")
    given(session, "seeking", _seeking(sizes, left, right))
    made(
        session,
        "open",
        """SELECT s.comp, k.seeks FROM rz_sets s JOIN rz_standing_sets t ON t.standing = s.standing AND t.lanes = s.lanes AND t.twice = s.twice
        JOIN rz_seeking k USING (number)""",
    )
    dropped(session, "standing_sets", "seeking")
    return number(session, "SELECT count(*) FROM rz_open")


def _seeking(sizes: Numbers, left: Numbers, right: Numbers) -> pa.Table:
    """(number, seeks) of each set that has a partner: the largest sets, one after the other, need not seek where no partner
    of theirs is let off already."""
    partners: dict[int, set[int]] = {}
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    waits: set[int] = set()
    for one in sorted(partners, key=lambda at: (-sizes[at], at)):
        if one not in partners[one] and not partners[one] & waits:
            waits.add(one)
    found = sorted(partners)
    return pa.table(
        {"number": pa.array(found, pa.int64()), "seeks": pa.array([one not in waits for one in found], pa.bool_())}
    )


def block(session: duckdb.DuckDBPyConnection, *, table: str, spaces: str) -> None:
    """Makes rz_block (space, value, comp, whole): the values of all that seek, and of the others those that are among them.

    `spaces` is SQL that answers these columns over `here`, the rows of rz_<table> (with a column `comp`).
    """
    rows = f"""WITH here AS (SELECT h.* FROM rz_{table} h JOIN rz_open o USING (comp) WHERE o.seeks = {{}}), every AS ({spaces})
        SELECT space, value, comp, bool_or(whole) AS whole FROM every {{}} WHERE value IS NOT NULL GROUP BY ALL"""
    made(session, "block", rows.format("true", ""))
    sought = "SEMI JOIN rz_block s USING (space, value)"
    made(session, "found", rows.format("false", sought))
    session.execute("INSERT INTO rz_block SELECT * FROM rz_found")
    dropped(session, "found")


def propose(session: duckdb.DuckDBPyConnection, *, spaces: tuple[str, ...]) -> int:
    """Makes rz_pairs (a, b, and for each space how common a shared value is, or null); answers how many pairs.

    Of CROSSWISE spaces, one side says in part what the other is called whole: two that are alike whole share nothing there.
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
        f"""SELECT s.*, m.most, s.space IN ({quoted(CROSSWISE)}) AS crosswise FROM rz_shared s JOIN (SELECT space, value, max(n)::BIGINT AS most FROM (
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
