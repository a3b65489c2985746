"""Assign accounts to persons, by rules in the order of their strength.

1. its primary address is the person's address; 2. it carries the person's number; 3. an alias is the person's address;
4. its local part is the user name of a person without any address; 5. it is the separate administration account of one
   member of staff; 6. its names, spelling, unit and grade score high enough (`account_placement`); and, after 4 and
   again after 6,
7. it shares an id, an address or a number with an account in another directory that is assigned to a person
   (`account_kinship`).
Manual decisions come before all rules; next, where 1 to 3 name different people, the one whose names the account has
decides: a user principal name may be spelled like another person's address. Where several persons fit equally, the
account is assigned to nobody. Accounts of nobody that belong together are one unknown person's.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.account_kinship import (
    list_inheritance_steps,
    list_kin_steps,
    list_unknown_person_steps,
)
from homeroom.engines.know.resolve.matching.account_placement import list_placement_steps
from homeroom.engines.know.resolve.matching.former_people import list_former_steps, list_successor_steps
from homeroom.engines.know.resolve.matching.person_comparison import build_nickname_step
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS
from homeroom.engines.know.resolve.shared.words import (
    ADMIN_PREFIXES,
    ADMIN_SUFFIXES,
    ADMIN_UNITS,
    LETTERS,
    OUTSIDE_UNITS,
    SQUEEZED,
    STAFF_TITLES,
    STAFF_UNITS,
    STUDENT_TITLE,
    STUDENT_UNITS,
    TENANT_DOMAIN,
    build_word_pattern,
)
from homeroom.evidence.query.steps import Step

_KIND_ORDER_SQL = "CASE namespace WHEN 'staff' THEN 0 WHEN 'student' THEN 1 WHEN 'guardian' THEN 2 ELSE 3 END"


def list_ownership_steps() -> tuple[Step, ...]:
    """Build rz_belongs (account, person, rule), and persons' rz_addresses and rz_numbers (value, id, namespace, …)."""
    return (
        Step(
            name="read the signs of each account",
            reads=("account_nodes", "account_rows"),
            writes=("account_signs",),
            sql=f"""SELECT n.id AS account, r.n, lower(r.email) AS email, r.aliases, r.external_ids,
            coalesce(r.super_admin
            OR r.delegated_admin OR r.any_admin, false) AS admin,
            CASE WHEN regexp_matches(lower(coalesce(r.org_unit, '')), '{build_word_pattern(STUDENT_UNITS)}')
                THEN 'student'
            WHEN regexp_matches(lower(coalesce(r.org_unit, '')),
                '{build_word_pattern((*STAFF_UNITS, *ADMIN_UNITS, *OUTSIDE_UNITS))}') THEN 'staff'
            WHEN regexp_full_match(lower(trim(r.title)), '{STUDENT_TITLE}') THEN 'student'
            WHEN regexp_matches(lower(r.title), '{build_word_pattern(STAFF_TITLES)}') THEN 'staff' END AS hint
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n)""",
        ),
        *_list_address_steps(),
        *_list_number_steps(),
        *list_former_steps(),
        *list_successor_steps(),
        Step(
            name="start the list of assigned accounts",
            writes=("belongs",),
            sql="SELECT NULL::BIGINT AS account, NULL::BIGINT AS person, NULL::VARCHAR AS rule, 0 AS step WHERE false",
        ),
        *_list_manual_steps(),
        build_nickname_step(),
        *_list_dispute_steps(),
        *_list_rule_steps(1, "e-mail", "p.value = s.email", "addresses"),
        *_list_rule_steps(2, "number", "p.value = s.number", "numbers", signs=f"({_ACCOUNT_NUMBERS_SQL})"),
        *_list_rule_steps(
            3,
            "alias",
            "p.value = s.alias",
            "addresses",
            signs="(SELECT *, unnest(aliases) AS alias FROM rz_account_signs)",
        ),
        *_list_rule_steps(4, "user name", "p.value = split_part(s.email, '@', 1)", "usernames"),
        *list_kin_steps(),
        *list_inheritance_steps(),
        *_list_administrator_steps(),
        *list_placement_steps(),
        *list_inheritance_steps(),
        *list_unknown_person_steps(),
    )


