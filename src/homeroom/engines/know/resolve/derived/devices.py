"""The derived table `devices`: one row for each device that a console or asset list carries now.

The newest record that has a field decides it (by last report, then by load), and a record that a new installation
superseded decides nothing. Asset lists decide tag, location, holder and status before the consoles do; of a device that
a list has twice, a row that is not retired decides.
"""

from __future__ import annotations

from datetime import date

from homeroom.engines.know.resolve.shared.calendars import days_since_sql
from homeroom.engines.know.resolve.shared.extended_support import support_kind_sql, support_until_sql
from homeroom.engines.know.resolve.shared.serials import usable_serial_sql
from homeroom.engines.know.resolve.shared.words import (
    RESTING_STATUSES,
    RESTING_WORDS,
    RETIRED_STATUSES,
    build_word_pattern,
    quote_sql_list,
)
from homeroom.evidence.query.steps import Step

_NEWEST_FIRST = (
    "name",
    "kind",
    "platform",
    "manufacturer",
    "model",
    "os_version",
    "os_edition",
    "os_support_note",
    "org_unit",
    "cart",
    "encrypted",
    "boot_mode",
    "expires_on",
    "extended_expires_on",
    "extended_eligible",
    "extended_enabled",
    "ownership",
    "warranty_until",
    "funding",
    "addresses",
    "local_admins",
    "firewall",
    "compliant",
)
_HARDENING = (
    "system_integrity", "gatekeeper", "secure_boot", "auto_login", "passcode", "recovery_key_kept", "update_token_kept",
    "supervised", "jailbroken", "disk_free_percent", "last_restart",
)  # fmt: skip
_COMPLIES_SQL = """CASE WHEN lower(d.compliant) IN ('compliant', 'ingraceperiod', 'pending') THEN true
    WHEN lower(d.compliant) IN ('noncompliant', 'notcompliant') THEN false END"""
"""Intune's values, and Google's for a version that the district's policy requires; other values mean unknown."""
_ASSETS_FIRST = ("asset_tag", "location", "school_name")
_HOLDERS = ("holder_email", "holder_name", "holder_number")


def list_device_steps(*, today: date) -> tuple[Step, ...]:
    """Build rz_devices with the columns of `devices`."""
    support_text = "lower(concat_ws(' ; ', d.os_edition, d.os_support_note))"
    build = "try_cast(regexp_extract(d.os_version, '10\\.0\\.([0-9]+)', 1) AS INTEGER)"
    windows = "d.platform = 'windows'"
    return (
        _build_merge_step(),
        *_list_holder_steps(),
        _build_unit_schools_step(),
        Step(
            name="describe devices",
            reads=("holders", "merged", "people", "since", "units"),
            writes=("devices",),
            sql=f"""SELECT d.id, d.plain_serial AS serial, d.asset_tag, d.name, d.kind, d.platform, d.manufacturer,
            d.model,
            d.os_version, d.os_edition,
            CASE WHEN {windows} THEN {_windows_release_sql(build)} END AS windows,
            CASE WHEN {windows} THEN {support_until_sql(support_text, build)} END AS os_support_until,
            CASE WHEN {windows} THEN {support_kind_sql(support_text)} END AS os_support_kind,
            d.managed, d.managed_by, d.in_assets, d.asset_status, d.active, d.resting, d.retired,
            coalesce(d.school_name, p.school, u.school) AS school, d.org_unit, d.location, d.cart,
            p.id AS holder, coalesce(p.name, h.holder_name, h.holder_email) AS holder_name, p.kind AS holder_kind,
                p."left" AS holder_left,
            d.checked_out, d.last_seen, {days_since_sql("d.last_seen", today=today)} AS silent_school_days, d.encrypted,
            d.boot_mode = 'developer' AS developer_mode,
            CASE WHEN d.extended_enabled THEN coalesce(d.extended_expires_on, d.expires_on)
                ELSE d.expires_on END AS expires_on,
            d.expires_on AS expires_without, d.extended_expires_on AS expires_with, d.extended_eligible,
                d.extended_enabled, d.ownership,
            d.warranty_until, d.funding, d.identifiers, d.sources, d.addresses, d.local_admins, d.firewall, d.known,
            {", ".join(f"d.{name}" for name in _HARDENING)}, {_COMPLIES_SQL} AS complies
        FROM rz_merged d LEFT JOIN rz_holders h USING (id) LEFT JOIN rz_people p ON p.id = h.person LEFT
            JOIN rz_units u ON u.org_unit = d.org_unit""",
        ),
    )


