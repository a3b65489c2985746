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
            name='FixFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public', models.CharField(max_length=20)),
                ('finding', models.CharField(max_length=20)),
                ('control', models.CharField(max_length=80)),
                ('group', models.CharField(blank=True, max_length=120)),
                ('action', models.CharField(max_length=80)),
                ('target', models.TextField(blank=True)),
                ('state', models.CharField(blank=True, max_length=12)),
                ('derived', models.CharField(max_length=64)),
                ('left', models.JSONField(default=dict)),
                ('made_by', models.CharField(blank=True, max_length=150)),
                ('made_at', models.DateTimeField()),
                ('reviewed_by', models.CharField(blank=True, max_length=150)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('handed_by', models.CharField(blank=True, max_length=150)),
                ('handed_at', models.DateTimeField(null=True)),
                ('proved_at', models.DateTimeField(null=True)),
                ('sha256', models.CharField(blank=True, max_length=64)),
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
            name='FixRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.IntegerField()),
                ('subject', models.BigIntegerField()),
                ('instance', models.CharField(blank=True, max_length=80)),
                ('key', models.CharField(blank=True, max_length=255)),
                ('handle', models.TextField()),
                ('to', models.TextField()),
                ('back', models.TextField(null=True)),
                ('cells', models.JSONField(default=dict)),
                ('flags', models.CharField(blank=True, max_length=80)),
                ('dropped', models.BooleanField(default=False)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('checked_at', models.DateTimeField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
                ('fix', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='fixes.fixfile')),
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
        migrations.AddIndex(
            model_name='fixfile',
            index=models.Index(fields=['district', 'finding'], name='fix_finding'),
        ),
        migrations.AddIndex(
            model_name='fixfile',
            index=models.Index(fields=['district', 'state'], name='fix_state'),
        ),
        migrations.AddConstraint(
            model_name='fixfile',
            constraint=models.UniqueConstraint(fields=('district', 'public'), name='one_fix_file_an_id'),
        ),
        migrations.AddIndex(
            model_name='fixrow',
            index=models.Index(fields=['district', 'fix', 'place'], name='fix_row_place'),
        ),
        migrations.AddIndex(
            model_name='fixrow',
            index=models.Index(fields=['district', 'fix', 'outcome'], name='fix_row_outcome'),
        ),
    ]
