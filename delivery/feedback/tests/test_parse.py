"""Reading the mailbox: what servers send in their shapes, what must not count, and what strangers may try."""

# ruff: noqa: E501 - a case a line
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.feedback.codes import kind_of
from delivery.feedback.models import Bounce
from delivery.feedback.parse import MAX_BYTES, read
from delivery.feedback.report import Outcome
from delivery.feedback.tests import bounce_shapes as shapes

Kind = Bounce.Kind


def one(raw: bytes) -> tuple[str, str, str]:
    """(address, kind, code) of the only report in a message."""
    reading = read(raw)
    assert reading.outcome is Outcome.REPORT
    (report,) = reading.reports
    return report.address, report.kind, report.code


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (shapes.postfix("ada@far.example"), Kind.HARD, "5.1.1"),
        (shapes.postfix("ada@far.example", "5.2.2", "552 5.2.2 Mailbox full"), Kind.SOFT, "5.2.2"),
        (shapes.postfix("ada@far.example", "4.4.1", "connect to far.example: Connection timed out"), Kind.SOFT, "4.4.1"),
        (shapes.postfix("ada@far.example", "5.7.1", "554 5.7.1 Message blocked: listed at Spamhaus"), Kind.BLOCK, "5.7.1"),
        (shapes.postfix("ada@far.example", "5.4.4", "Host or domain name not found"), Kind.HARD, "5.4.4"),
        (shapes.exim("ada@far.example"), Kind.HARD, "5.0.0"),
        (shapes.exim("ada@far.example", "550 5.1.1 mailbox unavailable"), Kind.HARD, "5.1.1"),
        (shapes.exim("ada@far.example", "550 Mailbox quota exceeded"), Kind.SOFT, "5.0.0"),
        (shapes.exim("ada@far.example", "550 rejected because of poor reputation"), Kind.BLOCK, "5.0.0"),
        (shapes.exim_old("ada@far.example"), Kind.HARD, "550"),
        (shapes.exchange("ada@far.example"), Kind.HARD, "5.1.10"),
        (shapes.exchange("ada@far.example", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied."), Kind.HARD, "5.4.1"),
        (shapes.exchange("ada@far.example", "5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup"), Kind.BLOCK, "5.7.133"),
        (shapes.gmail("ada@far.example"), Kind.HARD, "5.1.1"),
        (shapes.gmail("ada@far.example", "452-4.2.2 The recipient's inbox is out of storage space", status="4.2.2"), Kind.SOFT, "4.2.2"),
        (shapes.qmail("ada@far.example"), Kind.HARD, "5.1.1"),
        (shapes.qmail("ada@far.example", "Sorry, I couldn't find any host named far.example. (#5.1.2)"), Kind.HARD, "5.1.2"),
        (shapes.qmail("ada@far.example", "Remote host said: 552 Mailbox is over quota"), Kind.SOFT, "552"),
        (shapes.arf("ada@far.example"), Kind.COMPLAINT, ""),
        (shapes.arf("ada@far.example", "fraud"), Kind.COMPLAINT, ""),
        (shapes.outlook_complaint("ada@far.example"), Kind.COMPLAINT, ""),
    ],
)  # fmt: skip
def test_shapes_servers_send(raw: bytes, kind: str, code: str) -> None:
    assert one(raw) == ("ada@far.example", kind, code)


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (shapes.postfix("a@far.example", "4.4.1", "451 try later", action="delayed"), Outcome.DELAYED),
        (shapes.gmail("a@far.example", "451 4.3.0", action="delayed", status="4.3.0"), Outcome.DELAYED),
        (shapes.postfix("a@far.example", "2.0.0", "250 OK", action="delivered"), Outcome.RECEIPT),
        (shapes.postfix("a@far.example", "2.0.0", "250 OK", action="relayed"), Outcome.RECEIPT),
        (shapes.arf("a@far.example", "not-spam"), Outcome.RECEIPT),
        (shapes.arf("a@far.example", "auth-failure"), Outcome.RECEIPT),
        (shapes.vacation("a@far.example"), Outcome.AUTO_REPLY),
        (shapes.vacation("a@far.example", "Fuera de la oficina", auto=""), Outcome.AUTO_REPLY),
        (shapes.vacation("a@far.example", "=?utf-8?q?Respuesta_autom=C3=A1tica=3A_Primavera?=", auto=""), Outcome.AUTO_REPLY),
        (shapes.vacation("a@far.example", "Abwesenheitsnotiz: Spring", auto=""), Outcome.AUTO_REPLY),
        (shapes.vacation("a@far.example", "Please confirm your message", auto=""), Outcome.CHALLENGE),
        (b"From: ada@far.example\r\nSubject: Re: Spring\r\n\r\nThank you! My old mail bounced: 550 5.1.1 user unknown", Outcome.UNKNOWN),
        (b"From: ada@far.example\r\nSubject: Fwd: Undelivered Mail Returned to Sender\r\n\r\nWhat is this?", Outcome.UNKNOWN),
        (b"", Outcome.UNKNOWN),
        (b"\xff\xfe\x00nothing", Outcome.UNKNOWN),
    ],
)  # fmt: skip
def test_what_is_no_bounce_does_not_count(raw: bytes, outcome: Outcome) -> None:
    reading = read(raw)
    assert reading.outcome is outcome
    assert reading.reports == ()


