"""Who a mail comes from."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.brands.models import Brand


class SendingIdentityQuerySet(models.QuerySet["SendingIdentity"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)


class SendingIdentity(models.Model):
    """A name and address the company sends from, under a brand, through its providers in order (`ProviderUse`); without
    any, through the installation's `EMAIL_URL`.

    `bounce_address` is the envelope sender that undeliverable mail returns to, with the recipient's token behind a plus
    (bounces+token@…), so that a bounce is known by its address alone; empty means the sender address itself.
    `per_second` is the most messages per second over all workers; null means as fast as the server takes them.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="identities", verbose_name=_("brand"))
    name = models.CharField(_("name"), max_length=80, unique=True)
    from_name = models.CharField(_("sender name"), max_length=80)
    from_address = models.EmailField(_("sender address"))
    reply_address = models.EmailField(_("reply address"), blank=True)
    bounce_address = models.EmailField(_("bounce address"), blank=True)
    per_second = models.PositiveIntegerField(_("messages per second"), null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SendingIdentityQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_name} <{self.from_address}>"
