"""What every test can ask for: the fixed cast of actors here, real servers and a browser in `tests/fixtures/`."""

from typing import Any

import pytest
from django.test import Client

from accounts.people.models import Team, User
from accounts.people.tests.factories import UserFactory

pytest_plugins = [
    "tests.fixtures.audit",
    "tests.fixtures.database",
    "tests.fixtures.services",
    "tests.fixtures.browser",
    "tests.fixtures.imap",
    "tests.fixtures.reports",
]


@pytest.fixture(autouse=True)
def _static_files_uncollected(settings: Any) -> None:
    """Pages render without `collectstatic`."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def director(db: None) -> User:
    """Dora sets goals and limits and sees everything."""
    return UserFactory.create(full_name="Dora Director", email="dora@company.example", role=User.Role.DIRECTOR)


@pytest.fixture
def marketer(db: None) -> User:
    """Marco carries campaigns out."""
    return UserFactory.create(full_name="Marco Marketer", email="marco@company.example", role=User.Role.MARKETER)


@pytest.fixture
def designer(db: None) -> User:
    """Delia shapes templates."""
    return UserFactory.create(full_name="Delia Designer", email="delia@company.example", role=User.Role.DESIGNER)


@pytest.fixture
def analyst(db: None) -> User:
    """Ana reads everything and changes nothing."""
    return UserFactory.create(full_name="Ana Analyst", email="ana@company.example", role=User.Role.ANALYST)


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="North")


@pytest.fixture
def owner(team: Team) -> User:
    """Olga, a salesperson: the mini-list in the test is hers."""
    return UserFactory.create(
        full_name="Olga Owner", email="olga@company.example", role=User.Role.SALESPERSON, team=team
    )


@pytest.fixture
def teammate(team: Team) -> User:
    """Tomás, a salesperson of the same team."""
    return UserFactory.create(
        full_name="Tomás Teammate", email="tomas@company.example", role=User.Role.SALESPERSON, team=team
    )


@pytest.fixture
def outsider(db: None) -> User:
    """Otto, a salesperson of another team."""
    return UserFactory.create(full_name="Otto Outsider", email="otto@company.example", role=User.Role.SALESPERSON)


@pytest.fixture
def signed_in():
    """`signed_in(director)`: a test client of that person."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of
