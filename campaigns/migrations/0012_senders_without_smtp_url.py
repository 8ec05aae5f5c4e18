from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0011_providers_from_senders")]

    operations = [migrations.RemoveField(model_name="sendingidentity", name="smtp_url")]
