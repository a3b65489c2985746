"""Weighing candidate pairs by the table of weights, and deciding which of them are one, and which are doubtful.

A pair is joined where it is the best of both sides, by the scale's margin, among all that a source of the other side
carries; whatever scores as high and is not joined is doubtful. Joined pairs that would bring two records of one source
together by a chain are taken back, all of that chain, and are doubtful.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.components import Numbers, components
from homeroom.engines.resolve.sql import arrays, dropped, given, made, number
from homeroom.engines.resolve.weights import FAR, SMALLEST, Level, Scale


def weigh(session: duckdb.DuckDBPyConnection, scale: Scale, *, profiles: tuple[str, str], size: int) -> None:
    """Makes rz_weighed (a, b, bits, and a level a sign) of the pairs in rz_pairs that reach the scale's doubt, or could be
    too near to one that stands alone.

    `profiles` are the tables of the two sides, both with a column `comp`; a side may have several rows of one subject,
    of which the best pair speaks. `size` is how many subjects a chance namesake could be.
    """
    numbered = list(enumerate(scale.signs))
    levels = ", ".join(f"({_level(sign.levels)})::TINYINT AS s{at}" for at, sign in numbered)
    caps = "".join(
        f", {one.rarity} AS {_cap(at, n)}" for at, sign in numbered for n, one in enumerate(sign.levels) if one.rarity
    )
    one, other = profiles
    # Compared first and kept: a filter over the sum would be moved down by the planner, and everything be compared twice.
    made(
        session,
        "compared",
        f"""SELECT p.a, p.b, {levels}{caps} FROM rz_pairs p JOIN rz_{one} a ON a.comp = p.a JOIN rz_{other} b ON b.comp = p.b""",
    )
    prior = float(np.log2(rounded(size))) if scale.prior else 0.0
    bits = " + ".join(_summed(at, sign.levels) for at, sign in numbered)
    kept = ", ".join(f"s{at}" for at, _ in numbered)
    made(
        session,
        "weighed",
        f"""SELECT a, b, bits, {kept} FROM (SELECT a, b, ({bits}) - {prior} AS bits, {kept} FROM rz_compared)
        WHERE bits >= {least(scale)} QUALIFY row_number() OVER (PARTITION BY a, b ORDER BY bits DESC, {kept}) = 1""",
    )
    dropped(session, "compared", "pairs")


def least(scale: Scale) -> float:
    """The bits from which a pair is looked at."""
    return min(scale.doubt, scale.alone - FAR)


def ahead(scale: Scale, following: str) -> str:
    """SQL: whether a pair of so many `bits` is far enough ahead of the one that follows, which has `following` or null."""
    far = f"bits >= {scale.alone} AND ({following} IS NULL OR bits >= {following} + {FAR})"
    return f"({following} IS NULL OR bits >= {following} + {scale.margin}) AND (bits >= {scale.join} OR {far})"


def rounded(size: int) -> int:
    """The size that priors and rarity count with: the next power of two, so that one more record changes nothing."""
    return int(2 ** np.ceil(np.log2(max(size, SMALLEST))))


def _level(levels: tuple[Level, ...]) -> str:
    return "CASE " + " ".join(f"WHEN {one.when} THEN {at}" for at, one in enumerate(levels)) + " END"


def _cap(sign: int, level: int) -> str:
    return f"cap_{sign}_{level}"


def _summed(sign: int, levels: tuple[Level, ...]) -> str:
    cases = (
        f"WHEN {at} THEN {f'least({one.bits}, {_cap(sign, at)})' if one.rarity else one.bits}"
        for at, one in enumerate(levels)
    )
    return f"CASE s{sign} {' '.join(cases)} ELSE 0 END"


def decide(session: duckdb.DuckDBPyConnection, scale: Scale, *, count: int, label: Numbers) -> Numbers:
    """The labels with the joined pairs' components as one. Adds to rz_weighed `joined`. Needs rz_sets, rz_apart."""
    _forbidden(session, label)
    made(
        session,
        "weighed",
        f"""WITH allowed AS (SELECT * FROM rz_weighed w ANTI JOIN rz_forbidden f ON f.a = w.a AND f.b = w.b),
        sided AS (SELECT a AS me, b AS other, bits FROM allowed UNION ALL SELECT b, a, bits FROM allowed),
        crossed AS (SELECT d.me, d.other, d.bits, unnest(CASE WHEN len(s.standing) > 0 THEN s.standing ELSE [-1] END) AS source
            FROM sided d JOIN rz_sets s ON s.comp = d.other),
        ranked AS (SELECT me, other, bits, row_number() OVER w AS place, lead(bits) OVER w AS next FROM crossed
            WINDOW w AS (PARTITION BY me, source ORDER BY bits DESC, other)),
        best AS (SELECT me, other FROM ranked GROUP BY me, other
            HAVING bool_and(place = 1 AND {ahead(scale, "next")}))
        SELECT w.*, x.me IS NOT NULL AND y.me IS NOT NULL AS joined FROM allowed w
        LEFT JOIN best x ON x.me = w.a AND x.other = w.b LEFT JOIN best y ON y.me = w.b AND y.other = w.a
        WHERE w.bits >= {scale.doubt}""",
    )
    left, right = arrays(session, "SELECT a, b FROM rz_weighed WHERE joined ORDER BY a, b")
    every = components(count=count, start=label, left=left, right=right)
    return _without_chains(session, label=label, every=every)


