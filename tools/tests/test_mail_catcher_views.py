"""Reading what the mail catcher kept."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.people.models import User
from core.mail.mailbox import Mailbox, MailboxWriter


@pytest.fixture
def caught(settings: Settings, tmp_path: Path) -> Mailbox:
    settings.MAIL_CATCHER, settings.MAIL_CATCHER_FOLDER = True, tmp_path
    writer = MailboxWriter(tmp_path)
    for name in ("ana", "bo"):
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = (
            "Cauce <no-reply@cauce.example>",
            f"{name}@x.example",
            f"Hello {name}",
        )
        letter.set_content("plain words")
        letter.add_alternative("<p>rich <script>alert(1)</script></p>", subtype="html")
        writer.append("no-reply@cauce.example", [f"{name}@x.example"], letter.as_bytes())
    return Mailbox(tmp_path)


def test_list_shows_the_newest_first_and_finds_by_recipient(
    caught: Mailbox, director: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(director)
    body = client.get(reverse("caught_mail_list")).content.decode()
    assert body.index("Hello bo") < body.index("Hello ana")
    body = client.get(reverse("caught_mail_list"), {"to": "ANA@"}).content.decode()
    assert "Hello ana" in body
    assert "Hello bo" not in body


def test_list_goes_back_page_by_page(
    caught: Mailbox, director: User, signed_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.mail_catcher_views.PAGE_SIZE", 1)
    client = signed_in(director)
    first = client.get(reverse("caught_mail_list"))
    second = client.get(reverse("caught_mail_list"), {"before": first.context["older"]})
    assert [message.subject for message in second.context["caught"]] == ["Hello ana"]
    assert second.context["older"] == ""


@pytest.mark.parametrize(
    ("part", "shown"), [("html", "<iframe"), ("text", "plain words"), ("source", "Subject: Hello bo")]
)
def test_detail_shows_each_part(
    part: str, shown: str, caught: Mailbox, director: User, signed_in: Callable[[User], Client]
) -> None:
    address = reverse("caught_mail_detail", args=[caught.newest(limit=1)[0].id])
    assert shown in signed_in(director).get(address, {"part": part}).content.decode()


def test_the_letter_cannot_run_scripts_here(
    caught: Mailbox, director: User, signed_in: Callable[[User], Client]
) -> None:
    response = signed_in(director).get(reverse("caught_mail_letter", args=[caught.newest(limit=1)[0].id]))
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups ")
    assert "script" not in policy
    assert response.content.startswith(b'<base target="_blank">')


def test_json_lists_whole_messages(caught: Mailbox, director: User, signed_in: Callable[[User], Client]) -> None:
    found = signed_in(director).get(reverse("caught_mail_json"), {"to": "bo@", "limit": "5"}).json()["messages"]
    assert [(message["to"], message["subject"], message["text"]) for message in found] == [
        (["bo@x.example"], "Hello bo", "plain words\n")
    ]


def test_where_mail_leaves_there_is_nothing_to_read(
    caught: Mailbox, settings: Settings, director: User, signed_in: Callable[[User], Client]
) -> None:
    settings.MAIL_CATCHER = False
    assert signed_in(director).get(reverse("caught_mail_list")).status_code == 404


@pytest.mark.parametrize("bad", ["1-", "nothing", "9-9"])
def test_unknown_message_is_404(bad: str, caught: Mailbox, director: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(director).get(reverse("caught_mail_detail", args=[bad])).status_code == 404


def test_a_salesperson_reads_nobodys_mail(caught: Mailbox, owner: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(owner).get(reverse("caught_mail_list")).status_code == 403
