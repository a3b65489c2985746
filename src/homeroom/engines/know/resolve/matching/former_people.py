"""People who left: who came back under a new number, and who uses the address of somebody who left.

A student who enrolls again, or an employee who is hired again, often has a new number beside the row that was closed.
Addresses are handed on: the account under a graduate's address may be a student's whose roster row has no address.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.renamed_people import list_join_steps
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS
from homeroom.engines.know.resolve.shared.words import DEPARTURE_WORDS, LETTERS, SQUEEZED, quote_sql_list
from homeroom.evidence.query.steps import Step

HAS_LEFT_SQL = (
    "(r.gone OR coalesce(lower(r.status) = 'tobedeleted', false) OR coalesce(NOT r.enabled, false) "
    f"OR coalesce(r.employment IN ({quote_sql_list(DEPARTURE_WORDS)}), false) "
    "OR coalesce(r.end_date < (SELECT max(seen_at)::DATE FROM rz_person_rows), false))"
)
"""SQL for whether a person record `r` reports that its person left."""
_PLAIN_SQL = "strip_accents(lower(trim({0})))"
_SAME_PERSON_SQL = "(f.email = c.email OR f.birth_date = c.birth_date)"


def list_returned_people_steps() -> tuple[Step, ...]:
    """Join the closed row of a person to the row that the same source opened later, where the names are the same.

    They must have one address or one birth date. Add to rz_person_mailboxes (n, why).
    """
    columns = (
        f"s.comp, r.source, r.namespace, {_PLAIN_SQL.format('r.given_name')} AS given, "
        f"{_PLAIN_SQL.format('r.family_name')} AS family, {NORMAL_FORMS['email'].format('r.email')} AS email, "
        "r.birth_date, r.master_id"
    )
    rows = "rz_person_rows r JOIN rz_person_components s USING (n) WHERE r.namespace IN ('staff', 'student')"
    inputs = ("apart", "person_components", "person_mailboxes", "person_rows")
    join_them = Step(
        name="join people who came back",
        reads=("closed_rows", *inputs),
        writes=("person_components", "person_mailboxes"),
        steps=(
            Step(
                name="pair people who came back",
                reads=("apart", "closed_rows", "person_components", "person_rows"),
                writes=("returned_pairs",),
                sql=f"""WITH current AS (SELECT {columns} FROM {rows} AND NOT {HAS_LEFT_SQL}),
        separate AS (SELECT x.comp AS one, y.comp AS other FROM rz_apart p
            JOIN rz_person_components x ON x.n = p.one JOIN rz_person_components y ON y.n = p.other),
        pairs AS (SELECT f.comp AS former, c.comp AS current, coalesce(max(CASE WHEN f.email = c.email
            THEN 'address ' || c.email END), 'birth date') AS value
            FROM rz_closed_rows f JOIN current c ON c.source = f.source AND c.namespace = f.namespace
                AND c.family = f.family AND c.given = f.given
            WHERE c.comp <> f.comp AND {_SAME_PERSON_SQL} AND coalesce(f.master_id = c.master_id, true) GROUP BY ALL)
        SELECT least(former, current) AS a, greatest(former, current) AS b,
            'a closed and an open record of one name in one source, with the same ' || value AS why FROM pairs
        WHERE (former, current) NOT IN (SELECT (one, other) FROM separate UNION SELECT (other, one) FROM separate)
            AND former NOT IN (SELECT comp FROM current)
        QUALIFY count(*) OVER (PARTITION BY former) = 1""",
            ),
            *list_join_steps("people who came back", pairs="returned_pairs"),
        ),
        when="SELECT count(*) > 0 FROM rz_closed_rows",
    )
    return (
        Step(
            name="list records of people who left",
            reads=("person_components", "person_rows"),
            writes=("closed_rows",),
            sql=f"SELECT {columns} FROM {rows} AND {HAS_LEFT_SQL} "
            "AND (r.email IS NOT NULL OR r.birth_date IS NOT NULL)",
        ),
        join_them,
    )


def list_former_steps() -> tuple[Step, ...]:
    """Build rz_former (id): people all of whose records report that they left."""
    return (
        Step(
            name="list people who left by all their records",
            reads=("person_nodes", "person_rows"),
            writes=("former",),
            sql=f"""SELECT p.id FROM rz_person_rows r JOIN rz_person_nodes p USING (n) GROUP BY p.id
        HAVING bool_and({HAS_LEFT_SQL})""",
        ),
    )


def list_successor_steps() -> tuple[Step, ...]:
    """Build rz_successors (account, id, rule): the current person in whose name an account has a former one's address.

    Both are of one kind, as an employee's address is not handed on to a student. No account has an address of the
    current person (it may be a parent's), and no other person has that name.
    """
    first_name, last_name = (SQUEEZED.format(LETTERS.format(f"r.{column}_name")) for column in ("given", "family"))
    return (
        Step(
            name="list accounts under the address of somebody who left",
            reads=("account_rows", "account_signs", "addresses", "former"),
            writes=("former_boxes",),
            sql=f"""WITH boxes AS (SELECT s.account, s.n, p.value, list(DISTINCT p.namespace) AS kinds
            FROM rz_account_signs s JOIN rz_addresses p ON p.value = s.email GROUP BY s.account, s.n, p.value
            HAVING bool_and(p.id IN (SELECT id FROM rz_former)))
        SELECT b.account, b.value, b.kinds, {first_name} AS given, {last_name} AS family,
            {_PLAIN_SQL.format("r.family_name")} AS plain
            FROM boxes b JOIN rz_account_rows r USING (n) WHERE NOT r.gone""",
        ),
        Step(
            name="find who uses the address of somebody who left",
            reads=("account_signs", "addresses", "former", "former_boxes", "person_nodes", "person_rows"),
            writes=("successors",),
            sql=f"""WITH people AS (SELECT p.id, r.namespace, {first_name} AS given, {last_name} AS family
            FROM rz_person_rows r
            JOIN rz_person_nodes p USING (n) WHERE r.namespace <> 'guardian'
                AND {_PLAIN_SQL.format("r.family_name")} IN (SELECT plain FROM rz_former_boxes)
                AND p.id NOT IN (SELECT id FROM rz_former)
                AND p.id NOT IN (SELECT id FROM rz_addresses p JOIN rz_account_signs s ON s.email = p.value))
        SELECT DISTINCT account, id, 'e-mail of somebody who left, with the name of this person, ' || value AS rule
            FROM rz_former_boxes JOIN people USING (given, family) WHERE list_contains(kinds, namespace)
        QUALIFY count(DISTINCT id) OVER (PARTITION BY account) = 1""",
        ),
    )
