from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0002_list_answer'),
    ]

    operations = [
        migrations.DeleteModel(name='SearchTerm'),
    ]