def _forbidden(session: duckdb.DuckDBPyConnection, label: Numbers) -> None:
    """rz_forbidden (a, b): subjects that somebody said are not the same, as they are labelled now."""
    one, other = (label[nodes] for nodes in arrays(session, "SELECT one, other FROM rz_apart ORDER BY one, other"))
    given(session, "forbidden", pa.table({"a": np.minimum(one, other), "b": np.maximum(one, other)}))


def _without_chains(session: duckdb.DuckDBPyConnection, *, label: Numbers, every: Numbers) -> Numbers:
    given(session, "grown", pa.table({"comp": np.arange(len(every)), "whole": every}))
    made(
        session,
        "torn",
        """SELECT DISTINCT g.whole FROM (SELECT whole, source, count(*) AS c, bool_and(twice) AS twice FROM (
            SELECT g.whole, unnest(s.standing) AS source, s.twice FROM rz_sets s JOIN rz_grown g USING (comp)
            WHERE s.comp IN (SELECT a FROM rz_weighed WHERE joined UNION SELECT b FROM rz_weighed WHERE joined))
            GROUP BY whole, source) g WHERE c > 1 AND NOT twice
        UNION SELECT x.whole FROM rz_forbidden f JOIN rz_grown x ON x.comp = f.a JOIN rz_grown y ON y.comp = f.b WHERE x.whole = y.whole""",
    )
    if not number(session, "SELECT count(*) FROM rz_torn"):
        return every
    session.execute(
        "UPDATE rz_weighed SET joined = false WHERE a IN (SELECT comp FROM rz_grown WHERE whole IN (SELECT whole FROM rz_torn))"
    )
    torn = np.zeros(len(every), dtype=bool)
    torn[arrays(session, "SELECT whole FROM rz_torn")[0]] = True
    return np.where(torn[every], label, every)


def kept(session: duckdb.DuckDBPyConnection, kind: str, *, all_of: bool) -> None:
    """Keeps rz_weighed, or only what of it is joined, in rz_<kind>_weighed, beside what stands there."""
    rows = "SELECT * FROM rz_weighed" if all_of else "SELECT * FROM rz_weighed WHERE joined"
    if number(session, f"SELECT count(*) FROM rz_{kind}_weighed"):
        session.execute(f"INSERT INTO rz_{kind}_weighed {rows}")
    else:
        made(session, f"{kind}_weighed", rows)


def reasons(scale: Scale) -> str:
    """SQL over rz_weighed `w`: the words of the levels that apply, with their bits, the weightiest first."""
    said = [
        f"CASE w.s{number_} {' '.join(f'WHEN {at} THEN {_told(one)}' for at, one in enumerate(sign.levels) if one.bits)} END"
        for number_, sign in enumerate(scale.signs)
    ]
    return f"list_filter([{', '.join(said)}], x -> x IS NOT NULL)"


def _told(level: Level) -> str:
    words = level.says.replace("'", "''")
    return f"'{words} ({level.bits:+g})'"
