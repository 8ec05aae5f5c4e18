"""What the mail catcher keeps, and how it is found again."""

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.mail import mailbox
from core.mail.mailbox import Mailbox, MailboxWriter
from tests.fixtures.services import MailCatcher


def keep(writer: MailboxWriter, number: int, recipient: str = "") -> None:
    writer.append("a@shop.example", [recipient or f"c{number}@x.example"], f"Subject: {number}\r\n\r\nhi\r\n".encode())


def test_newest_first_in_pages(tmp_path: Path) -> None:
    writer = MailboxWriter(tmp_path)
    for number in range(7):
        keep(writer, number)
    box = Mailbox(tmp_path)
    first = box.newest(limit=3)
    second = box.newest(limit=10, before=first[-1].id)
    assert [message.subject for message in first] == ["6", "5", "4"]
    assert [message.subject for message in second] == ["3", "2", "1", "0"]
    assert box.count() == 7


def test_lines_longer_than_a_block_are_read_backwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "BLOCK", 16)
    writer = MailboxWriter(tmp_path)
    for number in range(5):
        keep(writer, number)
    assert [message.subject for message in Mailbox(tmp_path).newest()] == ["4", "3", "2", "1", "0"]


def test_search_by_recipient_ignores_case(tmp_path: Path) -> None:
    writer = MailboxWriter(tmp_path)
    keep(writer, 1, "Ana@x.example")
    keep(writer, 2, "bo@x.example")
    assert [message.subject for message in Mailbox(tmp_path).newest(recipient="ANA")] == ["1"]


@pytest.mark.parametrize("bad", ["", "1", "1-", "-5", "9-0", "1-999999", "1-3", "x-y", "1-²"])
def test_an_unknown_id_is_none(tmp_path: Path, bad: str) -> None:
    keep(MailboxWriter(tmp_path), 1)
    assert Mailbox(tmp_path).get(bad) is None


def test_a_full_segment_is_followed_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "SEGMENT_BYTES", 50)
    monkeypatch.setattr(mailbox, "MAX_SEGMENTS", 2)
    writer = MailboxWriter(tmp_path)
    for number in range(12):
        keep(writer, number)
    box = Mailbox(tmp_path)
    kept = [message.subject for message in box.newest()]
    assert len(list(tmp_path.glob("*.index"))) == 2
    assert kept == [str(number) for number in range(11, 11 - len(kept), -1)]
    assert box.get(box.newest(limit=1)[0].id) is not None


def test_a_torn_line_is_dropped(tmp_path: Path) -> None:
    writer = MailboxWriter(tmp_path)
    keep(writer, 1)
    writer.close()
    with (tmp_path / "00000001.index").open("ab") as index:
        index.write(b'[17, 20, "a@')
    writer = MailboxWriter(tmp_path)
    keep(writer, 2)
    assert [message.subject for message in Mailbox(tmp_path).newest()] == ["2", "1"]


def test_smtp_keeps_bytes_dots_and_unicode(mail_catcher: MailCatcher) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Ana <a@shop.example>", "b@x.example", "Précios ñ"
    letter.set_content(".one\r\n..two\r\n")
    letter.add_alternative("<p>hola</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", mail_catcher.port) as client:
        client.send_message(letter, "a@shop.example", ["b@x.example", "ü@x.example"], mail_options=["SMTPUTF8"])
    (message,) = mail_catcher.wait_for(1)
    assert message.recipients == ("b@x.example", "ü@x.example")
    assert (message.subject, message.text, message.html) == ("Précios ñ", ".one\r\n..two\r\n", "<p>hola</p>\r\n")
    assert mail_catcher.to("ü@x.example") == [message]


def test_smtp_answers_a_pipelined_conversation(mail_catcher: MailCatcher) -> None:
    envelope = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n"
    body = b"Subject: s\r\n\r\nx\r\n.\r\n"
    with socket.create_connection(("127.0.0.1", mail_catcher.port)) as connection, connection.makefile("rb") as replies:
        connection.sendall(b"EHLO me\r\n" + envelope + body + envelope + body + b"QUIT\r\n")
        codes = [line[:3] for line in replies]
    assert codes == [b"220", *[b"250"] * 6, *[b"250", b"250", b"354", b"250"] * 2, b"221"]
    assert len(mail_catcher.wait_for(2)) == 2


def test_smtp_refuses_data_without_recipients(mail_catcher: MailCatcher) -> None:
    with smtplib.SMTP("127.0.0.1", mail_catcher.port) as client:
        client.ehlo()
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("RCPT TO:<b@x.example>")[0] == 503
        assert client.docmd("NONSENSE")[0] == 500
    assert mail_catcher.count() == 0
