"""The settings of tests: the application's own, with a Valkey database per pytest worker and nothing slow."""

import os
from pathlib import Path
from urllib.parse import urlsplit

# `gw3` of pytest-xdist reads and writes database 4; the `celery` processes it starts inherit the variable.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
_broker = urlsplit(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
os.environ["REDIS_URL"] = _broker._replace(path=f"/{int(_worker.removeprefix('gw')) + 1}").geturl()

from config.settings import *  # noqa: E402, F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_CATCHER_FOLDER = Path(os.environ.get("TEST_MAIL_FOLDER", str(MAIL_CATCHER_FOLDER)))  # noqa: F405
