from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0024_fill_public_ids")]

    operations = [
        migrations.AlterField(
            "provider",
            "public_id",
            models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True),
        ),
    ]
