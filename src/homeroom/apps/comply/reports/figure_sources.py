"""Sources of a control's number: those of its table, and the lists that its condition reads as well."""

from __future__ import annotations

import re

from homeroom.domain.matching import list_fields, parse_pattern
from homeroom.domain.protect.controls import Control
from homeroom.engines.know.resolve.derived.coverage import COVERAGE_COLUMNS
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import TABLES

SUBJECT_TABLES = ("people", "accounts", "devices")
ALL_SOURCES_SQL = "true"
_TOOL_RECORDS = ("contract_records", "app_use_records", "coverage_records", "backup_records", "tool_records")
_RECORD_TABLES = {
    "software": ("software_records",),
    "services": ("service_records",),
    "vulnerabilities_found": ("vulnerability_records", "known_exploited"),
    "domains": ("mail_domains",),
    "loose_files": ("loose_file_records",),
    "shared_files": ("shared_file_records",),
    "agreements": ("agreement_records",),
    "contracts": ("contract_records",),
    "backups": ("backup_records",),
    "units": ("org_units", "setting_records"),
    "setting_records": ("setting_records",),
    "directory_groups": ("groups", "group_members"),
    "tools": _TOOL_RECORDS,
    "tool_needs": (*_TOOL_RECORDS, "need_records"),
    "tool_renewals": ("contract_records", "app_use_records"),
}
"""Record tables behind a table whose own rows name no source."""
_TRAINING = re.compile(r"train|policy_acknowledged|drills|helped")
_WORD = re.compile(r"\w+")


def control_sources_sql(control: Control) -> str:
    """Return SQL over the table `sources` that matches the instances behind the control's number, possibly none."""
    if control.asks in _RECORD_TABLES:
        tables = _RECORD_TABLES[control.asks]
        return " OR ".join(_instance_in_sql(f"SELECT instance FROM {table}") for table in tables)
    columns_read = _find_columns_read(control)
    source_queries = [
        f"SELECT instance FROM coverage_records WHERE list_contains({list(COVERAGE_COLUMNS[name])}, purpose)"
        for name in COVERAGE_COLUMNS
        if name in columns_read
    ]
    if any(_TRAINING.search(name) for name in columns_read):
        source_queries.append("SELECT instance FROM training_records")
    return " OR ".join((table_sources_sql(control.asks), *(_instance_in_sql(name) for name in source_queries)))


def table_sources_sql(table: str) -> str:
    """Return SQL over `sources` that matches the instances of people, accounts or devices; devices for other tables."""
    return _instance_in_sql(f"SELECT unnest(sources) FROM {table if table in SUBJECT_TABLES else 'devices'}")


def _instance_in_sql(query: str) -> str:
    return f"instance IN (SELECT DISTINCT * FROM ({query}))"


def _find_columns_read(control: Control) -> frozenset[str]:
    """Return the columns that the control's condition reads; for SQL, every word of it."""
    if control.sql:
        return frozenset(_WORD.findall(control.sql))
    return list_fields(parse_pattern(control.requires, fields=list_pattern_fields(TABLES[control.asks])))
