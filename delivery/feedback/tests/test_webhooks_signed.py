"""Resend, Mandrill, Mailtrap and Postal report with a signature; the address comes before the key; which message it was."""

# ruff: noqa: E501 - a provider's event a line

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.people.models import User
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from delivery.engine.tokens import message_id
from delivery.feedback.models import Bounce, ProviderWebhook
from delivery.feedback.tests.test_bounces import is_suppressed, sent_to
from delivery.feedback.tests.test_webhooks import FAILED, KEY, basic, found, hook_make, mailgun, post
from delivery.feedback.webhooks import webhook_save, webhook_url

pytestmark = pytest.mark.django_db
RESEND_KEY = "whsec_" + base64.b64encode(b"k" * 24).decode()


@pytest.fixture
def ada() -> Contact:
    contact: Contact = ContactFactory.create(email="ada@far.example")
    return contact


def resend(event: str, *, id: str = "msg_1", **data: Any) -> dict[str, Any]:
    sent = {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
        "from": "Shop <news@shop.example>",
        "to": ["ada@far.example"],
        "subject": "Spring",
        "created_at": "2026-11-20T09:59:00.000Z",
    }
    return {"type": event, "created_at": "2026-11-20T10:00:00.000Z", "data": sent | data}


def svix(body: str, *, key: str = RESEND_KEY, id: str = "msg_1", at: float | None = None) -> dict[str, str]:
    stamp = str(int(at or time.time()))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(secret, f"{id}.{stamp}.{body}".encode(), hashlib.sha256).digest()).decode()
    return {
        "svix-id": id,
        "svix-timestamp": stamp,
        "svix-signature": f"v1,{base64.b64encode(b'older').decode()} v1,{signature}",
    }


BOUNCED = {
    "message": "The recipient's email provider sent a hard bounce message, but didn't specify the reason.",
    "type": "Permanent",
    "subType": "General",
}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (resend("email.bounced", bounce=BOUNCED), "hard"),
        (
            resend(
                "email.bounced",
                bounce=BOUNCED | {"subType": "Suppressed", "message": "Resend has suppressed sending to this address"},
            ),
            "hard",
        ),
        (resend("email.bounced", bounce=BOUNCED | {"type": "Transient", "subType": "MailboxFull"}), "soft"),
        (resend("email.bounced", bounce=BOUNCED | {"type": "Transient", "subType": "ContentRejected"}), "block"),
        (resend("email.complained"), "complaint"),
        (resend("email.delivered"), ""),
        (resend("email.delivery_delayed"), ""),
        (resend("email.opened"), ""),
        (resend("contact.created"), ""),
    ],
)
def test_resend_by_its_signature(ada: Contact, event: dict[str, Any], kind: str) -> None:
    hook = hook_make("resend", RESEND_KEY)
    body = json.dumps(event)
    assert post(hook, body) == 400
    assert post(hook, body, **svix(body, key="whsec_" + base64.b64encode(b"x" * 24).decode())) == 400
    assert post(hook, body.replace("ada@", "eve@"), **svix(body)) == 400
    assert post(hook, body, **svix(body) | {"svix-id": "msg_2"}) == 400
    assert post(hook, body, **svix(body, at=time.time() - 400)) == 400
    assert post(hook, body, **svix(body) | {"svix-timestamp": "soon"}) == 400
    assert found() == []
    assert post(hook, body, **svix(body)) == 200
    assert post(hook, body, **svix(body, at=time.time() + 60)) == 200  # sent again
    assert [one for one, _address, _code in found()] == ([kind] if kind else [])
    assert is_suppressed(ada) == {"hard": "bounced", "complaint": "complained"}.get(kind, "")