_LAST_PART_SQL = "regexp_extract(x, '([^:]*)$', 1)"  # of `employee:0042` the number
_ACCOUNT_NUMBERS_SQL = f"""SELECT *, unnest(list_distinct([v, ltrim(v, '0')])) AS number FROM (
    SELECT *, {NORMAL_FORMS["number"].format("bare")} AS v FROM (SELECT *, {_LAST_PART_SQL} AS bare FROM (SELECT *,
        unnest(external_ids) AS x FROM rz_account_signs)))
    WHERE length(v) >= 2"""


def _list_address_steps() -> tuple[Step, ...]:
    """Build rz_addresses and rz_usernames: the addresses and user names of persons."""
    rows = "rz_person_rows r JOIN rz_person_nodes p USING (n)"
    return (
        Step(
            name="list addresses of people",
            reads=("person_nodes", "person_rows"),
            writes=("addresses",),
            sql=f"""SELECT value, id, namespace, bool_and(gone) AS gone FROM (
            SELECT {NORMAL_FORMS["email"].format("r.email")} AS value, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {NORMAL_FORMS["email"].format("r.username")}, p.id, r.namespace, r.gone FROM {rows}
                WHERE r.username LIKE '%@%')
        WHERE value IS NOT NULL GROUP BY ALL""",
        ),
        Step(
            name="list user names of people without an address",
            reads=("addresses", "person_nodes", "person_rows"),
            writes=("usernames",),
            sql=f"""SELECT {NORMAL_FORMS["email"].format("r.username")} AS value, p.id, r.namespace, bool_and(r.gone)
            AS gone
            FROM {rows}
        WHERE r.username NOT LIKE '%@%' AND p.id NOT IN (SELECT id FROM rz_addresses) GROUP BY ALL
            HAVING value IS NOT NULL""",
        ),
    )


def _list_number_steps() -> tuple[Step, ...]:
    """Build rz_numbers: the numbers of persons that an account or the holder of a device refers to.

    Numbers that nothing refers to are left out.
    """
    number_form = NORMAL_FORMS["number"]
    rows = "rz_person_rows r JOIN rz_person_nodes p USING (n)"
    return (
        Step(
            name="list numbers that accounts and devices refer to",
            reads=("account_signs", "device_rows"),
            writes=("mentioned_numbers",),
            sql=f"""SELECT number AS value FROM ({_ACCOUNT_NUMBERS_SQL}) UNION SELECT upper(trim(holder_number))
            FROM rz_device_rows
        UNION SELECT lower(holder_email) FROM rz_device_rows""",
        ),
        Step(
            name="start the list of numbers of people",
            writes=("numbers",),
            sql="SELECT '' AS value, 0::BIGINT AS id, '' AS namespace, false AS gone WHERE false",
        ),
        Step(
            name="list numbers of people",
            reads=("mentioned_numbers", "numbers", "person_nodes", "person_rows"),
            writes=("numbers",),
            sql=f"""WITH told AS (SELECT {number_form.format("r.identifier")} AS v, p.id, r.namespace, r.gone FROM
            {rows}
            UNION ALL SELECT {number_form.format("r.key")}, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {number_form.format("r.master_id")}, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {number_form.format("r.bare")}, p.id, r.namespace, r.gone
                FROM (SELECT *, {_LAST_PART_SQL} AS bare FROM (SELECT n, namespace, gone, unnest(other_ids) AS x
                    FROM rz_person_rows)) r
                JOIN rz_person_nodes p USING (n)),
        ways AS (SELECT v AS value, * FROM told UNION ALL SELECT ltrim(v, '0'), * FROM told WHERE starts_with(v, '0'))
        SELECT value, id, namespace, bool_and(gone) AS gone FROM ways SEMI JOIN rz_mentioned_numbers USING (value)
        WHERE length(ltrim(value, '0')) >= 2 GROUP BY ALL""",
            when="SELECT count(*) > 0 FROM rz_mentioned_numbers",
        ),
    )


