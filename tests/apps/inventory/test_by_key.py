"""Search terms and the ledger lie in the order of their key; what an older house wrote is taken along."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from homeroom.apps.districts.models import District

MIGRATION = import_module("homeroom.apps.inventory.migrations.0005_rows_by_their_key")
ROWS = {
    "SearchTerm": {"kind": "person", "term": "ada@maple.example", "subject": 7, "opened": 1, "closed": None},
    "LedgerEntry": {
        "kind": "person",
        "connector": "oneroster",
        "instance": "north",
        "key": "u-7",
        "subject": 7,
        "opened": 1,
        "closed": 3,
    },
}


@pytest.mark.django_db(transaction=True)
def test_terms_and_ledger_of_an_older_house_are_taken_along() -> None:
    district = District.objects.create(slug="maple", name="Maple")
    loader = MigrationLoader(connection)
    before = loader.project_state([("inventory", "0004_decisions")]).apps
    after = loader.project_state([("inventory", "0005_rows_by_their_key")]).apps
    with connection.schema_editor() as editor:
        for name in ROWS:
            editor.delete_model(after.get_model("inventory", name))
            editor.create_model(before.get_model("inventory", name))
    for name, row in ROWS.items():
        before.get_model("inventory", name).everywhere.create(district_id=district.pk, **row)
    with connection.schema_editor() as editor:
        MIGRATION.by_key(after, editor)
    for name, row in ROWS.items():
        model = after.get_model("inventory", name)
        assert list(model.everywhere.values(*row)) == [row]
        assert model.everywhere.get().pk[0] == district.pk


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps a table and its key apart")
@pytest.mark.django_db
def test_on_sqlite_each_term_and_each_record_of_the_ledger_stands_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_list WHERE wr AND name LIKE 'inventory_%%' ORDER BY name")
        assert [name for (name,) in cursor.fetchall()] == ["inventory_ledgerentry", "inventory_searchterm"]
