"""People who were renamed, and staff who are also listed as a parent, by what their account shows.

After a change of name most systems have the new name and some the old one, while the address stays: an account named
Ida Falkenberg with the address ida.moss@ belongs to the Ida Moss of one list and the Ida Falkenberg of another. A
parent whose name and address are those of a member of staff is that person; a spouse under the same address is not.
"""

from __future__ import annotations

from functools import partial

from homeroom.engines.know.resolve.shared.components import join_pairs
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS, PERSON_NUMBER_SQL
from homeroom.engines.know.resolve.shared.words import LETTERS, SQUEEZED
from homeroom.evidence.query.steps import Step

_MIN_FAMILY_LETTERS = 3  # letters of a family name that an address spells
_NAME_SQL = SQUEEZED.format(LETTERS.format("concat_ws(' ', r.given_name, r.family_name)"))
_EMAIL_SQL = NORMAL_FORMS["email"].format("r.email")


def _first_name_sql(column: str) -> str:
    return f"split_part({LETTERS.format(column)}, ' ', 1)"


def list_renamed_people_steps() -> tuple[Step, ...]:
    """Add to rz_mailboxes the people whom an account names by its own name and by an address that spells another.

    Needs rz_roots. Whoever else has the account's address or number is added too, so that such an account is not clear.
    """
    find_people = Step(
        name="find people in accounts of renamed people",
        reads=("mailboxes", "person_components", "person_rows", "renamed_boxes", "roots"),
        writes=("mailboxes",),
        sql=f"""INSERT INTO rz_mailboxes
        WITH people AS (SELECT s.comp, {_first_name_sql("coalesce(r.preferred_name, r.given_name)")} AS given,
            {SQUEEZED.format(LETTERS.format("r.family_name"))} AS family, {_EMAIL_SQL} AS email,
            {NORMAL_FORMS["stripped"].format(PERSON_NUMBER_SQL)} AS number
            FROM rz_person_rows r JOIN rz_person_components s USING (n) WHERE NOT r.gone AND r.namespace <> 'guardian'),
        rooted AS (SELECT p.*, unnest(coalesce(t.roots, [p.given])) AS root FROM people p
            LEFT JOIN rz_roots t ON t.name = p.given),
        boxes AS (SELECT b.*, unnest(coalesce(t.roots, [b.given])) AS root FROM rz_renamed_boxes b
            LEFT JOIN rz_roots t ON t.name = b.given)
        SELECT b.box, p.comp, p.given, p.family,
            'the account ' || b.email || ' has the name of one and the former name of the other'
            FROM boxes b JOIN rooted p ON p.root = b.root AND (p.family = b.family
                OR list_contains(b.old_families, p.family) OR list_contains(b.numbers, p.number))
        UNION ALL SELECT b.box, p.comp, p.given, p.family, '' FROM (SELECT box, unnest(emails) AS email
            FROM rz_renamed_boxes) b JOIN people p USING (email)""",
        when="SELECT count(*) > 0 FROM rz_renamed_boxes",
    )
    return (_build_box_step(), find_people)


def _build_box_step() -> Step:
    """Build rz_renamed_boxes: accounts whose address spells their given name beside another family name than theirs."""
    number = NORMAL_FORMS["stripped"].format("regexp_extract(x, '([^:]*)$', 1)")
    return Step(
        name="list accounts with the address of a former name",
        writes=("renamed_boxes",),
        sql=f"""WITH plain AS (SELECT connector || ' ' || instance || ' ' || key AS box, lower(email) AS email, aliases,
            external_ids, {_first_name_sql("given_name")} AS given,
            {SQUEEZED.format(LETTERS.format("family_name"))} AS family,
            regexp_replace(strip_accents(lower(split_part(email, '@', 1))), '[^a-z]', '', 'g') AS letters
            FROM account_records WHERE email LIKE '%@%' AND given_name IS NOT NULL AND family_name IS NOT NULL
                AND NOT contains(lower(email), lower(family_name))),
        split AS (SELECT *, [CASE WHEN starts_with(letters, given) THEN substr(letters, length(given) + 1) END,
            CASE WHEN ends_with(letters, given) THEN left(letters, length(letters) - length(given)) END,
            CASE WHEN starts_with(letters, left(given, 1)) THEN substr(letters, 2) END,
            CASE WHEN ends_with(letters, left(given, 1)) THEN left(letters, length(letters) - 1) END] AS rests
            FROM plain WHERE length(given) > 1 AND length(letters) > {_MIN_FAMILY_LETTERS}
                AND NOT contains(letters, family))
        SELECT box, email, given, family, list_distinct([email] || list_transform(coalesce(aliases, []),
            x -> lower(x))) AS emails, list_transform(coalesce(external_ids, []), x -> {number}) AS numbers,
            list_distinct(list_filter(rests, x -> length(x) >= {_MIN_FAMILY_LETTERS} AND NOT contains(family, x)))
                AS old_families
        FROM split WHERE len(old_families) > 0""",
    )


