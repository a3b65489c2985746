"""Organizational units: their accounts and devices, and the tenant's settings that apply there.

A unit has its own setting, else that of the nearest unit above it which has one, else the tenant's, else Google's
default (Cloud Identity API v1, resource Policy; a policy whose unit is not among the listed ones is the top unit's,
which Google does not list). Settings for a group are left out: they apply to its members wherever they are.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource

_PLACED = """SELECT s.connector, s.name, s.value, CASE WHEN coalesce(s.unit, '') = '' THEN ''
    ELSE coalesce(any_value(u.path), '/') END AS path
    FROM setting_records s LEFT JOIN org_units u ON u.connector = s.connector
        AND (u.key IN (s.unit, 'id:' || s.unit) OR u.path IN (s.unit, '/' || s.unit))
    WHERE s.suite = 'google' AND coalesce(s."group", '') = ''
        AND s.name IN ('drive_and_docs_external_sharing', 'api_controls_unconfigured_third_party_apps')
    GROUP BY s.connector, s.instance, s.unit, s.name, s.value"""


def _setting_sql(setting: str, field: str) -> str:
    """Return an SQL aggregate for the field's value at the nearest place at or above the unit that has one."""
    value = f"json_extract_string(s.value, '$.{field}')"
    return f"arg_max({value}, length(s.path)) FILTER (WHERE s.name = '{setting}' AND {value} IS NOT NULL)"


_MODE = _setting_sql("drive_and_docs_external_sharing", "externalSharingMode")
_PUBLISHES = _setting_sql("drive_and_docs_external_sharing", "allowPublishingFiles")
_APPS = _setting_sql("api_controls_unconfigured_third_party_apps", "accessLevel")

UNIT = Resource(
    kind="unit",
    records="org_units",
    key="r.key",
    select=f"""WITH placed AS ({_PLACED}), units AS (SELECT * FROM rz_unit_rows WHERE path IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY seen_at DESC, instance) = 1),
        direct AS (SELECT directory, org_unit, count(*) AS accounts, count(*) FILTER (WHERE enabled
            AND kind = 'student') AS students,
            count(*) FILTER (WHERE enabled AND works_here) AS staff FROM rz_accounts WHERE org_unit IS NOT NULL
                GROUP BY ALL),
        held AS (SELECT org_unit, count(*) AS devices FROM rz_devices WHERE org_unit IS NOT NULL GROUP BY ALL),
        above AS (SELECT u.id, d.accounts FROM units u JOIN direct d ON d.directory = u.connector
            AND (d.org_unit = u.path OR starts_with(d.org_unit, u.path || '/'))),
        around AS (SELECT u.id, h.devices FROM units u JOIN held h ON h.org_unit = u.path OR starts_with(h.org_unit,
            u.path || '/')),
        settled AS (SELECT u.id, {_MODE} AS mode, {_PUBLISHES} AS publishes, {_APPS} AS apps FROM units u JOIN placed s
            ON s.connector = u.connector AND (s.path IN ('', '/', u.path) OR starts_with(u.path, s.path || '/'))
                GROUP BY u.id)
        SELECT u.id, u.path, u.name, u.connector AS directory, coalesce(d.students, 0) AS students, coalesce(d.staff,
            0) AS staff,
            coalesce((SELECT sum(accounts) FROM above a WHERE a.id = u.id), 0)::BIGINT AS accounts,
            coalesce((SELECT sum(devices) FROM around a WHERE a.id = u.id), 0)::BIGINT AS devices,
            s.mode = 'ALLOWED' AS shares_outside,
            CASE WHEN s.mode IN ('DISALLOWED', 'ALLOWLISTED_DOMAINS') THEN false ELSE s.publishes = 'true' END AS
                publishes_files,
            s.apps = 'ALLOW_ALL_SCOPES' AS any_app, [u.instance] AS sources
        FROM units u LEFT JOIN direct d ON d.directory = u.connector AND d.org_unit = u.path LEFT JOIN settled s
            ON s.id = u.id""",
)
