"""Scoring of candidate pairs with a match model, and the decision which pairs match and which go to review.

A pair is joined where it is the best of both sides, by the model's margin, among all that a source of the other side
carries; a pair that scores as high and is not joined goes to review. Joined pairs that would bring two records of one
source together through a chain are undone, all of that chain, and go to review.
"""

from __future__ import annotations

from functools import partial

from homeroom.engines.know.resolve.matching.match_model import (
    LEAD_BITS,
    MIN_POPULATION,
    Comparison,
    ComparisonLevel,
    MatchModel,
)
from homeroom.engines.know.resolve.shared.components import join_components
from homeroom.evidence.query.steps import Step


def build_population_step(*, table: str, name: str) -> Step:
    """Build rz_population (size): the number of subjects (`comp`) in a table, rounded up for priors and rarity.

    The size is the next power of two, at least MIN_POPULATION: thus one more record changes nothing.
    """
    return Step(
        name=name,
        reads=(table,),
        writes=("population",),
        sql=f"""SELECT pow(2, ceil(log2(greatest(count(DISTINCT comp), {MIN_POPULATION}))))::BIGINT AS size
        FROM rz_{table}""",
    )


def list_scoring_steps(model: MatchModel, *, profiles: tuple[str, str]) -> tuple[Step, ...]:
    """Build rz_scores (a, b, bits, and a level for each comparison) from the pairs in rz_pairs.

    It holds pairs that reach the model's review threshold, or that could be too near to a pair that would be joined
    alone. `profiles` are the tables of the two sides, both with a column `comp`; a side may have several rows of one
    subject, and the best pair of rows counts. rz_population has the number of subjects among which a namesake could
    occur by chance.
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
    prior = "(SELECT log2(size) FROM rz_population)" if model.prior else "0.0"
    bits = " + ".join(_bits_sql(index, comparison.levels) for index, comparison in comparisons)
    level_columns = ", ".join(f"s{index}" for index, _ in comparisons)
    return (
        # Materialized first: the planner would push a filter over the sum down, and every comparison would run twice.
        Step(
            name="compare pairs",
            reads=tuple(dict.fromkeys(("pairs", *profiles))),
            writes=("compared",),
            sql=f"""SELECT p.a, p.b, {levels}{caps} FROM rz_pairs p
            JOIN rz_{primary} a ON a.comp = p.a JOIN rz_{secondary} b ON b.comp = p.b""",
        ),
        Step(
            name="score pairs",
            reads=("compared", *(("population",) if model.prior else ())),
            writes=("scores",),
            sql=f"""SELECT a, b, bits, {level_columns} FROM (SELECT a, b, ({bits}) - {prior} AS bits, {level_columns}
            FROM rz_compared)
        WHERE bits >= {get_minimum_bits(model)} QUALIFY row_number() OVER (PARTITION BY a, b ORDER BY bits DESC,
            {level_columns}) = 1""",
        ),
    )


def get_minimum_bits(model: MatchModel) -> float:
    """Return the bits from which a pair is considered."""
    return min(model.review, model.alone - LEAD_BITS)


def leads_sql(model: MatchModel, following: str) -> str:
    """Return SQL for whether a pair leads the next one by enough bits.

    The pair has `bits`; the next one has `following`, or null.
    """
    lead_sql = f"bits >= {model.alone} AND ({following} IS NULL OR bits >= {following} + {LEAD_BITS})"
    return f"({following} IS NULL OR bits >= {following} + {model.margin}) AND (bits >= {model.join} OR {lead_sql})"


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


def list_decision_steps(model: MatchModel, kind: str) -> tuple[Step, ...]:
    """Add `joined` to rz_scores, and join the pairs that match in rz_<kind>_components.

    Needs rz_candidates and rz_apart.
    """
    components = f"{kind}_components"
    return (
        Step(
            name=f"list {kind}s that a decision keeps separate",
            reads=("apart", components),
            writes=("forbidden",),
            sql=f"""SELECT least(x.comp, y.comp) AS a, greatest(x.comp, y.comp) AS b FROM rz_apart p
            JOIN rz_{components} x ON x.n = p.one JOIN rz_{components} y ON y.n = p.other""",
        ),
        Step(
            name=f"decide which pairs of {kind}s match",
            reads=("candidates", "forbidden", "scores"),
            writes=("scores",),
            sql=f"""WITH allowed AS (SELECT * FROM rz_scores w ANTI JOIN rz_forbidden f ON f.a = w.a AND f.b = w.b),
        sided AS (SELECT a AS me, b AS other, bits FROM allowed UNION ALL SELECT b, a, bits FROM allowed),
        crossed AS (SELECT d.me, d.other, d.bits, unnest(CASE WHEN len(s.sources) > 0 THEN s.sources
            ELSE [-1] END) AS source
            FROM sided d JOIN rz_candidates s ON s.comp = d.other),
        ranked AS (SELECT me, other, bits, row_number() OVER w AS place, lead(bits) OVER w AS next FROM crossed
            WINDOW w AS (PARTITION BY me, source ORDER BY bits DESC, other)),
        best AS (SELECT me, other FROM ranked GROUP BY me, other
            HAVING bool_and(place = 1 AND {leads_sql(model, "next")}))
        SELECT w.*, x.me IS NOT NULL AND y.me IS NOT NULL AS joined FROM allowed w
        LEFT JOIN best x ON x.me = w.a AND x.other = w.b LEFT JOIN best y ON y.me = w.b AND y.other = w.a
        WHERE w.bits >= {model.review}""",
        ),
        Step(
            name=f"join {kind}s that match",
            reads=(components, "scores"),
            writes=("joined_components",),
            run=partial(
                join_components,
                components=components,
                edges="SELECT a, b FROM rz_scores WHERE joined ORDER BY a, b",
                result="joined_components",
            ),
        ),
        *_list_undo_steps(kind),
    )


def _list_undo_steps(kind: str) -> tuple[Step, ...]:
    """Undo the joins of a chain that brings two records of one source, or two subjects to keep separate, together."""
    components = f"{kind}_components"
    return (
        Step(
            name=f"find joined {kind}s that contradict each other",
            reads=("candidates", "forbidden", "joined_components", "scores"),
            writes=("conflicts",),
            sql="""SELECT DISTINCT g.comp FROM (SELECT comp, source, count(*) AS c, bool_and(twice) AS twice FROM (
            SELECT g.comp, unnest(s.sources) AS source, s.twice FROM rz_candidates s
            JOIN rz_joined_components g ON g.n = s.comp
            WHERE s.comp IN (SELECT a FROM rz_scores WHERE joined UNION SELECT b FROM rz_scores WHERE joined))
            GROUP BY comp, source) g WHERE c > 1 AND NOT twice
        UNION SELECT x.comp FROM rz_forbidden f JOIN rz_joined_components x ON x.n = f.a
            JOIN rz_joined_components y ON y.n = f.b WHERE x.comp = y.comp""",
        ),
        Step(
            name=f"send contradicting {kind}s to review",
            reads=("conflicts", "joined_components", "scores"),
            writes=("scores",),
            sql="UPDATE rz_scores SET joined = false WHERE a IN (SELECT n FROM rz_joined_components WHERE comp IN "
            "(SELECT comp FROM rz_conflicts))",
            when="SELECT count(*) > 0 FROM rz_conflicts",
        ),
        Step(
            name=f"keep the other joins of {kind}s",
            reads=("conflicts", "joined_components", components),
            writes=(components,),
            sql=f"""SELECT l.n, CASE WHEN g.comp IN (SELECT comp FROM rz_conflicts) THEN l.comp ELSE g.comp END AS comp
        FROM rz_{components} l JOIN rz_joined_components g USING (n)""",
        ),
    )


def build_score_store_step(kind: str, *, include_unjoined: bool) -> Step:
    """Add rz_scores, or only its joined pairs, to rz_<kind>_scores."""
    return Step(
        name=f"store the scores of {kind}s",
        reads=("scores", f"{kind}_scores"),
        writes=(f"{kind}_scores",),
        sql=f"SELECT * FROM rz_{kind}_scores UNION ALL BY NAME SELECT * FROM rz_scores"
        f"{'' if include_unjoined else ' WHERE joined'}",
    )


def build_empty_scores_step(kind: str) -> Step:
    """Build an empty rz_<kind>_scores, which has no columns of levels before a pair is scored."""
    return Step(
        name=f"start the scores of {kind}s",
        writes=(f"{kind}_scores",),
        sql="SELECT 0::BIGINT AS a, 0::BIGINT AS b WHERE false",
    )


def reasons_sql(model: MatchModel) -> str:
    """Return SQL over rz_scores `w` for the reasons of the levels that apply, with their bits."""
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
