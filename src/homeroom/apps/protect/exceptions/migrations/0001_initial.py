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
            name='RiskException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('covers', models.CharField(max_length=16)),
                ('control', models.CharField(blank=True, max_length=80)),
                ('group', models.CharField(blank=True, max_length=120)),
                ('subject', models.BigIntegerField(null=True)),
                ('product_key', models.CharField(blank=True, max_length=255)),
                ('cve', models.CharField(blank=True, max_length=80)),
                ('scope', models.CharField(blank=True, max_length=12)),
                ('value', models.CharField(blank=True, max_length=255)),
                ('device', models.BigIntegerField(null=True)),
                ('justification', models.CharField(max_length=20)),
                ('reason', models.TextField()),
                ('owner', models.CharField(max_length=150)),
                ('expires_on', models.DateField()),
                ('made_by', models.CharField(max_length=150)),
                ('made_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('private', models.BooleanField(default=False)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'indexes': [models.Index(fields=['district', 'covers', 'withdrawn_at', 'expires_on'], name='exception_ending')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
    ]
