"""The derived table `accounts`: one row for each account that exists in its directory, with its person's status."""

from __future__ import annotations

from datetime import date

from homeroom.engines.know.resolve.shared.calendars import days_since_sql
from homeroom.engines.know.resolve.shared.words import (
    BUILT_IN_SERVICES,
    BUILT_IN_SHARED,
    LEAVER_UNITS,
    SERVICE_WORDS,
    SHARED_WORDS,
    STAFF_UNITS,
    STUDENT_UNITS,
    build_word_pattern,
)
from homeroom.evidence.query.steps import Step

DIRECTORY_FIELDS = (
    "service_names", "des_only", "sid_history", "delegates_anyone", "never_delegated", "admin_mark", "protected_group",
    "ends_by_itself",
)  # fmt: skip
"""Fields of an account that only an on-premises directory reports."""
# Where nobody says who administers, an account that is named as somebody's administration account counts as one.
_ACCOUNTS_HERE_SQL = """CASE WHEN p.id IS NOT NULL THEN count(*) FILTER (WHERE (a.suspended OR a.archived) IS NOT TRUE
    AND NOT coalesce(a.administrator, b.step = 5, false))
    OVER (PARTITION BY p.id, a.directory) END"""

# An unknown person is asked about once: about the working account of theirs that was first, else the first.
_ASKED_WITH_SQL = """CASE WHEN u.person IS NOT NULL THEN nullif(first_value(a.id) OVER (PARTITION BY u.person
    ORDER BY (a.suspended OR a.archived) IS TRUE, a.id), a.id) END"""


def list_account_steps(*, today: date) -> tuple[Step, ...]:
    """Build rz_accounts with the columns of `accounts`.

    Accounts that no source reports any more have no row.
    """
    kind, role = _kind_and_role_sql()
    return (
        _build_merge_step(),
        *_list_sign_in_steps(),
        _build_second_factor_step(),
        Step(
            name="describe accounts",
            reads=("authority", "belongs", "judged", "people", "signing", "since", "unknown_people"),
            writes=("accounts",),
            sql=f"""SELECT a.id, p.id AS person, a.directory, a.email, coalesce(a.name, p.name, a.email) AS name,
            a.org_unit,
            p.school, {kind} AS kind, {role} AS role, p.grade_band,
            a.suspended, a.archived,
            CASE WHEN a.suspended OR a.archived THEN false WHEN a.suspended IS NULL AND a.archived IS NULL THEN NULL
                ELSE true END AS enabled,
            a.super_admin, a.delegated_admin, a.administrator, a.mfa_enrolled, a.mfa_enforced, a.signs_in_with,
                j.second_factor,
            a.last_sign_in, CASE WHEN a.last_sign_in IS NOT NULL THEN false ELSE a.never_signed_in END AS
                never_signed_in, a.created_at,
            {days_since_sql("a.last_sign_in", today=today)} AS idle_school_days,
            p.here AS person_here, p."left" AS person_left, p.left_because, {_authority_knows_sql()} AS
                known_to_authority, p.works_here,
            a.identifiers, a.sources, a.password_set_at, a.password_never_expires, a.password_not_required,
                a.password_reversible,
            a.preauth_not_required, a.expires_on, {", ".join(f"a.{name}" for name in DIRECTORY_FIELDS)}, a.title,
            a.mfa_methods, {_ACCOUNTS_HERE_SQL} AS accounts_here, a.password_set_at < a.created_at + INTERVAL 1 DAY AS
                first_password,
            {_ASKED_WITH_SQL} AS asked_with
        FROM rz_signing a LEFT JOIN rz_belongs b ON b.account = a.id LEFT JOIN rz_people p ON p.id = b.person
        LEFT JOIN rz_judged j ON j.id = a.id LEFT JOIN rz_unknown_people u ON u.account = a.id""",
        ),
    )


def _kind_and_role_sql() -> tuple[str, str]:
    text = "coalesce(lower(a.org_unit), '') || ' ' || split_part(lower(a.email), '@', 1)"
    local = "split_part(lower(a.email), '@', 1)"
    kind_without_person = f"""CASE WHEN regexp_matches({text}, '{build_word_pattern(SERVICE_WORDS)}')
        OR regexp_full_match({local}, '{"|".join(BUILT_IN_SERVICES)}') THEN 'service'
        WHEN regexp_matches({text}, '{build_word_pattern(SHARED_WORDS)}') OR regexp_full_match({local},
            '{"|".join(BUILT_IN_SHARED)}') THEN 'shared' WHEN a.administrator THEN 'administrator'
        WHEN a.suspended OR a.archived OR regexp_matches(coalesce(lower(a.org_unit), ''),
            '{build_word_pattern(LEAVER_UNITS)}') THEN 'leaver'
        ELSE 'unknown' END"""
    kind = (
        f"CASE WHEN p.id IS NULL THEN {kind_without_person} WHEN p.kind = 'other' THEN CASE WHEN p.works_here THEN "
        f"'staff' ELSE 'unknown' END ELSE p.kind END"
    )
    return kind, "coalesce(p.role, 'unknown')"


def _authority_knows_sql() -> str:
    """Return SQL that decides whether the authoritative source of that kind of person knows the account.

    Null where no loaded source is authoritative for the kind of person. An account without a person is unknown to a
    source that is.
    """
    unit = "lower(coalesce(a.org_unit, ''))"
    count = "(SELECT count(DISTINCT kind) FROM rz_authority WHERE {})"
    return f"""CASE WHEN p.id IS NOT NULL THEN p.known
        WHEN regexp_matches({unit}, '{build_word_pattern(STUDENT_UNITS)}') THEN CASE
            WHEN {count.format("kind = 'student'")} > 0 THEN false END
        WHEN regexp_matches({unit}, '{build_word_pattern(STAFF_UNITS)}') THEN CASE
            WHEN {count.format("kind = 'staff'")} > 0 THEN false END
        WHEN {count.format("kind IN ('staff', 'student')")} = 2 THEN false END"""


