"""The names of channels that the first migrations wrote into the database in English.

They are translated when shown, so the catalogue must know them.
"""

from django.utils.translation import gettext_noop as _

STORED = (
    _("Search ads"), _("Display ads"), _("Video ads"), _("Social ads"), _("Ad networks"), _("Content: video"),
    _("Content: images"), _("Content: text"), _("Content: audio"), _("Blog"), _("Social networks"), _("Landing pages"),
    _("Search engines (SEO)"), _("Local search"), _("Partners"), _("Affiliates"), _("Referral"), _("Own database"),
    _("External database"), _("Website messages"), _("Offline"), _("SMS"), _("E-mail"), _("Direct or unknown"),
)  # fmt: skip
