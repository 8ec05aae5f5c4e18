"""What providers report: only with their signature or password, once, and never a way into other networks."""

# ruff: noqa: E501 - a provider's event a line

import base64
import datetime
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.people.models import User
from core.errors import DomainError
from core.secrets import secret_open, secret_seal
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.tokens import message_id
from delivery.feedback import sns
from delivery.feedback.models import Bounce, ProviderWebhook
from delivery.feedback.tests.test_bounces import is_suppressed, sent_to
from delivery.feedback.webhooks import webhook_archive, webhook_save, webhook_url

pytestmark = pytest.mark.django_db
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
KEY = "key-of-the-provider"


@pytest.fixture
def ada() -> Contact:
    contact: Contact = ContactFactory.create(email="ada@far.example")
    return contact


def hook_make(provider: str, secret: str = KEY) -> ProviderWebhook:
    return ProviderWebhook.objects.create(provider=provider, secret=secret_seal(secret))


def post(hook: ProviderWebhook, body: Any, **headers: str) -> int:
    url = reverse("provider_hook", args=[hook.public_id])
    return Client().post(url, body, content_type="application/json", headers=headers).status_code


def basic(hook: ProviderWebhook, password: str = "") -> dict[str, str]:
    word = f"cauce:{password or secret_open(hook.password)}"
    return {"Authorization": f"Basic {base64.b64encode(word.encode()).decode()}"}


def found() -> list[tuple[str, str, str]]:
    return [(bounce.kind, bounce.address, bounce.code) for bounce in Bounce.objects.order_by("pk")]


BY_PASSWORD = [
    ("postmark", {"RecordType": "Bounce", "ID": 7, "Type": "HardBounce", "Email": "ada@far.example", "Details": "smtp;550 5.1.1 unknown user", "BouncedAt": "2026-11-20T10:00:00Z"}, "hard"),
    ("postmark", {"RecordType": "Bounce", "ID": 8, "Type": "SoftBounce", "Email": "ada@far.example", "Details": "smtp;452 4.2.2 full"}, "soft"),
    ("postmark", {"RecordType": "Bounce", "ID": 9, "Type": "Blocked", "Email": "ada@far.example", "Details": "blocked"}, "block"),
    ("postmark", {"RecordType": "SpamComplaint", "ID": 10, "Type": "SpamComplaint", "Email": "ada@far.example"}, "complaint"),
    ("brevo", {"event": "hard_bounce", "email": "ada@far.example", "reason": "550 5.1.1 no such user", "ts_epoch": 1795000000000}, "hard"),
    ("brevo", {"event": "soft_bounce", "email": "ada@far.example", "reason": "550 5.1.1 said so, but the provider calls it soft"}, "soft"),
    ("brevo", {"event": "complaint", "email": "ada@far.example"}, "complaint"),
    ("brevo", {"event": "blocked", "email": "ada@far.example"}, "block"),
    ("mailjet", [{"event": "bounce", "email": "ada@far.example", "hard_bounce": True, "error": "user unknown", "MessageID": 5, "time": 1795000000}], "hard"),
    ("mailjet", {"event": "bounce", "email": "ada@far.example", "hard_bounce": False, "error": "quota exceeded"}, "soft"),
    ("mailjet", {"event": "spam", "email": "ada@far.example"}, "complaint"),
    ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "event_id": "1", "bounce_class": "10", "raw_rcpt_to": "ada@far.example", "raw_reason": "550 5.1.1", "timestamp": "1795000000"}}}], "hard"),
    ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "event_id": "2", "bounce_class": "22", "raw_rcpt_to": "ada@far.example", "timestamp": "1795000000"}}}], "soft"),
    ("sparkpost", [{"msys": {"message_event": {"type": "bounce", "event_id": "3", "bounce_class": "51", "raw_rcpt_to": "ada@far.example", "timestamp": "1795000000"}}}], "block"),
    ("sparkpost", [{"msys": {"message_event": {"type": "spam_complaint", "event_id": "4", "raw_rcpt_to": "ada@far.example", "timestamp": "1795000000"}}}], "complaint"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "event", "kind"), BY_PASSWORD)
