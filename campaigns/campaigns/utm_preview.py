"""The web-analytics tags of a campaign as its screens show them: which, and on which links."""

from dataclasses import dataclass

from core.errors import DomainError
from delivery.engine.compile import CompileError, compile_variant
from delivery.sends.models import Send
from delivery.sends.utm import utm_of


@dataclass(frozen=True)
class TaggedLink:
    """An address as it leaves, and the arms it stands in."""

    url: str
    labels: tuple[str, ...]


def utm_shown(send: Send) -> str:
    """The tags of the first arm as they stand in an address; empty without tags."""
    arm = send.variants.first()
    return "&".join(f"{name}={value}" for name, value in utm_of(send, arm).items()) if arm is not None else ""


def links_as_they_leave(send: Send) -> list[TaggedLink]:
    """Every link of the content with its tags; those of an arm that cannot be compiled yet are left out."""
    found: dict[str, list[str]] = {}
    for arm in send.variants.all():
        if not arm.body.strip():
            continue
        try:
            compiled = compile_variant(arm, send, direct=True)
        except (CompileError, DomainError):
            continue
        for url in compiled.links.values():
            found.setdefault(url, []).append(arm.label)
    return [TaggedLink(url, tuple(labels)) for url, labels in found.items()]
