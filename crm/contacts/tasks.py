"""Work on contacts that the worker does."""

from celery import shared_task

from crm.contacts.phone_numbers import phones_normalize


@shared_task(name="crm.normalize_phones")
def normalize_phones() -> None:
    phones_normalize()
