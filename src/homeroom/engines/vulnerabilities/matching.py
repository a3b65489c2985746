"""Matching of installed versions to ranges, as integer comparisons over distinct pairs."""

from __future__ import annotations

import duckdb

from homeroom.engines.vulnerabilities.sql import create_temp_table


def match_versions(session: duckdb.DuckDBPyConnection) -> None:
    """Create vn_matched (item, cve, feeds, fixed_in, remedy): items whose version lies in a range.

    Needs vn_bounds and vn_ranks. Where several ranges contain the version, the highest of their fixes is taken, because
    it fixes the vulnerability for certain.
    """
    create_temp_table(
        session,
        "installed",
        "SELECT t.item, t.thing, t.scheme, t.platform, r.rank FROM vn_things t JOIN vn_ranks r USING (scheme, version)",
    )
    create_temp_table(
        session,
        "matched",
        """SELECT w.item, b.cve, list_sort(list(DISTINCT b.connector)) AS feeds, arg_max(b.fixed, b.hi) AS fixed_in,
            max(b.remedy) AS remedy
        FROM vn_installed w JOIN vn_bounds b ON b.thing = w.thing AND b.scheme = w.scheme
            AND w.rank >= b.lo AND w.rank <= coalesce(b.hi, 9223372036854775807)
        WHERE (NOT b.after OR w.rank > b.lo) AND (b.hi IS NULL OR b.closed OR w.rank < b.hi)
            AND (b.platforms IS NULL OR w.platform = '' OR list_contains(b.platforms, w.platform))
            AND (b.spared IS NULL OR NOT list_contains(b.spared, w.rank))
        GROUP BY w.item, b.cve""",
    )
