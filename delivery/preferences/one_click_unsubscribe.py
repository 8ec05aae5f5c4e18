"""The unsubscription a mail program posts by itself."""

from django.db import close_old_connections

from delivery.preferences.services import is_test_message, reader_of, reader_unsubscribe


def one_click(token: str) -> bool:
    """Leave what the mail was about; False when the token is not ours. It holds when this returns, and for the next
    message that leaves. Any number of times is once. From a test message nobody leaves."""
    if is_test_message(token):
        return True
    close_old_connections()
    reader = reader_of(token)
    if reader is None:
        return False
    reader_unsubscribe(reader=reader)
    return True
