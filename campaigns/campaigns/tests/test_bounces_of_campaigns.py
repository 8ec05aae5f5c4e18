"""What came back of campaigns and letters: lists, pages, timeline, results, alerts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.people.models import User
from campaigns.campaigns.alerts import feedback_alerts
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.letters.tests.factories import letter_make
from core.secrets import secret_seal
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.feedback.alerts import mailbox_alerts
from delivery.feedback.models import Bounce, BounceMailbox, FeedbackAlarm
from delivery.feedback.services import bounce_record
from delivery.feedback.tests.test_bounces import is_suppressed, report
from delivery.feedback.thresholds import feedback_check
from delivery.feedback.timeline import bounce_events
from delivery.sends.models import Batch, Delivery, Send
from delivery.sends.results import arm_results
from delivery.sends.tests.factories import put
from delivery.sends.variant_counts import variant_counts

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(director: User) -> Campaign:
    campaign = campaign_make(director)
    put(campaign.send, "sending", launched_at=timezone.now(), audience=1_000)
    return campaign


def handed_over(campaign: Campaign, contact: Contact, label: str = "A") -> None:
    variant = campaign.send.variants.get(label=label)
    Delivery.objects.create(
        send_id=campaign.send_id, contact_id=contact.pk, variant_id=variant.pk, batch=1,
        address=contact.email_normalized or "", state="sent",
    )  # fmt: skip
    batch, _made = Batch.objects.get_or_create(
        send=campaign.send, number=1, defaults={"variant_id": variant.pk, "size": 0, "state": "done"}
    )
    Batch.objects.filter(pk=batch.pk).update(sent=batch.sent + 1, size=batch.size + 1)


def test_the_list_shows_searches_filters_and_exports(campaign: Campaign, director: User, signed_in) -> None:
    ada, bob = ContactFactory.create(email="ada@far.example"), ContactFactory.create(email="bob@far.example")
    handed_over(campaign, ada)
    bounce_record(report=report("ada@far.example"))
    bounce_record(report=report("bob@far.example", "complaint"))
    client: Client = signed_in(director)

    def shown(query: str) -> set[str]:
        page = client.get(f"/email/bounces/?{query}").content.decode()
        return {address for address in ("ada@far.example", "bob@far.example") if address in page}

    assert shown("") == {"ada@far.example", "bob@far.example"}
    assert shown("kind=complaint") == {"bob@far.example"}
    assert shown("q=ada") == {"ada@far.example"}
    assert shown(f"campaign={campaign.public_id}") == {"ada@far.example"}
    assert shown("matched=no") == {"bob@far.example"}
    assert shown("source=smtp") == set()
    csv = client.get("/email/bounces/?export=csv&kind=hard").getvalue().decode()
    assert "ada@far.example" in csv
    assert "bob@far.example" not in csv
    assert Bounce.objects.filter(contact=bob).exists()


def test_the_list_asks_as_often_for_one_as_for_many(
    campaign: Campaign, director: User, signed_in, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        contact = ContactFactory.create(email=f"p{number}@far.example")
        handed_over(campaign, contact)
        bounce_record(report=report(f"p{number}@far.example"))
    client = signed_in(director)
    client.get("/email/bounces/")
    with django_assert_max_num_queries(14):
        client.get("/email/bounces/")
    with django_assert_max_num_queries(12):
        assert client.get("/email/bounces/suppressed/").status_code == 200


def test_one_bounce_leads_to_contact_and_campaign(campaign: Campaign, director: User, signed_in) -> None:
    ada = ContactFactory.create(email="ada@far.example", first_name="Ada")
    handed_over(campaign, ada)
    bounce = bounce_record(report=report("ada@far.example"))
    assert bounce
    Bounce.objects.filter(pk=bounce.pk).update(raw="<script>alert(1)</script>", diagnostic="550 <b>no</b>")
    page = signed_in(director).get(f"/email/bounces/{bounce.pk}/").content.decode()
    assert f"/contacts/{ada.public_id}/" in page
    assert f"/campaigns/{campaign.public_id}/monitor/" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert signed_in(director).get("/email/bounces/0/").status_code == 404


def test_the_campaign_says_what_came_back(campaign: Campaign, director: User, signed_in) -> None:
    ada = ContactFactory.create(email="ada@far.example")
    handed_over(campaign, ada)
    bounce_record(report=report("ada@far.example", "complaint"))
    page = signed_in(director).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "1</b><span>complaints" in page
    assert f"/email/bounces/?campaign={campaign.public_id}" in page
    (a, b) = arm_results(campaign.send, variant_counts(campaign.send))
    assert (a.bounced, a.complained, b.bounced, b.complained) == (0, 1, 0, 0)
    ledger = signed_in(director).get(f"/campaigns/{campaign.public_id}/ledger/")
    (line,) = ledger.context["table"].lines
    assert (line.row.state, line.row.came_back.kind) == ("sent", "complaint")
    assert f"/email/bounces/{line.row.came_back.pk}/" in ledger.content.decode()


def test_the_timeline_says_it(campaign: Campaign, director: User, owner: User) -> None:
    ada = ContactFactory.create(email="ada@far.example")
    handed_over(campaign, ada)
    bounce = bounce_record(report=report("ada@far.example"))
    assert bounce
    (event,) = bounce_events(ada, director, None, 10)
    assert event.title == "“Spring tea” bounced: the address does not exist"
    assert event.url == f"/email/bounces/{bounce.pk}/"
    assert bounce_events(ada, owner, None, 10)[0].url == ""
    assert bounce_events(ada, director, event.at, 10) == []


def test_warnings_and_silent_mailboxes_are_on_the_overview(campaign: Campaign, director: User, analyst: User) -> None:
    FeedbackAlarm.objects.create(send=campaign.send, measure="complaint", level="warn", count=3, base=2_000)
    FeedbackAlarm.objects.create(
        send=campaign.send, measure="bounce", level="warn", count=3, base=20, at=timezone.now() - timedelta(days=8)
    )
    BounceMailbox.objects.create(
        name="Returned", host="imap.example", username="x", password=secret_seal("x"), error="It does not answer.",
        failing_since=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    found = [(str(alert.title), str(alert.text)) for alert in (*feedback_alerts(director), *mailbox_alerts(director))]
    assert found == [
        ("“Spring tea” has a high bounce or complaint rate", "0.15 % complained (3 of 2,000)."),
        ("The bounce mailbox “Returned” cannot be read", "It does not answer."),
    ]
    assert [*feedback_alerts(analyst), *mailbox_alerts(analyst)] == []


def test_a_warning_of_a_letter_is_no_alert(director: User, owner: User) -> None:
    letter = letter_make(owner)
    FeedbackAlarm.objects.create(send=letter.send, measure="complaint", level="warn", count=3, base=20)
    assert list(feedback_alerts(director)) == []
    assert feedback_check(letter.send_id) is None


def test_stopped_by_complaints_the_campaign_says_why(campaign: Campaign, director: User, signed_in) -> None:
    for number in range(3):
        contact = ContactFactory.create(email=f"p{number}@far.example")
        handed_over(campaign, contact)
        bounce_record(report=report(f"p{number}@far.example", "complaint"))
    assert Send.objects.get(pk=campaign.send_id).state == "stopped"
    page = signed_in(director).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "100.00 % complained (3 of 3)" in page
    assert is_suppressed(Contact.objects.get(email="p0@far.example")) == "complained"
