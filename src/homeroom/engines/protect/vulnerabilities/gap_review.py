"""Review of missing remedies in one snapshot: changes since the last review, and the state of each product."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.protect.suppressions import Suppression
from homeroom.engines.protect.vulnerabilities.engine import PREFIX
from homeroom.engines.protect.vulnerabilities.lifecycle import (
    LifecycleChanges,
    VulnerabilityTotals,
    list_change_steps,
    list_summary_steps,
)
from homeroom.engines.protect.vulnerabilities.missing_remedies import list_gap_steps, list_known_vulnerability_steps
from homeroom.evidence.query.steps import Stage, run_stages
from homeroom.evidence.query.suppression_sql import build_suppressions_table
from homeroom.evidence.query.temp_tables import TempTables

REVIEW_INPUTS = ("suppressions", "open_gaps", "reviewed")
"""The temporary tables that the stages of a review start from, besides the derived tables of the session."""
REVIEW_OUTPUTS = ("known_cves", "opened_gaps", "closed_gaps", "reappeared_gaps", "product_summary", "totals")
"""The temporary tables that the stages of a review leave."""


@dataclass(frozen=True, kw_only=True)
class GapReview:
    """What a review finds in its snapshot.

    `products` has a row for each product with missing remedies, `cves` every (product, vulnerability).
    """

    changes: LifecycleChanges
    products: pa.Table
    totals: VulnerabilityTotals
    cves: frozenset[tuple[str, str]]


def list_review_stages(
    *, days: Mapping[str, int], today: date, ensure_remedies: Callable[[pa.Table], pa.Table]
) -> tuple[Stage, ...]:
    """Return the stages from REVIEW_INPUTS, and the derived tables of the session, to REVIEW_OUTPUTS.

    `ensure_remedies` numbers the remedies of (product_key, fix), as `list_gap_steps` describes.
    """
    return (
        Stage(name="list known vulnerabilities", steps=list_known_vulnerability_steps(days=days)),
        Stage(name="find missing remedies", steps=list_gap_steps(ensure_remedies=ensure_remedies)),
        Stage(name="compare with the last review", steps=list_change_steps(today=today)),
        Stage(name="summarize products", steps=list_summary_steps(today=today)),
    )


def review_gaps(
    session: duckdb.DuckDBPyConnection,
    *,
    suppressions: Iterable[Suppression],
    open_gaps: pa.Table,
    reviewed: pa.Table,
    days: Mapping[str, int],
    today: date,
    ensure_remedies: Callable[[pa.Table], pa.Table],
) -> GapReview:
    """Review the derived tables of the session against OPEN_GAPS_SCHEMA and REVIEWED_SCHEMA of the last review.

    `days` are those within which a vulnerability of a severity should be fixed. All temporary tables that this function
    creates in the session are dropped.
    """
    stages = list_review_stages(days=days, today=today, ensure_remedies=ensure_remedies)
    tables = TempTables(session, prefix=PREFIX)
    try:
        # Copies: DuckDB pushes Bloom filters of joins into scans, and a scan of an Arrow table refuses them.
        tables.register("suppressions", build_suppressions_table(suppressions))
        tables.register("open_gaps", open_gaps)
        tables.register("reviewed", reviewed)
        run_stages(tables, stages, outputs=REVIEW_OUTPUTS)
        return _fetch_review(tables)
    finally:
        tables.drop_all()


def _fetch_review(tables: TempTables) -> GapReview:
    (totals,) = tables.fetch_arrow("SELECT * FROM vn_totals").to_pylist()
    return GapReview(
        changes=LifecycleChanges(
            opened=tables.fetch_arrow("SELECT * FROM vn_opened_gaps ORDER BY remedy, device"),
            closed=tables.fetch_arrow("SELECT * FROM vn_closed_gaps ORDER BY id"),
            reappeared=tables.fetch_arrow("SELECT * FROM vn_reappeared_gaps ORDER BY id"),
        ),
        products=tables.fetch_arrow("SELECT * FROM vn_product_summary ORDER BY product_key"),
        totals=VulnerabilityTotals(**totals),
        cves=frozenset(tables.fetch_rows("SELECT product_key, cve FROM vn_known_cves")),
    )
