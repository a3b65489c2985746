"""The definition of a kind of resource, and SQL that definitions share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One kind of resource, whose rows are in the derived table with the same name as the kind.

    `records` is the source table, `key` SQL over a record `r` for its key in the ledger, `same` SQL for a value that
    records of one resource share whatever their source (null where only the key decides), `where` the records that
    count. `select` is SQL that gives the derived table's columns from `rz_<kind>_rows` (the resource's `id`, its
    `instance`, and the record); it may read the derived tables of people, accounts and devices, and the rows of the
    other kinds.
    """

    kind: str
    records: str
    key: str
    select: str
    same: str = "NULL"
    where: str = "true"


NONE_WORDS = "('none', 'no', 'n/a', 'na', '-', 'nothing', 'no backup', 'not backed up', 'no record', 'missing')"
"""Words that people write into a cell to mean that there is nothing."""
SOURCES = "list_sort(list(DISTINCT instance)) AS sources"


def is_none_text_sql(column: str) -> str:
    """Return SQL for whether a cell's text means that there is nothing; null where it is blank."""
    return f"lower(trim({column})) IN {NONE_WORDS}"


def any_true_sql(column: str) -> str:
    """Return an SQL aggregate: true where any row is true, null where any is null, else false; null without rows."""
    return f"CASE WHEN bool_or({column}) THEN true WHEN bool_or({column} IS NULL) THEN NULL ELSE bool_or({column}) END"


def vendor_key_sql(column: str) -> str:
    """Return SQL for the name of a vendor as a key; products meet by their tools.

    The key has letters and digits in lower case, without the company's legal form.
    """
    bare = f"regexp_replace(lower(strip_accents({column})), '[,. ]+(inc|llc|ltd|corp|corporation|gmbh|pbc)[.]?$', '')"
    return f"nullif(regexp_replace({bare}, '[^a-z0-9]', '', 'g'), '')"
