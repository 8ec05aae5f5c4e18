"""The pages of what came back: what they show, what they refuse, what they change."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.alerts import feedback_alerts
from campaigns.bounces.guard import feedback_judge
from campaigns.counts import variant_counts
from campaigns.forms.bounces import FeedbackRuleForm, MailboxForm
from campaigns.models.authoring import Campaign
from campaigns.models.bounces import Bounce, BounceMailbox, FeedbackAlarm, FeedbackRule
from campaigns.models.sends import Batch, Delivery, Send
from campaigns.results import arm_results
from campaigns.segment_fields import register  # noqa: F401
from campaigns.services.bounces import bounce_record
from campaigns.tests.authoring_factories import campaign_make, put
from campaigns.tests.test_bounces import is_suppressed, report
from campaigns.tests.test_mailboxes import mailbox_make
from campaigns.timeline import bounce_events
from core.errors import Conflict, DomainError
from core.rules.context import RuleContext
from core.rules.fields import fields
from core.rules.values import Window
from core.secrets import secret_seal
from crm.consent.models import Suppression
from crm.consent.services import suppression_add, suppression_escalate, suppression_remove
from crm.contacts.email_addresses import address_hash
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from tests.fixtures.imap import ImapServer

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


# --- Bounces ---------------------------------------------------------------------------------------------------------


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
    assert event.title == "“Spring tea” came back: the address does not exist"
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
    found = [(str(alert.title), str(alert.text)) for alert in feedback_alerts(director)]
    assert found == [
        ("“Spring tea” comes back more than it should", "0.15 % complained (3 of 2,000)."),
        ("The bounce mailbox “Returned” cannot be read", "It does not answer."),
    ]
    assert list(feedback_alerts(analyst)) == []


def test_a_warning_of_a_letter_is_no_alert(director: User, owner: User) -> None:
    from campaigns.tests.authoring_factories import letter_make

    letter = letter_make(owner)
    FeedbackAlarm.objects.create(send=letter.send, measure="complaint", level="warn", count=3, base=20)
    assert list(feedback_alerts(director)) == []
    assert feedback_judge(letter.send_id) is None


def test_segments_can_ask_for_bounced_complained_and_suppressed() -> None:
    ada, bob, cy = (ContactFactory.create(email=f"{name}@far.example") for name in ("ada", "bob", "cy"))
    bounce_record(report=report("ada@far.example"))
    bounce_record(report=report("bob@far.example", "complaint"))

    def found(code: str, operator: str, value: object = None) -> set[int]:
        source = fields[code].source
        assert source is not None
        condition = source.condition(operator, value, Window(days=30), RuleContext())  # type: ignore[arg-type]
        return set(Contact.objects.filter(condition).values_list("pk", flat=True))

    assert found("mail_bounced", "at_least", 1) == {ada.pk}
    assert found("mail_complained", "at_least", 1) == {bob.pk}
    assert found("suppressed", "is_any_of", ("bounced",)) == {ada.pk}
    assert found("suppressed", "is_set") == {ada.pk, bob.pk}
    assert found("mail_bounced", "equals", 0) == {bob.pk, cy.pk}


# --- Addresses nothing is sent to ------------------------------------------------------------------------------------


def test_the_list_shows_addresses_only_where_they_are_known(director: User, signed_in) -> None:
    ContactFactory.create(email="known@far.example")
    for address in ("known@far.example", "erased@far.example"):
        suppression_add(address=address, reason="manual", source="by hand")
    bounce_record(report=report("heard@far.example"))
    client = signed_in(director)
    page = client.get("/email/bounces/suppressed/").content.decode()
    assert "known@far.example" in page
    assert "heard@far.example" in page
    assert "erased@far.example" not in page
    fingerprint = address_hash("erased@far.example")[:8]
    assert fingerprint in page
    assert fingerprint in client.get("/email/bounces/suppressed/?q=Erased@far.example").content.decode()
    assert "known@far" in client.get("/email/bounces/suppressed/?q=known").content.decode()
    assert fingerprint not in client.get("/email/bounces/suppressed/?known=yes").content.decode()


def test_addresses_are_added_by_hand(marketer: User, signed_in) -> None:
    client = signed_in(marketer)
    refused = client.post("/email/bounces/suppressed/add/", {"addresses": "not one", "reason": "manual"})
    assert "These are no addresses" in refused.content.decode()
    client.post(
        "/email/bounces/suppressed/add/",
        {"addresses": "A@far.example, b@far.example\na@FAR.example", "reason": "complained"},
    )
    assert set(Suppression.objects.values_list("reason", "source")) == {("complained", "by hand")}
    assert Suppression.objects.count() == 2
    assert AuditEntry.objects.filter(action="suppression_add").count() == 2


def test_a_reason_is_needed_to_take_an_address_off(director: User, signed_in) -> None:
    suppression_add(address="ada@far.example", reason="bounced", source="bounce:1")
    row = Suppression.objects.get()
    client = signed_in(director)
    assert client.post(f"/email/bounces/suppressed/{row.pk}/remove/", {"why": " "}).status_code == 422
    assert client.post(f"/email/bounces/suppressed/{row.pk}/remove/", {"why": "moved"}).status_code == 302
    row.refresh_from_db()
    assert row.lifted_at is not None
    assert AuditEntry.objects.get(action="suppression_lift").changes["why"] == [None, "moved"]
    assert client.post(f"/email/bounces/suppressed/{row.pk}/remove/", {"why": "moved"}).status_code == 404


def test_a_complaint_comes_off_only_when_confirmed_and_erasure_never(director: User, signed_in) -> None:
    suppression_add(address="ada@far.example", reason="complained", source="bounce:1")
    row = Suppression.objects.get()
    client = signed_in(director)
    url = f"/email/bounces/suppressed/{row.pk}/remove/"
    refused = client.post(url, {"why": "phoned"})
    assert refused.status_code == 422
    assert "Confirm that they asked" in refused.content.decode()
    assert client.post(url, {"why": "phoned", "confirmed": "on"}).status_code == 302
    suppression_add(address="eve@far.example", reason="erased", source="test")
    erased = Suppression.objects.in_force().get()
    with pytest.raises(DomainError) as error:
        suppression_remove(suppression=erased, why="x", actor=director, confirmed=True)
    assert error.value.code == "suppression_is_final"
    with pytest.raises(Conflict):
        suppression_remove(suppression=row, why="again", actor=director, confirmed=True)
    assert "Take it off" not in client.get(f"/email/bounces/suppressed/{erased.pk}/").content.decode()


def test_only_the_director_takes_off(marketer: User, signed_in) -> None:
    suppression_add(address="ada@far.example", reason="bounced", source="bounce:1")
    row = Suppression.objects.get()
    client = signed_in(marketer)
    assert client.post(f"/email/bounces/suppressed/{row.pk}/remove/", {"why": "moved"}).status_code == 403
    assert "Take it off" not in client.get(f"/email/bounces/suppressed/{row.pk}/").content.decode()


def test_who_sees_the_suppression_list(director: User, owner: User) -> None:
    suppression_add(address="ada@far.example", reason="bounced", source="x")
    assert Suppression.objects.visible_to(director).count() == 1
    assert Suppression.objects.visible_to(owner).count() == 0
    assert suppression_escalate(hashed=address_hash("ada@far.example"), reason="complained", source="y")
    assert not suppression_escalate(hashed=address_hash("ada@far.example"), reason="complained", source="z")


# --- Setting up ------------------------------------------------------------------------------------------------------


def test_the_rule_is_checked(director: User) -> None:
    good = {"soft_bounces": 3, "soft_days": 30, "complaint_warn": "0.1", "complaint_stop": "0.3", "complaint_least": 3,
            "bounce_warn": 5, "bounce_stop": 10, "bounce_least": 10}  # fmt: skip
    assert FeedbackRuleForm(good, instance=FeedbackRule.get()).is_valid()
    for wrong in (
        {"complaint_warn": "0.5"},
        {"bounce_stop": "0"},
        {"bounce_stop": "101"},
        {"soft_bounces": 0},
        {"soft_days": ""},
    ):
        assert not FeedbackRuleForm(good | wrong, instance=FeedbackRule.get()).is_valid(), wrong


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"host": "imaps://imap.example"}, "host"),
        ({"password": ""}, "password"),
        ({"done_folder": "INBOX"}, "done_folder"),
        ({"port": "70000"}, "port"),
    ],
)
def test_a_mailbox_is_checked(wrong: dict[str, str], field: str) -> None:
    good = {"name": "B", "host": "imap.example", "port": "993", "security": "tls", "username": "b", "password": "p",
            "folder": "INBOX", "done_folder": ""}  # fmt: skip
    form = MailboxForm(good | wrong)
    assert list(form.errors) == [field]


def test_the_password_is_on_no_page(director: User, signed_in) -> None:
    mailbox = BounceMailbox.objects.create(name="B", host="i.example", username="b", password=secret_seal("hush-hush"))
    page = signed_in(director).get(f"/email/bounces/mailboxes/{mailbox.pk}/").content.decode()
    assert "hush-hush" not in page
    assert mailbox.password not in page


def test_the_test_button_says_what_is_there(imap_server: ImapServer, director: User, signed_in) -> None:
    mailbox = mailbox_make(imap_server, "button")
    client = signed_in(director)
    page = client.post(f"/email/bounces/mailboxes/{mailbox.pk}/test/").content.decode()
    assert "It holds 0 messages, 0 of them unread." in page
    BounceMailbox.objects.filter(pk=mailbox.pk).update(password=secret_seal("wrong"))
    page = client.post(f"/email/bounces/mailboxes/{mailbox.pk}/test/").content.decode()
    assert "127.0.0.1 does not accept this user and password." in page


def test_stopped_by_complaints_the_campaign_says_why(campaign: Campaign, director: User, signed_in) -> None:
    for number in range(3):
        contact = ContactFactory.create(email=f"p{number}@far.example")
        handed_over(campaign, contact)
        bounce_record(report=report(f"p{number}@far.example", "complaint"))
    assert Send.objects.get(pk=campaign.send_id).state == "stopped"
    page = signed_in(director).get(f"/campaigns/{campaign.public_id}/monitor/").content.decode()
    assert "100.00 % complained (3 of 3)" in page
    assert is_suppressed(Contact.objects.get(email="p0@far.example")) == "complained"


# --- API -------------------------------------------------------------------------------------------------------------


def test_the_api_lists_and_suppresses(director: User, signed_in) -> None:
    bounce_record(report=report("ada@far.example"))
    client = signed_in(director)
    (row,) = client.get("/api/v1/bounces/?kind=hard").json()["results"]
    assert (row["address"], row["kind"], row["campaign"], row["suppressed"]) == ("ada@far.example", "hard", None, True)
    assert client.get("/api/v1/bounces/?kind=soft").json()["results"] == []
    assert client.get("/api/v1/bounces/?kind=loud").status_code == 400
    body = {"addresses": ["ADA@far.example", "bob@far.example"], "reason": "unsubscribed"}
    answer = client.post("/api/v1/suppressions/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"added": 1})
    found = client.get("/api/v1/suppressions/?reason=unsubscribed").json()["results"]
    assert [(one["address"], one["source"]) for one in found] == [(None, "api")]
    refused: list[dict[str, object]] = [
        {"addresses": []}, {"addresses": ["x"]}, {"addresses": ["a@b.example"], "reason": "erased"},
    ]  # fmt: skip
    for wrong in refused:
        assert client.post("/api/v1/suppressions/", wrong, content_type="application/json").status_code == 400
