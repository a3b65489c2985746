"""Search terms and the ledger lie in the order of their key, without a number of their own.

Each row stood twice, in its table and in the index that every question goes by. On SQLite the table is now that index
(WITHOUT ROWID). A later migration that makes one of these tables anew has to say so again.
"""

from django.db import migrations, models

OLD_INDEX = {"SearchTerm": "search_term", "LedgerEntry": "ledger_key"}


def by_key(apps, schema_editor):
    for name, index in OLD_INDEX.items():
        model = apps.get_model("inventory", name)
        (_by_key_on_sqlite if schema_editor.connection.vendor == "sqlite" else _by_key)(model, index, schema_editor)


def _by_key(model, index, schema_editor):
    table = model._meta.db_table
    key = ", ".join(f'"{field.column}"' for field in model._meta.pk_fields)
    schema_editor.execute(f'DROP INDEX "{index}"')
    schema_editor.execute(f'ALTER TABLE "{table}" DROP COLUMN "id"')
    schema_editor.execute(f'ALTER TABLE "{table}" ADD PRIMARY KEY ({key})')


def _by_key_on_sqlite(model, index, schema_editor):
    table, old = model._meta.db_table, f"{model._meta.db_table}_before"
    columns = ", ".join(f'"{field.column}"' for field in model._meta.local_concrete_fields)
    key = ", ".join(f'"{field.column}"' for field in model._meta.pk_fields)
    for name in (index, *(one.name for one in model._meta.indexes)):
        schema_editor.execute(f'DROP INDEX "{name}"')
    schema_editor.execute(f'ALTER TABLE "{table}" RENAME TO "{old}"')
    made, _ = schema_editor.table_sql(model)
    schema_editor.execute(f"{made} WITHOUT ROWID")
    schema_editor.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM "{old}" ORDER BY {key}')
    schema_editor.execute(f'DROP TABLE "{old}"')
    for one in model._meta.indexes:
        schema_editor.execute(one.create_sql(model, schema_editor))


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0001_initial'),
        ('inventory', '0004_decisions'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name='ledgerentry', name='ledger_key'),
                migrations.RemoveIndex(model_name='searchterm', name='search_term'),
                migrations.RemoveField(model_name='ledgerentry', name='id'),
                migrations.RemoveField(model_name='searchterm', name='id'),
                migrations.AddField(
                    model_name='ledgerentry',
                    name='pk',
                    field=models.CompositePrimaryKey('district', 'kind', 'connector', 'instance', 'key', 'opened', blank=True, editable=False, primary_key=True, serialize=False),
                ),
                migrations.AddField(
                    model_name='searchterm',
                    name='pk',
                    field=models.CompositePrimaryKey('district', 'kind', 'term', 'subject', 'opened', blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
        ),
        migrations.RunPython(by_key, elidable=False),
    ]
