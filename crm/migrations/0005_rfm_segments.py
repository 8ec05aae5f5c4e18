"""Eleven segments that cover all 125 cells of RFM, each once.

They are rectangles on the map of recency (1 to 5) by the mean of frequency and monetary, rounded up (1 to 5).
"""

from django.db import migrations
from django.utils.translation import gettext_noop as _

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
    Segment = apps.get_model("crm", "RfmSegment")
    for position, (code, name, advice, recency, worth) in enumerate(SEGMENTS, 1):
        Segment.objects.get_or_create(
            code=code,
            defaults={"name": name, "advice": advice, "cells": cells(recency, worth), "position": position},
        )


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_lead_forms")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
