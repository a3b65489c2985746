"""Derived tables about vulnerabilities, built and published together with those of resolving."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from homeroom.engines.protect.vulnerabilities import engine
from homeroom.library.know.software import load_products
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights


def add_vulnerability_tables(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], *, today: date
) -> dict[str, pa.Table]:
    """Return the resolved tables and the vulnerability tables, built from the session's feeds."""
    vulnerability_tables = engine.find_vulnerabilities(
        session, resolved=tables, products=load_products(), weights=load_vulnerability_weights(), today=today
    )
    return {**tables, **vulnerability_tables}


@cache
def hash_vulnerability_rules() -> str:
    """Hash the rules of matching and scoring (12 hex digits), so that changed rules derive the tables again."""
    files = sorted(Path(engine.__file__).parent.glob("*.py"))
    content = b"".join(path.read_bytes() for path in files) + repr(load_vulnerability_weights()).encode()
    return hashlib.sha256(content).hexdigest()[:12]
