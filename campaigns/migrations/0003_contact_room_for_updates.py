"""Room in the pages of contacts, so that noting who was written to does not touch their indexes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_ledger_in_partitions"), ("crm", "0001_initial")]

    operations = [
        migrations.RunSQL("ALTER TABLE crm_contact SET (fillfactor = 75)", "ALTER TABLE crm_contact RESET (fillfactor)")
    ]