def mandrill(hook: ProviderWebhook, events: Any, *, key: str = KEY) -> tuple[dict[str, str], str]:
    form = {"mandrill_events": json.dumps(events)}
    signed = webhook_url(hook) + "".join(name + form[name] for name in sorted(form))
    return form, base64.b64encode(hmac.new(key.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def to_mandrill(hook: ProviderWebhook, form: dict[str, str], signature: str) -> int:
    url = reverse("provider_hook", args=[hook.public_id])
    return Client().post(url, form, headers={"X-Mandrill-Signature": signature}).status_code


def mandrill_event(event: str, **msg: Any) -> dict[str, Any]:
    said = {
        "ts": 1795000000,
        "subject": "Spring",
        "email": "ada@far.example",
        "sender": "news@shop.example",
        "state": "sent",
        "tags": [],
        "metadata": {},
        "_id": "m1",
    }
    return {"event": event, "_id": "m1", "ts": 1795000100, "msg": said | msg}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (
            mandrill_event(
                "hard_bounce", state="bounced", bounce_description="bad_mailbox", diag="smtp;550 5.1.1 unknown user"
            ),
            "hard",
        ),
        (
            mandrill_event(
                "soft_bounce", state="soft-bounced", bounce_description="mailbox_full", diag="smtp;552 5.2.2 over quota"
            ),
            "soft",
        ),
        (mandrill_event("spam", state="spam"), "complaint"),
        (mandrill_event("reject", state="rejected", reject={"reason": "hard-bounce"}), "hard"),
        (mandrill_event("reject", state="rejected", reject=None), "block"),
        (mandrill_event("deferral", state="deferred", smtp_events=[{"diag": "451 4.3.5 try again"}]), ""),
        (mandrill_event("send"), ""),
        (
            {
                "type": "blacklist",
                "action": "add",
                "reject": {"email": "ada@far.example", "reason": "hard-bounce"},
                "ts": 1795000100,
            },
            "",
        ),
    ],
)
def test_mandrill_by_its_signature_over_our_address(ada: Contact, event: dict[str, Any], kind: str) -> None:
    hook = hook_make("mandrill")
    form, signature = mandrill(hook, [event])
    assert to_mandrill(hook, form, mandrill(hook, [event], key="other")[1]) == 400
    assert to_mandrill(hook, {"mandrill_events": form["mandrill_events"].replace("ada@", "eve@")}, signature) == 400
    assert to_mandrill(hook_make("mandrill"), form, signature) == 400  # signed for another address
    assert to_mandrill(hook, form, signature) == 200
    assert to_mandrill(hook, form, signature) == 200
    assert [one for one, _address, _code in found()] == ([kind] if kind else [])


def test_mandrill_unsubscribes_and_nonsense(ada: Contact) -> None:
    hook = hook_make("mandrill")
    assert to_mandrill(hook, *mandrill(hook, [])) == 200
    inbound = {"event": "inbound", "msg": {"raw_msg": "Subject: x\n\nx"}}
    for events in ("text", [5], {"a": 1}, [inbound, mandrill_event("spam")]):
        assert to_mandrill(hook, *mandrill(hook, events)) == 400
    assert is_suppressed(ada) == ""
    assert to_mandrill(hook, *mandrill(hook, [mandrill_event("unsub")])) == 200
    assert is_suppressed(ada) == "unsubscribed"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (
            {"event": "bounce", "response": "550 5.1.1 unknown", "response_code": 550, "bounce_category": "badmailbox"},
            "hard",
        ),
        ({"event": "soft bounce", "response": "452 full"}, ""),  # it goes on trying
        ({"event": "spam"}, "complaint"),
        ({"event": "reject", "reason": "unsubscribed"}, "block"),
        ({"event": "delivery"}, ""),
        ({"event": "unsubscribe"}, "left"),
    ],
)
def test_mailtrap_by_its_signature(ada: Contact, event: dict[str, Any], kind: str) -> None:
    hook = hook_make("mailtrap")
    whole = {
        "message_id": "m1",
        "sending_stream": "bulk",
        "email": "ada@far.example",
        "timestamp": 1795000000,
        "event_id": "e1",
        **event,
    }
    body = json.dumps({"events": [whole]})
    signature = hmac.new(KEY.encode(), body.encode(), hashlib.sha256).hexdigest()
    assert post(hook, body) == 400
    assert post(hook, body.replace("ada@", "eve@"), **{"Mailtrap-Signature": signature}) == 400
    for _turn in range(2):
        assert post(hook, body, **{"Mailtrap-Signature": signature}) == 200
    assert [one for one, _address, _code in found()] == ([kind] if kind not in {"", "left"} else [])
    assert is_suppressed(ada) == {"hard": "bounced", "complaint": "complained", "left": "unsubscribed"}.get(kind, "")


POSTAL_MESSAGE = {
    "id": 12345,
    "token": "abc",
    "direction": "outgoing",
    "message_id": "5817a64332f44_4ec93ff59e79d154565eb@app.mail",
    "to": "ada@far.example",
    "from": "news@shop.example",
    "subject": "Spring",
    "timestamp": 1795000000.1,
    "spam_status": "NotChecked",
    "tag": None,
}


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (
            {
                "status": "HardFail",
                "details": "Permanent failure",
                "output": "550 5.1.1 unknown user",
                "message": POSTAL_MESSAGE,
            },
            "hard",
        ),
        ({"status": "SoftFail", "details": "try later", "output": "452 4.2.2 full", "message": POSTAL_MESSAGE}, ""),
        ({"status": "Sent", "output": "250 OK", "message": POSTAL_MESSAGE}, ""),
        ({"original_message": POSTAL_MESSAGE, "bounce": {"id": 2, "subject": "Mail delivery failed: 5.1.1"}}, "soft"),
    ],
)
def test_postal_by_its_signature(ada: Contact, director: User, payload: dict[str, Any], kind: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    hook = webhook_save(
        hook=ProviderWebhook(provider="postal"), secret=base64.b64encode(public).decode(), actor=director
    )
    body = json.dumps({"event": "x", "timestamp": 1795000000.5, "payload": payload, "uuid": "u-1"})
    signature = base64.b64encode(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())).decode()  # noqa: S303
    assert post(hook, body) == 400
    assert post(hook, body.replace("ada@", "eve@"), **{"X-Postal-Signature": signature}) == 400
    for _turn in range(2):
        assert post(hook, body, **{"X-Postal-Signature": signature}) == 200
    assert [one for one, _address, _code in found()] == ([kind] if kind else [])


