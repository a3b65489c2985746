import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('districts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Remedy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_key', models.CharField(max_length=255)),
                ('first', models.BigIntegerField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
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
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_key', models.CharField(max_length=255)),
                ('fix', models.CharField(blank=True, max_length=255)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
                ('remedy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='vulnerabilities.remedy')),
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
            name='Gap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.BigIntegerField()),
                ('kind', models.CharField(max_length=20)),
                ('since', models.DateField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('why', models.CharField(blank=True, max_length=20)),
                ('took', models.IntegerField(null=True)),
                ('missed_since', models.DateField(null=True)),
                ('snapshot', models.CharField(max_length=64)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
                ('remedy', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='vulnerabilities.remedy')),
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
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('today', models.DateField()),
                ('derived', models.CharField(max_length=64)),
                ('asked', models.CharField(max_length=64)),
                ('opened', models.BigIntegerField()),
                ('returned', models.BigIntegerField()),
                ('fixed', models.BigIntegerField()),
                ('open_devices', models.BigIntegerField(null=True)),
                ('overdue_devices', models.BigIntegerField(null=True)),
                ('late_devices', models.BigIntegerField(null=True)),
                ('exploited_vulnerabilities', models.BigIntegerField(null=True)),
                ('late_vulnerabilities', models.BigIntegerField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
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
            name='Reviewed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review', models.BigIntegerField(default=0)),
                ('district', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('product_key', models.CharField(max_length=255)),
                ('cve', models.CharField(max_length=80)),
                ('since', models.DateField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('ended_on', models.DateField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
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
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review', models.BigIntegerField()),
                ('product_key', models.CharField(max_length=255)),
                ('devices', models.BigIntegerField()),
                ('excepted', models.BigIntegerField()),
                ('overdue', models.BigIntegerField()),
                ('missed', models.BigIntegerField()),
                ('stale', models.BigIntegerField()),
                ('due_on', models.DateField(null=True)),
                ('since', models.DateField(null=True)),
                ('closes', models.IntegerField()),
                ('without_fix', models.IntegerField()),
                ('excepted_vulnerabilities', models.IntegerField()),
                ('exploited', models.IntegerField()),
                ('worst', models.CharField(blank=True, max_length=10)),
                ('points', models.BigIntegerField()),
                ('reasons', models.CharField(blank=True, max_length=120)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
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
            name='Deadlines',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('critical', models.IntegerField()),
                ('high', models.IntegerField()),
                ('medium', models.IntegerField()),
                ('low', models.IntegerField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(fields=('district',), name='one_set_of_deadlines')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Fixed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review', models.BigIntegerField()),
                ('on', models.DateField()),
                ('kind', models.CharField(max_length=20)),
                ('took', models.IntegerField()),
                ('many', models.BigIntegerField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(fields=('district', 'review', 'kind', 'took'), name='one_count_a_class_and_days')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddConstraint(
            model_name='remedy',
            constraint=models.UniqueConstraint(fields=('district', 'product_key', 'first'), name='one_remedy_a_review'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.UniqueConstraint(fields=('district', 'product_key', 'fix'), name='one_release_a_version'),
        ),
        migrations.AddIndex(
            model_name='gap',
            index=models.Index(fields=['district', 'device', 'remedy'], name='gap_device'),
        ),
        migrations.AddIndex(
            model_name='gap',
            index=models.Index(fields=['district', 'closed'], name='gap_closed'),
        ),
        migrations.AddIndex(
            model_name='gap',
            index=models.Index(fields=['district', 'opened'], name='gap_opened'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('district', 'number'), name='review_number'),
        ),
        migrations.AddIndex(
            model_name='sighting',
            index=models.Index(fields=['district', 'cve', 'product_key'], name='sighting_cve'),
        ),
        migrations.AddConstraint(
            model_name='tally',
            constraint=models.UniqueConstraint(fields=('district', 'review', 'product_key'), name='one_tally_a_product'),
        ),
    ]
