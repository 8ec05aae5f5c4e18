"""What a provider's answer to one message means, in the words of a mail server's (`delivery.transports.smtp.Answer`).

| the provider | is read as |
|---|---|
| takes it | 250 |
| refuses this recipient, or this message | 550 or 554: failed, with the reason |
| refuses the key, the account or the sender; has no such address; leads elsewhere | 550 to our MAIL: nobody failed |
| wants no more now (429, 503 …), cannot be reached, or broke off before it had the request | 421, or not whole: waits |
| is silent, breaks off after the request, answers 500, 502, 504 or what is no answer | unknown |
"""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused

from delivery.transports.provider_api.session import ApiSession
from delivery.transports.smtp import Answer

# The account: key, payment, rights, domain or address of the API. Nobody's message is at fault.
ACCOUNT = frozenset({401, 402, 403, 404, 405, 407, 410})
BUSY = frozenset({408, 425, 429, 503, 529})
TOO_LARGE = 413
MAX_WAIT_SECONDS = 3600.0
# In the words of an otherwise plain refusal: the sender is at fault, or the recipient's address.
SENDER = {
    "postmark": r"\bsender signature|'From'|not allowed to send|pending approval|message ?stream",
    "mailgun": r"^'?from'? parameter|sandbox|not (?:allowed|authorized) to send|domain .*(?:unverified|not verified)",
    "brevo": r"\bsender\b|not.enough.credits|account.under.validation",
    "sendgrid": r"\bfrom\b|verified sender|maximum credits",
    "resend": r"`from`|api key|invalid_from_address|domain is not verified|testing emails",
}
RECIPIENT = {
    "mailgun": r"^'?to'? parameter is not a valid address",
    "brevo": r"email is not valid in to|\bto\b.* not valid|invalid.*\brecipient",
    "sendgrid": r"personalizations\.\d+\.to|does not contain a valid address",
    "resend": r"`to`",
}
POSTMARK_ACCOUNT = frozenset({10, 400, 401, 405, 412, 413, 1224, 1226, 1235, 1236})


def answer_of(kind: str, letter: Any, error: Exception | None, session: ApiSession) -> Answer:
    """What became of `letter`, which a backend sent with this session: it ended with `error`, or in order."""
    if isinstance(error, AnymailRecipientsRefused):
        return _of_recipient(letter, reply_text(error.response) or str(error).partition("\n")[0])
    if isinstance(error, AnymailAPIError):
        return _of_error(kind, error, session)
    if error is None:
        return _of_recipient(letter, reply_text(getattr(letter.anymail_status, "esp_response", None)))
    words = " ".join(str(error).split())
    if session.progress.begun:
        # It answered, and not as it should.
        return Answer(0, f"{type(error).__name__} {words}", "body")
    if isinstance(error, AnymailError | ValueError):
        return Answer(554, f"5.6.0 {words}", "body")  # cannot be said in this provider's words
    return Answer(550, f"{type(error).__name__} {words}", "mail")


def _of_recipient(letter: Any, why: str) -> Answer:
    """What the provider says of the one recipient; what it does not say is unknown."""
    found = next(iter(letter.anymail_status.recipients.values()), None)
    status = found.status if found is not None else None
    if found is not None and status in {"sent", "queued"}:
        return Answer(250, f"{found.message_id or ''} {status}".strip(), "body")
    if status == "invalid":
        return Answer(550, f"5.1.3 the provider says that this is no address: {why}", "rcpt")
    if status in {"rejected", "failed"}:
        return Answer(554, f"5.7.1 {status} {why}".strip(), "body")
    return Answer(0, f"the provider did not say what became of it {why}".strip(), "body")


def _of_error(kind: str, error: AnymailAPIError, session: ApiSession) -> Answer:
    response = error.response
    if response is None:
        return _without_answer(error, session)
    code = response.status_code
    said = reply_text(response) or str(response.reason)
    text = f"{code} {said}"
    if code in BUSY:
        return Answer(421, text, "mail", retry_after(response))
    if code >= 500 or code < 300:
        # A gateway may have passed it on, a server may have failed after it had taken it.
        return Answer(0, text, "body")
    if code in ACCOUNT or code < 400 or _is_of_sender(kind, response, said):
        return Answer(550, text, "mail")
    if code == TOO_LARGE:
        return Answer(552, f"5.3.4 {text}", "body")
    if kind in RECIPIENT and re.search(RECIPIENT[kind], said, re.IGNORECASE):
        return Answer(550, f"5.1.3 {text}", "rcpt")
    return Answer(554, text, "body")


def _without_answer(error: AnymailAPIError, session: ApiSession) -> Answer:
    cause = error.__cause__
    text = f"{type(cause).__name__}: {cause}" if cause is not None else str(error)
    text = " ".join(text.split())
    if not session.progress.begun:
        return Answer(421, text, "mail")
    return Answer(0, text, "part" if session.progress.broken else "body")


def _is_of_sender(kind: str, response: requests.Response, said: str) -> bool:
    number = _body(response).get("ErrorCode") if kind == "postmark" else None
    return number in POSTMARK_ACCOUNT or re.search(SENDER[kind], said, re.IGNORECASE) is not None


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def reply_text(response: Any) -> str:
    """The provider's own sentence in its answer, on one line; "" where there is none."""
    if response is None:
        return ""
    body = _body(response)
    first = next((one for one in body.get("errors") or () if isinstance(one, dict)), {})
    parts = [
        first.get("field"), first.get("message"), body.get("code"), body.get("name"), body.get("message"),
        body.get("Message"), body.get("error"),
    ]  # fmt: skip
    words = [part if isinstance(part, str) else json.dumps(part) for part in parts if part]
    text = ": ".join(words) if words else "" if body else str(response.text)
    return " ".join(text.split())


def retry_after(response: requests.Response) -> float:
    """`Retry-After` in seconds, an hour at most; 0 where it is not given or not understood."""
    given = response.headers.get("Retry-After", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS) if isfinite(seconds) else 0.0
