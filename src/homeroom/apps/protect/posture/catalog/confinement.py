"""Controls over individual values, which the person and the coach alone may see: everybody else sees counts.

A control is confined if its condition reads an individual column. Queries that list subjects, or count them by school,
return nothing for such a control; its counts over the district stay.
"""

from __future__ import annotations

import re
from functools import cache

from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.domain.matching import list_fields, parse_pattern
from homeroom.domain.protect.controls import Control
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import TABLES, Privacy

_WORD = re.compile(r"\w+")


@cache
def list_confined_controls() -> frozenset[str]:
    """Return the ids of the built-in controls over individual values, read once per process."""
    return frozenset(control.id for control in load_all_controls().values() if reads_individual_values(control))


def is_confined(control: str) -> bool:
    """Check whether nobody's name or row may be listed for a built-in control."""
    return control in list_confined_controls()


def reads_individual_values(control: Control) -> bool:
    """Check whether the condition of a control, its groups or its proof reads an individual column of its table."""
    individual = list_individual_columns(control.asks)
    return bool(individual) and not individual.isdisjoint(_list_columns_read(control))


@cache
def list_individual_columns(table: str) -> frozenset[str]:
    """Return the individual columns of a table; none if there is no such table."""
    columns = TABLES[table].columns if table in TABLES else ()
    return frozenset(column.name for column in columns if column.privacy is Privacy.INDIVIDUAL)


def _list_columns_read(control: Control) -> frozenset[str]:
    """Return the columns that a control reads; for SQL, every word of it."""
    fields = list_pattern_fields(TABLES[control.asks])
    patterns = [pattern for pattern in (control.applies_to, control.requires, control.fixed_if) if pattern]
    read = [list_fields(parse_pattern(pattern, fields=fields)) for pattern in patterns]
    grouped = control.groups.by if control.groups else ()
    return frozenset(_WORD.findall(control.sql)).union(grouped, *read)