def test_several_recipients_of_one_report_are_separate() -> None:
    raw = shapes.several(
        [
            ("a@far.example", "failed", "5.1.1", "550 5.1.1 User unknown"),
            ("b@far.example", "delayed", "4.2.0", "450 try later"),
            ("c@far.example", "failed", "5.2.2", "552 5.2.2 over quota"),
            ("d@far.example", "delivered", "2.0.0", "250 ok"),
        ]
    )
    found = [(report.address, report.kind) for report in read(raw).reports]
    assert found == [("a@far.example", Kind.HARD), ("c@far.example", Kind.SOFT)]


def test_the_same_message_gives_the_same_keys_and_another_gives_others() -> None:
    raw = shapes.postfix("a@far.example")
    (first,), (again,) = read(raw).reports, read(raw).reports
    (other,) = read(raw.replace(b"4F2A91.", b"4F2A92.")).reports
    assert first.key == again.key != other.key
    assert len(first.key) <= 80


def test_original_recipient_in_xtext_and_utf8_reports() -> None:
    raw = shapes.postfix("x@far.example").replace(
        b"Original-Recipient: rfc822;x@far.example", b"Original-Recipient: rfc822;ada+2Btea@far.example"
    )
    assert one(raw)[0] == "ada+tea@far.example"
    international = shapes.postfix("jos\u00e9@far.example").replace(
        b"message/delivery-status", b"message/global-delivery-status"
    )
    assert one(international)[0] == "josé@far.example"


def test_only_the_words_of_a_report_without_diagnostic_decide() -> None:
    raw = shapes.exim("ada@far.example").replace(b"Diagnostic-Code: smtp; 550 No such user here\r\n", b"")
    assert one(raw)[1] == Kind.HARD


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("5.1.1", "", Kind.HARD),
        ("", "550 sorry, no mailbox here by that name", Kind.HARD),
        ("", "550 El usuario no existe", Kind.HARD),
        ("", "550 Utilisateur inconnu", Kind.HARD),
        ("", "550 Empfänger unbekannt", Kind.HARD),
        ("", "550 Buzón lleno", Kind.SOFT),
        ("", "552 Requested mail action aborted: exceeded storage allocation", Kind.SOFT),
        ("", "554 Message refused", Kind.BLOCK),
        ("5.0.0", "550 5.7.1 Unsolicited mail", Kind.BLOCK),
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", Kind.HARD),
        ("5.7.1", "550 5.7.1 Relaying denied", Kind.BLOCK),
        ("5.4.1", "all hosts failed", Kind.SOFT),
        ("4.2.2", "user unknown", Kind.SOFT),
        ("", "", Kind.SOFT),
    ],
)
def test_what_a_code_says_about_the_address(status: str, said: str, kind: str) -> None:
    assert kind_of(status, said) == kind


# --- Hostile input ---------------------------------------------------------------------------------------------------


def nested(kind: str, depth: int) -> bytes:
    text = ""
    for level in range(depth):
        text += f'Content-Type: {kind}; boundary="b{level}"\r\n\r\n--b{level}\r\n'
    return (text + "Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n").encode()


@pytest.mark.parametrize(
    "raw",
    [
        nested("multipart/mixed", 2_000),
        nested("multipart/report; report-type=delivery-status", 39),
        b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 60_000,
        b"Subject: " + b"=?utf-8?q?" + b"=" * 200_000 + b"?=\r\n\r\n",
        b"From: mailer-daemon@x\r\nSubject: " + b"<" * 100_000 + b"\r\n\r\n" + b"<a@b>:\r\n" * 30_000,
        b"From: mailer-daemon@x\r\n\r\n" + b"user " * 100_000,
        b"From: mailer-daemon@x\r\n\r\n" + b"<" * 400_000,
        b"From: mailer-daemon@x\r\n\r\n" + (b"a" * 60 + b"@") * 5_000,
        b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n" + b"Original-Rcpt-To: a@b.example\r\n" * 9_000,
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n" + b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n" * 9_000,
        b"X: " + b"y" * (3 * MAX_BYTES),
    ],
)  # fmt: skip
def test_hostile_messages_cost_little(raw: bytes) -> None:
    started = time.process_time()
    reading = read(raw)
    assert time.process_time() - started < 3
    assert len(reading.reports) <= 200
    assert all(len(report.raw) <= 4_000 and len(report.text) <= 200_000 for report in reading.reports)


PIECES = st.sampled_from(
    [
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", "\r\n", "--b\r\n", "--b--\r\n",
        "Content-Type: message/delivery-status\r\n", "Content-Type: message/rfc822\r\n", "Action: failed\r\n",
        "Content-Type: message/feedback-report\r\n", "Feedback-Type: abuse\r\n", "Status: 5.1.1\r\n",
        "Final-Recipient: rfc822;\r\n", "Final-Recipient: rfc822; a@b.example\r\n", "Original-Recipient: utf-8;+ZZ@\r\n",
        "Content-Transfer-Encoding: base64\r\n", "Content-Type: text/plain; charset=no-such\r\n", "From: mailer-daemon@x\r\n",
        "Subject: =?utf-8?b?/////?=\r\n", "Date: Mon, 99 Xxx 99999 99:99:99 +9999\r\n", "Message-ID: <\x00>\r\n",
        "Hi. This is the qmail-send program\r\n", "<a@b.example>:\r\n", "\ud800", "é", "\x00", " \t",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40))
def test_whatever_is_sent_nothing_is_raised(pieces: list[str]) -> None:
    reading = read("".join(pieces).encode("utf-8", "surrogatepass"))
    for report in reading.reports:
        assert len(report.address) <= 254
        assert "\x00" not in report.raw + report.diagnostic + report.address


@settings(max_examples=200, deadline=2_000)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    assert read(raw).outcome in Outcome
