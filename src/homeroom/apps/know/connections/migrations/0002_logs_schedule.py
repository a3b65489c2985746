from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='logs_minutes',
            field=models.PositiveIntegerField(default=10),
        ),
        migrations.AddField(
            model_name='connection',
            name='logs_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='sync',
            name='logs',
            field=models.BooleanField(default=False),
        ),
    ]
