"""Bounces and complaints, the rule they are judged by, and where they are heard of."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import campaigns.models.bounces
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_contact_room_for_updates"),
        ("crm", "0008_fill_contact_number"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProviderHook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                (
                    "provider",
                    models.CharField(
                        choices=[
                            ("ses", "Amazon SES"),
                            ("brevo", "Brevo"),
                            ("mailersend", "MailerSend"),
                            ("mailgun", "Mailgun"),
                            ("mailjet", "Mailjet"),
                            ("postmark", "Postmark"),
                            ("sendgrid", "SendGrid"),
                            ("sparkpost", "SparkPost"),
                        ],
                        max_length=10,
                        verbose_name="provider",
                    ),
                ),
                ("secret", models.CharField(blank=True, max_length=2000)),
                (
                    "password",
                    models.CharField(default=campaigns.models.bounces.hook_password, editable=False, max_length=300),
                ),
                ("received", models.PositiveBigIntegerField(default=0, editable=False)),
                ("refused", models.PositiveBigIntegerField(default=0, editable=False)),
                ("received_at", models.DateTimeField(editable=False, null=True)),
                ("refused_at", models.DateTimeField(editable=False, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="sendingidentity",
            name="bounce_address",
            field=models.EmailField(blank=True, max_length=254, verbose_name="address for bounces"),
        ),
        migrations.CreateModel(
            name="BounceMailbox",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("host", models.CharField(max_length=200, verbose_name="server")),
                (
                    "port",
                    models.PositiveIntegerField(
                        default=993,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(65535),
                        ],
                        verbose_name="port",
                    ),
                ),
                (
                    "security",
                    models.CharField(
                        choices=[("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "None (only on this machine)")],
                        default="tls",
                        max_length=8,
                        verbose_name="encryption",
                    ),
                ),
                ("username", models.CharField(max_length=200, verbose_name="user")),
                ("password", models.CharField(max_length=1000)),
                ("folder", models.CharField(default="INBOX", max_length=200, verbose_name="folder")),
                ("done_folder", models.CharField(blank=True, max_length=200, verbose_name="folder for what is done")),
                ("uid_validity", models.BigIntegerField(editable=False, null=True)),
                ("last_uid", models.BigIntegerField(default=0, editable=False)),
                ("polled_at", models.DateTimeField(editable=False, null=True)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("error", models.CharField(blank=True, editable=False, max_length=300)),
                ("seen", models.PositiveBigIntegerField(default=0, editable=False)),
                ("recorded", models.PositiveBigIntegerField(default=0, editable=False)),
                ("ignored", models.PositiveBigIntegerField(default=0, editable=False)),
                ("left", models.PositiveBigIntegerField(default=0, editable=False)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "identity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="mailboxes",
                        to="campaigns.sendingidentity",
                        verbose_name="sender",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="FeedbackRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "soft_bounces",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ],
                        verbose_name="soft bounces in a row",
                    ),
                ),
                (
                    "soft_days",
                    models.PositiveSmallIntegerField(
                        default=30,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                        verbose_name="within days",
                    ),
                ),
                (
                    "complaint_warn",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.10"), max_digits=5, verbose_name="complaints warn from, %"
                    ),
                ),
                (
                    "complaint_stop",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.30"), max_digits=5, verbose_name="complaints stop from, %"
                    ),
                ),
                (
                    "complaint_least",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="but not below this many complaints",
                    ),
                ),
                (
                    "bounce_warn",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("5.00"),
                        max_digits=5,
                        verbose_name="hard bounces warn from, %",
                    ),
                ),
                (
                    "bounce_stop",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("10.00"),
                        max_digits=5,
                        verbose_name="hard bounces stop from, %",
                    ),
                ),
                (
                    "bounce_least",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[django.core.validators.MinValueValidator(1)],
                        verbose_name="but not below this many hard bounces",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="feedback_rule_is_one")],
            },
        ),
        migrations.CreateModel(
            name="Bounce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event_key", models.CharField(max_length=80, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hard", "Hard bounce"),
                            ("soft", "Soft bounce"),
                            ("block", "Refused as unwanted"),
                            ("complaint", "Complaint"),
                        ],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("smtp", "Answer of the mail server"),
                            ("mailbox", "Mailbox"),
                            ("webhook", "Provider"),
                        ],
                        max_length=7,
                        verbose_name="heard from",
                    ),
                ),
                ("origin", models.CharField(blank=True, max_length=80)),
                ("address", models.CharField(blank=True, max_length=254, verbose_name="address")),
                ("address_hash", models.CharField(blank=True, max_length=64)),
                ("code", models.CharField(blank=True, max_length=12, verbose_name="code")),
                ("diagnostic", models.CharField(blank=True, max_length=500, verbose_name="what was said")),
                ("raw", models.TextField(blank=True)),
                ("variant_id", models.BigIntegerField(null=True)),
                ("matched_by", models.CharField(blank=True, max_length=10)),
                ("suppressed", models.BooleanField(default=False, verbose_name="nothing more is sent")),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bounces",
                        to="crm.contact",
                        verbose_name="contact",
                    ),
                ),
                (
                    "send",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bounces",
                        to="campaigns.send",
                        verbose_name="mailing",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["send", "kind", "contact"], name="bounce_by_send"),
                    models.Index(fields=["address_hash", "-at"], name="bounce_by_address"),
                    models.Index(fields=["-at", "-id"], name="bounce_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedbackAlarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "measure",
                    models.CharField(choices=[("complaint", "Complaints"), ("bounce", "Hard bounces")], max_length=9),
                ),
                ("level", models.CharField(choices=[("warn", "Warning"), ("stop", "Stopped")], max_length=4)),
                ("count", models.PositiveIntegerField()),
                ("base", models.PositiveIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "send",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="alarms", to="campaigns.send"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("send", "measure", "level", "count"), name="feedback_alarm_is_one")
                ],
            },
        ),
    ]