def list_working_parent_steps() -> tuple[Step, ...]:
    """Join parents to the member of staff of their name whose address they have, or whose account has it.

    Add to rz_person_mailboxes (n, why).
    """
    inputs = ("apart", "person_components", "person_mailboxes", "person_rows")
    join_them = Step(
        name="join parents who work here",
        reads=("parents_at_work", *inputs),
        writes=("person_components", "person_mailboxes"),
        steps=(
            _build_namesake_step(),
            _build_pair_step(),
            *list_join_steps("parents with their records as staff", pairs="parent_pairs"),
        ),
        when="SELECT count(*) > 0 FROM rz_parents_at_work",
    )
    return (_build_parent_step(), join_them)


def list_join_steps(people: str, *, pairs: str) -> tuple[Step, Step]:
    """Join the people of a table of pairs (a, b, why), a being less than b, and say why in rz_person_mailboxes."""
    return (
        Step(
            name=f"explain {people}",
            reads=(pairs, "person_mailboxes"),
            writes=("person_mailboxes",),
            sql=f"INSERT INTO rz_person_mailboxes SELECT b AS n, why FROM rz_{pairs}",
        ),
        Step(
            name=f"join {people}",
            reads=(pairs, "person_components"),
            writes=("person_components",),
            run=partial(join_pairs, components="person_components", pairs=pairs),
        ),
    )


def _build_parent_step() -> Step:
    """Build rz_parents_at_work (comp, name, email): people listed only as parents, under an address of the district."""
    return Step(
        name="list parents with an address of the district",
        reads=("person_components", "person_rows"),
        writes=("parents_at_work",),
        sql=f"""WITH work AS (SELECT lower(email) AS email FROM account_records
            UNION SELECT {_EMAIL_SQL} FROM rz_person_rows r WHERE r.namespace = 'staff'),
        parents AS (SELECT n, {_EMAIL_SQL} AS email, given_name, family_name FROM rz_person_rows r
            WHERE r.namespace = 'guardian' AND NOT r.gone AND r.given_name IS NOT NULL)
        SELECT DISTINCT s.comp, {_NAME_SQL} AS name, r.email FROM parents r SEMI JOIN work USING (email)
            JOIN rz_person_components s USING (n)
        WHERE s.comp NOT IN (SELECT comp FROM rz_person_rows JOIN rz_person_components USING (n)
            WHERE namespace <> 'guardian')""",
    )


def _build_namesake_step() -> Step:
    """Build rz_staff_namesakes (comp, name, emails, names): staff with the name of such a parent."""
    return Step(
        name="list staff with the names of parents",
        reads=("parents_at_work", "person_components", "person_rows"),
        writes=("staff_namesakes",),
        sql=f"""WITH staff AS (SELECT s.comp, {_NAME_SQL} AS name, {_EMAIL_SQL} AS email FROM rz_person_rows r
            JOIN rz_person_components s USING (n) WHERE r.namespace = 'staff' AND NOT r.gone),
        people AS (SELECT comp, list(DISTINCT name) AS names, coalesce(list(DISTINCT email) FILTER (email IS NOT NULL),
            []) AS emails FROM staff GROUP BY comp)
        SELECT DISTINCT comp, s.name, emails, names FROM staff s JOIN people USING (comp)
            SEMI JOIN rz_parents_at_work USING (name)""",
    )


def _build_pair_step() -> Step:
    return Step(
        name="pair parents with staff",
        reads=("apart", "parents_at_work", "person_components", "staff_namesakes"),
        writes=("parent_pairs",),
        sql=f"""WITH boxes AS (SELECT unnest([lower(email)] || list_transform(coalesce(aliases, []), x -> lower(x)))
            AS email, {_NAME_SQL} AS box_name FROM account_records r),
        namesakes AS (SELECT *, count(DISTINCT comp) OVER (PARTITION BY name) AS c FROM rz_staff_namesakes),
        separate AS (SELECT least(x.comp, y.comp) AS a, greatest(x.comp, y.comp) AS b FROM rz_apart p
            JOIN rz_person_components x ON x.n = p.one JOIN rz_person_components y ON y.n = p.other),
        pairs AS (SELECT DISTINCT p.comp AS parent, s.comp AS staff, p.email FROM rz_parents_at_work p
            JOIN namesakes s USING (name) LEFT JOIN boxes b ON b.email = p.email AND list_contains(s.names, b.box_name)
            WHERE list_contains(s.emails, p.email) OR s.c = 1 AND len(s.emails) = 0 AND b.email IS NOT NULL)
        SELECT least(parent, staff) AS a, greatest(parent, staff) AS b,
            'a parent with the name and the address of a member of staff, ' || min(email) AS why FROM pairs
        WHERE (least(parent, staff), greatest(parent, staff)) NOT IN (SELECT (a, b) FROM separate)
        GROUP BY parent, staff QUALIFY count(*) OVER (PARTITION BY parent) = 1""",
    )
