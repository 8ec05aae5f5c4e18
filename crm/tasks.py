"""Work of the customer base that the worker does; Celery finds it here."""

from crm.contacts import tasks as contacts  # noqa: F401
from crm.imports import tasks as imports  # noqa: F401
from crm.jobs import tasks as jobs  # noqa: F401
from crm.scoring import tasks as scoring  # noqa: F401
