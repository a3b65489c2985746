"""Placement of accounts that no address or number assigns, by names, spelling of the address, unit and grade.

For each account, and for each person in that directory, the best pair that exceeds the model's margin is joined; the
other pairs that score high enough go to review.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from homeroom.engines.know.resolve.matching.account_kinship import NUMBER_KIN
from homeroom.engines.know.resolve.matching.blocking import MAX_BLOCK_SIZE, MAX_PAIRS
from homeroom.engines.know.resolve.matching.person_comparison import build_nickname_step
from homeroom.engines.know.resolve.matching.scoring import (
    build_empty_scores_step,
    build_population_step,
    build_score_store_step,
    leads_sql,
    list_scoring_steps,
    reasons_sql,
)
from homeroom.engines.know.resolve.matching.weights import ACCOUNT_MODEL
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS, PERSON_NUMBER_SQL
from homeroom.engines.know.resolve.shared.words import (
    ADMIN_PREFIXES,
    ADMIN_SUFFIXES,
    LETTERS,
    SERVICE_WORDS,
    SHARED_WORDS,
    SQUEEZED,
    build_word_pattern,
)
from homeroom.evidence.query.steps import Step

ADMINISTRATOR_STEP, PLACEMENT_STEP = 5, 6
_YEAR_SAMPLE, _YEAR_MINIMUM, _YEAR_AGREEMENT = (
    20_000,
    20,
    0.8,
)  # accounts that are asked how years are written, at most and at least; the share that must agree
_GRADE_NUMBER_SQL = (
    "CASE upper({0}) WHEN 'KG' THEN 0 WHEN 'PK' THEN -1 WHEN 'TK' THEN -1 ELSE try_cast({0} AS INTEGER) END"
)
_ADMIN_MARK = f"^({'|'.join(map(re.escape, ADMIN_PREFIXES))})|({'|'.join(map(re.escape, ADMIN_SUFFIXES))})$"
"""What an administration account's local part has before or after its person's own."""
_MIN_NAME_LETTERS = 3  # letters of a local part that could be somebody's name


def list_placement_steps() -> tuple[Step, ...]:
    """Add to rz_belongs the accounts that a person's name decides.

    Build also rz_account_scores (a: account, b: person, …).
    """
    inputs = (
        "account_nodes", "account_rows", "account_signs", "belongs", "former", "kin", "never_belongs", "person_nodes",
        "person_rows",
    )  # fmt: skip
    placement = Step(
        name="place accounts by names",
        reads=("account_scores", "unassigned", *inputs),
        writes=("account_scores", "belongs"),
        steps=(
            build_nickname_step(),
            *_list_profile_steps(),
            *_list_pair_steps(),
            *list_scoring_steps(ACCOUNT_MODEL, profiles=("unassigned", "person_profiles")),
            *_list_decision_steps(),
        ),
        when="SELECT count(*) > 0 FROM rz_unassigned",
    )
    return (build_empty_scores_step("account"), *_list_grade_steps(), _build_unassigned_step(), placement)


_YEAR_STEP_SQL = f"(SELECT greatest(count(*) // {_YEAR_SAMPLE}, 1) FROM rz_account_nodes)"
_SIZE_SQL = "(SELECT size FROM rz_population)"


def _list_grade_steps() -> tuple[Step, ...]:
    """Build rz_account_grades (n, grade): the grade in an account's unit or address as a number, kindergarten 0.

    A year yields a grade only where accounts that are already assigned show how: the year and the grade have the same
    sum in most of them, whatever a district writes there.
    """
    local = "split_part(lower(r.email), '@', 1)"
    total = "(SELECT total FROM rz_account_sums WHERE place = '{}')"
    return (
        Step(
            name="read years and grades from units and addresses",
            reads=("account_nodes", "account_rows", "belongs"),
            writes=("account_years",),
            sql=f"""SELECT r.n, try_cast(coalesce(nullif(regexp_extract(lower(r.org_unit), 'gr(ade)?[ ._-]*([0-9]+)',
            2), ''),
                nullif(regexp_extract(lower(r.org_unit), '([0-9]+)(st|nd|rd|th)[ _-]*grade', 1),
                    '')) AS INTEGER) AS grade,
            try_cast(regexp_extract(r.org_unit, '(20[2-4][0-9])', 1) AS INTEGER) AS of_unit,
            try_cast(coalesce(nullif(regexp_extract({local}, '(20[2-4][0-9])$', 1), ''),
                '20' || nullif(regexp_extract({local}, '^([2-4][0-9])[a-z]', 1), ''),
                '20' || nullif(regexp_extract({local}, '[a-z]([2-4][0-9])$', 1), '')) AS INTEGER) AS of_address
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n)
        WHERE (r.email IS NOT NULL OR r.org_unit IS NOT NULL)
            AND (n.id NOT IN (SELECT account FROM rz_belongs) OR n.n % {_YEAR_STEP_SQL} = 0)""",
        ),
        Step(
            name="learn how the district writes years",
            reads=("account_nodes", "account_years", "belongs", "person_nodes", "person_rows"),
            writes=("account_sums",),
            sql=f"""WITH placed AS (
            SELECT unnest(['unit', 'address']) AS place, unnest([y.of_unit, y.of_address]) AS year,
                {_GRADE_NUMBER_SQL.format("r.grade")} AS grade
            FROM rz_account_years y JOIN rz_account_nodes n USING (n) JOIN rz_belongs b ON b.account = n.id
            JOIN rz_person_nodes p ON p.id = b.person JOIN rz_person_rows r ON r.n = p.n),
        sums AS (SELECT place, year + grade AS total, count(*) AS c FROM placed WHERE year + grade IS NOT NULL
            GROUP BY ALL)
        SELECT place, arg_max(total, (c, total)) AS total FROM sums GROUP BY place
        HAVING sum(c) >= {_YEAR_MINIMUM} AND max(c) >= {_YEAR_AGREEMENT} * sum(c)""",
        ),
        Step(
            name="derive grades of accounts",
            reads=("account_sums", "account_years"),
            writes=("account_grades",),
            sql=f"""SELECT n, coalesce(grade, {total.format("unit")} - of_unit, {total.format("address")} -
            of_address) AS grade
            FROM rz_account_years""",
        ),
    )


def _build_unassigned_step() -> Step:
    """Build rz_unassigned: one row for each record of an unassigned account that is named like a person.

    Where a record does not show the kind of person, another one of the account does, or the account of another
    directory with the same id or address.
    """
    user = "split_part(lower(r.email), '@', 1)"
    local = f"regexp_replace({user}, '{_ADMIN_MARK}', '')"
    text = f"coalesce(lower(r.org_unit), '') || ' ' || {user}"
    family_name = "regexp_replace(r.family_name, '\\s*\\([^)]*\\)', '', 'g')"  # `Hale (Admin)`
    return Step(
        name="list accounts that nobody is assigned to",
        reads=("account_grades", "account_nodes", "account_rows", "account_signs", "belongs", "kin"),
        writes=("unassigned",),
        sql=f"""WITH own AS (SELECT account, min(hint) AS hint FROM rz_account_signs WHERE hint IS NOT NULL
            GROUP BY account HAVING count(DISTINCT hint) = 1),
        related AS (SELECT k.account, min(o.hint) AS hint FROM rz_kin k JOIN own o ON o.account = k.other
            WHERE k.grade < {NUMBER_KIN} GROUP BY k.account HAVING count(DISTINCT o.hint) = 1)
        SELECT n.id AS comp, n.connector || ' ' || n.instance AS tenant,
            coalesce(s.hint, own.hint, related.hint) AS hint,
            {SQUEEZED.format(LETTERS.format("r.given_name"))} AS given,
                {SQUEEZED.format(LETTERS.format(family_name))} AS family,
            list_filter(string_split(coalesce({LETTERS.format(family_name)}, ''), ' '),
                x -> length(x) > 2) AS families,
            list_filter(string_split(coalesce({LETTERS.format("r.given_name")}, ''), ' '),
                x -> length(x) > 2) AS givens,
            {local} AS local, coalesce(regexp_matches({user}, '{_ADMIN_MARK}'), false) AS marked,
                nullif(split_part(lower(r.email), '@', 2), '') AS domain,
                regexp_replace(strip_accents({local}), '[^a-z]', '', 'g') AS spelling,
            lower(coalesce(r.org_unit, '') || ' ' || coalesce(r.department, '')) AS unit, g.grade,
            lower(trim(r.title)) AS title,
                {NORMAL_FORMS["stripped"].format("regexp_extract(r.external_ids[1], '([^:]*)$', 1)")} AS number
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n) JOIN rz_account_signs s USING (n) LEFT
            JOIN rz_account_grades g USING (n) LEFT JOIN own ON own.account = n.id
            LEFT JOIN related ON related.account = n.id
        WHERE NOT r.gone AND n.id NOT IN (SELECT account FROM rz_belongs) AND NOT regexp_matches({text},
            '{build_word_pattern(SERVICE_WORDS)}')
            AND NOT regexp_matches({text}, '{build_word_pattern(SHARED_WORDS)}')""",
    )


def _list_profile_steps() -> tuple[Step, ...]:
    """Build rz_person_profiles, one row for each person record, normalized for comparison with accounts.

    Add to rz_unassigned the schools that its unit names, and the rarity of its names and spelling.
    """
    first_name, last_name = LETTERS.format("coalesce(r.preferred_name, r.given_name)"), LETTERS.format("r.family_name")
    email = NORMAL_FORMS["email"].format("r.email")
    return (
        Step(
            name="normalize the values of people",
            reads=("person_nodes", "person_rows", "roots"),
            writes=("person_profiles",),
            sql=f"""WITH plain AS (SELECT p.id AS comp, CASE r.namespace WHEN 'student' THEN 'student'
            ELSE 'staff' END AS lane, {first_name} AS given_words,
            {LETTERS.format("r.given_name")} AS formal, {last_name} AS family_words, split_part({email}, '@',
                1) AS local, nullif(split_part({email}, '@', 2), '') AS domain, split_part(lower(r.username), '@',
                    1) AS username,
            lower(coalesce(r.org_name, o.name)) AS school, {_GRADE_NUMBER_SQL.format("r.grade")} AS grade,
                lower(trim(r.title)) AS title, {NORMAL_FORMS["stripped"].format(PERSON_NUMBER_SQL)} AS number
            FROM rz_person_rows r JOIN rz_person_nodes p USING (n)
            LEFT JOIN (SELECT instance, key, any_value(name ORDER BY name) AS name FROM orgs GROUP BY ALL) o
                ON o.instance = r.instance AND o.key = r.org_key
            WHERE r.namespace <> 'guardian'),
        split AS (SELECT * EXCLUDE (given_words, formal, family_words), {SQUEEZED.format("given_words")} AS given,
            {SQUEEZED.format("family_words")} AS family,
            list_filter(string_split(coalesce(family_words, ''), ' '), x -> length(x) > 2) AS families,
            list_distinct(list_filter(string_split(concat_ws(' ', given_words, formal), ' '),
                x -> length(x) > 2)) AS givens,
            split_part(coalesce(given_words, ''), ' ', 1) AS first FROM plain),
        rare AS (SELECT given AS value, count(DISTINCT comp) AS c FROM split GROUP BY given),
            rarer AS (SELECT family AS value, count(DISTINCT comp) AS c FROM split GROUP BY family)
        SELECT s.*, coalesce(t.roots, [s.first]) AS roots, g.c AS given_count, f.c AS family_count,
            [given || family, family || given] AS spelled, [left(given, 1) || family, family || left(given, 1),
                given || left(family, 1)] AS initialled
        FROM split s LEFT JOIN rz_roots t ON t.name = s.first LEFT JOIN rare g ON g.value = s.given LEFT JOIN rarer f
            ON f.value = s.family""",
        ),
        build_population_step(table="person_profiles", name="count people that accounts could belong to"),
        Step(
            name="weigh the rarity of names",
            reads=("person_profiles", "population"),
            writes=("person_profiles",),
            sql=f"""SELECT *, log2({_SIZE_SQL} / given_count) AS given_bits,
            log2({_SIZE_SQL} / family_count) AS family_bits FROM rz_person_profiles""",
        ),
        Step(
            name="find schools in the units of accounts",
            reads=("person_profiles", "unassigned"),
            writes=("unit_schools",),
            sql="""SELECT unit, list(DISTINCT school) AS schools FROM (SELECT DISTINCT unit FROM rz_unassigned
            WHERE trim(unit) <> '') u
        JOIN (SELECT DISTINCT school FROM rz_person_profiles WHERE length(school) > 3) s ON contains(u.unit, s.school)
            GROUP BY unit""",
        ),
        Step(
            name="add schools and rarity to accounts",
            reads=("person_profiles", "population", "roots", "unassigned", "unit_schools"),
            writes=("unassigned",),
            sql=f"""SELECT a.*, coalesce(s.schools, []) AS schools, coalesce(t.roots, [a.given]) AS roots,
            coalesce(g.given_bits, log2({_SIZE_SQL})) AS given_bits, coalesce(f.family_bits, log2({_SIZE_SQL})) AS
            family_bits,
                log2({_SIZE_SQL} / greatest(c.c, 1)) + 3 AS spelled_bits
        FROM rz_unassigned a LEFT JOIN rz_unit_schools s USING (unit) LEFT JOIN rz_roots t ON t.name = a.given
        LEFT JOIN (SELECT given, min(given_bits) AS given_bits FROM rz_person_profiles GROUP BY given) g ON g.given =
            a.given
        LEFT JOIN (SELECT family, min(family_bits) AS family_bits FROM rz_person_profiles GROUP BY family) f
            ON f.family = a.family
        LEFT JOIN (SELECT spelling, count(DISTINCT comp) AS c FROM (SELECT comp, unnest(spelled || initialled) AS
            spelling FROM rz_person_profiles) GROUP BY spelling) c
            ON c.spelling = a.spelling""",
        ),
    )


def _list_pair_steps() -> tuple[Step, ...]:
    return (
        _build_values_step("unassigned", "account_values"),
        _build_values_step("person_profiles", "person_values"),
        Step(
            name="pair accounts and people that share a value",
            reads=("account_values", "person_values"),
            writes=("pairs",),
            sql=f"""WITH sized AS (SELECT space, value, x.c * y.c AS pairs FROM (SELECT space, value, count(*) AS c
            FROM rz_account_values GROUP BY ALL) x
            JOIN (SELECT space, value, count(*) AS c FROM rz_person_values GROUP BY ALL) y USING (space, value)
                WHERE y.c <= {MAX_BLOCK_SIZE}),
        few AS (SELECT space, value FROM (SELECT *, sum(pairs) OVER (ORDER BY pairs, space, value) AS so_far
            FROM sized) WHERE so_far <= {MAX_PAIRS})
        SELECT DISTINCT x.comp AS a, y.comp AS b FROM rz_account_values x JOIN few USING (space, value)
            JOIN rz_person_values y USING (space, value)""",
        ),
        Step(
            name="mark people who have an account already",
            reads=("account_nodes", "belongs", "never_belongs", "pairs", "unassigned"),
            writes=("pairs",),
            sql="""SELECT p.a, p.b, coalesce(t.person IS NOT NULL AND NOT n.marked, false) AS taken FROM rz_pairs p
        JOIN (SELECT comp, tenant, bool_and(marked) AS marked FROM rz_unassigned GROUP BY ALL) n ON n.comp = p.a
        LEFT JOIN (SELECT DISTINCT b.person, q.connector || ' ' || q.instance AS tenant FROM rz_belongs b
            JOIN rz_account_nodes q ON q.id = b.account WHERE NOT q.gone AND b.step <> 5) t ON t.person = p.b
                AND t.tenant = n.tenant
        WHERE (p.a, p.b) NOT IN (SELECT (account, person) FROM rz_never_belongs)""",
        ),
    )


def _build_values_step(table: str, values_table: str) -> Step:
    """Build the values (comp, space, value) on which an account and a person may meet."""
    is_person = table == "person_profiles"
    replacements = {"root": "unnest(roots)", "spelling": "unnest(spelled || initialled)" if is_person else "spelling"}
    rows = [
        f"SELECT comp, {space} AS space, {_replace_spelling(value, replacements)} AS value FROM rz_{table}"
        for space, value in enumerate(_MEETING_VALUES)
    ]
    if is_person:
        rows.append(f"SELECT comp, 3, username FROM rz_{table}")
    return Step(
        name=f"list the values of {table}".replace("_", " "),
        reads=(table,),
        writes=(values_table,),
        sql=f"SELECT DISTINCT * FROM ({' UNION ALL '.join(rows)}) WHERE length(value) >= {_MIN_NAME_LETTERS}",
    )


_MEETING_VALUES = (
    "root || ' ' || family",
    "given || ' ' || left(family, 4)",
    "family || ' ' || left(given, 2)",
    "local",
    "spelling",
    "'#' || number",
)


def _list_decision_steps() -> tuple[Step, ...]:
    reason_sql = (
        f"'weight of ' || round(w.bits)::BIGINT || ' bits: ' || array_to_string({reasons_sql(ACCOUNT_MODEL)}, '; ')"
    )
    return (
        Step(
            name="decide which accounts belong to which people",
            reads=("former", "scores", "unassigned"),
            writes=("scores",),
            sql=f"""WITH tenanted AS (SELECT w.*, n.tenant, n.marked FROM rz_scores w JOIN (SELECT comp, tenant,
            bool_and(marked) AS marked FROM rz_unassigned GROUP BY ALL) n ON n.comp = w.a
            QUALIFY b NOT IN (SELECT id FROM rz_former) OR bits > coalesce(max(bits) FILTER (b NOT IN (SELECT id
                FROM rz_former)) OVER (PARTITION BY w.a), bits - 1)),
        ranked AS (SELECT *, row_number() OVER mine AS first, lead(bits) OVER mine AS second,
            row_number() OVER theirs AS best, lead(bits) OVER theirs AS after
            FROM tenanted WINDOW mine AS (PARTITION BY a ORDER BY bits DESC, b),
                theirs AS (PARTITION BY b, tenant, marked ORDER BY bits DESC, a))
        SELECT * EXCLUDE (tenant, marked, first, second, best, after),
            first = 1 AND best = 1 AND {leads_sql(ACCOUNT_MODEL, "second")} AND {leads_sql(ACCOUNT_MODEL, "after")} AS
                joined FROM ranked
        WHERE bits >= {ACCOUNT_MODEL.review}""",
        ),
        Step(
            name="assign accounts by names",
            reads=("belongs", "scores", "unassigned"),
            writes=("belongs",),
            sql=f"INSERT INTO rz_belongs SELECT a, b, {reason_sql}, CASE WHEN a IN (SELECT comp FROM rz_unassigned "
            f"WHERE marked) THEN {ADMINISTRATOR_STEP} ELSE {PLACEMENT_STEP} END FROM rz_scores w WHERE joined",
        ),
        build_score_store_step("account", include_unjoined=True),
    )


def _replace_spelling(value: str, replacements: Mapping[str, str]) -> str:
    if "root" in value:
        return value.replace("root", replacements["root"])
    return replacements["spelling"] if value == "spelling" else value
