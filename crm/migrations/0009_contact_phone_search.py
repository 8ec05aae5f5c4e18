"""People are looked for by a part of their phone number too."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0008_fill_contact_number")]

    operations = [
        AddIndexConcurrently(
            "contact",
            GinIndex(OpClass(Upper("phone"), name="gin_trgm_ops"), name="contact_phone_search"),
        ),
    ]
