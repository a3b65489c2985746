"""The tables of the inventory, and how the database stores two things that Django cannot declare.

PostgreSQL compares the columns that lists are searched and sorted by byte by byte, as SQLite does: a prefix is then a range
of the index whatever language the database was made for, and both return a page's rows in the same order. On SQLite the
search terms and the ledger are stored in the order of their key (WITHOUT ROWID), so that no second index holds each row
again. A later migration that rebuilds one of these tables has to do so again.
"""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

BYTE_ORDER = {"SearchTerm": ("term",), "Person": ("sort", "email"), "Account": ("sort",), "Device": ("sort",)}
STORED_BY_KEY = ("SearchTerm", "LedgerEntry")


def list_models(apps, names):
    # A database whose tables are created at once lacks those that a later migration deletes.
    models = apps.all_models["inventory"]
    return [(name, models[name.lower()]) for name in names if name.lower() in models]


def compare_bytes(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, model in list_models(apps, BYTE_ORDER):
        for column in BYTE_ORDER[name]:
            length = model._meta.get_field(column).max_length
            schema_editor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN "{column}" TYPE varchar({length}) COLLATE "C"'
            )


def store_by_key(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    for _, model in list_models(apps, STORED_BY_KEY):
        schema_editor.execute(f'DROP TABLE "{model._meta.db_table}"')
        create_table, _ = schema_editor.table_sql(model)
        schema_editor.execute(f"{create_table} WITHOUT ROWID")
        deferred = " ".join(map(str, schema_editor.deferred_sql))  # indexes that Django creates after the last operation
        for index in model._meta.indexes:
            if index.name not in deferred:
                schema_editor.execute(index.create_sql(model, schema_editor))


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('districts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('kind', models.CharField(max_length=10)),
                ('connector', models.CharField(max_length=40)),
                ('instance', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=255)),
                ('subject', models.BigIntegerField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('pk', models.CompositePrimaryKey('district', 'kind', 'connector', 'instance', 'key', 'opened', blank=True, editable=False, primary_key=True, serialize=False)),
                ('district', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Projection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('generation', models.BigIntegerField(default=0)),
                ('derived', models.CharField(blank=True, max_length=64)),
                ('derived_before', models.CharField(blank=True, max_length=64)),
                ('as_of', models.DateTimeField(null=True)),
                ('writing', models.BigIntegerField(null=True)),
                ('district', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='projection', to='districts.district')),
            ],
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.BigIntegerField()),
                ('public', models.CharField(max_length=20)),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('sort', models.CharField(max_length=200)),
                ('directory', models.CharField(max_length=40)),
                ('email', models.CharField(max_length=255)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('person', models.BigIntegerField(null=True)),
                ('kind', models.CharField(max_length=20)),
                ('role', models.CharField(max_length=20)),
                ('school', models.CharField(blank=True, max_length=200)),
                ('grade_band', models.CharField(blank=True, max_length=10)),
                ('org_unit', models.CharField(blank=True, max_length=300)),
                ('enabled', models.BooleanField(null=True)),
                ('administrator', models.BooleanField(null=True)),
                ('second_factor', models.BooleanField(null=True)),
                ('last_sign_in', models.DateTimeField(null=True)),
                ('left', models.BooleanField(null=True)),
                ('sources', models.CharField(blank=True, max_length=200)),
                ('district', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'public'], name='account_public'), models.Index(condition=models.Q(('closed__isnull', False)), fields=['district', 'closed'], name='account_closed'), models.Index(fields=['district', 'person'], name='account_person')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('one_connector', models.CharField(max_length=40)),
                ('one_instance', models.CharField(max_length=80)),
                ('one_key', models.CharField(max_length=255)),
                ('other_connector', models.CharField(max_length=40)),
                ('other_instance', models.CharField(max_length=80)),
                ('other_key', models.CharField(max_length=255)),
                ('same', models.BooleanField()),
                ('question', models.CharField(max_length=40)),
                ('why', models.CharField(blank=True, max_length=1000)),
                ('actor', models.CharField(blank=True, max_length=150)),
                ('at', models.DateTimeField()),
                ('taken_back_by', models.CharField(blank=True, max_length=150)),
                ('taken_back_at', models.DateTimeField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'taken_back_at'], name='decision_standing')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.BigIntegerField()),
                ('public', models.CharField(max_length=20)),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('sort', models.CharField(max_length=200)),
                ('serial', models.CharField(blank=True, max_length=80)),
                ('asset_tag', models.CharField(blank=True, max_length=80)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(blank=True, max_length=20)),
                ('platform', models.CharField(blank=True, max_length=20)),
                ('model', models.CharField(blank=True, max_length=200)),
                ('os_version', models.CharField(blank=True, max_length=80)),
                ('status', models.CharField(blank=True, max_length=20)),
                ('school', models.CharField(blank=True, max_length=200)),
                ('cart', models.CharField(blank=True, max_length=120)),
                ('org_unit', models.CharField(blank=True, max_length=300)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('holder', models.BigIntegerField(null=True)),
                ('holder_name', models.CharField(blank=True, max_length=200)),
                ('holder_left', models.BooleanField(null=True)),
                ('last_seen', models.DateTimeField(null=True)),
                ('expires_on', models.DateField(null=True)),
                ('sources', models.CharField(blank=True, max_length=200)),
                ('district', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'public'], name='device_public'), models.Index(condition=models.Q(('closed__isnull', False)), fields=['district', 'closed'], name='device_closed'), models.Index(fields=['district', 'holder'], name='device_holder')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='LedgerMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=10)),
                ('subject', models.BigIntegerField()),
                ('into', models.BigIntegerField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'kind', 'subject'], name='ledger_tombstone')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.BigIntegerField()),
                ('public', models.CharField(max_length=20)),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('sort', models.CharField(max_length=200)),
                ('name', models.CharField(max_length=200)),
                ('email', models.CharField(blank=True, max_length=255)),
                ('kind', models.CharField(max_length=20)),
                ('here', models.BooleanField(null=True)),
                ('left', models.BooleanField(null=True)),
                ('school', models.CharField(blank=True, max_length=200)),
                ('grade', models.CharField(blank=True, max_length=10)),
                ('grade_band', models.CharField(blank=True, max_length=10)),
                ('homeroom', models.CharField(blank=True, max_length=80)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('sources', models.CharField(blank=True, max_length=200)),
                ('district', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'public'], name='person_public'), models.Index(condition=models.Q(('closed__isnull', False)), fields=['district', 'closed'], name='person_closed')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='SearchTerm',
            fields=[
                ('kind', models.CharField(max_length=10)),
                ('term', models.CharField(max_length=255)),
                ('subject', models.BigIntegerField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('pk', models.CompositePrimaryKey('district', 'kind', 'term', 'subject', 'opened', blank=True, editable=False, primary_key=True, serialize=False)),
                ('district', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(condition=models.Q(('closed__isnull', False)), fields=['district', 'closed'], name='search_closed')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunPython(compare_bytes, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(store_by_key, migrations.RunPython.noop, elidable=False),
    ]
