"""An index by which what is accepted is paged, by the day on which it ends."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0001_initial'),
        ('posture', '0006_finding_results'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='acceptance',
            index=models.Index(fields=['district', 'withdrawn_at', 'expires_on'], name='acceptance_ending'),
        ),
    ]
