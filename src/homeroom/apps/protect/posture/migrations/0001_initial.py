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
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public', models.CharField(max_length=20)),
                ('control', models.CharField(max_length=80)),
                ('group', models.CharField(blank=True, max_length=120)),
                ('subject_kind', models.CharField(max_length=10)),
                ('first_opened', models.BigIntegerField()),
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
            name='FindingResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.BigIntegerField()),
                ('members', models.BigIntegerField()),
                ('not_seen', models.BigIntegerField()),
                ('stale', models.BigIntegerField()),
                ('since', models.DateField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posture.finding')),
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
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.BigIntegerField()),
                ('since', models.DateField()),
                ('opened', models.BigIntegerField()),
                ('closed', models.BigIntegerField(null=True)),
                ('why', models.CharField(blank=True, max_length=20)),
                ('not_seen_since', models.DateField(null=True)),
                ('snapshot', models.CharField(max_length=64)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='posture.finding')),
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
            name='PublishedAssessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.BigIntegerField(default=0)),
                ('district', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='standing', to='districts.district')),
            ],
        ),
        migrations.CreateModel(
            name='SchoolResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.BigIntegerField()),
                ('school', models.CharField(blank=True, max_length=200)),
                ('control', models.CharField(max_length=80)),
                ('passing', models.BigIntegerField()),
                ('failing', models.BigIntegerField()),
                ('cannot_tell', models.BigIntegerField()),
                ('excepted', models.BigIntegerField()),
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
            name='SettingResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy', models.CharField(max_length=80)),
                ('tenant', models.CharField(blank=True, max_length=120)),
                ('day', models.DateField()),
                ('state', models.CharField(max_length=16)),
                ('passing', models.IntegerField()),
                ('failing', models.IntegerField()),
                ('cannot_tell', models.IntegerField()),
                ('excepted', models.IntegerField()),
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
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('today', models.DateField()),
                ('derived', models.CharField(max_length=64)),
                ('controls', models.CharField(max_length=64)),
                ('as_of', models.DateTimeField(null=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(fields=('district', 'number'), name='assessment_number')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='ControlResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assessment', models.BigIntegerField()),
                ('control', models.CharField(max_length=80)),
                ('severity', models.CharField(max_length=10)),
                ('population', models.BigIntegerField()),
                ('passing', models.BigIntegerField()),
                ('failing', models.BigIntegerField()),
                ('cannot_tell', models.BigIntegerField()),
                ('excepted', models.BigIntegerField()),
                ('not_applicable', models.BigIntegerField()),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='districts.district')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'everywhere',
                'default_manager_name': 'everywhere',
                'constraints': [models.UniqueConstraint(fields=('district', 'assessment', 'control'), name='one_result_a_control')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddIndex(
            model_name='finding',
            index=models.Index(fields=['district', 'public'], name='finding_public'),
        ),
        migrations.AddConstraint(
            model_name='finding',
            constraint=models.UniqueConstraint(fields=('district', 'control', 'group'), name='one_finding_a_group'),
        ),
        migrations.AddConstraint(
            model_name='findingresult',
            constraint=models.UniqueConstraint(fields=('district', 'assessment', 'finding'), name='one_result_a_finding'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(fields=['district', 'finding', 'closed', 'subject'], name='member_open'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(fields=['district', 'subject'], name='member_subject'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(fields=['district', 'closed'], name='member_closed'),
        ),
        migrations.AddIndex(
            model_name='member',
            index=models.Index(fields=['district', 'opened'], name='member_opened'),
        ),
        migrations.AddConstraint(
            model_name='schoolresult',
            constraint=models.UniqueConstraint(fields=('district', 'assessment', 'school', 'control'), name='one_result_a_school_and_control'),
        ),
        migrations.AddConstraint(
            model_name='settingresult',
            constraint=models.UniqueConstraint(fields=('district', 'policy', 'tenant', 'day'), name='one_setting_result_a_day'),
        ),
    ]
