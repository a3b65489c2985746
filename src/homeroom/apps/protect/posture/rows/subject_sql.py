"""Subject ids as a parameter of an SQL query."""

from __future__ import annotations

from collections.abc import Sequence

SUBJECT_IDS_SQL = "SELECT unnest(string_split($ids, ',')::BIGINT[]) AS id"
"""The subject ids of a query parameter.

They are passed as one text, since DuckDB takes seven seconds for 100,000 values of a list and a tenth of one for a
text.
"""


def join_ids(ids: Sequence[int]) -> str:
    """Join ids as the text that `SUBJECT_IDS_SQL` splits; -1, which is no subject, if there are none."""
    return ",".join(map(str, ids)) or "-1"
