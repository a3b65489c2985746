"""The derived table `match_reviews`: undecided pairs that score high enough for a person to review."""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.scoring import reasons_sql
from homeroom.engines.know.resolve.matching.weights import MATCH_MODELS
from homeroom.evidence.query.steps import Step

MAX_REVIEWS = 2_000
"""Maximum number of reviews of one kind, highest score first: a longer list means that a source is wrong."""


def list_review_steps() -> tuple[Step, ...]:
    """Build rz_match_reviews, with the columns of `match_reviews`, from rz_<kind>_scores of each kind."""
    return (
        Step(
            name="start the list of reviews",
            writes=("reviews",),
            sql="""SELECT '' AS kind, 0::BIGINT AS one, 0::BIGINT AS other, '' AS one_connector, '' AS one_instance,
            '' AS one_key, '' AS other_connector, '' AS other_instance, '' AS other_key, 0::BIGINT AS bits, '' AS why
        WHERE false""",
        ),
        *(_build_kind_step(kind) for kind in ("device", "person", "account")),
        Step(
            name="number the reviews",
            reads=("reviews",),
            writes=("match_reviews",),
            sql="""SELECT md5(concat_ws(chr(31), kind, one_connector, one_instance, one_key, other_connector,
            other_instance, other_key)) AS id, * FROM rz_reviews""",
        ),
    )


def _build_kind_step(kind: str) -> Step:
    """Add the reviews of one kind to rz_reviews.

    A device or person pair is a pair of components, which may have been joined since; an account pair is a pair of ids.
    """
    left, right = ("account", "person") if kind == "account" else (kind, kind)
    node_column = "id" if kind == "account" else "n"
    scores = f"{kind}_scores"

    def nodes_sql(entity: str) -> str:
        if kind != "account":
            return f"rz_{entity}_nodes"
        return (
            f"(SELECT id, arg_min(connector, n) AS connector, arg_min(instance, n) AS instance, arg_min(key, n) AS "
            f"key FROM rz_{entity}_nodes GROUP BY id)"
        )

    return Step(
        name=f"list doubtful pairs of {kind}s",
        reads=tuple(dict.fromkeys(("reviews", scores, f"{left}_nodes", f"{right}_nodes"))),
        writes=("reviews",),
        sql=f"""INSERT INTO rz_reviews SELECT '{kind}' AS kind, x.id AS one, y.id AS other,
        x.connector AS one_connector, x.instance AS one_instance, x.key AS one_key,
        y.connector AS other_connector, y.instance AS other_instance, y.key AS other_key,
        round(w.bits)::BIGINT AS bits, array_to_string({reasons_sql(MATCH_MODELS[kind])}, '; ') AS why
        FROM rz_{scores} w JOIN {nodes_sql(left)} x ON x.{node_column} = w.a JOIN {nodes_sql(right)} y
            ON y.{node_column} = w.b
        WHERE NOT w.joined AND {"true" if kind == "account" else "x.id <> y.id"} ORDER BY bits DESC, x.id,
            y.id LIMIT {MAX_REVIEWS}""",
        when=f"SELECT count(*) > 0 FROM rz_{scores}",
    )
