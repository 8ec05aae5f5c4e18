"""Freezing an audience: everybody in the ledger once, with the reason where they get nothing."""

from collections import Counter
from datetime import timedelta
from hashlib import md5

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from core.errors import DomainError
from crm.consent.models import Consent, ConsentTopic, Suppression
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine import freeze
from delivery.engine.freeze import audience_freeze, audience_preview
from delivery.guardrails.models import SendingPolicy
from delivery.preferences.models import MailPreference
from delivery.sends.channels import identity_of
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.queries import send_progress
from delivery.sends.tests.factories import SendFactory, VariantFactory

pytestmark = pytest.mark.django_db


def agreeing(count: int, topic: ConsentTopic) -> list[Contact]:
    people = ContactFactory.create_batch(count)
    Consent.objects.bulk_create([Consent(contact=one, topic=topic, given=True, source="test") for one in people])
    return people


def two_arms(**fields: object) -> Send:
    send = SendFactory.create(**fields)
    VariantFactory.create(send=send, label="A")
    VariantFactory.create(send=send, label="B")
    return send


def reasons(send: Send) -> dict[int, str]:
    return dict(Delivery.objects.filter(send_id=send.pk).values_list("contact_id", "reason"))


def test_each_reason_is_counted_once_in_the_order_of_its_weight() -> None:
    send = two_arms(launched_at=timezone.now())
    assert send.topic
    fine = agreeing(40, send.topic)
    nobody, suppressed, silent, withdrew, bought, capped, quiet = ContactFactory.create_batch(7)
    Contact.objects.filter(pk=nobody.pk).update(email_normalized=None, email="", address_hash=None)
    for one in (suppressed, withdrew, capped, quiet):
        Consent.objects.create(contact=one, topic=send.topic, given=True, source="test")
    assert suppressed.address_hash
    Suppression.objects.create(address_hash=suppressed.address_hash, reason="unsubscribed")
    Consent.objects.create(contact=withdrew, topic=send.topic, given=False, source="test")
    Contact.objects.filter(pk=bought.pk).update(first_order_at=timezone.now())
    earlier = SendFactory.create_batch(3, launched_at=timezone.now())
    for other in earlier:
        Delivery.objects.create(send_id=other.pk, contact_id=capped.pk, batch=1, state="sent")
    MailPreference.objects.create(contact=quiet, per_month=1)
    Delivery.objects.create(
        send_id=earlier[0].pk, contact_id=quiet.pk, batch=1, state="sent", changed_at=timezone.now() - timedelta(20)
    )
    contacts = Contact.objects.all()
    seen = audience_preview(send=send, contacts=contacts)
    frozen = audience_freeze(send, contacts)
    assert seen == frozen
    assert frozen.skips == {"no_address": 1, "suppressed": 1, "no_consent": 2, "capped": 2}
    assert (frozen.audience, frozen.recipients) == (47, 41)
    found = reasons(send)
    assert {found[one.pk] for one in [*fine, bought]} == {""}
    assert found[silent.pk] == found[withdrew.pk] == "no_consent"
    progress = send_progress(send)
    assert (progress.audience, progress.waiting, progress.skipped) == (47, 41, 6)
    assert progress.skips == frozen.skips


def test_customers_need_consent_where_the_company_says_so() -> None:
    send = two_arms()
    assert send.topic
    agreeing(20, send.topic)
    SendingPolicy.objects.create(pk=1, may_write_customers=False)
    ContactFactory.create(first_order_at=timezone.now())
    assert audience_freeze(send, Contact.objects.all()).skips == {"no_consent": 1}


def test_a_letter_goes_to_contacts_with_any_consent_or_an_order() -> None:
    send = SendFactory.create(kind=Send.Kind.LETTER, topic=None)
    VariantFactory.create(send=send)
    topic = ConsentTopic.objects.create(brand=identity_of(send).brand, code="tips", name="Tips")
    agreeing(1, topic)
    ContactFactory.create(first_order_at=timezone.now())
    ContactFactory.create()
    assert audience_freeze(send, Contact.objects.all()).skips == {"no_consent": 1}


def test_overlapping_queries_give_one_row_per_contact() -> None:
    send = two_arms()
    assert send.topic
    agreeing(20, send.topic)
    agreeing_twice = Contact.objects.filter(consents__given__in=[True, False])
    for one in Contact.objects.all():
        Consent.objects.create(contact=one, topic=send.topic, given=True, source="again")
    assert agreeing_twice.count() == 40
    assert audience_freeze(send, agreeing_twice).audience == 20


def test_arms_follow_weights_and_batches_hold_one_arm_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeze, "BATCH_SIZE", 50)
    send = SendFactory.create()
    one, other = (
        VariantFactory.create(send=send, label="A", weight=80),
        VariantFactory.create(send=send, label="B", weight=20),
    )
    assert send.topic
    agreeing(500, send.topic)
    audience_freeze(send, Contact.objects.all())
    arms = Counter(Delivery.objects.filter(send_id=send.pk).values_list("variant_id", flat=True))
    assert arms[one.pk] + arms[other.pk] == 500
    assert 360 < arms[one.pk] < 440
    for batch in Batch.objects.filter(send=send):
        rows = Delivery.objects.filter(send_id=send.pk, batch=batch.number)
        assert rows.count() == batch.size <= 50
        assert set(rows.values_list("variant_id", flat=True)) == {batch.variant_id}


def test_an_empty_arm_is_refused_and_nothing_is_kept() -> None:
    send = two_arms()
    assert send.topic
    agreeing(1, send.topic)
    with pytest.raises(DomainError) as refused:
        audience_freeze(send, Contact.objects.all())
    assert refused.value.code == "arm_empty"
    assert not Delivery.objects.filter(send_id=send.pk).exists()


def test_an_audience_of_nobody_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        audience_freeze(two_arms(), Contact.objects.all())
    assert refused.value.code == "audience_empty"


def test_a_large_send_has_a_partition_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeze, "OWN_PARTITION_FROM", 10)
    send = two_arms()
    assert send.topic
    agreeing(20, send.topic)
    assert audience_freeze(send, Contact.objects.all()).audience == 20
    own = Delivery.objects.filter(send_id=send.pk).extra(select={"home": "tableoid::regclass::text"})
    assert set(own.values_list("home", flat=True)) == {f"delivery_delivery_s{send.pk}"}


def test_a_contact_stays_in_its_arm_when_frozen_again() -> None:
    """The arm hangs on send and contact alone, so that a freeze that is repeated changes nobody's."""
    send = two_arms(pk=77)
    assert send.topic
    agreeing(60, send.topic)

    def drawn(contacts: QuerySet[Contact]) -> dict[int, int | None]:
        Delivery.objects.filter(send_id=send.pk).delete()
        Batch.objects.filter(send=send).delete()
        audience_freeze(send, contacts)
        return dict(Delivery.objects.filter(send_id=send.pk).values_list("contact_id", "variant_id"))

    everybody = drawn(Contact.objects.all())
    fewer = drawn(Contact.objects.filter(pk__in=list(everybody)[::2]))
    assert fewer == {contact: everybody[contact] for contact in fewer}
    first = send.variants.get(label="A").pk
    draws = {key: int(md5(f"77:{key}".encode()).hexdigest()[:8], 16) % 100 for key in everybody}  # noqa: S324
    assert {key for key, draw in draws.items() if draw < 50} == {key for key, arm in everybody.items() if arm == first}
