"""Production refuses what must not face the world."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from config.checks import production_check, production_faults

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "PRODUCTION": "1",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "cauce.example",
    "BASE_URL": "https://cauce.example",
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"DEBUG": "1"}, "DEBUG"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
    ],
)
def test_the_web_refuses_to_start(changes: dict[str, str], named: str) -> None:
    given = {name: value for name, value in (GOOD | changes).items() if value}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "DATABASE_URL", "REDIS_URL"}}
    environment = kept | given | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    started = subprocess.run(
        [sys.executable, "-c", "import config.asgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1
    assert "Production does not start like this." in started.stderr
    assert named in started.stderr


def test_good_settings_have_no_faults(settings: Settings) -> None:
    settings.PRODUCTION, settings.DEBUG = True, False
    settings.SECRET_KEY, settings.ALLOWED_HOSTS = "k" * 50, ["cauce.example"]
    settings.SUPPRESSION_KEY, settings.BASE_URL = "s" * 50, "https://cauce.example"
    assert production_faults(django_settings) == []
    assert production_check(None) == []


def test_a_development_machine_is_left_alone(settings: Settings) -> None:
    settings.PRODUCTION, settings.DEBUG = False, True
    assert production_faults(django_settings) == []
