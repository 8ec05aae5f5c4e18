"""Indexes in the order of the lists of contacts and suppressions, made beside the work that goes on."""

import django.db.models.deletion
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0011_brand_called_like_company")]

    operations = [
        RemoveIndexConcurrently(model_name="contact", name="contact_by_last_order"),
        RemoveIndexConcurrently(model_name="contact", name="contact_by_stage"),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(fields=["last_order_at", "id"], name="contact_by_last_order"),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(fields=["stage", "last_order_at", "id"], name="contact_by_stage"),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(fields=["channel", "last_order_at", "id"], name="contact_by_channel"),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(fields=["country", "last_order_at", "id"], name="contact_by_country"),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", False)), fields=["archived_at"], name="contact_put_away"
            ),
        ),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(fields=["last_name", "id"], name="contact_by_name"),
        ),
        migrations.AlterField(
            model_name="contact",
            name="channel",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contacts",
                to="crm.channel",
                verbose_name="came through",
            ),
        ),
        AddIndexConcurrently(
            model_name="contactidentity",
            index=models.Index(django.db.models.functions.text.Upper("external_id"), name="identity_by_number"),
        ),
        AddIndexConcurrently(
            model_name="suppression",
            index=models.Index(condition=models.Q(("lifted_at", None)), fields=["at", "id"], name="suppression_newest"),
        ),
    ]
