"""Suppressed addresses, the rule, mailboxes: their pages, what the API lists, and what segments can ask."""

import pytest

from accounts.audit.models import AuditEntry
from accounts.people.models import User
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
from delivery.feedback.forms import FeedbackRuleForm, MailboxForm
from delivery.feedback.models import BounceMailbox, FeedbackRule
from delivery.feedback.services import bounce_record
from delivery.feedback.tests.test_bounces import report
from delivery.feedback.tests.test_mailboxes import mailbox_make
from tests.fixtures.imap import ImapServer

pytestmark = pytest.mark.django_db


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


def test_addresses_are_suppressed_by_a_person(marketer: User, signed_in) -> None:
    client = signed_in(marketer)
    refused = client.post("/email/bounces/suppressed/add/", {"addresses": "not one", "reason": "manual"})
    assert "Not valid e-mail addresses" in refused.content.decode()
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
    assert "Confirm that the contact asked" in refused.content.decode()
    assert client.post(url, {"why": "phoned", "confirmed": "on"}).status_code == 302
    suppression_add(address="eve@far.example", reason="erased", source="test")
    erased = Suppression.objects.in_force().get()
    with pytest.raises(DomainError) as error:
        suppression_remove(suppression=erased, why="x", actor=director, confirmed=True)
    assert error.value.code == "suppression_is_final"
    with pytest.raises(Conflict):
        suppression_remove(suppression=row, why="again", actor=director, confirmed=True)
    assert "Remove from suppression list" not in client.get(f"/email/bounces/suppressed/{erased.pk}/").content.decode()


def test_only_the_director_takes_off(marketer: User, signed_in) -> None:
    suppression_add(address="ada@far.example", reason="bounced", source="bounce:1")
    row = Suppression.objects.get()
    client = signed_in(marketer)
    assert client.post(f"/email/bounces/suppressed/{row.pk}/remove/", {"why": "moved"}).status_code == 403
    assert "Remove from suppression list" not in client.get(f"/email/bounces/suppressed/{row.pk}/").content.decode()


def test_roles_that_see_the_suppression_list(director: User, owner: User) -> None:
    suppression_add(address="ada@far.example", reason="bounced", source="x")
    assert Suppression.objects.visible_to(director).count() == 1
    assert Suppression.objects.visible_to(owner).count() == 0
    assert suppression_escalate(hashed=address_hash("ada@far.example"), reason="complained", source="y")
    assert not suppression_escalate(hashed=address_hash("ada@far.example"), reason="complained", source="z")


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
    assert "The mailbox contains 0 messages, 0 unread." in page
    BounceMailbox.objects.filter(pk=mailbox.pk).update(password=secret_seal("wrong"))
    page = client.post(f"/email/bounces/mailboxes/{mailbox.pk}/test/").content.decode()
    assert "127.0.0.1 does not accept this user and password." in page


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
