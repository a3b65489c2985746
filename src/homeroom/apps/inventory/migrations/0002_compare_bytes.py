"""PostgreSQL compares what lists are searched and sorted by as SQLite does, byte by byte.

A beginning is then a range along the index that is there, whatever language the database was made for, and both put a
page's rows in the same order.
"""

from django.db import migrations

COLUMNS = {"SearchTerm": ("term",), "Person": ("sort", "email"), "Account": ("sort",), "Device": ("sort",)}


def compare_bytes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, columns in COLUMNS.items():
        model = apps.get_model("inventory", name)
        for column in columns:
            length = model._meta.get_field(column).max_length
            schema_editor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN "{column}" TYPE varchar({length}) COLLATE "C"'
            )


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0001_initial'),
    ]

    operations = [
        migrations.RunPython(compare_bytes, migrations.RunPython.noop, elidable=False),
    ]
