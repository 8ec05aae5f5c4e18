"""Segments with their sizes, value propositions, spend, targets."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids

# A version that has been in force keeps its words.
KEEP_WORDS = """
CREATE FUNCTION marketing_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'draft' OR (NEW.headline, NEW.customer_job, NEW.pains, NEW.gains, NEW.offer, NEW.proof, NEW.hypothesis)
       IS DISTINCT FROM
       (OLD.headline, OLD.customer_job, OLD.pains, OLD.gains, OLD.offer, OLD.proof, OLD.hypothesis) THEN
        RAISE EXCEPTION 'a version that has been in force keeps its words' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_words BEFORE UPDATE ON marketing_propositionversion
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION marketing_keep_words();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=300, verbose_name="description")),
                ("rules", models.JSONField(default=dict, verbose_name="rules")),
                ("strategy", models.TextField(blank=True, verbose_name="strategy")),
                ("next_action", models.CharField(blank=True, max_length=200, verbose_name="next action")),
                ("is_key", models.BooleanField(default=False, verbose_name="key segment")),
                ("size", models.PositiveIntegerField(editable=False, null=True)),
                ("value", models.DecimalField(decimal_places=2, editable=False, max_digits=16, null=True)),
                ("counted_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ValueProposition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="propositions",
                        to="marketing.segment",
                        verbose_name="segment",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="KpiTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kpi", models.SlugField(max_length=40)),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                ("value", models.DecimalField(decimal_places=4, max_digits=14, verbose_name="target")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-starts_on", "kpi"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="target_runs_forward"
                    ),
                    models.UniqueConstraint(fields=("kpi", "starts_on", "ends_on"), name="target_is_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentSize",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("size", models.PositiveIntegerField()),
                ("value", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sizes", to="marketing.segment"
                    ),
                ),
            ],
            options={
                "ordering": ["day"],
                "constraints": [models.UniqueConstraint(fields=("segment", "day"), name="segment_size_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="SpendEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("rate", models.DecimalField(decimal_places=8, default=1, max_digits=18)),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("source", models.CharField(default="typed", max_length=40)),
                ("external_id", models.CharField(blank=True, max_length=120, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="spend",
                        to="crm.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-pk"],
                "indexes": [models.Index(fields=["day", "channel"], name="spend_by_day")],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "external_id"), name="spend_is_one_entry"),
                    models.CheckConstraint(condition=models.Q(("amount__gte", 0)), name="spend_is_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PropositionVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("in_force", "Active"), ("replaced", "Replaced")],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("headline", models.CharField(max_length=160, verbose_name="statement")),
                (
                    "customer_job",
                    models.TextField(blank=True, verbose_name="customer job (what the customer wants to achieve)"),
                ),
                ("pains", models.TextField(blank=True, verbose_name="pains (what bothers the customer)")),
                ("gains", models.TextField(blank=True, verbose_name="gains (what the customer hopes for)")),
                ("offer", models.TextField(blank=True, verbose_name="offer")),
                ("proof", models.TextField(blank=True, verbose_name="proof (why the offer is credible)")),
                ("hypothesis", models.TextField(verbose_name="hypothesis")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("open", "No verdict yet"),
                            ("confirmed", "Confirmed"),
                            ("refuted", "Refuted"),
                            ("unclear", "No difference found"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("verdict_note", models.TextField(blank=True, verbose_name="learning")),
                ("revision", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("in_force_at", models.DateTimeField(null=True)),
                ("judged_at", models.DateTimeField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="marketing.valueproposition",
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("proposition", "number"), name="version_number_is_one"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "in_force")), fields=("proposition",), name="one_version_in_force"
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEEP_WORDS, "DROP FUNCTION marketing_keep_words CASCADE"),
    ]
