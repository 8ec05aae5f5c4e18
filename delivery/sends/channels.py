"""Channels: the ways a send leaves. Each registers here what its sender is and what of it keeps a send from leaving.

Delivery asks the channel of a send. Only a channel whose sender is an e-mail identity fills `Send.identity`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.registry import Registry
from crm.brands.models import Brand
from delivery.senders.models import SendingIdentity
from delivery.sends.authors import Problem
from delivery.sends.models import Send, Variant


def _first_brand(send: Send) -> Brand:
    return Brand.objects.order_by("pk")[0]


def _nothing_to_look_at(send: Send, older_than: timedelta | None) -> None:
    return None


def _no_problems(send: Send, variants: Sequence[Variant]) -> Iterable[Problem]:
    return ()


def _no_warnings(send: Send) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True)
class SendChannel:
    """One way a send leaves, such as e-mail.

    `sender_name` is its sender as the office reads it, `brand` the name under which it speaks to recipients.
    `look` brings up to date what has to be asked outside before the checks (where it is older than the given time;
    None: where nobody ever looked). `launch_checks` keep a send from leaving, `launch_warnings` do not.
    """

    code: str
    name: str | Promise
    sender_name: Callable[[Send], str]
    brand: Callable[[Send], Brand] = _first_brand
    look: Callable[[Send, timedelta | None], None] = _nothing_to_look_at
    launch_checks: Callable[[Send, Sequence[Variant]], Iterable[Problem]] = _no_problems
    launch_warnings: Callable[[Send], Iterable[Problem]] = _no_warnings


send_channels: Registry[SendChannel] = Registry("send channel")


def channel_of(send: Send) -> SendChannel:
    """The channel of a send. Raises KeyError when none is registered."""
    return send_channels[send.channel]


def identity_of(send: Send) -> SendingIdentity:
    """The sender of a send by e-mail. Raises DomainError `identity_missing` for a send of a channel without one."""
    if send.identity is None:
        raise DomainError(_("This does not go by e-mail: it has no e-mail sender."), code="identity_missing")
    return send.identity
