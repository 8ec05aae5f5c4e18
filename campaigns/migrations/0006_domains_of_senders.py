"""Every sender's domain is a sending domain from now on."""

from django.core.exceptions import ValidationError
from django.db import migrations


def note_domains(apps, schema_editor):
    from campaigns.models.domains import domain_of

    addresses = apps.get_model("campaigns", "SendingIdentity").objects.values_list("from_address", flat=True)
    for address in addresses:
        try:
            apps.get_model("campaigns", "SendingDomain").objects.get_or_create(name=domain_of(address))
        except ValidationError:
            continue


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_sending_domains")]

    operations = [migrations.RunPython(note_domains, migrations.RunPython.noop)]
