"""The ledger is stored in key order."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores a table apart from its key")
@pytest.mark.django_db
def test_on_sqlite_each_record_of_the_ledger_is_stored_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_list WHERE wr AND name LIKE 'inventory_%%' ORDER BY name")
        assert [name for (name,) in cursor.fetchall()] == ["inventory_ledgerentry"]
