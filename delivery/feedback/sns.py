"""Amazon SES reports through SNS: django-anymail reads the events; the signature, the topic and the confirmation of
the subscription are checked here, since it leaves them out.

Nothing an unsigned message says is fetched: the certificate's address must be Amazon's own, and the confirmation is
asked for at the topic's region by an address that is made here.
"""

import base64
import re
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.base import AnymailBaseWebhookView
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.http import HttpRequest

HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?\Z")
ARN = re.compile(r"arn:aws(-cn|-us-gov)?:sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_.-]{1,256}\Z")
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
SECONDS = 5
MAX_BYTES = 64 * 1024


class SesWebhook(AmazonSESTrackingWebhookView):
    """The view for one topic. It needs no Amazon library and no Amazon account."""

    warn_if_no_basic_auth = False

    def __init__(self, *, topic: str) -> None:
        self.topic = topic
        self.auto_confirm_enabled = True
        AnymailBaseWebhookView.__init__(self, webhook_secret=[])

    def validate_request(self, request: HttpRequest) -> None:
        message = self._parse_sns_message(request)
        if not isinstance(message, dict) or message.get("TopicArn") != self.topic:
            raise AnymailWebhookValidationFailure("another SNS topic")
        signature_check(message)

    def auto_confirm_sns_subscription(self, sns_message: dict[str, Any]) -> None:
        fetch(confirmation_address(sns_message))


def confirmation_address(message: dict[str, Any]) -> str:
    """Where a subscription is confirmed: at the topic's own region, whatever address the message names."""
    arn = ARN.match(str(message.get("TopicArn", "")))
    if arn is None:
        raise AnymailWebhookValidationFailure("not the ARN of an SNS topic")
    suffix = ".cn" if arn.group(1) == "-cn" else ""
    query = urlencode(
        {"Action": "ConfirmSubscription", "TopicArn": arn.group(0), "Token": str(message.get("Token", ""))[:1000]}
    )
    return f"https://sns.{arn.group(2)}.amazonaws.com{suffix}/?{query}"


def signature_check(message: dict[str, Any]) -> None:
    """Raises AnymailWebhookValidationFailure unless Amazon signed the message."""
    names = SIGNED.get(str(message.get("Type")), ())
    text = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    kind = {"1": hashes.SHA1, "2": hashes.SHA256}.get(str(message.get("SignatureVersion")))
    if not names or kind is None:
        raise AnymailWebhookValidationFailure("unknown SNS message or signature version")
    try:
        signature = base64.b64decode(str(message.get("Signature", "")), validate=True)
        _key(_certificate_address(message)).verify(signature, text.encode(), padding.PKCS1v15(), kind())
    except (InvalidSignature, ValueError) as error:
        raise AnymailWebhookValidationFailure("SNS signature does not hold") from error


def _certificate_address(message: dict[str, Any]) -> str:
    address = str(message.get("SigningCertURL", ""))
    parts = urlsplit(address)
    plain = parts.scheme == "https" and parts.port is None and not parts.username and not parts.query
    if not plain or not HOST.match(parts.hostname or "") or not parts.path.endswith(".pem"):
        raise AnymailWebhookValidationFailure("the certificate is not at Amazon's")
    return address


@lru_cache(maxsize=8)
def _key(address: str) -> rsa.RSAPublicKey:
    key = x509.load_pem_x509_certificate(fetch(address)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise AnymailWebhookValidationFailure("not an RSA certificate")
    return key


def fetch(address: str) -> bytes:
    """A small answer from Amazon, without following where it may lead."""
    try:
        with requests.get(address, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise AnymailWebhookValidationFailure(f"Amazon answered {answer.status_code}")
            return bytes(answer.raw.read(MAX_BYTES, decode_content=True))
    except requests.RequestException as error:
        raise AnymailWebhookValidationFailure("Amazon could not be asked") from error
