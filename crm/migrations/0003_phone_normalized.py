"""A contact's phone in one normal form, by which people are told apart."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0002_shipped_rows")]

    operations = [
        migrations.AddField(
            "contact",
            "phone_normalized",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=16),
        ),
        AddIndexConcurrently(
            "contact",
            models.Index(
                condition=models.Q(("phone_normalized", ""), _negated=True),
                fields=["phone_normalized"],
                name="contact_by_phone",
            ),
        ),
    ]
