"""What every installation begins with: the mission's taxonomy of channels with stable codes, one brand, the two topics
people consent to, and eleven RFM segments that cover all 125 cells, each once.

The segments are rectangles on the map of recency (1 to 5) by the mean of frequency and monetary, rounded up (1 to 5).
"""

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
SEGMENTS = [
    (
        "champions",
        _("Champions"),
        _("Thank them, show them new things first, ask them to recommend us."),
        (5, 5),
        (4, 5),
    ),
    ("loyal", _("Loyal"), _("Offer what goes with what they bought; invite them to the club."), (3, 4), (4, 5)),
    ("cannot_lose", _("Cannot lose"), _("Call them. Ask what happened and win them back in person."), (1, 2), (5, 5)),
    ("at_risk", _("At risk"), _("Write with a reason to return: what is new in what they liked."), (1, 2), (3, 4)),
    ("potential", _("Potential loyalists"), _("Recommend a next product; suggest membership."), (4, 5), (3, 3)),
    ("attention", _("Need attention"), _("A limited offer on what they bought before."), (3, 3), (3, 3)),
    ("promising", _("Promising"), _("Help them use what they bought; a small incentive for the next."), (4, 5), (2, 2)),
    ("new", _("New"), _("Welcome them, make the start easy, bring the second purchase."), (4, 5), (1, 1)),
    (
        "about_to_sleep",
        _("About to sleep"),
        _("Remind them with popular products before they forget us."),
        (3, 3),
        (1, 2),
    ),
    ("hibernating", _("Hibernating"), _("A low-cost reminder now and then; ask what they would need."), (2, 2), (1, 2)),
    ("lost", _("Lost"), _("One last letter, then stop spending on them."), (1, 1), (1, 2)),
]


def cells(recency, worth):
    return [
        f"{r}{f}{m}"
        for r in range(recency[0], recency[1] + 1)
        for f in range(1, 6)
        for m in range(1, 6)
        if worth[0] <= (f + m + 1) // 2 <= worth[1]
    ]


def fill(apps, schema_editor):
    Channel = apps.get_model("crm", "Channel")
    Channel.objects.bulk_create(
        Channel(code=code, name=name, group=group, position=n) for n, (code, name, group) in enumerate(CHANNELS, 1)
    )
    # Without a name of its own the brand is called like the company.
    brand = apps.get_model("crm", "Brand").objects.create(name="", website="")
    Topic = apps.get_model("crm", "ConsentTopic")
    for code, name, description, is_default in TOPICS:
        Topic.objects.create(brand=brand, code=code, name=name, description=description, is_default=is_default)
    Segment = apps.get_model("crm", "RfmSegment")
    for position, (code, name, advice, recency, worth) in enumerate(SEGMENTS, 1):
        Segment.objects.create(code=code, name=name, advice=advice, cells=cells(recency, worth), position=position)


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
