from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0022_batches_summed_at")]

    operations = [
        migrations.AddField("provider", "public_id", models.CharField(editable=False, max_length=14, null=True)),
    ]
