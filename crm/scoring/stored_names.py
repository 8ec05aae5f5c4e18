"""The names of RFM segments that the first migrations wrote into the database in English.

They are translated when shown, so the catalogue must know them.
"""

from django.utils.translation import gettext_noop as _

STORED = (
    _("Champions"), _("Thank them, show them new things first, ask them to recommend us."),
    _("Loyal"), _("Offer what goes with what they bought; invite them to the club."),
    _("Cannot lose"), _("Call them. Ask what happened and win them back in person."),
    _("At risk"), _("Write with a reason to return: what is new in what they liked."),
    _("Potential loyalists"), _("Recommend a next product; suggest membership."),
    _("Need attention"), _("A limited offer on what they bought before."),
    _("Promising"), _("Help them use what they bought; a small incentive for the next."),
    _("New"), _("Welcome them, make the start easy, bring the second purchase."),
    _("About to sleep"), _("Remind them with popular products before they forget us."),
    _("Hibernating"), _("A low-cost reminder now and then; ask what they would need."),
    _("Lost"), _("One last letter, then stop spending on them."),
)  # fmt: skip
