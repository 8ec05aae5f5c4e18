import pytest
from django.core.cache import cache
from django.test import Client

from accounts.people.models import User
from accounts.people.services.people import user_create, user_deactivate
from core.mail.models import TransactionalMail

PASSWORD = "correct horse battery"
LOGIN = "/accounts/login/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_old_failures() -> None:
    cache.clear()


@pytest.fixture
def person() -> User:
    return user_create(
        email="Paula@Company.example", full_name="Paula", role="marketer", password=PASSWORD, actor=None, language="es"
    )


def attempt(client: Client, password: str, **headers: str):
    return client.post(LOGIN, {"login": "paula@company.example", "password": password}, headers=headers)


def test_address_and_password_sign_in(person: User, client: Client) -> None:
    assert attempt(client, PASSWORD).status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_five_failures_lock_the_address(person: User, client: Client) -> None:
    for _ in range(5):
        assert "the password is wrong" in attempt(client, "wrong").content.decode()
    locked = attempt(client, PASSWORD)
    assert locked.status_code == 200
    assert "locked for five minutes" in locked.content.decode()
    assert "_auth_user_id" not in client.session


def test_invented_forwarding_does_not_lift_the_lock(person: User, client: Client) -> None:
    for turn in range(5):
        attempt(client, "wrong", **{"X-Forwarded-For": f"10.0.0.{turn}"})
    locked = attempt(client, PASSWORD, **{"X-Forwarded-For": "10.9.9.9"})
    assert "locked for five minutes" in locked.content.decode()


def test_nobody_signs_up(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 404


def test_an_ended_access_ends_the_open_session(person: User, director: User, client: Client) -> None:
    attempt(client, PASSWORD)
    assert client.get("/settings/profile/").status_code == 200
    user_deactivate(user=person, actor=director)
    assert client.get("/settings/profile/").status_code == 302


def test_sign_out_elsewhere_keeps_this_session(person: User) -> None:
    here, there = Client(), Client()
    attempt(here, PASSWORD)
    attempt(there, PASSWORD)
    assert here.post("/settings/profile/sign-out-elsewhere/").status_code == 302
    assert here.get("/settings/profile/").status_code == 200
    assert there.get("/settings/profile/").status_code == 302


def test_a_forgotten_password_is_mailed_in_the_persons_language(person: User, client: Client) -> None:
    assert client.post("/accounts/password/reset/", {"email": person.email}).status_code == 302
    mail = TransactionalMail.objects.get()
    assert (mail.template, mail.to, mail.language) == ("password_reset", "paula@company.example", "es")
    path = mail.context["url"].partition("8000")[2]
    form = client.get(path, follow=True)
    done = client.post(
        form.request["PATH_INFO"], {"password1": "another horse staple", "password2": "another horse staple"}
    )
    assert done.status_code == 302
    person.refresh_from_db()
    assert person.check_password("another horse staple")


def test_an_unknown_address_gets_no_mail_and_the_same_answer(client: Client) -> None:
    assert client.post("/accounts/password/reset/", {"email": "nobody@company.example"}).status_code == 302
    assert TransactionalMail.objects.count() == 0
