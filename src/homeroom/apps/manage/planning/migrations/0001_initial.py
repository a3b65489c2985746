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
            name='TeamHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.CharField(max_length=150)),
                ('minutes', models.PositiveIntegerField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(fields=('district', 'person'), name='hours_once_a_person')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='Work',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=80)),
                ('week', models.DateField()),
                ('act', models.CharField(max_length=12)),
                ('person', models.CharField(blank=True, max_length=150)),
                ('subjects', models.PositiveIntegerField(default=0)),
                ('open_then', models.PositiveIntegerField(default=0)),
                ('assessment', models.BigIntegerField(default=0)),
                ('estimated', models.PositiveIntegerField(default=0)),
                ('basis', models.PositiveIntegerField(default=0)),
                ('actual', models.PositiveIntegerField(null=True)),
                ('until', models.DateField(null=True)),
                ('note', models.TextField(blank=True)),
                ('made_by', models.CharField(blank=True, max_length=150)),
                ('made_at', models.DateTimeField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'week'], name='work_week')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
    ]
