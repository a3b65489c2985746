"""How a kind of thing is made from records: what its description holds, and the SQL that descriptions share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One kind of thing, whose rows stand in the derived table that names the kind.

    `records` is the source table, `key` SQL over a record `r` of what the ledger knows it by, `same` SQL of a value that
    records of one thing share whatever their source (null where only the key decides), `where` which records count.
    `select` is SQL that gives the derived table's columns from `rz_<kind>_rows` (the thing's `id`, its `instance`, and the
    record); it may read the derived tables of people, accounts and devices, and the rows of the other kinds.
    """

    kind: str
    records: str
    key: str
    select: str
    same: str = "NULL"
    where: str = "true"


NOBODY = "('none', 'no', 'n/a', 'na', '-', 'nothing', 'no backup', 'not backed up', 'no record', 'missing')"
"""What people write into a cell to say that there is nothing."""
SOURCES = "list_sort(list(DISTINCT instance)) AS sources"


def said_none(column: str) -> str:
    """SQL: whether a cell says in words that there is nothing; null where it is blank."""
    return f"lower(trim({column})) IN {NOBODY}"


def some(column: str) -> str:
    """SQL aggregate: true where any row says true, null where any might, else false; null without rows."""
    return f"CASE WHEN bool_or({column}) THEN true WHEN bool_or({column} IS NULL) THEN NULL ELSE bool_or({column}) END"


def named(column: str) -> str:
    """SQL: a product or maker by its name alone: letters and digits in lower case, without the form of its company."""
    bare = f"regexp_replace(lower(strip_accents({column})), '[,. ]+(inc|llc|ltd|corp|corporation|gmbh|pbc)[.]?$', '')"
    return f"nullif(regexp_replace({bare}, '[^a-z0-9]', '', 'g'), '')"
