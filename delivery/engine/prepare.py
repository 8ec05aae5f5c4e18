"""Making a launched send ready: its arms compiled, its links stored, its audience frozen; all of it or nothing."""

import structlog
from django.db import transaction

from core.errors import DomainError
from delivery.engine.compile import compile_variant
from delivery.engine.freeze import audience_freeze
from delivery.engine.ledger import ledger_unknown_waiting
from delivery.engine.stale import stale_after
from delivery.sends.authors import audience_of
from delivery.sends.launch import launch_recheck
from delivery.sends.models import Link, Send, Variant
from delivery.sends.services import RESTORED, send_refuse, send_warn
from delivery.sends.states import BEGIN, send_transition

log = structlog.get_logger(__name__)


def send_prepare(*, send_id: int) -> bool:
    """Check a started send once more, freeze its audience and let it begin. False when there is nothing to do, or it
    was refused.

    A refusal holds the send with its reason; the audience is not frozen then, and it can be started again.
    """
    try:
        warning = _recheck(send_id)
        with transaction.atomic():
            freezing = Send.objects.select_for_update(skip_locked=True, of=("self",)).filter(
                pk=send_id, state=Send.State.FREEZING, audience=None
            )
            fresh = freezing.exclude(pk__in=Send.objects.stale(stale_after()))
            send = fresh.select_related("identity__brand").first()
            if send is None:
                return False
            variants_compile(send)
            audience_freeze(send, audience_of(send))
            if send.backup_taken_at:
                ledger_unknown_waiting(send_id=send_id, reason=RESTORED)
            send_transition(send=send, transition=BEGIN, actor=None)
            if warning:
                send_warn(send_id=send_id, warning=warning)
    except DomainError as refused:
        send_refuse(send_id=send_id, reason=refused.message)
        log.warning("send_refused", send=send_id, code=refused.code)
        return False
    return True


def _recheck(send_id: int) -> str:
    """Its warnings now, in words. Asks the DNS, and so is outside the transaction. Raises DomainError."""
    starting = Send.objects.filter(pk=send_id, state=Send.State.FREEZING, audience=None)
    send = starting.select_related("identity", "topic").first()
    return launch_recheck(send=send) if send is not None else ""


def variants_compile(send: Send) -> None:
    """Store the merge program and the links of every arm. Raises CompileError."""
    Link.objects.filter(send=send).delete()
    first = 1
    for variant in send.variants.all():
        compiled = compile_variant(variant, send, first_link=first)
        first += len(compiled.links)
        Link.objects.bulk_create(
            [Link(send=send, variant=variant, position=place, url=url) for place, url in compiled.links.items()]
        )
        Variant.objects.filter(pk=variant.pk).update(compiled=compiled.dump())