def test_providers_with_a_password(provider: str, event: Any, kind: str, ada: Contact) -> None:
    hook = hook_make(provider, "")
    assert post(hook, event) == 401
    assert post(hook, event, **basic(hook, "wrong")) == 400
    assert found() == []
    assert is_suppressed(ada) == ""
    assert post(hook, event, **basic(hook)) == 200
    assert post(hook, event, **basic(hook)) == 200
    assert [(one, address) for one, address, _code in found()] == [(kind, "ada@far.example")]
    assert is_suppressed(ada) == {"hard": "bounced", "complaint": "complained"}.get(kind, "")
    hook.refresh_from_db()
    assert (hook.received, hook.refused) == (2, 2)


@pytest.mark.parametrize(
    ("provider", "event"),
    [
        ("postmark", {"RecordType": "Delivery", "Recipient": "ada@far.example"}),
        ("postmark", {"RecordType": "Bounce", "Type": "Transient", "Email": "ada@far.example"}),
        ("postmark", {"RecordType": "Bounce", "Type": "AutoResponder", "Email": "ada@far.example"}),
        ("brevo", {"event": "deferred", "email": "ada@far.example"}),
        ("brevo", {"event": "opened", "email": "ada@far.example"}),
        ("mailjet", {"event": "bounce", "email": "ada@far.example", "error": "greylisted"}),
        ("sparkpost", [{"msys": {}}]),
    ],
)
def test_what_is_no_failure_is_taken_and_not_recorded(provider: str, event: Any, ada: Contact) -> None:
    hook = hook_make(provider, "")
    assert post(hook, event, **basic(hook)) == 200
    assert found() == []


@pytest.mark.parametrize("body", ["", "{", "[]", '"text"', "null", "7", "[[[[", '{"event-data": 5}', "[" * 100_000])
@pytest.mark.parametrize("provider", ["postmark", "brevo", "mailjet", "sparkpost"])
def test_nonsense_with_the_right_password_is_refused_in_order(provider: str, body: str) -> None:
    hook = hook_make(provider, "")
    assert post(hook, body, **basic(hook)) in {200, 400}
    assert found() == []


def test_unsubscribing_at_the_provider_unsubscribes_here(ada: Contact) -> None:
    hook = hook_make("brevo", "")
    assert post(hook, {"event": "unsubscribe", "email": "ADA@far.example"}, **basic(hook)) == 200
    assert is_suppressed(ada) == "unsubscribed"


# --- Mailgun ---------------------------------------------------------------------------------------------------------


def mailgun(event: dict[str, Any], *, key: str = KEY, at: float | None = None, token: str = "t" * 50) -> dict[str, Any]:
    stamp = str(int(at or time.time()))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": event}


FAILED = {
    "event": "failed",
    "severity": "permanent",
    "id": "e1",
    "timestamp": 1795000000.1,
    "recipient": "ada@far.example",
    "reason": "bounce",
    "delivery-status": {"message": "550 5.1.1 No such user", "code": 550},
}


def test_mailgun_by_its_signature(ada: Contact) -> None:
    cache.clear()
    hook = hook_make("mailgun")
    send = sent_to(ada, days_ago=60)
    event = FAILED | {"message": {"headers": {"message-id": message_id(send.pk, ada.pk, "shop.example").strip("<>")}}}
    assert post(hook, mailgun(event, key="other")) == 400
    assert post(hook, {"event-data": event}) == 400
    assert post(hook, mailgun(event, at=time.time() - 90_000)) == 400
    assert found() == []
    assert post(hook, mailgun(event)) == 200
    bounce = Bounce.objects.get()
    assert (bounce.send_id, bounce.matched_by, bounce.code, bounce.origin) == (
        send.pk,
        "message_id",
        "5.1.1",
        "mailgun",
    )
    assert post(hook, mailgun(event, token="u" * 50)) == 200
    assert Bounce.objects.count() == 1


def test_a_mailgun_signature_cannot_be_put_under_another_report(ada: Contact) -> None:
    cache.clear()
    hook = hook_make("mailgun")
    other = ContactFactory.create(email="bob@far.example")
    assert post(hook, mailgun(FAILED)) == 200
    assert post(hook, mailgun(FAILED)) == 200
    assert post(hook, mailgun(FAILED | {"recipient": "bob@far.example", "id": "e2"})) == 400
    assert is_suppressed(other) == ""


def test_mailgun_temporary_failures_are_none(ada: Contact) -> None:
    cache.clear()
    assert post(hook_make("mailgun"), mailgun(FAILED | {"severity": "temporary"})) == 200
    assert found() == []


