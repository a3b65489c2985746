"""Systems and their backup jobs, from the district's lists of backups."""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import SOURCES, Resource, any_true_sql, is_none_text_sql

_NONE = f"coalesce({is_none_text_sql('tool')}, false)"
_OWNERS = "string_agg(DISTINCT nullif(trim(owner), ''), ', ' ORDER BY nullif(trim(owner), '')) AS owner"

SYSTEM = Resource(
    kind="system",
    records="backup_records",
    key="trim(r.system)",
    same="lower(trim(r.system))",
    select=f"""SELECT id, min(trim(system)) AS name, bool_or(critical) AS critical,
            CASE WHEN max(last_success) IS NOT NULL THEN true WHEN bool_and(none) THEN false END AS backed_up,
            count(*) FILTER (WHERE tool IS NOT NULL AND NOT none) AS jobs,
            coalesce(list_sort(list(DISTINCT trim(tool)) FILTER (WHERE tool IS NOT NULL AND NOT none)), []) AS tools,
            max(last_success) AS last_success, max(last_restore_test) AS last_restore_test,
            {any_true_sql("offsite")} AS offsite, {any_true_sql("immutable")} AS immutable,
                max(keeps_days) AS keeps_days, {_OWNERS}, {SOURCES}
        FROM (SELECT *, {_NONE} AS none FROM rz_system_rows) GROUP BY id""",
)

BACKUP = Resource(
    kind="backup",
    records="backup_records",
    key="trim(r.system) || coalesce(' / ' || nullif(trim(r.job), ''), '')",
    where=f"NOT coalesce({is_none_text_sql('r.tool')}, false)",
    select=f"""SELECT id, min(trim(system)) AS system, min(job) AS job, min(tool) AS tool,
        bool_or(critical) AS critical,
            max(last_success) AS last_success, max(s.newest) AS system_last_success,
                max(last_restore_test) AS last_restore_test,
            bool_or(offsite) AS offsite, bool_or(immutable) AS immutable, bool_and(encrypted) AS encrypted,
            max(keeps_days) AS keeps_days, {_OWNERS}, {SOURCES}
        FROM rz_backup_rows b JOIN (SELECT lower(trim(system)) AS same, max(last_success) AS newest
            FROM backup_records GROUP BY ALL) s
            ON s.same = lower(trim(b.system)) GROUP BY id""",
)
