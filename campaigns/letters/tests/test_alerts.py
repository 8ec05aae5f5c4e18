"""A stopped letter: shown on the Overview and on its author's My day, nowhere else; and the roles that may resume
it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.letters.alerts import letter_alerts
from campaigns.letters.models import Letter
from campaigns.letters.tests.factories import letter_make
from core.ui.alerts import Alert
from delivery.sends.models import Batch, Send
from delivery.sends.tests.factories import put, willing

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(minutes=6)


def stopped(author: User) -> Letter:
    letter = letter_make(author, willing(2, owner=author))
    put(letter.send, "stopped", launched_at=timezone.now(), audience=2, state_reason="535 wrong password")
    return letter


def found(user: User) -> list[Alert]:
    return list(letter_alerts(user))


def test_a_stopped_letter_is_shown_to_its_author_and_to_marketing(
    director: User, marketer: User, designer: User, analyst: User, owner: User, teammate: User
) -> None:
    letter = stopped(owner)
    (own,) = found(owner)
    assert (own.title, own.text) == ("Your letter “The tea is here” was stopped", "535 wrong password")
    assert own.action_url == f"/write/{letter.public_id}/"
    for person in (director, marketer):
        (alert,) = found(person)
        assert alert.title == "A letter by Olga Owner was stopped"
        assert alert.action_url == own.action_url
    for person in (designer, analyst, teammate):
        assert found(person) == []


def test_a_stalled_letter_raises_an_alert_until_a_worker_takes_it(owner: User, director: User) -> None:
    letter = letter_make(owner, willing(2, owner=owner))
    then = timezone.now() - LONG_AGO
    put(letter.send, "sending", launched_at=then, audience=2)
    assert found(owner) == []
    batch = Batch.objects.create(
        send=letter.send, number=1, variant_id=letter.send.variants.get().pk, size=2, due_at=then
    )
    (alert,) = found(owner)
    assert alert.title == "Your letter “The tea is here” is delayed"
    assert [alert.title for alert in found(director)] == ["A letter by Olga Owner is delayed"]
    Batch.objects.filter(pk=batch.pk).update(state="done", done_at=timezone.now())
    assert found(owner) == found(director) == []


def test_what_was_refused_as_it_was_to_start_comes_back_to_its_author(owner: User, director: User) -> None:
    letter = letter_make(owner, willing(2, owner=owner))
    assert found(owner) == []
    put(letter.send, "draft", state_reason="DMARC refuses it")
    (alert,) = found(owner)
    assert (alert.title, alert.text) == ("Your letter “The tea is here” was not sent", "DMARC refuses it")
    assert found(director) == []


def test_it_stands_on_my_day_and_on_the_overview(owner: User, teammate: User, director: User, signed_in: Any) -> None:
    stopped(owner)
    assert "was stopped" in signed_in(owner).get("/my/day/").content.decode()
    assert "was stopped" not in signed_in(teammate).get("/my/day/").content.decode()
    assert "A letter by Olga Owner was stopped" in signed_in(director).get("/overview/").content.decode()


def test_its_page_says_why_and_goes_on(
    owner: User, teammate: User, analyst: User, director: User, client: Client
) -> None:
    letter = stopped(owner)
    client.force_login(analyst)
    page = client.get(f"/write/{letter.public_id}/").content.decode()
    assert "535 wrong password" in page
    assert "Resume sending" not in page
    assert client.post(f"/write/{letter.public_id}/resume/").status_code == 403
    client.force_login(teammate)
    assert client.post(f"/write/{letter.public_id}/resume/").status_code == 404
    client.force_login(owner)
    assert "Resume sending" in client.get(f"/write/{letter.public_id}/").content.decode()
    assert client.get(f"/write/{letter.public_id}/resume/").status_code == 405
    assert client.post(f"/write/{letter.public_id}/resume/").status_code == 302
    assert Send.objects.get(pk=letter.send_id).state == "sending"
    assert client.post(f"/write/{letter.public_id}/resume/").status_code == 409
    client.force_login(director)
    assert client.post(f"/write/{letter.public_id}/cancel/").status_code == 302
    assert Send.objects.get(pk=letter.send_id).state == "cancelled"
    assert AuditEntry.objects.filter(action="send_cancel", actor=director).count() == 1
