"""Third-party apps: the accounts that authorized them, the reach of their permissions, and agreements."""

from __future__ import annotations

from collections.abc import Mapping

from homeroom.engines.know.resolve.resources.agreements import AGREEMENT_APPS_SQL, AGREEMENTS_SQL, AUTHORIZED_APPS_SQL
from homeroom.engines.know.resolve.resources.contracts import APP_USE_SQL
from homeroom.engines.know.resolve.resources.definition import SOURCES, Resource, any_true_sql

REACH_PATTERNS: Mapping[str, str] = {
    "mail": r"^https://mail\.google\.com/$|/auth/gmail\.(readonly|modify|metadata|insert|settings\.)"
    r"|^Mail\.Read(Write)?(\.|$)"
    r"|^(EWS|IMAP|POP)\.AccessAsUser|^full_access_as_app$",
    "files": r"/auth/drive(\.readonly)?$|^Files\.Read(Write)?(\.All)?$"
    r"|^Sites\.(Read|ReadWrite|Manage|FullControl)\.All$",
    "directory": r"/auth/admin\.directory\.[a-z.]+\.readonly$|^(Directory|User|Group)\.Read\.All$",
    "administration": r"/auth/admin\.directory\.[a-z]+(\.[a-z]+)*$|^(Directory|User|Group|Application)\.ReadWrite\.All$"
    r"|^(AppRoleAssignment|RoleManagement)\.ReadWrite\.",
    "roster": r"/auth/classroom\.(rosters|profile\.|guardianlinks)|^EduRoster\.",
}
"""Far-reaching permissions, as patterns over scopes.

Google's OAuth 2.0 scopes, and the permissions of Microsoft Graph and Exchange.
"""
_EXCEPTIONS = {"administration": r"\.readonly$"}
# Google documents these scopes at developers.google.com/identity/protocols/oauth2/scopes, Microsoft its permissions at
# learn.microsoft.com/graph/permissions-reference.


def _reach_sql(name: str, pattern: str) -> str:
    exclusion = f" AND NOT regexp_matches(s, '{_EXCEPTIONS[name]}')" if name in _EXCEPTIONS else ""
    return f"CASE WHEN len(list_filter(scopes, s -> regexp_matches(s, '{pattern}'){exclusion})) > 0 THEN '{name}' END"


_REACH_LIST_SQL = ", ".join(_reach_sql(name, pattern) for name, pattern in sorted(REACH_PATTERNS.items()))
REACH_SQL = f"list_filter([{_REACH_LIST_SQL}], x -> x IS NOT NULL)"
"""SQL over `scopes`: the far-reaching kinds of access among them."""
GRANTS_SQL = """SELECT g.id, g.scopes, coalesce(n.id, e.id) AS account FROM rz_app_rows g
    LEFT JOIN (SELECT connector, instance, key, id FROM rz_account_nodes WHERE NOT gone) n
        ON n.connector = g.connector AND n.instance = g.instance AND n.key = g.account_key
    LEFT JOIN (SELECT directory, lower(email) AS email, min(id) AS id FROM rz_accounts GROUP BY ALL) e
        ON e.directory = g.connector AND e.email = lower(g.email) WHERE g.account_key <> ''"""
"""SQL for each app that an account authorized: its permissions there, and the account."""
_BEST = "['signed', 'ended', 'asked', 'refused', 'unsigned']"

APP = Resource(
    kind="app",
    records="app_grants",
    key="r.app_key",
    same="r.connector || ' ' || r.app_key",
    select=f"""WITH grants AS ({GRANTS_SQL}),
        people AS (SELECT g.id, count(DISTINCT a.id) FILTER (WHERE a.enabled) AS enabled,
            count(DISTINCT a.id) FILTER (WHERE a.kind = 'student') AS students,
            count(DISTINCT a.id) FILTER (WHERE a.works_here) AS staff, count(DISTINCT a.id) FILTER (WHERE
                a.administrator) AS administrators
            FROM grants g JOIN rz_accounts a ON a.id = g.account GROUP BY g.id),
        apps AS (SELECT id, min(app_name) AS app_name, min(connector) AS directory, min(publisher) AS publisher,
            {any_true_sql("verified")} AS verified, bool_or(kind = 'application') AS by_itself,
                bool_or(account_key = '' AND kind = 'delegated') AS for_everybody,
            list_sort(list_distinct(flatten(list(coalesce(scopes, []))))) AS scopes,
                count(DISTINCT nullif(account_key, '')) AS users,
            max(granted_at)::DATE AS last_granted, {SOURCES} FROM rz_app_rows GROUP BY id),
        agreed AS ({AGREEMENTS_SQL}), let_in AS ({AUTHORIZED_APPS_SQL}), covered AS ({AGREEMENT_APPS_SQL}),
        stands AS (SELECT c.app AS id, min(list_position({_BEST}, CASE WHEN a.state = 'signed' AND a.ends_on < $today
            THEN 'ended' ELSE a.state END)) AS best
            FROM covered c JOIN agreed a ON a.id = c.agreement GROUP BY c.app),
        use AS ({APP_USE_SQL})
        SELECT g.id, coalesce(app_name, 'an app without a name') AS name, directory, publisher, verified, by_itself,
            for_everybody, scopes,
            {REACH_SQL} AS reach, g.users, coalesce(p.enabled, 0) AS enabled, coalesce(p.students, 0) AS students,
                coalesce(p.staff, 0) AS staff,
            coalesce(p.administrators, 0) AS administrators, last_granted, u.last_used,
            CASE WHEN (SELECT count(*) FROM rz_agreement_rows) > 0 THEN coalesce({_BEST}[s.best],
                'none') END AS agreement, sources
        FROM apps g LEFT JOIN people p ON p.id = g.id LEFT JOIN stands s ON s.id = g.id
            LEFT JOIN let_in t ON t.id = g.id LEFT JOIN use u ON u.tool = t.tool""",
)