# --- SendGrid and MailerSend -----------------------------------------------------------------------------------------


def test_sendgrid_by_its_signature(ada: Contact, director: User) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    hook = webhook_save(
        hook=ProviderWebhook(provider="sendgrid"), secret=base64.b64encode(public).decode(), actor=director
    )
    body = json.dumps([
        {"event": "bounce", "type": "bounce", "email": "ada@far.example", "sg_event_id": "1", "timestamp": 1795000000, "status": "5.1.1", "reason": "550 5.1.1 unknown"},
        {"event": "bounce", "type": "blocked", "email": "bob@far.example", "sg_event_id": "2", "timestamp": 1795000000, "reason": "550 IP listed"},
        {"event": "delivered", "email": "cy@far.example", "sg_event_id": "3", "timestamp": 1795000000},
    ])  # fmt: skip
    signature = base64.b64encode(key.sign(b"1795000001" + body.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": "1795000001",
    }
    assert post(hook, body.replace("ada@", "eve@"), **headers) == 400
    assert post(hook, body) == 400
    assert post(hook, body, **headers) == 200
    assert found() == [("hard", "ada@far.example", "5.1.1"), ("block", "bob@far.example", "")]


def test_mailersend_by_its_signature(ada: Contact) -> None:
    hook = hook_make("mailersend")
    body = json.dumps(
        {
            "type": "activity.hard_bounced",
            "data": {
                "id": "1",
                "type": "hard_bounced",
                "created_at": "2026-11-20T10:00:00Z",
                "email": {"recipient": {"email": "ada@far.example"}},
                "morph": {"object": "recipient_bounce", "reason": "550 5.1.1"},
            },
        }
    )
    signature = hmac.new(KEY.encode(), body.encode(), hashlib.sha256).hexdigest()
    assert post(hook, body, Signature="0" * 64) == 400
    assert post(hook, body, Signature=signature) == 200
    assert found() == [("hard", "ada@far.example", "5.1.1")]


# --- Amazon SES ------------------------------------------------------------------------------------------------------


class Amazon:
    """What Amazon would answer, and what it was asked."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.datetime.now(datetime.UTC)
        built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        built = built.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        self.certificate = built.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.asked: list[str] = []

    def fetch(self, address: str) -> bytes:
        self.asked.append(address)
        return self.certificate if address.endswith(".pem") else b"<ConfirmSubscriptionResponse/>"

    def sign(self, version: str = "2", **fields: str) -> dict[str, str]:
        message = {
            "Type": "Notification", "MessageId": "m1", "TopicArn": TOPIC, "Timestamp": "2026-11-20T10:00:00.000Z", "SignatureVersion": version,
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem", **fields,
        }  # fmt: skip
        text = "".join(f"{name}\n{message[name]}\n" for name in sns.SIGNED[message["Type"]] if name in message)
        kind = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303
        message["Signature"] = base64.b64encode(self.key.sign(text.encode(), padding.PKCS1v15(), kind)).decode()
        return message


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Amazon:
    sns._key.cache_clear()
    amazon = Amazon()
    monkeypatch.setattr(sns, "fetch", amazon.fetch)
    return amazon


def to_ses(hook: ProviderWebhook, message: dict[str, str]) -> int:
    headers = {"x-amz-sns-message-type": message["Type"], "x-amz-sns-message-id": message["MessageId"]}
    return post(hook, message, **headers)


def ses_event(kind: str = "Bounce", **details: Any) -> str:
    people = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients"}[kind]
    return json.dumps(
        {
            "notificationType": kind,
            "mail": {"messageId": "ses1", "destination": ["ada@far.example"]},
            kind.lower(): {
                people: [{"emailAddress": "ada@far.example", "diagnosticCode": "smtp; 550 5.1.1 unknown"}],
                **details,
            },
        }
    )


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (ses_event(bounceType="Permanent", bounceSubType="General"), "hard"),
        (ses_event(bounceType="Transient", bounceSubType="MailboxFull"), "soft"),
        (ses_event(bounceType="Transient", bounceSubType="ContentRejected"), "block"),
        (ses_event("Complaint", complaintFeedbackType="abuse"), "complaint"),
    ],
)
def test_ses_by_amazons_signature(amazon: Amazon, ada: Contact, event: str, kind: str, version: str) -> None:
    hook = hook_make("ses", TOPIC)
    message = amazon.sign(version, Message=event)
    assert to_ses(hook, message | {"Message": event.replace("ada", "eve")}) == 400
    assert to_ses(hook, amazon.sign(Message=event, TopicArn=TOPIC + "2")) == 400
    assert found() == []
    assert to_ses(hook, message) == 200
    assert to_ses(hook, message) == 200
    assert [one for one, _address, _code in found()] == [kind]
    assert len(amazon.asked) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://bucket.s3.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://127.0.0.1/a.pem",
        "file:///etc/passwd.pem",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_fetched(amazon: Amazon, ada: Contact, address: str) -> None:
    message = amazon.sign(Message=ses_event(bounceType="Permanent"), SigningCertURL=address)
    assert to_ses(hook_make("ses", TOPIC), message) == 400
    assert amazon.asked == []
    assert found() == []


def test_a_subscription_is_confirmed_only_at_amazons_and_only_for_our_topic(amazon: Amazon) -> None:
    hook = hook_make("ses", TOPIC)
    fields = {"Type": "SubscriptionConfirmation", "Message": "You have chosen…", "Token": "tok&en"}
    inside = {"SubscribeURL": "http://169.254.169.254/latest/meta-data/"}
    assert to_ses(hook, amazon.sign(**fields, **inside, TopicArn=TOPIC + "2")) == 400
    assert amazon.asked == []
    assert to_ses(hook, amazon.sign(**fields, **inside)) == 200
    assert amazon.asked[1:] == [
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
        "&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Abounces&Token=tok%26en"
    ]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '{"TopicArn": 5}'])
def test_ses_nonsense(amazon: Amazon, body: str) -> None:
    assert post(hook_make("ses", TOPIC), body) == 400


# --- Setting up ------------------------------------------------------------------------------------------------------


def test_addresses_that_are_not_there_and_other_methods() -> None:
    hook = hook_make("mailgun")
    url = reverse("provider_hook", args=[hook.public_id])
    assert Client().get(url).status_code == 405
    assert Client().head(url).status_code == 200
    assert Client().post(reverse("provider_hook", args=["nothing"])).status_code == 404
    assert Client(enforce_csrf_checks=True).post(url).status_code == 400


def test_an_archived_webhook_takes_nothing(director: User) -> None:
    hook = hook_make("postmark", "")
    webhook_archive(hook=hook, actor=director)
    assert post(hook, {}, **basic(hook)) == 404
    webhook_archive(hook=hook, actor=director, archived=False)
    assert post(hook, {"RecordType": "Delivery"}, **basic(hook)) == 200


def test_what_is_pasted_at_the_provider() -> None:
    signed, plain = hook_make("mailgun"), hook_make("postmark", "")
    assert webhook_url(signed) == f"http://127.0.0.1:8000/hooks/mail/{signed.public_id}/"
    assert (
        webhook_url(plain) == f"http://cauce:{secret_open(plain.password)}@127.0.0.1:8000/hooks/mail/{plain.public_id}/"
    )


@pytest.mark.parametrize(
    ("provider", "secret", "code"),
    [
        ("mailgun", "", "hook_without_secret"),
        ("ses", "bounces", "hook_secret_invalid"),
        ("postal", "", "hook_without_secret"),
        ("sendgrid", "not a key", "hook_secret_invalid"),
        ("resend", "not a secret", "hook_secret_invalid"),
        ("resend", "whsec_", "hook_secret_invalid"),
        ("postal", "MIGf", "hook_secret_invalid"),
        ("mailersend", "clé", "hook_secret_invalid"),
    ],
)
def test_what_cannot_be_set_up_is_said(director: User, provider: str, secret: str, code: str) -> None:
    with pytest.raises(DomainError) as error:
        webhook_save(hook=ProviderWebhook(provider=provider), secret=secret, actor=director)
    assert error.value.code == code
    assert "secret" in error.value.fields


def test_an_empty_secret_keeps_the_stored_one(director: User) -> None:
    hook = webhook_save(hook=ProviderWebhook(provider="mailgun"), secret=KEY, actor=director)
    assert KEY not in hook.secret
    webhook_save(hook=hook, secret="", actor=director)
    assert secret_open(hook.secret) == KEY
