"""The web server's entry: granian runs `config.asgi:application`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from config.checks import refuse_unsafe_production

refuse_unsafe_production()

application = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=8)
