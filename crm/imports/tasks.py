"""Imports that the worker does: an id in, one service call."""

from celery import shared_task

from crm.imports.services import import_work


@shared_task(name="crm.import_file")
def import_file(job_id: int) -> None:
    import_work(job_id=job_id)
