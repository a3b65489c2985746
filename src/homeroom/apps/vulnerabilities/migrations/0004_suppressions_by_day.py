"""An index by which what is let stand is paged, by the day on which it ends."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0001_initial'),
        ('vulnerabilities', '0003_review_sums'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='suppression',
            index=models.Index(fields=['district', 'withdrawn_at', 'expires_on'], name='suppression_ending'),
        ),
    ]
