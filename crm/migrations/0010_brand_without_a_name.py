from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_contact_phone_search")]

    operations = [
        migrations.AlterField(
            model_name="brand",
            name="name",
            field=models.CharField(blank=True, max_length=80, unique=True, verbose_name="name"),
        ),
    ]
