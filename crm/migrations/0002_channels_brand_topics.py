"""The mission's taxonomy of channels with stable codes, one brand, and the two subjects people agree to hear about."""

from django.db import migrations
from django.utils.translation import gettext_noop as _

CHANNELS = [
    ("search_ads", _("Search ads"), "outbound"),
    ("display_ads", _("Display ads"), "outbound"),
    ("video_ads", _("Video ads"), "outbound"),
    ("social_ads", _("Social ads"), "outbound"),
    ("ad_networks", _("Ad networks"), "outbound"),
    ("content_video", _("Content: video"), "inbound"),
    ("content_image", _("Content: images"), "inbound"),
    ("content_text", _("Content: text"), "inbound"),
    ("content_audio", _("Content: audio"), "inbound"),
    ("blog", _("Blog"), "inbound"),
    ("social", _("Social networks"), "inbound"),
    ("landing_pages", _("Landing pages"), "inbound"),
    ("seo", _("Search engines (SEO)"), "inbound"),
    ("local_search", _("Local search"), "inbound"),
    ("partners", _("Partners"), "partner"),
    ("affiliates", _("Affiliates"), "partner"),
    ("referral", _("Referral"), "referral"),
    ("own_database", _("Own database"), "database"),
    ("external_database", _("External database"), "database"),
    ("website_messages", _("Website messages"), "website"),
    ("offline", _("Offline"), "offline"),
    ("sms", _("SMS"), "mobile"),
    ("email", _("E-mail"), "other"),
    ("direct", _("Direct or unknown"), "other"),
]
TOPICS = [
    ("newsletter", _("Newsletter"), _("News, tips and stories."), True),
    ("offers", _("Offers"), _("Discounts and new products."), False),
]


def fill(apps, schema_editor):
    Channel = apps.get_model("crm", "Channel")
    Channel.objects.bulk_create(
        [Channel(code=code, name=name, group=group, position=n) for n, (code, name, group) in enumerate(CHANNELS, 1)],
        ignore_conflicts=True,
    )
    company = apps.get_model("accounts", "Company").objects.first()
    Brand = apps.get_model("crm", "Brand")
    brand = Brand.objects.order_by("pk").first() or Brand.objects.create(
        name=company.name[:80] if company else "Cauce", website=company.website if company else ""
    )
    Topic = apps.get_model("crm", "ConsentTopic")
    for code, name, description, is_default in TOPICS:
        Topic.objects.get_or_create(
            code=code, defaults={"brand": brand, "name": name, "description": description, "is_default": is_default}
        )


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
