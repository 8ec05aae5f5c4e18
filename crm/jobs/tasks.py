"""Recovering jobs by the clock: one service call."""

from celery import shared_task

from crm.jobs.recovery import jobs_recover


@shared_task(name="crm.recover_jobs")
def recover_jobs() -> None:
    jobs_recover()
