"""How findings stand in the published assessment, counted once; that of what is published already as well."""

from datetime import timedelta
from typing import Any

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models
from django.db.models import Count, Min, Q


def counted(apps: Any, schema_editor: Any) -> None:
    """Counts the open members of every district's published assessment."""
    member, result = (apps.get_model("posture", name).everywhere for name in ("Member", "FindingResult"))
    assessment = apps.get_model("posture", "Assessment").everywhere
    for district, number in apps.get_model("posture", "Standing").objects.values_list("district_id", "assessment"):
        of = assessment.filter(district_id=district, number=number).first()
        if of is None:
            continue
        stale = Q(not_seen_since__lt=of.today - timedelta(days=7))
        open_then = Q(closed=None) | Q(closed__gt=number)
        rows = member.filter(open_then, district_id=district, opened__lte=number).values("finding_id").order_by()
        told = rows.annotate(
            members=Count("pk"),
            since=Min("since"),
            stale=Count("pk", filter=stale),
            not_seen=Count("pk", filter=Q(not_seen_since__isnull=False) & ~stale),
        )
        result.bulk_create(result.model(district_id=district, assessment=number, **row) for row in told)


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0001_initial'),
        ('posture', '0005_acceptance_private'),
    ]

    operations = [
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
                'constraints': [models.UniqueConstraint(fields=('district', 'assessment', 'finding'), name='one_result_a_finding')],
            },
            managers=[
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.RunPython(counted, migrations.RunPython.noop),
    ]
