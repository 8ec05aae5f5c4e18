"""The pages of visitors: forms, their confirmation, the recommendation question."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.people.models import User
from core.mail.models import TransactionalMail
from crm.channels.models import Channel
from crm.consent.models import Consent
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from crm.forms.models import LeadFormSubmission
from crm.forms.services import submission_by_token
from crm.forms.tests.factories import make_lead_form
from crm.leads.models import Lead
from crm.leads.tests.factories import LeadFactory
from crm.surveys.models import NpsAnswer
from crm.surveys.services import nps_channel_url, nps_url

SENT = {"email": "Ana@Example.com", "first_name": "Ana", "interest": "Boots", "consent": "yes", "key": "k1"}


@pytest.fixture(autouse=True)
def no_limit_left_over() -> None:
    cache.clear()


def strict() -> Client:
    """A visitor without cookies."""
    return Client(enforce_csrf_checks=True)


def path(url: str) -> str:
    return url[url.index("/nps/") :]


def test_a_sent_form_is_a_lead_with_its_utm(db: None) -> None:
    form = make_lead_form(double_opt_in=False)
    answer = strict().post(f"/f/lead/{form.public_id}/", {**SENT, "utm_source": "flyer", "utm_evil": "x"})
    assert (answer.status_code, answer["Location"]) == (302, f"/f/lead/{form.public_id}/thanks/")
    lead = Lead.objects.get()
    assert (lead.interest, lead.utm, lead.channel.code) == ("Boots", {"utm_source": "flyer"}, "landing_pages")
    assert Contact.objects.get().stage == Contact.Stage.LEAD
    consent = Consent.objects.get()
    assert (consent.given, consent.wording) == (True, "Send me news by mail.")


def test_the_list_of_leads_is_filtered_by_form(director: User, signed_in: Callable[[User], Client]) -> None:
    form = make_lead_form(double_opt_in=False)
    strict().post(f"/f/lead/{form.public_id}/", SENT)
    LeadFactory.create(interest="Sandals")
    page = signed_in(director).get(reverse("lead_list"), {"form": form.public_id}).content.decode()
    assert ("Boots" in page, "Sandals" in page) == (True, False)


def test_sending_twice_is_one_lead(db: None) -> None:
    form = make_lead_form(double_opt_in=False)
    for _time in range(2):
        strict().post(f"/f/lead/{form.public_id}/", SENT)
    assert (Lead.objects.count(), Consent.objects.count()) == (1, 1)


def test_consent_is_not_assumed(db: None) -> None:
    form = make_lead_form(double_opt_in=False)
    strict().post(f"/f/lead/{form.public_id}/", {"email": "ana@example.com", "key": "k"})
    assert (Lead.objects.count(), Consent.objects.count()) == (1, 0)


def test_double_opt_in_holds_only_after_the_button(db: None) -> None:
    form = make_lead_form()
    answer = strict().post(f"/f/lead/{form.public_id}/", SENT)
    assert answer["Location"].endswith("?mail=1")
    mail = TransactionalMail.objects.get()
    assert mail.to == "Ana@Example.com"
    link = mail.context["url"][mail.context["url"].index("/f/") :]
    assert strict().get(link).status_code == 200
    assert strict().head(link).status_code == 200
    assert Consent.objects.count() == 0
    for _time in range(2):
        assert b"Confirmed" in strict().post(link).content
    assert Consent.objects.count() == 1
    assert strict().post(link.replace("k1", "k2")).status_code == 404
    assert submission_by_token("x") is None


def test_programs_and_bad_addresses_leave_nothing(db: None) -> None:
    form = make_lead_form()
    address = f"/f/lead/{form.public_id}/"
    assert strict().post(address, {**SENT, "website": "http://spam"}).status_code == 302
    bad = strict().post(address, {**SENT, "email": "no address"})
    assert bad.status_code == 422
    assert b"no address" in bad.content
    assert (Lead.objects.count(), Contact.objects.count(), LeadFormSubmission.objects.count()) == (0, 0, 0)


def test_a_flood_is_refused(db: None) -> None:
    form = make_lead_form(double_opt_in=False)
    codes = [strict().post(f"/f/lead/{form.public_id}/", {**SENT, "key": f"k{n}"}).status_code for n in range(32)]
    assert (codes.count(302), codes.count(429)) == (30, 2)


def test_a_closed_form_says_so(db: None) -> None:
    from django.utils import timezone

    form = make_lead_form(archived_at=timezone.now())
    assert strict().get(f"/f/lead/{form.public_id}/").status_code == 410
    assert strict().post(f"/f/lead/{form.public_id}/", SENT).status_code == 410
    assert Lead.objects.count() == 0


def test_looking_at_the_question_records_nothing(db: None) -> None:
    link = path(nps_url(ContactFactory.create().public_id))
    page = strict().get(f"{link}?score=9")
    assert b'value="9" checked' in page.content
    assert strict().head(f"{link}?score=9").status_code == 200
    assert NpsAnswer.objects.count() == 0


def test_answering_and_correcting(db: None) -> None:
    contact = ContactFactory.create()
    link = path(nps_url(contact.public_id))
    assert strict().post(link, {"score": "3", "comment": "Slow"}).status_code == 200
    assert strict().post(link, {"score": "8", "comment": "Better"}).status_code == 200
    answer = NpsAnswer.objects.get()
    assert (answer.score, answer.comment, answer.contact) == (8, "Better", contact)


@pytest.mark.parametrize("score", ["", "11", "-1", "x", "²", "9.5"])
def test_what_is_no_answer(db: None, score: str) -> None:
    assert strict().post(path(nps_url(ContactFactory.create().public_id)), {"score": score}).status_code == 422
    assert NpsAnswer.objects.count() == 0


def test_a_channels_link_takes_many_answers_each_once(db: None) -> None:
    link = path(nps_channel_url(Channel.objects.get(code="offline")))
    for key in ("a", "a", "b"):
        strict().post(link, {"score": "10", "key": key})
    assert [answer.channel.code for answer in NpsAnswer.objects.all() if answer.channel] == ["offline", "offline"]
    assert strict().get("/nps/c.abc.0:forged/").status_code == 404
