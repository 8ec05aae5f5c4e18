"""Writing: conflicts lose nothing, faults name their line."""

import pytest
from django.test import Client

from accounts.audit.models import AuditEntry
from accounts.people.models import User
from campaigns.campaigns.tests.factories import campaign_make
from campaigns.content.services import Content, variant_add, variant_remove, variant_write
from campaigns.content.starters import starters
from core.errors import Conflict, DomainError
from delivery.engine.content_faults import faults_of
from delivery.engine.mjml_check import mjml_error
from delivery.sends.models import Variant


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("<mjml>\n<mj-body>\n</mjml>", 3),
        ("<mjml>\n<mj-oops></mj-oops></mjml>", 2),
        ("<mjml><mj-body>\n<mj-text>{{ contact.first_name }</mj-text></mj-body></mjml>", 2),
        ("<mjml>\n<mj-body>", 2),
    ],
)
def test_a_fault_names_its_line(source: str, line: int) -> None:
    fault = mjml_error(source)
    assert fault is not None
    assert fault.line == line


@pytest.mark.django_db
@pytest.mark.parametrize("use", ["campaign", "letter"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_is_shipped_has_no_fault_but_words_to_fill_in(marketer: User, use: str, language: str) -> None:
    shipped = starters(use, language)
    assert len(shipped) == 4
    send = campaign_make(marketer).send
    variant = send.variants.get(label="A")
    send.kind = use
    for starter in shipped:
        variant.subject, variant.body, variant.send = starter.subject, starter.body, send
        assert {fault.code for fault in faults_of(variant) if fault.blocks} <= {"placeholder_left"}, starter.name


def test_two_tabs_overwrite_nothing(marketer: User) -> None:
    variant = campaign_make(marketer).send.variants.get(label="A")
    mark = Content.of(variant).mark
    variant_write(variant=variant, content=Content("One", "", "x", ""), started_from=mark, actor=marketer)
    with pytest.raises(Conflict):
        variant_write(variant=variant, content=Content("Two", "", "y", ""), started_from=mark, actor=marketer)
    assert Variant.objects.get(pk=variant.pk).subject == "One"


@pytest.mark.django_db
def test_writing_is_recorded_once_a_session_and_each_new_subject(marketer: User) -> None:
    variant = campaign_make(marketer).send.variants.get(label="A")
    for subject, body in (("One", "x"), ("One", "xy"), ("One", "xyz"), ("Two", "xyz")):
        mark = Content.of(Variant.objects.get(pk=variant.pk)).mark
        content = Content(subject, "", body, "")
        variant_write(variant=variant, content=content, started_from=mark, actor=marketer)
    lines = AuditEntry.objects.filter(action="variant_write").order_by("pk")
    assert [line.changes for line in lines] == [{"subject": ["Tea has come", "One"]}, {"subject": ["One", "Two"]}]


@pytest.mark.django_db
def test_autosave_answers_a_conflict_and_the_page_keeps_the_words(marketer: User, client: Client) -> None:
    campaign = campaign_make(marketer)
    client.force_login(marketer)
    url = f"/campaigns/{campaign.public_id}/content/?v=A"
    body = {"subject": "Mine", "body": "<mjml></mjml>", "started_from": "old"}
    assert client.post(url, body, headers={"X-Autosave": "1"}).status_code == 409
    page = client.post(url, body)
    assert page.status_code == 409
    assert 'value="Mine"' in page.content.decode()


@pytest.mark.django_db
def test_a_missing_way_out_is_advice_only(marketer: User) -> None:
    variant = campaign_make(marketer).send.variants.get(label="A")
    variant.body = variant.body.replace("{{ unsubscribe_url }}", "https://x.example/")
    assert [(fault.code, fault.blocks) for fault in faults_of(variant)] == [("unsubscribe_added", False)]


@pytest.mark.django_db
def test_content_that_mail_programs_would_cut_off_is_reported(marketer: User) -> None:
    variant = campaign_make(marketer).send.variants.get(label="A")
    variant.body = variant.body.replace("Hello", "Hello " + "word " * 21_000)
    (fault,) = faults_of(variant)
    assert (fault.code, fault.blocks) == ("too_heavy", False)
    assert fault.message.startswith("At 10")


@pytest.mark.django_db
def test_arms_come_and_go_but_two_stay(marketer: User) -> None:
    send = campaign_make(marketer).send
    added = variant_add(send=send, actor=marketer)
    assert [(arm.label, arm.weight) for arm in send.variants.all()] == [("A", 34), ("B", 33), ("C", 33)]
    variant_remove(variant=send.variants.get(label="B"), actor=marketer)
    assert [(arm.label, arm.weight) for arm in send.variants.all()] == [("A", 50), ("B", 50)]
    assert send.variants.get(label="B").pk == added.pk
    with pytest.raises(DomainError, match="at least two"):
        variant_remove(variant=added, actor=marketer)
