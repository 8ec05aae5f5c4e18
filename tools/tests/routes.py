from pathlib import Path

from django.conf import settings

from core.mail.mailbox import Mailbox, MailboxWriter
from tests.matrix.registry import DIRECTORS, Cast, Route


def _caught(cast: Cast) -> dict[str, str]:
    folder = Path(settings.MAIL_CATCHER_FOLDER)
    MailboxWriter(folder).append("a@shop.example", ["b@x.example"], b"Subject: Hi\r\n\r\nHi\r\n")
    return {"message_id": Mailbox(folder).newest(limit=1)[0].id}


ROUTES = {
    "caught_mail_list": Route(get=DIRECTORS),
    "caught_mail_json": Route(get=DIRECTORS),
    "caught_mail_detail": Route(get=DIRECTORS, kwargs=_caught),
    "caught_mail_letter": Route(get=DIRECTORS, kwargs=_caught),
}
