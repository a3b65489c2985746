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
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=60)),
                ('client', models.CharField(max_length=60)),
                ('plain', models.JSONField(default=dict)),
                ('sealed', models.TextField(blank=True)),
                ('off', models.JSONField(default=list)),
                ('every_hours', models.PositiveIntegerField(default=24)),
                ('quiet', models.CharField(default='night', max_length=12)),
                ('marks', models.JSONField(default=dict)),
                ('stands', models.JSONField(default=dict)),
                ('whole_at', models.DateTimeField(null=True)),
                ('next_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, max_length=150)),
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
            name='Sync',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.CharField(blank=True, max_length=150)),
                ('whole', models.BooleanField(default=False)),
                ('marks', models.JSONField(default=dict)),
                ('state', models.CharField(default='waiting', max_length=12)),
                ('step', models.CharField(blank=True, max_length=200)),
                ('done', models.BigIntegerField(default=0)),
                ('total', models.BigIntegerField(default=0)),
                ('beat_at', models.DateTimeField()),
                ('resume_at', models.DateTimeField(null=True)),
                ('pauses', models.PositiveIntegerField(default=0)),
                ('stop', models.BooleanField(default=False)),
                ('result', models.JSONField(default=dict)),
                ('finished_at', models.DateTimeField(null=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='connections.connection')),
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
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.UniqueConstraint(fields=('district', 'name'), name='connection_once_a_name'),
        ),
        migrations.AddIndex(
            model_name='sync',
            index=models.Index(fields=['connection', '-made_at'], name='syncs_newest'),
        ),
        migrations.AddConstraint(
            model_name='sync',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running', 'paused'))), fields=('connection',), name='one_open_sync_a_connection'),
        ),
    ]
