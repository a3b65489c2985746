"""The derived tables about flaws, made beside those of resolving and published with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from homeroom.engines.vulnerabilities import engine
from homeroom.library.software import products
from homeroom.library.weights import weights


def with_flaws(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], *, today: date
) -> dict[str, pa.Table]:
    """The tables that resolving made, and those about flaws, out of the session's feeds."""
    found = engine.find_flaws(session, resolved=tables, products=products(), weights=weights(), today=today)
    return {**tables, **found}


@cache
def flaw_rules() -> str:
    """The rules of matching and weighing as one hash (12 hex digits), so that new rules derive anew."""
    files = sorted(Path(engine.__file__).parent.glob("*.py"))
    told = b"".join(path.read_bytes() for path in files) + repr(weights()).encode()
    return hashlib.sha256(told).hexdigest()[:12]
