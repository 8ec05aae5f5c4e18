"""A public id for each provider there was."""

from typing import Any

from django.db import migrations

from core.ids import public_id


def fill(apps: Any, schema_editor: Any) -> None:
    for provider in apps.get_model("campaigns", "Provider").objects.filter(public_id=None):
        provider.public_id = public_id()
        provider.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0023_providers_public_id")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
