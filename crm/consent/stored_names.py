"""The names of consent topics that the first migrations wrote into the database in English.

They are translated when shown, so the catalogue must know them.
"""

from django.utils.translation import gettext_noop as _

STORED = (
    _("Newsletter"), _("News, tips and stories."), _("Offers"), _("Discounts and new products."),
)  # fmt: skip
