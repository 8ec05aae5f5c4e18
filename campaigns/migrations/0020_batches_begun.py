from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0019_providers_paused_and_hooks")]

    operations = [
        migrations.AddField("batch", "begun", models.BooleanField(db_default=True, default=True)),
    ]
