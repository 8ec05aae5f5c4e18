"""What Celery calls to check sending domains. All of it may run twice."""

from celery import shared_task

from delivery.domains.services.deliverability import domain_check_run, domains_recheck


@shared_task(name="delivery.check_domain")
def check_domain_task(job_id: int) -> None:
    domain_check_run(job_id=job_id)


@shared_task(name="delivery.recheck_domains")
def recheck_domains_task() -> None:
    domains_recheck()
