"""People whom one source lists several times, and people whom one account names.

A teacher of three schools has a row a school, and a parent of four children a row a child: such rows share a number or
an address and have one name. An account whose addresses and numbers are those of two people's records shows that both
are one person, who was renamed or has no number in one of the lists.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.renamed_people import list_join_steps, list_renamed_people_steps
from homeroom.engines.know.resolve.shared.rules import CROWD, NORMAL_FORMS, PERSON_NUMBER_SQL
from homeroom.evidence.query.steps import Step

MAX_REPEATS = 12
"""Maximum number of rows of one source with one number or address that may be one person."""
_NAME_SQL = "strip_accents(lower(trim({0})))"


def list_repeated_people_steps() -> tuple[Step, ...]:
    """Exempt people whom one source lists several times, under one name, from the crowd."""
    return (
        Step(
            name="find people whom one source lists several times",
            reads=("crowded", "person_keys", "person_rows"),
            writes=("repeated",),
            sql=f"""SELECT c.space, c.scope, c.value, c.source FROM rz_crowded c
            JOIN rz_person_keys k ON k.space = c.space AND k.scope = c.scope AND k.value = c.value
                AND k.source = c.source
            JOIN rz_person_rows r ON r.n = k.n WHERE c.c BETWEEN {CROWD} AND {MAX_REPEATS} GROUP BY ALL
        HAVING count(DISTINCT {_NAME_SQL.format("r.given_name")}) = 1
            AND count(DISTINCT {_NAME_SQL.format("r.family_name")}) = 1
            AND count(DISTINCT lower(r.email)) <= 1 AND count(DISTINCT r.master_id) <= 1
            AND count(r.given_name) = count(*)""",
        ),
        Step(
            name="exempt people whom one source lists several times",
            reads=("crowded", "repeated"),
            writes=("crowded",),
            sql=f"""UPDATE rz_crowded SET c = {CROWD} - 1 FROM rz_repeated o WHERE rz_crowded.space = o.space
        AND rz_crowded.scope = o.scope AND rz_crowded.value = o.value AND rz_crowded.source = o.source""",
        ),
    )


def list_mailbox_steps() -> tuple[Step, ...]:
    """Join people whose addresses or numbers one account has, where no other person has them and the names allow it.

    Build also rz_person_mailboxes (n, why). Needs rz_candidates, rz_open_subjects, rz_apart and rz_roots.
    """
    return (
        Step(
            name="list addresses and numbers of open people",
            reads=("open_subjects", "person_components", "person_rows"),
            writes=("mail_values",),
            sql=f"""SELECT DISTINCT unnest([{{'form': 'e-mail', 'value': {NORMAL_FORMS["email"].format("r.email")}}},
                {{'form': 'number', 'value': CASE WHEN length({PERSON_NUMBER_SQL}) > 3
                    THEN {NORMAL_FORMS["stripped"].format(PERSON_NUMBER_SQL)} END}}], recursive := true), s.comp,
                    {_NAME_SQL.format("split_part(r.given_name, ' ', 1)")} AS given,
                    {_NAME_SQL.format("r.family_name")} AS family
            FROM rz_person_rows r JOIN rz_person_components s USING (n) SEMI JOIN rz_open_subjects o
                ON o.comp = s.comp WHERE NOT r.gone AND r.namespace <> 'guardian'""",
        ),
        Step(
            name="find accounts with addresses or numbers of two people",
            reads=("mail_values",),
            writes=("mailboxes",),
            sql=f"""WITH held AS (SELECT box, given, family, unnest(list_transform([email] || coalesce(aliases, []),
                x -> {{'form': 'e-mail', 'value': lower(x)}}) || list_transform(coalesce(external_ids, []),
                x -> {{'form': 'number', 'value': {NORMAL_FORMS["stripped"].format("regexp_extract(x, '([^:]*)$', 1)")}
                    }}), recursive := true)
            FROM (SELECT connector || ' ' || instance || ' ' || key AS box, email, aliases, external_ids,
                {_NAME_SQL.format("split_part(given_name, ' ', 1)")} AS given,
                {_NAME_SQL.format("family_name")} AS family FROM account_records))
        SELECT h.box, v.comp, v.given, v.family,
            'an account has the addresses or numbers of both, ' || min(h.value) AS why FROM held h JOIN rz_mail_values v
            USING (form, value)
        WHERE h.form = 'e-mail' OR v.family = h.family AND left(v.given, 1) = left(h.given, 1)
        GROUP BY ALL""",
        ),
        *list_renamed_people_steps(),
        Step(
            name="pair people whom one account names",
            reads=("apart", "candidates", "mailboxes", "person_components", "roots"),
            writes=("mail_pairs",),
            sql="""WITH clear AS (SELECT box FROM rz_mailboxes GROUP BY box HAVING count(DISTINCT comp) = 2),
        separate AS (SELECT least(x.comp, y.comp) AS a, greatest(x.comp, y.comp) AS b FROM rz_apart p
            JOIN rz_person_components x ON x.n = p.one JOIN rz_person_components y ON y.n = p.other),
        pairs AS (SELECT x.comp AS a, y.comp AS b, max(greatest(x.why, y.why)) AS why FROM rz_mailboxes x
            JOIN rz_mailboxes y USING (box) SEMI JOIN clear USING (box)
            JOIN rz_candidates p ON p.comp = x.comp JOIN rz_candidates q ON q.comp = y.comp
            LEFT JOIN rz_roots t ON t.name = x.given LEFT JOIN rz_roots u ON u.name = y.given
            WHERE x.comp < y.comp AND NOT list_has_any(p.sources, q.sources) AND list_has_any(p.lanes, q.lanes)
                AND (x.given = y.given OR list_has_any(coalesce(t.roots, [x.given]), coalesce(u.roots, [y.given]))
                    OR jaro_winkler_similarity(x.given, y.given) >= 0.93)
            GROUP BY x.comp, y.comp),
        sided AS (SELECT a AS comp FROM pairs UNION ALL SELECT b FROM pairs),
        several AS (SELECT comp FROM sided GROUP BY comp HAVING count(*) > 1)
        SELECT a, b, why FROM pairs
            ANTI JOIN separate USING (a, b)
        WHERE a NOT IN (FROM several) AND b NOT IN (FROM several)""",
        ),
        *list_join_steps("people whom one account names", pairs="mail_pairs"),
    )