def _build_merge_step() -> Step:
    """Build rz_merged: each field from the newest current record that has it.

    An account that any record calls an administrator is one.
    """
    newest = (
        "connector",
        "email",
        "org_unit",
        "suspended",
        "archived",
        "mfa_enrolled",
        "mfa_enforced",
        "password_set_at",
        "password_never_expires",
        "password_not_required",
        "password_reversible",
        "preauth_not_required",
        "expires_on",
        "title",
        "mfa_methods",
        *DIRECTORY_FIELDS,
    )
    fields = ", ".join(f"arg_max({name}, ord) AS {name}" for name in newest)
    return Step(
        name="merge account records",
        reads=("account_nodes", "account_rows"),
        writes=("merged",),
        sql=f"""SELECT n.id, {fields}, arg_max(nullif(trim(concat_ws(' ', given_name, family_name)), ''), ord) AS name,
            bool_or(super_admin) AS super_admin, bool_or(delegated_admin) AS delegated_admin,
            bool_or(CASE WHEN super_admin OR delegated_admin OR any_admin THEN true ELSE coalesce(super_admin,
                delegated_admin, any_admin) END) AS administrator,
            max(last_sign_in) AS last_sign_in, bool_and(never_signed_in) AS never_signed_in,
                min(created_at) AS created_at,
            flatten(list([email, directory_id, r.key] || coalesce(aliases, []) || coalesce(external_ids, []))) AS ids,
            list_sort(list_distinct(list(r.instance))) AS sources
        FROM rz_account_rows r JOIN (SELECT n, id FROM rz_account_nodes) n USING (n) WHERE NOT r.gone GROUP BY n.id""",
    )


def _list_sign_in_steps() -> tuple[Step, ...]:
    """Build rz_signing with the provider each account signs in with.

    The rule of the longest unit that covers the account wins, then a rule that names its domain.
    """
    return (
        Step(
            name="list units and domains of accounts",
            reads=("merged",),
            writes=("places",),
            sql="""SELECT DISTINCT connector AS directory, lower(coalesce(org_unit, '/')) AS unit,
            split_part(lower(email), '@', 2) AS domain FROM rz_merged""",
        ),
        Step(
            name="choose a sign-in rule for each",
            reads=("places",),
            writes=("covered",),
            sql="""SELECT p.directory, p.unit, p.domain, arg_max(s.provider, (length(s.unit), s.domain <> '',
            s.provider)) AS provider
        FROM rz_places p JOIN (SELECT directory, rtrim(lower(coalesce(org_unit, '/')), '/') AS unit,
            lower(coalesce(domain, '')) AS domain, provider
            FROM sign_in_rules) s
        ON s.directory = p.directory AND (s.domain = '' OR s.domain = p.domain)
            AND (s.unit = '' OR p.unit = s.unit OR starts_with(p.unit, s.unit || '/')) GROUP BY ALL""",
        ),
        Step(
            name="derive sign-in providers",
            reads=("covered", "merged"),
            writes=("signing",),
            sql="""SELECT m.* EXCLUDE (connector, ids), m.connector AS directory,
            coalesce(c.provider, m.connector) AS signs_in_with,
            list_sort(list_distinct(list_filter(list_transform(ids, x -> lower(trim(x))), x -> x <> ''))) AS identifiers
        FROM rz_merged m LEFT JOIN rz_covered c ON c.directory = m.connector AND c.unit = lower(coalesce(m.org_unit,
            '/'))
            AND c.domain = split_part(lower(m.email), '@', 2)""",
        ),
    )


def _build_second_factor_step() -> Step:
    """Build rz_judged with the second factor as the sign-in provider reports it.

    The provider's account with the same address decides, else the provider's accounts of the same person. Where a
    person's accounts at the provider disagree, the value is null. Separate administration accounts do not count for the
    ordinary one.
    """
    return Step(
        name="derive second factors",
        reads=("belongs", "signing"),
        writes=("judged",),
        sql="""WITH elsewhere AS (SELECT s.id, s.email, s.signs_in_with, b.person FROM rz_signing s LEFT JOIN
            rz_belongs b
            ON b.account = s.id
            WHERE s.signs_in_with <> s.directory),
        address AS (SELECT e.id, bool_and(o.mfa_enrolled) AS one, count(DISTINCT coalesce(o.mfa_enrolled::INTEGER,
            2)) AS c FROM elsewhere e
            JOIN rz_signing o ON o.directory = e.signs_in_with AND o.email = e.email GROUP BY e.id),
        person AS (SELECT e.id, bool_and(o.mfa_enrolled) AS one, count(DISTINCT coalesce(o.mfa_enrolled::INTEGER,
            2)) AS c FROM elsewhere e
            JOIN rz_belongs b ON b.person = e.person AND b.step < 5 JOIN rz_signing o ON o.id = b.account
                AND o.directory = e.signs_in_with GROUP BY e.id)
        SELECT s.id, CASE WHEN s.signs_in_with = s.directory THEN s.mfa_enrolled
            WHEN a.id IS NOT NULL THEN CASE WHEN a.c = 1 THEN a.one END
            WHEN p.id IS NOT NULL THEN CASE WHEN p.c = 1 THEN p.one END END AS second_factor
        FROM rz_signing s LEFT JOIN address a ON a.id = s.id LEFT JOIN person p ON p.id = s.id""",
    )