def _list_manual_steps() -> tuple[Step, ...]:
    """Add manual decisions to rz_belongs at step 0, and build rz_never_belongs (account, person)."""
    decisions_sql = """SELECT a.id AS account, p.id AS person FROM rz_decisions d
        JOIN rz_account_nodes a ON a.connector = d.one_connector AND a.instance = d.one_instance AND a.key = d.one_key
        JOIN rz_person_nodes p ON p.connector = d.other_connector AND p.instance = d.other_instance
            AND p.key = d.other_key
        WHERE d.kind = 'account' AND {}"""
    reads = ("account_nodes", "decisions", "person_nodes")
    return (
        Step(
            name="list accounts that never belong to a person",
            reads=reads,
            writes=("never_belongs",),
            sql=decisions_sql.format("NOT d.same"),
        ),
        Step(
            name="assign accounts by hand",
            reads=("belongs", "never_belongs", *reads),
            writes=("belongs",),
            sql=f"""INSERT INTO rz_belongs SELECT account, min(person), 'a decision made by hand', 0
            FROM ({decisions_sql.format("d.same")})
        WHERE (account, person) NOT IN (SELECT (account, person) FROM rz_never_belongs)
        GROUP BY account HAVING count(DISTINCT person) = 1""",
        ),
    )


def _list_dispute_steps() -> tuple[Step, ...]:
    """Assign accounts whose address, further addresses and numbers name different people to the one of their names."""
    account_names, person_names = (
        ", ".join(
            f"{SQUEEZED.format(LETTERS.format(f'{alias}.{column}_name'))} AS {column}" for column in ("given", "family")
        )
        for alias in ("r", "q")
    )
    return (
        Step(
            name="list whom addresses and numbers of accounts name",
            reads=("account_signs", "addresses", "belongs", "never_belongs", "numbers", "successors"),
            writes=("claims",),
            sql=f"""WITH claimed AS (SELECT s.account, p.id, 'e-mail ' || p.value AS rule FROM rz_account_signs s
            JOIN rz_addresses p ON p.value = s.email
            UNION ALL SELECT s.account, p.id, 'number ' || p.value FROM ({_ACCOUNT_NUMBERS_SQL}) s
                JOIN rz_numbers p ON p.value = s.number
            UNION ALL SELECT s.account, p.id, 'alias ' || p.value FROM (SELECT account, unnest(aliases) AS alias
                FROM rz_account_signs) s JOIN rz_addresses p ON p.value = s.alias
            UNION ALL SELECT account, id, rule FROM rz_successors)
        SELECT account, id, min(rule) AS rule FROM claimed c ANTI JOIN rz_never_belongs x ON x.account = c.account
            AND x.person = c.id
        WHERE account NOT IN (SELECT account FROM rz_belongs) GROUP BY account, id
        QUALIFY count(*) OVER (PARTITION BY account) > 1""",
        ),
        Step(
            name="assign accounts that name several people by their names",
            reads=(
                "account_nodes",
                "account_rows",
                "belongs",
                "claims",
                "former",
                "person_nodes",
                "person_rows",
                "roots",
            ),
            writes=("belongs",),
            sql=f"""INSERT INTO rz_belongs
            WITH named AS (SELECT n.id AS account, {account_names} FROM rz_account_rows r
                JOIN rz_account_nodes n USING (n) SEMI JOIN rz_claims c ON c.account = n.id),
            people AS (SELECT p.id, {person_names} FROM (
                    SELECT * FROM rz_person_rows UNION ALL BY NAME
                    SELECT * REPLACE (preferred_name AS given_name) FROM rz_person_rows) q
                JOIN rz_person_nodes p USING (n) SEMI JOIN rz_claims c ON c.id = p.id),
            fits AS (SELECT c.account, c.id, min(c.rule) AS rule, max(CASE
                    WHEN a.given = q.given AND a.family = q.family THEN 2
                    WHEN a.given = q.given OR list_has_any(coalesce(t.roots, [a.given]), coalesce(u.roots, [q.given]))
                    THEN 1 END) AS fit
                FROM rz_claims c JOIN named a ON a.account = c.account JOIN people q ON q.id = c.id
                LEFT JOIN rz_roots t ON t.name = a.given LEFT JOIN rz_roots u ON u.name = q.given
                GROUP BY c.account, c.id HAVING fit IS NOT NULL)
        SELECT account, min(id), min(rule), 1 FROM (SELECT *, 2 * fit - (id IN (SELECT id FROM rz_former))::INTEGER
            AS merit FROM fits QUALIFY merit = max(merit) OVER (PARTITION BY account))
        GROUP BY account HAVING count(*) = 1""",
        ),
    )


