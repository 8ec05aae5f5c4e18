from celery import shared_task

from core.mail.transactional import mail_deliver, mail_retry


@shared_task(name="core.mail_send")
def mail_send(mail_id: int) -> None:
    mail_deliver(mail_id=mail_id)


@shared_task(name="core.mail_retry")
def retry() -> None:
    mail_retry()
