"""Work of the customer base that the worker does: ids in, one service call."""

from celery import shared_task

from crm.services.imports import import_work
from crm.services.recovery import jobs_recover
from crm.services.rfm import rfm_nightly, rfm_work


@shared_task(name="crm.import_file")
def import_file(job_id: int) -> None:
    import_work(job_id=job_id)


@shared_task(name="crm.recover_jobs")
def recover_jobs() -> None:
    jobs_recover()


@shared_task(name="crm.score_rfm")
def score_rfm(job_id: int) -> None:
    rfm_work(job_id=job_id)


@shared_task(name="crm.score_rfm_nightly")
def score_rfm_nightly() -> None:
    rfm_nightly()
