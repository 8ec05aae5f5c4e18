"""The pages that contacts reach from mails and links: they speak the visitor's language; looking changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from accounts.company.models import Company
from core.ids import public_id
from crm.contacts.models import Contact
from crm.contacts.tests.factories import ContactFactory
from crm.forms.services import confirmation_token, lead_form_submit
from crm.forms.tests.factories import make_lead_form
from crm.surveys.services import nps_url
from delivery.engine.tokens import token_make
from delivery.sends.tests.factories import SendFactory

pytestmark = pytest.mark.django_db


def mail_page(page: str) -> Callable[[Contact], str]:
    return lambda contact: f"/{page}/{token_make('unsub', SendFactory.create().pk, contact.pk)}"


def survey(contact: Contact) -> str:
    token = nps_url(contact.public_id).rstrip("/").rsplit("/", 1)[1]
    return f"/nps/{token}/"


def form(contact: Contact) -> str:
    return f"/f/lead/{make_lead_form().public_id}/"


def thanks(contact: Contact) -> str:
    return f"/f/lead/{make_lead_form().public_id}/thanks/"


def confirmation(contact: Contact) -> str:
    submission = lead_form_submit(
        form=make_lead_form(), key=public_id(), email="new@example.com", values={}, consent=True, utm={}
    )
    return f"/f/confirm/{confirmation_token(submission)}/"


PAGES = {
    "unsubscribe": mail_page("u"),
    "preferences": mail_page("preferences"),
    "survey": survey,
    "form": form,
    "thanks": thanks,
    "confirmation": confirmation,
}
every_page = pytest.mark.parametrize("page", PAGES)


@pytest.fixture
def contact() -> Contact:
    made: Contact = ContactFactory.create(email="ada@example.com", language="")
    return made


def rows() -> dict[str, Any]:
    """Everything that is kept, as it stands."""
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in apps.get_models()}


def page_language(client: Client, url: str, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    language: str = answer["Content-Language"]
    assert f'<html lang="{language}"' in answer.content.decode()
    return language


@every_page
def test_looking_changes_nothing(page: str, contact: Contact) -> None:
    Company.get()
    url = PAGES[page](contact)
    before = rows()
    for query in ("", "?lang=es", "?score=9&consent=yes&email=a@b.example&none=1&back=1&per_month=1"):
        for ask in (Client().get, Client().head):
            assert ask(url + query).status_code == 200
    assert rows() == before


@every_page
def test_the_browsers_language_then_the_companys(page: str, contact: Contact) -> None:
    company = Company.get()
    url = PAGES[page](contact)
    for language, other in (("en", "es"), ("es", "en")):
        company.language = language
        company.save()
        assert page_language(Client(), url) == language
        assert page_language(Client(), url, **{"Accept-Language": "de,fr;q=0.8"}) == language
        assert page_language(Client(), url, **{"Accept-Language": f"de,{other}-PE;q=0.8,{language};q=0.2"}) == other


@every_page
def test_one_click_gives_the_other_language_and_keeps_what_the_address_says(page: str, contact: Contact) -> None:
    url = PAGES[page](contact)
    english = Client().get(f"{url}?score=9&lang=en", headers={"Accept-Language": "es"})
    assert english["Content-Language"] == "en"
    assert '<a href="?score=9&amp;lang=es" lang="es"' in english.content.decode()
    assert not english.cookies
    assert page_language(Client(), f"{url}?score=9&lang=es", **{"Accept-Language": "en"}) == "es"
    assert page_language(Client(), f"{url}?lang=<script>", **{"Accept-Language": "es"}) == "es"


@pytest.mark.parametrize("page", ["unsubscribe", "preferences"])
def test_what_is_known_of_the_person_comes_before_the_browser(page: str, contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(language="es-PE")
    url = PAGES[page](contact)
    assert page_language(Client(), url, **{"Accept-Language": "en"}) == "es"
    assert page_language(Client(), f"{url}?lang=en") == "en"


def test_an_answer_stays_in_the_chosen_language(contact: Contact) -> None:
    url = survey(contact)
    answer = Client().post(f"{url}?lang=es", {"score": "99"}, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Content-Language"]) == (422, "es")
    left = Client().post(f"{PAGES['unsubscribe'](contact)}?lang=es", {}, headers={"Accept-Language": "en"})
    assert (left.status_code, left["Content-Language"]) == (200, "es")
