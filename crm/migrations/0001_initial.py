"""The customer base: contacts, consent, leads, orders, activities, scores, surveys, forms, imports."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

import core.ids
import core.zones


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.CreateModel(
            name="Brand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=80, unique=True, verbose_name="name")),
                ("website", models.URLField(blank=True, verbose_name="website")),
                ("color", models.CharField(default="#0f766e", max_length=7, verbose_name="colour")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("outbound", "Outbound (paid)"),
                            ("inbound", "Inbound (content)"),
                            ("partner", "Partners and affiliates"),
                            ("referral", "Referral"),
                            ("database", "Databases"),
                            ("website", "Website messages"),
                            ("offline", "Offline"),
                            ("mobile", "Mobile"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="group",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                (
                    "number",
                    models.CharField(
                        blank=True, db_default="", default="", editable=False, max_length=120, verbose_name="number"
                    ),
                ),
                ("email", models.CharField(blank=True, max_length=254, verbose_name="e-mail")),
                ("email_normalized", models.CharField(editable=False, max_length=254, null=True, unique=True)),
                ("address_hash", models.CharField(db_index=True, editable=False, max_length=64, null=True)),
                ("first_name", models.CharField(blank=True, max_length=100, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=100, verbose_name="last name")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                (
                    "phone_normalized",
                    models.CharField(blank=True, db_default="", default="", editable=False, max_length=16),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("f", "Female"), ("m", "Male"), ("x", "Other")],
                        max_length=1,
                        verbose_name="sex",
                    ),
                ),
                ("birth_date", models.DateField(blank=True, null=True, verbose_name="date of birth")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="city")),
                ("region", models.CharField(blank=True, max_length=100, verbose_name="region")),
                ("country", models.CharField(blank=True, max_length=60, verbose_name="country")),
                ("profession", models.CharField(blank=True, max_length=100, verbose_name="profession")),
                (
                    "tastes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tastes",
                    ),
                ),
                ("looking_for", models.CharField(blank=True, max_length=300, verbose_name="looking for")),
                ("aspirations", models.CharField(blank=True, max_length=300, verbose_name="aspirations")),
                ("language", models.CharField(blank=True, max_length=5, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(
                        blank=True, max_length=60, validators=[core.zones.validate_zone], verbose_name="time zone"
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=dict)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("subscriber", "Subscriber"),
                            ("lead", "Lead"),
                            ("qualified", "Qualified lead"),
                            ("opportunity", "Opportunity"),
                            ("customer", "Customer"),
                            ("repeat", "Repeat customer"),
                            ("promoter", "Promoter"),
                            ("at_risk", "At risk"),
                            ("lost", "Lost"),
                        ],
                        default="subscriber",
                        max_length=12,
                        verbose_name="stage",
                    ),
                ),
                ("stage_since", models.DateTimeField(default=django.utils.timezone.now)),
                ("first_order_at", models.DateTimeField(editable=False, null=True)),
                ("last_order_at", models.DateTimeField(editable=False, null=True)),
                ("order_count", models.PositiveIntegerField(default=0, editable=False)),
                ("gross_total", models.DecimalField(decimal_places=2, default=0, editable=False, max_digits=14)),
                ("net_total", models.DecimalField(decimal_places=2, default=0, editable=False, max_digits=14)),
                ("last_contacted_at", models.DateTimeField(editable=False, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="crm.channel",
                        verbose_name="source channel",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("category", models.CharField(blank=True, max_length=80, verbose_name="category")),
                (
                    "tastes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("url", models.URLField(blank=True, verbose_name="link")),
                (
                    "price",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name="price"),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RfmRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField()),
                ("edges", models.JSONField(default=dict)),
                ("customers", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="RfmSegment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("advice", models.CharField(blank=True, max_length=200, verbose_name="recommended action")),
                ("cells", models.JSONField(default=list)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="ConsentTopic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="description")),
                ("is_default", models.BooleanField(default=False)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consent_topics", to="crm.brand"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("sms", "SMS"), ("phone", "Phone")], default="email", max_length=8
                    ),
                ),
                ("given", models.BooleanField()),
                (
                    "basis",
                    models.CharField(
                        choices=[("consent", "Consent"), ("customer", "Existing customer"), ("contract", "Contract")],
                        default="consent",
                        max_length=10,
                    ),
                ),
                ("wording", models.TextField(blank=True)),
                ("source", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="crm.consenttopic"
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="crm.contact"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ContactIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("external_id", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="identities", to="crm.contact"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("lead", "unanswered lead"),
                            ("birthday", "birthday"),
                            ("at_risk", "at risk of leaving"),
                            ("idle", "no recent contact"),
                            ("planned", "follow-up due"),
                        ],
                        max_length=8,
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="follow_ups", to="crm.contact"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["due_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("orders", "Orders"), ("leads", "Leads"), ("spend", "Spend")], max_length=10
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("file", models.FileField(upload_to="imports/%Y/%m/")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("reading", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                ("checked", models.JSONField(default=dict)),
                ("report", models.JSONField(default=dict)),
                ("rejects", models.FileField(blank=True, upload_to="imports/%Y/%m/")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="core.job"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date")),
                (
                    "attended_by",
                    models.CharField(
                        choices=[("ecommerce", "eCommerce"), ("sales_force", "Sales force")],
                        default="ecommerce",
                        max_length=12,
                        verbose_name="attended by",
                    ),
                ),
                ("interest", models.CharField(blank=True, max_length=300, verbose_name="interest")),
                (
                    "content_format",
                    models.CharField(
                        blank=True,
                        choices=[("video", "Video"), ("image", "Image"), ("text", "Text"), ("audio", "Audio")],
                        max_length=5,
                        verbose_name="content",
                    ),
                ),
                ("utm", models.JSONField(blank=True, default=dict)),
                ("source", models.CharField(default="typed", max_length=40)),
                ("external_id", models.CharField(blank=True, max_length=120, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leads",
                        to="crm.channel",
                        verbose_name="channel",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leads", to="crm.contact"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leads",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "ordering": ["-occurred_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="LeadForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=core.ids.public_id, editable=False, max_length=14, unique=True)),
                (
                    "name",
                    models.CharField(
                        help_text="Visible only to your colleagues.", max_length=80, unique=True, verbose_name="name"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="page title")),
                ("intro", models.TextField(blank=True, max_length=1000, verbose_name="introduction")),
                (
                    "attended_by",
                    models.CharField(
                        choices=[("ecommerce", "eCommerce"), ("sales_force", "Sales force")],
                        default="ecommerce",
                        max_length=12,
                        verbose_name="attended by",
                    ),
                ),
                (
                    "content_format",
                    models.CharField(
                        blank=True,
                        choices=[("video", "Video"), ("image", "Image"), ("text", "Text"), ("audio", "Audio")],
                        max_length=5,
                        verbose_name="content",
                    ),
                ),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("first_name", "First name"),
                                ("last_name", "Last name"),
                                ("phone", "Phone"),
                                ("city", "City"),
                                ("interest", "What are you looking for?"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="additional fields",
                    ),
                ),
                ("wording", models.CharField(blank=True, max_length=500, verbose_name="consent wording")),
                (
                    "double_opt_in",
                    models.BooleanField(
                        default=True,
                        help_text="Consent counts only after the contact confirms by e-mail.",
                        verbose_name="confirm by e-mail (double opt-in)",
                    ),
                ),
                ("thank_you", models.TextField(max_length=1000, verbose_name="thank-you text")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lead_forms",
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
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.consenttopic",
                        verbose_name="consent for",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="LeadFormSubmission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, unique=True)),
                ("consent_given", models.BooleanField(default=False)),
                ("wording", models.TextField(blank=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="submissions", to="crm.leadform"
                    ),
                ),
                (
                    "lead",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="submission", to="crm.lead"
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="crm.consenttopic"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="MiniListMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="minilist_memberships",
                        to="crm.contact",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minilist_memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-since"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("note", "Note"), ("call", "Call"), ("meeting", "Meeting")],
                        default="note",
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="crm.contact"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="NpsAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invitation", models.CharField(default=core.ids.public_id, max_length=64, unique=True)),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(10),
                        ],
                        verbose_name="score",
                    ),
                ),
                ("comment", models.TextField(blank=True, verbose_name="comment")),
                ("source", models.CharField(default="link", max_length=40)),
                ("answered_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.channel",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="nps_answers",
                        to="crm.contact",
                    ),
                ),
            ],
            options={
                "ordering": ["-answered_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("number", models.CharField(max_length=120, verbose_name="number")),
                (
                    "kind",
                    models.CharField(choices=[("sale", "Sale"), ("return", "Return")], default="sale", max_length=6),
                ),
                ("placed_at", models.DateTimeField(verbose_name="order date")),
                ("currency", models.CharField(max_length=3)),
                ("rate", models.DecimalField(decimal_places=8, default=1, max_digits=18)),
                ("gross", models.DecimalField(decimal_places=2, max_digits=14)),
                ("net", models.DecimalField(decimal_places=2, max_digits=14)),
                ("content_hash", models.CharField(blank=True, max_length=32)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "channel",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="crm.channel",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="crm.contact",
                    ),
                ),
                (
                    "original",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="returns",
                        to="crm.order",
                    ),
                ),
            ],
            options={
                "ordering": ["-placed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("description", models.CharField(blank=True, max_length=200)),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=14)),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=14)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=16)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="crm.order"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="order_lines",
                        to="crm.product",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="StageChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("subscriber", "Subscriber"),
                            ("lead", "Lead"),
                            ("qualified", "Qualified lead"),
                            ("opportunity", "Opportunity"),
                            ("customer", "Customer"),
                            ("repeat", "Repeat customer"),
                            ("promoter", "Promoter"),
                            ("at_risk", "At risk"),
                            ("lost", "Lost"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("subscriber", "Subscriber"),
                            ("lead", "Lead"),
                            ("qualified", "Qualified lead"),
                            ("opportunity", "Opportunity"),
                            ("customer", "Customer"),
                            ("repeat", "Repeat customer"),
                            ("promoter", "Promoter"),
                            ("at_risk", "At risk"),
                            ("lost", "Lost"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stage_changes", to="crm.contact"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address_hash", models.CharField(max_length=64)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unsubscribed", "Unsubscribed"),
                            ("bounced", "Hard bounce"),
                            ("complained", "Complaint (marked as spam)"),
                            ("erased", "Erased on request"),
                            ("manual", "Manual entry"),
                            ("imported", "Imported"),
                        ],
                        max_length=12,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=120)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="RfmScore",
            fields=[
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rfm",
                        serialize=False,
                        to="crm.contact",
                    ),
                ),
                ("recency_days", models.IntegerField()),
                ("frequency", models.PositiveIntegerField()),
                ("monetary", models.DecimalField(decimal_places=2, max_digits=14)),
                ("r", models.PositiveSmallIntegerField()),
                ("f", models.PositiveSmallIntegerField()),
                ("m", models.PositiveSmallIntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="scores", to="crm.rfmrun"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="crm.rfmsegment"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["first_order_at"], name="contact_by_first_order"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["last_order_at", "id"], name="contact_by_last_order"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["stage", "last_order_at", "id"], name="contact_by_stage"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["channel", "last_order_at", "id"], name="contact_by_channel"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["country", "last_order_at", "id"], name="contact_by_country"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("archived_at__isnull", False)), fields=["archived_at"], name="contact_put_away"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["last_name", "id"], name="contact_by_name"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("first_name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("last_name"), name="gin_trgm_ops"
                ),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("email"), name="gin_trgm_ops"
                ),
                name="contact_search",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("phone"), name="gin_trgm_ops"
                ),
                name="contact_phone_search",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone_normalized", ""), _negated=True),
                fields=["phone_normalized"],
                name="contact_by_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["contact", "channel", "topic", "-at", "-id"], name="consent_current"),
        ),
        migrations.AddIndex(
            model_name="contactidentity",
            index=models.Index(django.db.models.functions.text.Upper("external_id"), name="identity_by_number"),
        ),
        migrations.AddConstraint(
            model_name="contactidentity",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="identity_is_one_contact"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["owner", "done_at"], name="followup_by_owner"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("done_at", None)), fields=("contact", "owner"), name="followup_open_is_one"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["occurred_at"], name="lead_by_time"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["contact", "occurred_at"], name="lead_by_contact"),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.UniqueConstraint(fields=("source", "external_id"), name="lead_is_one_event"),
        ),
        migrations.AddConstraint(
            model_name="leadform",
            constraint=models.CheckConstraint(
                condition=models.Q(("topic", None), models.Q(("wording", ""), _negated=True), _connector="OR"),
                name="lead_form_consent_has_wording",
            ),
        ),
        migrations.AddIndex(
            model_name="minilistmembership",
            index=models.Index(fields=["owner", "until"], name="minilist_by_owner"),
        ),
        migrations.AddConstraint(
            model_name="minilistmembership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("contact",), name="minilist_has_one_owner"
            ),
        ),
        migrations.AddConstraint(
            model_name="minilistmembership",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="minilist_runs_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="npsanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__gte", 0), ("score__lte", 10)), name="nps_score_is_0_to_10"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["contact", "placed_at"], name="order_by_contact"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["placed_at"], name="order_by_time"),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(fields=("source", "number"), name="order_number_is_one_order"),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(condition=models.Q(("lifted_at", None)), fields=["at", "id"], name="suppression_newest"),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("address_hash",), name="suppression_in_force_is_one"
            ),
        ),
        migrations.AddIndex(
            model_name="rfmscore",
            index=models.Index(fields=["segment"], name="rfm_by_segment"),
        ),
        # Most rows of a page are updated by one batch of a send: what finds room on its page spares a dozen indexes.
        migrations.RunSQL(
            "ALTER TABLE crm_contact SET (fillfactor = 60)", "ALTER TABLE crm_contact RESET (fillfactor)"
        ),
    ]
