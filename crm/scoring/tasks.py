"""Scoring that the worker does: an id in, one service call."""

from celery import shared_task

from crm.scoring.services.rfm import rfm_nightly, rfm_work


@shared_task(name="crm.score_rfm")
def score_rfm(job_id: int) -> None:
    rfm_work(job_id=job_id)


@shared_task(name="crm.score_rfm_nightly")
def score_rfm_nightly() -> None:
    rfm_nightly()
