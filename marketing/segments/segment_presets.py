"""Segments most shops need, ready to begin from."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class SegmentPreset:
    """A segment to begin with: `rules` is the JSON of a tree."""

    code: str
    name: str | Promise
    description: str | Promise
    rules: dict[str, Any]
    icon: str


def _all(*members: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "group": "all", "of": list(members)}


CUSTOMER = {"field": "is_customer", "operator": "is_true"}

SEGMENT_PRESETS = (
    SegmentPreset(
        "best",
        _("Best customers"),
        _("Bought recently, often and for high amounts."),
        _all(
            CUSTOMER,
            {"field": "rfm_r", "operator": "at_least", "value": "4"},
            {"field": "rfm_f", "operator": "at_least", "value": "4"},
            {"field": "rfm_m", "operator": "at_least", "value": "4"},
        ),
        "crown",
    ),
    SegmentPreset(
        "at_risk",
        _("Good customers at risk"),
        _("Used to buy often and have stopped."),
        _all(
            CUSTOMER,
            {"field": "rfm_r", "operator": "at_most", "value": "2"},
            {"field": "rfm_f", "operator": "at_least", "value": "3"},
        ),
        "alert-triangle",
    ),
    SegmentPreset(
        "once",
        _("Bought once"),
        _("One order so far."),
        _all(CUSTOMER, {"field": "orders_placed", "operator": "equals", "value": "1"}),
        "number-1",
    ),
    SegmentPreset(
        "new",
        _("New this month"),
        _("First purchase in the last 30 days."),
        _all(CUSTOMER, {"field": "first_order", "operator": "in_last", "value": 30}),
        "sparkles",
    ),
    SegmentPreset(
        "asleep",
        _("No purchase in a year"),
        _("Customers without a purchase in a year."),
        _all(CUSTOMER, {"field": "last_order", "operator": "not_in_last", "value": 365}),
        "zzz",
    ),
    SegmentPreset(
        "promoters",
        _("Promoters"),
        _("Would recommend us. Ask for a referral."),
        _all({"field": "nps", "operator": "is_any_of", "value": ["promoter"]}),
        "thumb-up",
    ),
    SegmentPreset(
        "interested",
        _("Interested, not yet customers"),
        _("Left their details in the last 90 days and have not bought."),
        _all(
            {"field": "leads", "operator": "at_least", "value": "1", "window": {"days": 90}},
            {"field": "is_customer", "operator": "is_false"},
        ),
        "magnet",
    ),
    SegmentPreset(
        "unattended",
        _("Neglected customers"),
        _("Customers not contacted in six months."),
        _all(CUSTOMER, {"field": "last_contacted", "operator": "not_in_last", "value": 180}),
        "message-off",
    ),
)


def segment_preset(code: str) -> SegmentPreset | None:
    return next((it for it in SEGMENT_PRESETS if it.code == code), None)
