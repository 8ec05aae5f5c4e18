"""Products and orders."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.channels.models import Channel
from crm.contacts.models import Contact

if TYPE_CHECKING:
    from accounts.people.models import User


class Product(models.Model):
    """Something the company sells, by its stock code."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    category = models.CharField(_("category"), max_length=80, blank=True)
    tastes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    url = models.URLField(_("link"), blank=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=4, null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class OrderQuerySet(models.QuerySet["Order"]):
    def sales(self) -> Self:
        return self.filter(kind=Order.Kind.SALE)

    def of_customers(self) -> Self:
        """Sales by a known person for more than nothing: what makes a customer and what RFM counts."""
        return self.filter(kind=Order.Kind.SALE, gross__gt=0).exclude(contact=None)

    def visible_to(self, user: "User") -> Self:
        if not user.is_salesperson:
            return self
        return self.filter(contact__minilist_memberships__owner=user, contact__minilist_memberships__until=None)


class Order(models.Model):
    """A purchase, or a return (an order of its own, linked to the original where that is known).

    `contact` is null for orders without a person. `gross` is the sum of lines with a positive quantity and price,
    `net` the sum of all lines (negative for a return), in `currency`; `rate` turns it into the company's currency.
    """

    class Kind(models.TextChoices):
        SALE = "sale", _("Sale")
        RETURN = "return", _("Return")

    source = models.CharField(max_length=40)
    number = models.CharField(_("number"), max_length=120)
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.SALE)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="orders")
    placed_at = models.DateTimeField(_("order date"))
    currency = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    net = models.DecimalField(max_digits=14, decimal_places=2)
    original = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="returns")
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="orders")
    content_hash = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-placed_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "number"], name="order_number_is_one_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["contact", "placed_at"], name="order_by_contact"),
            models.Index(fields=["placed_at"], name="order_by_time"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One line of an order. Two identical lines of one order are two lines."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, null=True, related_name="order_lines")
    description = models.CharField(max_length=200, blank=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    amount = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"
