from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0017_trials")]

    operations = [
        migrations.AddField("batch", "begun", models.BooleanField(db_default=True, default=True)),
    ]
