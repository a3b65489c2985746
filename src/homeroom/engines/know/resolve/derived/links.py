"""The derived table `links`: the subject of each record, and the rule that joined it.

A person's records include the records of the accounts assigned to them (`subject_kind` person, `table_name`
account_records), with the rule that assigned the account. An unknown person, whom no list has, has accounts alone and
no row in `people`.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.derived.explanations import SUPERSEDED
from homeroom.engines.know.resolve.matching.scoring import reasons_sql
from homeroom.engines.know.resolve.matching.weights import MATCH_MODELS
from homeroom.engines.know.resolve.records.staging import RECORD_TABLES
from homeroom.engines.know.resolve.shared.rules import RULES
from homeroom.evidence.query.steps import Step


def list_link_steps() -> tuple[Step, ...]:
    """Build rz_links with the columns of `links`."""
    kinds = tuple(RECORD_TABLES)
    return (
        *(step for kind in kinds for step in _list_rule_steps(kind)),
        Step(
            name="link records to subjects",
            reads=("belongs", "unknown_people", *(f"{kind}_{part}" for kind in kinds for part in ("nodes", "why"))),
            writes=("links",),
            sql=" UNION ALL ".join(_links_sql(kind) for kind in kinds) + _ACCOUNT_LINKS_SQL,
        ),
    )


def _list_rule_steps(kind: str) -> tuple[Step, ...]:
    """Build rz_<kind>_why (n, why): the rule that joined each record to another."""
    names = " ".join(f"WHEN {number} THEN '{rule.name}'" for number, rule in enumerate(RULES))
    rules = f"{kind}_why"
    return (
        Step(
            name=f"explain {kind} records by identifiers",
            reads=(f"{kind}_keys", f"{kind}_nodes"),
            writes=(rules,),
            sql=f"""SELECT k.n, min_by((CASE k.rule {names} END) || ' ' || k.value, (k.rule, k.value)) AS why
            FROM rz_{kind}_keys k
        JOIN rz_{kind}_nodes n USING (n)
        JOIN (SELECT q.comp, k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_{kind}_nodes q USING (n)
            GROUP BY ALL HAVING min(k.n) < max(k.n)) g
        ON g.comp = n.comp AND g.space = k.space AND g.scope = k.scope AND g.value = k.value GROUP BY k.n""",
        ),
        *((_MARK_SUPERSEDED, _EXPLAIN_SIGHTINGS) if kind == "device" else ()),
        *((_EXPLAIN_MAILBOXES,) if kind == "person" else ()),
        *((_build_score_rule_step(kind),) if kind in MATCH_MODELS and kind != "account" else ()),
        Step(
            name=f"explain {kind} records by manual decisions",
            reads=(f"{kind}_hand", rules),
            writes=(rules,),
            sql=f"""INSERT INTO rz_{rules} SELECT n, 'a decision made by hand' FROM rz_{kind}_hand
        WHERE n NOT IN (SELECT n FROM rz_{rules})""",
        ),
    )


_MARK_SUPERSEDED = Step(
    name="mark superseded device records",
    reads=("device_why", "superseded"),
    writes=("device_why",),
    sql=f"UPDATE rz_device_why SET why = why || '{SUPERSEDED}' WHERE n IN (SELECT n FROM rz_superseded)",
    when="SELECT count(*) > 0 FROM rz_superseded",
)
_EXPLAIN_SIGHTINGS = Step(
    name="explain device records by sightings",
    reads=("device_why", "sighted"),
    writes=("device_why",),
    sql="INSERT INTO rz_device_why SELECT n, why FROM rz_sighted WHERE n NOT IN (SELECT n FROM rz_device_why)",
)


_EXPLAIN_MAILBOXES = Step(
    name="explain person records by accounts",
    reads=("person_mailboxes", "person_why"),
    writes=("person_why",),
    sql="INSERT INTO rz_person_why SELECT n, min(why) FROM rz_person_mailboxes "
    "WHERE n NOT IN (SELECT n FROM rz_person_why) GROUP BY n",
)


def _build_score_rule_step(kind: str) -> Step:
    """Explain records by scores: the first of a component that a score joined; the others keep their identifier."""
    rules, scores = f"{kind}_why", f"{kind}_scores"
    return Step(
        name=f"explain {kind} records by scores",
        reads=(scores, rules),
        writes=(rules,),
        sql=f"""INSERT INTO rz_{rules} SELECT n, min(why) FROM (
                SELECT greatest(a, b) AS n, 'weight of ' || round(bits)::BIGINT || ' bits: ' ||
                    array_to_string({reasons_sql(MATCH_MODELS[kind])}, '; ') AS why
                FROM rz_{scores} w WHERE joined) WHERE n NOT IN (SELECT n FROM rz_{rules}) GROUP BY n""",
        when=f"SELECT count(*) > 0 FROM rz_{scores}",
    )


def _links_sql(kind: str) -> str:
    return f"""SELECT '{kind}' AS subject_kind, n.id, n.connector, n.instance, '{RECORD_TABLES[kind]}' AS table_name,
        n.key,
        CASE WHEN n.n = n.comp THEN 'anchor' ELSE coalesce(w.why, 'the same record') END AS rule, n.gone
        FROM rz_{kind}_nodes n LEFT JOIN rz_{kind}_why w USING (n)"""


_ACCOUNT_LINKS_SQL = """ UNION ALL SELECT 'person', b.person, n.connector, n.instance, 'account_records', n.key,
    b.rule, n.gone FROM (SELECT account, person, rule FROM rz_belongs UNION ALL FROM rz_unknown_people) b
    JOIN rz_account_nodes n ON n.id = b.account"""
