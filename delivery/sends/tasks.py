"""What Celery calls to keep sends as long as the company wants."""

from celery import shared_task

from delivery.sends.retention import purge
from delivery.sends.test_messages import purge_test_messages


@shared_task(name="delivery.purge")
def purge_task() -> None:
    purge()
    purge_test_messages()