# --- Setting up ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["mailersend", "mailtrap", "mandrill", "resend", "sendgrid"])
def test_the_address_comes_before_the_key_and_takes_nothing_until_then(
    director: User, provider: str, ada: Contact
) -> None:
    hook = webhook_save(hook=ProviderWebhook(provider=provider), secret="", actor=director)
    assert hook.awaits_key
    assert webhook_url(hook).endswith(f"/hooks/mail/{hook.public_id}/")
    body = json.dumps(resend("email.complained"))
    empty = hmac.new(b"", body.encode(), hashlib.sha256).hexdigest()
    signed = {"Signature": empty, "Mailtrap-Signature": empty, **svix(body, key="whsec_")}
    assert post(hook, body, **signed) == 400
    assert to_mandrill(hook, *mandrill(hook, [mandrill_event("spam")], key="")) == 400
    assert (found(), is_suppressed(ada)) == ([], "")


def test_the_page_says_what_to_do_at_the_provider(director: User, signed_in) -> None:
    client = signed_in(director)
    answer = client.post("/email/bounces/providers/new/", {"provider": "resend", "secret": ""}, follow=True)
    page = answer.content.decode()
    hook = ProviderWebhook.objects.get()
    for words in (webhook_url(hook), "email.complained", "key above. Until then, all reports are refused"):
        assert words in page
    assert "key missing" in client.get(reverse("bounce_setup")).content.decode()
    client.post(f"/email/bounces/providers/{hook.public_id}/", {"secret": RESEND_KEY})
    page = client.get(f"/email/bounces/providers/{hook.public_id}/").content.decode()
    assert "key above. Until then, all reports are refused" not in page
    assert RESEND_KEY not in page


def test_a_report_larger_than_any_is_not_read(ada: Contact) -> None:
    hook = hook_make("postmark", "")
    huge = json.dumps({"RecordType": "SpamComplaint", "Email": "ada@far.example", "pad": "x" * 6_000_000})
    assert post(hook, huge, **basic(hook)) == 400
    assert found() == []


# --- Which message it was --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["postmark", "mailgun", "brevo", "sendgrid", "resend"])
def test_a_report_names_the_very_message_by_what_we_gave_along(provider: str, ada: Contact, director: User) -> None:
    """Sent long ago, so that the address alone would not do."""
    cache.clear()
    ours, other = sent_to(ada, days_ago=60), sent_to(ada, days_ago=50)
    named = {"message_id": message_id(ours.pk, ada.pk, "shop.example").strip("<>")}
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    secrets = {"sendgrid": base64.b64encode(public).decode(), "resend": RESEND_KEY, "mailgun": KEY}
    hook = hook_make(provider, secrets.get(provider, ""))
    body = json.dumps({
        "postmark": {"RecordType": "Bounce", "ID": 7, "Type": "HardBounce", "Email": "ada@far.example", "MessageID": "p1", "Metadata": named},
        "mailgun": mailgun(FAILED | {"user-variables": named, "message": {"headers": {"message-id": "20260101@mg.shop.example"}}}),
        "brevo": {"event": "hard_bounce", "email": "ada@far.example", "message-id": "<b1@relay>", "X-Mailin-custom": json.dumps(named)},
        "sendgrid": [{"event": "bounce", "type": "bounce", "email": "ada@far.example", "sg_event_id": "1", "timestamp": 1795000000, "status": "5.1.1", **named}],
        "resend": resend("email.bounced", bounce=BOUNCED, headers=[{"name": "X-Metadata", "value": json.dumps(named)}]),
    }[provider])  # fmt: skip
    headers = {
        "postmark": lambda: basic(hook), "brevo": lambda: basic(hook), "mailgun": dict, "resend": lambda: svix(body),
        "sendgrid": lambda: {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(key.sign(b"1795000001" + body.encode(), ec.ECDSA(hashes.SHA256()))).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": "1795000001",
        },
    }[provider]()  # fmt: skip
    assert post(hook, body, **headers) == 200
    bounce = Bounce.objects.get()
    assert (bounce.send_id, bounce.matched_by, bounce.contact_id) == (ours.pk, "message_id", ada.pk)
    assert bounce.send_id != other.pk


def test_a_message_nobody_knows_is_kept_without_one(ada: Contact) -> None:
    hook = hook_make("postmark", "")
    event = {
        "RecordType": "Bounce",
        "ID": 7,
        "Type": "HardBounce",
        "Email": "stranger@far.example",
        "Metadata": {"message_id": "1f.0123456789abcdef01@shop.example"},
    }
    assert post(hook, event, **basic(hook)) == 200
    assert (Bounce.objects.get().send_id, Bounce.objects.get().contact_id) == (None, None)
