"""Scoring of candidate pairs with a match model, and the decision which pairs match and which go to review.

A pair is joined where it is the best of both sides, by the model's margin, among all that a source of the other side
carries; a pair that scores as high and is not joined goes to review. Joined pairs that would bring two records of one
source together through a chain are undone, all of that chain, and go to review.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.matching.match_model import (
    LEAD_BITS,
    MIN_POPULATION,
    Comparison,
    ComparisonLevel,
    MatchModel,
)
from homeroom.engines.resolve.shared.components import IntArray, label_components
from homeroom.engines.resolve.shared.sql import (
    create_temp_table,
    drop_temp_tables,
    fetch_arrays,
    fetch_number,
    register_temp_table,
)


def score_pairs(session: duckdb.DuckDBPyConnection, model: MatchModel, *, profiles: tuple[str, str], size: int) -> None:
    """Create rz_weighed (a, b, bits, and a level for each comparison) from the pairs in rz_pairs.

    It holds pairs that reach the model's review threshold, or that could be too near to a pair that would be joined
    alone. `profiles` are the tables of the two sides, both with a column `comp`; a side may have several rows of one
    subject, and the best pair of rows counts. `size` is the number of subjects among which a namesake could occur by
    chance.
    """
    comparisons = list(enumerate(model.comparisons))
    levels = ", ".join(f"({_level_sql(comparison.levels)})::TINYINT AS s{index}" for index, comparison in comparisons)
    caps = "".join(
        f", {primary.rarity} AS {_name_cap_column(index, level_index)}"
        for index, comparison in comparisons
        for level_index, primary in enumerate(comparison.levels)
        if primary.rarity
    )
    primary, secondary = profiles
    # Materialized first: the planner would push a filter over the sum down, and every comparison would run twice.
    create_temp_table(
        session,
        "compared",
        f"""SELECT p.a, p.b, {levels}{caps} FROM rz_pairs p
            JOIN rz_{primary} a ON a.comp = p.a JOIN rz_{secondary} b ON b.comp = p.b""",
    )
    prior = float(np.log2(round_up_size(size))) if model.prior else 0.0
    bits = " + ".join(_bits_sql(index, comparison.levels) for index, comparison in comparisons)
    level_columns = ", ".join(f"s{index}" for index, _ in comparisons)
    create_temp_table(
        session,
        "weighed",
        f"""SELECT a, b, bits, {level_columns} FROM (SELECT a, b, ({bits}) - {prior} AS bits, {level_columns}
            FROM rz_compared)
        WHERE bits >= {get_minimum_bits(model)} QUALIFY row_number() OVER (PARTITION BY a, b ORDER BY bits DESC,
            {level_columns}) = 1""",
    )
    drop_temp_tables(session, "compared", "pairs")


def get_minimum_bits(model: MatchModel) -> float:
    """Return the bits from which a pair is considered."""
    return min(model.doubt, model.alone - LEAD_BITS)


def leads_sql(model: MatchModel, following: str) -> str:
    """Return SQL for whether a pair leads the next one by enough bits.

    The pair has `bits`; the next one has `following`, or null.
    """
    lead_sql = f"bits >= {model.alone} AND ({following} IS NULL OR bits >= {following} + {LEAD_BITS})"
    return f"({following} IS NULL OR bits >= {following} + {model.margin}) AND (bits >= {model.join} OR {lead_sql})"


def round_up_size(size: int) -> int:
    """Round a size up to the next power of two, at least MIN_POPULATION, for priors and rarity.

    Thus one more record changes nothing.
    """
    return int(2 ** np.ceil(np.log2(max(size, MIN_POPULATION))))


def _level_sql(levels: tuple[ComparisonLevel, ...]) -> str:
    return "CASE " + " ".join(f"WHEN {level.condition} THEN {index}" for index, level in enumerate(levels)) + " END"


def _name_cap_column(comparison: int, level: int) -> str:
    return f"cap_{comparison}_{level}"


def _bits_sql(comparison: int, levels: tuple[ComparisonLevel, ...]) -> str:
    cases = (
        f"WHEN {index} THEN "
        f"{f'least({level.bits}, {_name_cap_column(comparison, index)})' if level.rarity else level.bits}"
        for index, level in enumerate(levels)
    )
    return f"CASE s{comparison} {' '.join(cases)} ELSE 0 END"


def decide_matches(session: duckdb.DuckDBPyConnection, model: MatchModel, *, count: int, label: IntArray) -> IntArray:
    """Join the pairs that match and return the labels.

    Adds `joined` to rz_weighed. Needs rz_sets and rz_apart.
    """
    _create_forbidden_pairs(session, label)
    create_temp_table(
        session,
        "weighed",
        f"""WITH allowed AS (SELECT * FROM rz_weighed w ANTI JOIN rz_forbidden f ON f.a = w.a AND f.b = w.b),
        sided AS (SELECT a AS me, b AS other, bits FROM allowed UNION ALL SELECT b, a, bits FROM allowed),
        crossed AS (SELECT d.me, d.other, d.bits, unnest(CASE WHEN len(s.standing) > 0 THEN s.standing
            ELSE [-1] END) AS source
            FROM sided d JOIN rz_sets s ON s.comp = d.other),
        ranked AS (SELECT me, other, bits, row_number() OVER w AS place, lead(bits) OVER w AS next FROM crossed
            WINDOW w AS (PARTITION BY me, source ORDER BY bits DESC, other)),
        best AS (SELECT me, other FROM ranked GROUP BY me, other
            HAVING bool_and(place = 1 AND {leads_sql(model, "next")}))
        SELECT w.*, x.me IS NOT NULL AND y.me IS NOT NULL AS joined FROM allowed w
        LEFT JOIN best x ON x.me = w.a AND x.other = w.b LEFT JOIN best y ON y.me = w.b AND y.other = w.a
        WHERE w.bits >= {model.doubt}""",
    )
    left, right = fetch_arrays(session, "SELECT a, b FROM rz_weighed WHERE joined ORDER BY a, b")
    joined = label_components(count=count, start=label, left=left, right=right)
    return _undo_chained_joins(session, label=label, joined=joined)


def _create_forbidden_pairs(session: duckdb.DuckDBPyConnection, label: IntArray) -> None:
    """Create rz_forbidden (a, b): subjects that a decision keeps separate, by their current labels."""
    first, second = (
        label[nodes] for nodes in fetch_arrays(session, "SELECT one, other FROM rz_apart ORDER BY one, other")
    )
    register_temp_table(
        session, "forbidden", pa.table({"a": np.minimum(first, second), "b": np.maximum(first, second)})
    )


def _undo_chained_joins(session: duckdb.DuckDBPyConnection, *, label: IntArray, joined: IntArray) -> IntArray:
    register_temp_table(session, "grown", pa.table({"comp": np.arange(len(joined)), "whole": joined}))
    create_temp_table(
        session,
        "torn",
        """SELECT DISTINCT g.whole FROM (SELECT whole, source, count(*) AS c, bool_and(twice) AS twice FROM (
            SELECT g.whole, unnest(s.standing) AS source, s.twice FROM rz_sets s JOIN rz_grown g USING (comp)
            WHERE s.comp IN (SELECT a FROM rz_weighed WHERE joined UNION SELECT b FROM rz_weighed WHERE joined))
            GROUP BY whole, source) g WHERE c > 1 AND NOT twice
        UNION SELECT x.whole FROM rz_forbidden f JOIN rz_grown x ON x.comp = f.a JOIN rz_grown y ON y.comp = f.b
            WHERE x.whole = y.whole""",
    )
    if not fetch_number(session, "SELECT count(*) FROM rz_torn"):
        return joined
    session.execute(
        "UPDATE rz_weighed SET joined = false WHERE a IN (SELECT comp FROM rz_grown WHERE whole IN (SELECT whole FROM "
        "rz_torn))"
    )
    conflicting = np.zeros(len(joined), dtype=bool)
    conflicting[fetch_arrays(session, "SELECT whole FROM rz_torn")[0]] = True
    return np.where(conflicting[joined], label, joined)


def store_scores(session: duckdb.DuckDBPyConnection, kind: str, *, include_unjoined: bool) -> None:
    """Add rz_weighed, or only its joined pairs, to rz_<kind>_weighed."""
    rows = "SELECT * FROM rz_weighed" if include_unjoined else "SELECT * FROM rz_weighed WHERE joined"
    if fetch_number(session, f"SELECT count(*) FROM rz_{kind}_weighed"):
        session.execute(f"INSERT INTO rz_{kind}_weighed {rows}")
    else:
        create_temp_table(session, f"{kind}_weighed", rows)


def reasons_sql(model: MatchModel) -> str:
    """Return SQL over rz_weighed `w` for the reasons of the levels that apply, with their bits."""
    cases = [_reason_case_sql(position, comparison) for position, comparison in enumerate(model.comparisons)]
    return f"list_filter([{', '.join(cases)}], x -> x IS NOT NULL)"


def _reason_case_sql(position: int, comparison: Comparison) -> str:
    when_clauses = (
        f"WHEN {index} THEN {_format_reason(level)}" for index, level in enumerate(comparison.levels) if level.bits
    )
    return f"CASE w.s{position} {' '.join(when_clauses)} END"


def _format_reason(level: ComparisonLevel) -> str:
    text = level.reason.replace("'", "''")
    return f"'{text} ({level.bits:+g})'"
