"""The one domain error. Services raise it; it is mapped once for pages and once for the API."""

from collections.abc import Mapping
from http import HTTPStatus


class DomainError(Exception):
    """A rule of the business refuses what was asked.

    `message` is a translated sentence for the person who asked: what happened, what was kept, what to do.
    `code` is a stable machine name in snake case (`campaign_without_test`).
    `fields` maps a form or serializer field to its own message, where the fault is in one.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str, *, code: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.code = code
        self.fields = {name: str(text) for name, text in (fields or {}).items()}


class Conflict(DomainError):
    """Somebody else changed the same thing first, or it is no longer in a state that allows this."""

    status = HTTPStatus.CONFLICT


class Forbidden(DomainError):
    """The person may see the thing but not do this to it."""

    status = HTTPStatus.FORBIDDEN


class TransportError(Exception):
    """A message could not be handed to another system; `permanent` says that trying again cannot help, `wait` how many
    seconds the other system asked us to wait."""

    def __init__(self, message: str, *, permanent: bool, wait: float = 0.0) -> None:
        super().__init__(message)
        self.permanent, self.wait = permanent, wait