def _windows_release_sql(build: str) -> str:
    """Return SQL for the Windows release.

    Windows 11 begins with build 22000 (Microsoft, Windows 11 release information).
    """
    return f"""CASE WHEN lower(coalesce(d.os_edition, '')) LIKE '%server%' THEN 'other'
        WHEN {build} >= 22000 THEN '11' WHEN {build} IS NOT NULL THEN '10'
        WHEN regexp_matches(d.os_version, '^(windows )?11\\b', 'i') THEN '11' WHEN regexp_matches(d.os_version,
            '^(windows )?10\\b', 'i') THEN '10'
        WHEN d.os_version IS NOT NULL THEN 'other' END"""


def _build_merge_step() -> Step:
    """Build rz_merged from the fields of the current records.

    Connectors that merely see devices (`console` is null) only fill gaps.
    """
    fields = ", ".join(f"arg_min({name}, place) AS {name}" for name in (*_NEWEST_FIRST, *_HARDENING))
    usable = usable_serial_sql("plain_serial")
    asset_fields = ", ".join(
        f"coalesce(arg_min({name}, place) FILTER (NOT console), arg_min({name}, place)) AS {name}"
        for name in _ASSETS_FIRST
    )
    managed = "coalesce(managed, false) AND status IS DISTINCT FROM 'deprovisioned'"
    retired = f"status IN ({quote_sql_list(RETIRED_STATUSES)})"
    location_text = "lower(concat_ws(' ; ', org_unit, location, cart))"
    assets = """(SELECT count(*) FROM (SELECT connector FROM rz_consoles WHERE NOT console
        UNION SELECT connector FROM sources WHERE stream LIKE '%.assets')) > 0"""
    return Step(
        name="merge device records",
        reads=("consoles", "device_nodes", "device_rows", "superseded"),
        writes=("merged",),
        sql=f"""WITH placed AS (SELECT r.rowid AS line, n.id, console, row_number() OVER (PARTITION BY n.id
            ORDER BY console IS NULL, coalesce(NOT console AND {retired}, false), r.ord DESC) AS place
            FROM rz_device_rows r JOIN rz_consoles c USING (connector) JOIN rz_device_nodes n USING (n)
                WHERE NOT r.gone AND n.n NOT IN (SELECT n FROM rz_superseded))
        SELECT n.id, coalesce(arg_min({usable}, place), arg_min(plain_serial, place)) AS plain_serial,
            {fields}, {asset_fields},
            bool_or({managed}) AS managed, list_sort(list_distinct(coalesce(list(connector) FILTER ({managed}),
                []))) AS managed_by,
            CASE WHEN {assets} THEN coalesce(bool_or(NOT console), false) END AS in_assets, arg_min(status,
                place) FILTER (NOT console) AS asset_status,
            bool_or({managed} AND status IS DISTINCT FROM 'disabled') FILTER (console) AS active,
            coalesce(bool_or(status IN ({quote_sql_list(RESTING_STATUSES)}) OR regexp_matches({location_text},
                '{build_word_pattern(RESTING_WORDS)}')), false) AS resting,
            coalesce(bool_and(coalesce({retired}, false)) FILTER (NOT console), false) AS retired,
            arg_min(checked_out, place) FILTER (NOT console) AS checked_out, coalesce(max(last_seen) FILTER (console
                IS NOT NULL), max(last_seen)) AS last_seen, bool_or(console IS NOT NULL) AS known,
            list_sort(list_distinct(list_filter(list_transform(flatten(list([plain_serial, asset_tag, name,
                directory_id, r.key]
                || coalesce(macs, []) || coalesce(list_transform(hardware_ids, x -> regexp_extract(x, '([^:]*)$', 1)),
                    []))),
                x -> lower(trim(x))), x -> x <> ''))) AS identifiers,
            list_sort(list_distinct(list(r.instance))) AS sources
        FROM rz_device_rows r JOIN placed n ON n.line = r.rowid GROUP BY n.id""",
    )


