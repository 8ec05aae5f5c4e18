"""Templates, campaigns, letters, and the test of each send."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        ("delivery", "0001_initial"),
        ("marketing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("objective", models.CharField(blank=True, max_length=300, verbose_name="objective")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="crm.channel",
                    ),
                ),
                (
                    "proposition_version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="marketing.propositionversion",
                        verbose_name="value proposition",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="marketing.segment",
                        verbose_name="segment",
                    ),
                ),
                (
                    "send",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="campaign", to="delivery.send"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="EmailTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                (
                    "use",
                    models.CharField(
                        choices=[("campaign", "Campaigns"), ("letter", "Letters")], default="campaign", max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("subject", models.CharField(blank=True, max_length=250, verbose_name="subject")),
                ("body", models.TextField(verbose_name="content")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="crm.brand",
                        verbose_name="brand",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Experiment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hypothesis", models.TextField(blank=True, verbose_name="hypothesis")),
                (
                    "metric",
                    models.CharField(
                        blank=True,
                        choices=[("click", "Clicked a link"), ("open", "Opened"), ("order", "Bought")],
                        max_length=8,
                        verbose_name="metric",
                    ),
                ),
                ("horizon", models.PositiveIntegerField(blank=True, null=True, verbose_name="horizon")),
                ("horizon_days", models.PositiveSmallIntegerField(default=7, verbose_name="maximum duration (days)")),
                ("alpha", models.DecimalField(decimal_places=3, default="0.050", max_digits=4)),
                (
                    "differs_in",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), default=list, size=None
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[("open", "Running"), ("winner", "A winner"), ("no_difference", "No difference found")],
                        default="open",
                        max_length=14,
                    ),
                ),
                ("learning", models.TextField(blank=True, verbose_name="learning")),
                ("concluded_at", models.DateTimeField(null=True)),
                (
                    "send",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="experiment", to="delivery.send"
                    ),
                ),
                (
                    "winner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="delivery.variant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                ("recipients", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letters", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "send",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="letter", to="delivery.send"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
