"""Which sources a control's number rests on: those that carry what it asks about, and the lists that its condition reads beside them."""

from __future__ import annotations

import re

from homeroom.domain.controls import Control
from homeroom.domain.matching import fields_in, parse
from homeroom.engines.resolve.coverage import COLUMNS
from homeroom.evidence.patterns import fields_of
from homeroom.evidence.tables import TABLES

SUBJECTS = ("people", "accounts", "devices")
ALL = "true"
_RECORDS = {
    "software": ("software_records",),
    "services": ("service_records",),
    "flaws": ("flaw_records", "known_exploited"),
    "domains": ("mail_domains",),
    "agreements": ("agreement_records",),
    "contracts": ("contract_records",),
    "backups": ("backup_records",),
    "units": ("org_units", "setting_records"),
    "setting_records": ("setting_records",),
    "directory_groups": ("groups", "group_members"),
}
"""The records that a table is made of, where its rows name no source themselves."""
_TRAINING = re.compile(r"train|policy_acknowledged|drills|helped")
_NAME = re.compile(r"\w+")


def which(control: Control) -> str:
    """SQL over the table `sources` that holds for the instances behind the control's number; it may hold for none."""
    if control.asks in _RECORDS:
        tables = _RECORDS[control.asks]
        return " OR ".join(_in(f"SELECT instance FROM {table}") for table in tables)
    read = _read(control)
    lists = [
        f"SELECT instance FROM coverage_records WHERE purpose = '{COLUMNS[one]}'" for one in COLUMNS if one in read
    ]
    if any(_TRAINING.search(one) for one in read):
        lists.append("SELECT instance FROM training_records")
    return " OR ".join((carrying(control.asks), *(_in(one) for one in lists)))


def carrying(table: str) -> str:
    """SQL over `sources` that holds for the instances that carry the rows of people, accounts or devices; of devices for another table."""
    return _in(f"SELECT unnest(sources) FROM {table if table in SUBJECTS else 'devices'}")


def _in(asked: str) -> str:
    return f"instance IN (SELECT DISTINCT * FROM ({asked}))"


def _read(control: Control) -> frozenset[str]:
    """The columns that its condition reads; for SQL, every word of it."""
    if control.sql:
        return frozenset(_NAME.findall(control.sql))
    return fields_in(parse(control.requires, fields=fields_of(TABLES[control.asks])))