def _list_holder_steps() -> tuple[Step, ...]:
    """Build rz_holders and rz_found: the holder of each device and the person behind it.

    The newest asset record that names a holder decides, else the newest console; the person is found by address, then
    number.
    """
    has_holder = "coalesce(holder_email, holder_number, holder_name) IS NOT NULL"
    fields = ", ".join(f"arg_max({{'v': {name}}}, (NOT console, ord)).v AS {name}" for name in _HOLDERS)
    return (
        Step(
            name="select holders of devices",
            reads=("consoles", "device_nodes", "device_rows"),
            writes=("holders",),
            sql=f"""SELECT n.id, {fields} FROM rz_device_rows r JOIN (SELECT n, id FROM rz_device_nodes) n USING (n)
            JOIN rz_consoles c USING (connector)
        WHERE NOT r.gone AND {has_holder} GROUP BY n.id""",
        ),
        Step(
            name="list addresses of holders",
            reads=("account_nodes", "account_rows", "addresses", "belongs", "numbers"),
            writes=("known_addresses",),
            sql="""SELECT value, id, CASE namespace WHEN 'staff' THEN 0 WHEN 'student' THEN 1
            ELSE 2 END * 2 + gone::INTEGER AS cost FROM rz_addresses
        UNION ALL SELECT lower(r.email), b.person, 6 FROM rz_account_rows r JOIN rz_account_nodes n USING (n)
            JOIN rz_belongs b ON b.account = n.id
        UNION ALL SELECT split_part(lower(r.email), '@', 1), b.person, 7 FROM rz_account_rows r
            JOIN rz_account_nodes n USING (n)
            JOIN rz_belongs b ON b.account = n.id
        UNION ALL SELECT value, id, 8 + gone::INTEGER FROM rz_numbers""",
        ),
        Step(
            name="match holders to people",
            reads=("holders", "known_addresses", "numbers"),
            writes=("found",),
            sql="""WITH fits AS (SELECT h.id, a.id AS person, min(a.cost) AS cost FROM rz_holders h JOIN
            rz_known_addresses a
            ON a.value = lower(h.holder_email) GROUP BY ALL
            UNION ALL SELECT h.id, a.id, min(20 + a.gone::INTEGER) FROM rz_holders h JOIN rz_numbers a
                ON a.value = upper(trim(h.holder_number)) GROUP BY ALL),
        least AS (SELECT *, min(cost) OVER (PARTITION BY id) AS least FROM fits)
        SELECT id, min(person) AS person FROM least WHERE cost = least GROUP BY id HAVING count(DISTINCT person) = 1""",
        ),
        Step(
            name="assign people to devices",
            reads=("found", "holders"),
            writes=("holders",),
            sql="SELECT h.*, f.person FROM rz_holders h LEFT JOIN rz_found f USING (id)",
        ),
    )


def _build_unit_schools_step() -> Step:
    """Build rz_units: the one school whose name equals a part of a unit's path, or begins it."""
    return Step(
        name="match units to schools",
        reads=("merged",),
        writes=("units",),
        sql="""WITH parts AS (SELECT org_unit, unnest(string_split(lower(org_unit), '/')) AS part
            FROM (SELECT DISTINCT org_unit FROM rz_merged)),
        schools AS (SELECT DISTINCT name FROM orgs WHERE lower(kind) = 'school')
        SELECT org_unit, min(name) AS school FROM parts JOIN schools ON length(part) > 2 AND (lower(name) = part
            OR starts_with(lower(name), part || ' '))
        GROUP BY org_unit HAVING count(DISTINCT name) = 1""",
    )
