"""A company has no name until somebody gives it one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions_and_links")]

    operations = [
        migrations.AlterField(
            model_name="company",
            name="name",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="name"),
        ),
    ]
