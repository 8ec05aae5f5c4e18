"""Channels: what a send leaves by decides what its sender is. E-mail needs an identity; another channel does not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.people.models import User
from core.errors import DomainError
from crm.brands.models import Brand
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.prepare import send_prepare
from delivery.engine.tokens import token_make
from delivery.sends.authors import Problem, send_authors
from delivery.sends.channels import SendChannel, channel_of, identity_of, send_channels
from delivery.sends.launch import launch_problems, launch_warnings, send_unschedule
from delivery.sends.models import Send, Variant
from delivery.sends.page_parts import progress_context
from delivery.sends.services import send_cancel
from delivery.sends.tests.factories import SendFactory, VariantFactory, put

pytestmark = pytest.mark.django_db
PHONE_MISSING = Problem("phone_missing", "Choose the number it is sent from.", "create")


def checks(send: Send, variants: Sequence[Variant]) -> Iterator[Problem]:
    yield PHONE_MISSING


@pytest.fixture
def sms(monkeypatch: pytest.MonkeyPatch) -> SendChannel:
    """A channel whose sender is a telephone number."""
    channel = SendChannel(
        code="sms", name="SMS", sender_name=lambda send: "+51 999 999 999", launch_checks=checks,
        launch_warnings=lambda send: [Problem("night", "It is night there.", "create")],
    )  # fmt: skip
    monkeypatch.setitem(send_channels._items, "sms", channel)
    return channel


def test_a_send_by_e_mail_needs_an_identity() -> None:
    send = SendFactory.create()
    assert (send.channel, channel_of(send).sender_name(send)) == ("email", identity_of(send).from_name)
    assert channel_of(send).brand(send) == identity_of(send).brand
    with pytest.raises(IntegrityError, match="email_has_an_identity"), transaction.atomic():
        SendFactory.create(identity=None)


def test_a_send_by_another_channel_needs_none(sms: SendChannel, marketer: User) -> None:
    send = SendFactory.create(channel="sms", identity=None)
    VariantFactory.create(send=send, body="Hello")
    assert (channel_of(send), channel_of(send).brand(send)) == (sms, Brand.objects.order_by("pk")[0])
    assert channel_of(send).sender_name(send) == "+51 999 999 999"
    with pytest.raises(DomainError) as refused:
        identity_of(send)
    assert refused.value.code == "identity_missing"
    assert progress_context(send)["progress"] is None
    send_unschedule(send=put(send, Send.State.SCHEDULED), actor=marketer)
    assert send_cancel(send=put(send, Send.State.SENDING), actor=marketer).state == Send.State.CANCELLED


def test_the_channel_says_what_keeps_a_send_from_leaving(sms: SendChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    # The sends of these tests have no campaign: its own checks are left out.
    author = replace(send_authors["campaign"], launch_checks=lambda send, variants: [])
    monkeypatch.setitem(send_authors._items, "campaign", author)
    send = SendFactory.create(channel="sms", identity=None)
    assert launch_problems(send) == [PHONE_MISSING]
    assert [warning.code for warning in launch_warnings(send)] == ["night"]


def test_the_engine_for_e_mail_holds_a_send_of_another_channel(sms: SendChannel) -> None:
    send = SendFactory.create(channel="sms", identity=None, state=Send.State.FREEZING, launched_at=timezone.now())
    VariantFactory.create(send=send)
    assert not send_prepare(send_id=send.pk)
    send.refresh_from_db()
    assert (send.state, send.state_reason) == (
        Send.State.HELD, "This does not go by e-mail: it has no e-mail sender.",
    )  # fmt: skip


def test_the_preference_page_speaks_under_the_channels_brand(sms: SendChannel, client: Client) -> None:
    send, contact = SendFactory.create(channel="sms", identity=None), ContactFactory.create(email="ada@example.com")
    page = client.get(f"/preferences/{token_make('unsub', send.pk, contact.pk)}")
    assert page.status_code == 200
    assert page.context["brand"] == Brand.objects.order_by("pk")[0]