def _list_rule_steps(
    step: int, value: str, fits: str, persons: str, *, signs: str = "rz_account_signs"
) -> tuple[Step, ...]:
    """Assign accounts that no earlier step placed, where one person fits best.

    The hinted kind comes first, then staff, then persons that are not gone.
    """
    rule, persons_table = f"'{value} ' || p.value", f"rz_{persons}"
    return (
        Step(
            name=f"match accounts to people by {value}",
            reads=("account_signs", "belongs", "former", "never_belongs", persons),
            writes=("fitting",),
            sql=f"""SELECT s.account, p.id, min({rule}) AS rule,
            min(CASE WHEN s.hint = p.namespace THEN 0 ELSE 10 END +
                {_KIND_ORDER_SQL.replace("namespace", "p.namespace")} * 2
                + (p.gone OR p.id IN (SELECT id FROM rz_former))::INTEGER) AS cost
        FROM {signs} s JOIN {persons_table} p ON {fits} ANTI JOIN rz_never_belongs x ON x.account = s.account
            AND x.person = p.id
        WHERE s.account NOT IN (SELECT account FROM rz_belongs) GROUP BY s.account, p.id""",
        ),
        Step(
            name=f"assign accounts by {value}",
            reads=("belongs", "fitting"),
            writes=("belongs",),
            sql=f"""INSERT INTO rz_belongs SELECT account, min(id), min(rule), {step} FROM (
            SELECT *, min(cost) OVER (PARTITION BY account) AS least FROM rz_fitting) WHERE cost = least
        GROUP BY account HAVING count(DISTINCT id) = 1""",
        ),
    )


def _list_administrator_steps() -> tuple[Step, ...]:
    """Assign administrator accounts by local part.

    An administrator's local part, with or without a marker, must equal the local part of exactly one member of staff.
    """
    markers_sql = " UNION ALL ".join(
        [f"SELECT '{marker}' AS mark, true AS before" for marker in ADMIN_PREFIXES]
        + [f"SELECT '{marker}' AS mark, false AS before" for marker in ADMIN_SUFFIXES]
    )
    return (
        Step(
            name="match administration accounts to staff",
            reads=("account_signs", "addresses", "belongs"),
            writes=("fitting",),
            sql=f"""WITH left_over AS (SELECT account, email, split_part(email, '@', 1) AS local, split_part(email, '@',
            2) AS domain, bool_or(admin) AS admin
            FROM rz_account_signs WHERE account NOT IN (SELECT account FROM rz_belongs) AND email LIKE '%@%'
                GROUP BY ALL),
        marks AS ({markers_sql}),
        bare AS (SELECT account, email, domain, CASE WHEN before THEN substr(local, length(mark) + 1) ELSE left(local,
            length(local) - length(mark)) END AS local
            FROM left_over JOIN marks ON (before AND starts_with(local, mark)) OR (NOT before AND ends_with(local,
                mark))
            UNION SELECT account, email, domain, local FROM left_over WHERE admin),
        staff AS (SELECT DISTINCT id, split_part(value, '@', 1) AS local, split_part(value, '@', 2) AS domain
            FROM rz_addresses WHERE namespace = 'staff'
            UNION SELECT DISTINCT b.person, split_part(s.email, '@', 1), split_part(s.email, '@', 2) FROM rz_belongs b
            JOIN rz_account_signs s USING (account) WHERE b.person IN (SELECT id FROM rz_addresses
                WHERE namespace = 'staff'))
        SELECT b.account, s.id, b.local FROM bare b JOIN staff s ON s.local = b.local AND length(b.local) > 1
            AND (s.domain = b.domain OR ends_with(b.domain, '.' || s.domain) OR ends_with(b.domain,
                '{TENANT_DOMAIN}'))""",
        ),
        Step(
            name="assign administration accounts",
            reads=("belongs", "fitting"),
            writes=("belongs",),
            sql="""INSERT INTO rz_belongs SELECT account, min(id), 'administration account of ' || min(local), 5
            FROM rz_fitting GROUP BY account HAVING count(DISTINCT id) = 1""",
        ),
    )
