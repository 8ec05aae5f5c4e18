"""From rules to recipients: what the editor counts and shows, what a segment is, and who stands in the ledger."""

import random
from typing import Any
from unittest.mock import patch

from django.db import transaction

from accounts.company.models import Company
from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from core.errors import DomainError
from crm.contacts.models import Contact
from crm.contacts.tests.rule_oracle import Oracle
from crm.contacts.tests.rule_samples import NOW, ZONE, make_base, make_tree
from delivery.engine.freeze import audience_freeze
from delivery.sends.models import Delivery
from marketing.segments.editor import PREVIEW_CONTACTS, preview_of
from marketing.segments.models import Segment
from marketing.segments.queries import segment_audience

TREES = 200


def frozen(campaign: Any, segment: Segment) -> set[int] | None:
    """The contacts in the ledger once the audience is frozen, None when nobody in it can be written to."""
    with transaction.atomic():
        try:
            audience_freeze(campaign.send, segment_audience(segment, now=NOW))
        except DomainError as refused:
            if refused.code not in {"audience_empty", "arm_empty"}:
                raise
            transaction.set_rollback(True)
            return None
        ledger = set(Delivery.objects.filter(send=campaign.send).values_list("contact_id", flat=True))
        transaction.set_rollback(True)
    return ledger


def test_count_preview_and_frozen_audience_are_whom_a_naive_reading_finds(director: User) -> None:
    make_base(seed=11, people=120)
    Company.objects.create(pk=1, time_zone=ZONE)
    dice = random.Random(2_024)
    parts = {f"s{number}": make_tree(dice, []) for number in range(3)}
    for code, rules in parts.items():
        Segment.objects.create(public_id=code, name=code, rules=rules)
    oracle = Oracle(now=NOW, zone=ZONE, segments=parts)
    active = set(Contact.objects.active().values_list("pk", flat=True))
    segment = Segment.objects.create(name="Generated", rules={})
    campaign = campaign_make(director, segment=segment)
    compared = 0
    for _ in range(TREES):
        segment.rules = make_tree(dice, sorted(parts))
        expected = oracle.matching(segment.rules) & active
        audience = segment_audience(segment, now=NOW)
        assert audience.count() == len(expected), segment.rules
        with patch("marketing.segments.queries.timezone.now", return_value=NOW):
            preview = preview_of(segment.rules)
        assert preview.size == len(expected), segment.rules
        shown = [person.pk for person in preview.people]
        assert len(shown) == min(PREVIEW_CONTACTS, len(expected))
        assert set(shown) <= expected
        ledger = frozen(campaign, segment)
        if ledger is not None:
            assert ledger == expected, segment.rules
            compared += 1
    assert compared > TREES / 2
