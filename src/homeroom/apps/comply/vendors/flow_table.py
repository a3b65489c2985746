"""The derived table of flows, built and published together with those of resolving."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from homeroom.engines.comply import privacy
from homeroom.engines.comply.privacy.flow_inputs import read_inputs
from homeroom.engines.comply.privacy.flow_review import review_vendors
from homeroom.engines.comply.privacy.flow_table import build_flows_table
from homeroom.evidence.tables.flows import FLOWS
from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary


def add_flow_table(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], *, today: date
) -> dict[str, pa.Table]:
    """Return the resolved tables and that of flows, from the session's agreements, grants and what was sent."""
    elements = {entry.id: entry for entry in load_elements()}
    inputs = read_inputs(session, vocabulary=load_vocabulary(), today=today, resolved=tables)
    weights = {name: entry.weight for name, entry in elements.items()}
    reviews = review_vendors(inputs, weights=weights, today=today)
    return {**tables, FLOWS.name: build_flows_table(reviews, elements=elements)}


@cache
def hash_flow_rules() -> str:
    """Hash the rules of flows (12 hex digits), so that changed rules and elements derive the table again."""
    files = sorted(Path(privacy.__file__).parent.glob("*.py"))
    content = b"".join(path.read_bytes() for path in files) + repr(load_elements()).encode()
    return hashlib.sha256(content).hexdigest()[:12]
