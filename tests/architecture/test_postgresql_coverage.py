"""Every app in which databases can differ has tests that also run on PostgreSQL."""

from __future__ import annotations

import re

from tests.architecture.repository_files import PACKAGE, ROOT, list_modules

DIFFERS = re.compile(
    r"\.cursor\(|\bbuild_insert\(|\bconnection\.vendor\b|select_for_update\(|Constraint\(|atomic\(|(update|ignore)_conflicts=True"
)
"""SQL of our own, bulk writes, locks, constraints, transactions: what SQLite and PostgreSQL do each in its own way."""
MARK = "pytest.mark.differs_by_database("


def test_every_app_whose_sql_can_differ_is_tested_on_postgresql() -> None:
    apps = PACKAGE / "apps"
    differing = {
        ".".join(path.relative_to(apps).parts[:2])
        for path in list_modules()
        if path.is_relative_to(apps) and DIFFERS.search(path.read_text(encoding="utf-8"))
    }
    files = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "apps").rglob("test_*.py"))]
    marked = "\n".join(text for text in files if MARK in text)
    assert len(differing) > 5
    assert {app for app in differing if f"homeroom.apps.{app}." not in marked} == set(), f"no test of it has {MARK}…)"
