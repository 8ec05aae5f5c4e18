"""A message as any contact will get it, on screen."""

from dataclasses import dataclass

from minijinja import TemplateError

from core.errors import DomainError
from crm.contacts.models import Contact
from delivery.engine.content_faults import faults_of
from delivery.engine.merge import merge_failure
from delivery.engine.preview import preview
from delivery.sends.models import Variant


@dataclass(frozen=True)
class Preview:
    subject: str
    html: str
    text: str


def preview_of(*, variant: Variant, contact: Contact | None) -> Preview:
    """One arm as `contact` would get it, or as somebody of whom nothing is known.

    Raises DomainError with the first fault that keeps it from being shown.
    """
    fault = next(
        (f for f in faults_of(variant) if f.blocks and f.code not in {"subject_missing", "placeholder_left"}), None
    )
    if fault is not None:
        raise DomainError(fault.message, code=fault.code)
    try:
        return Preview(*preview(variant, contact or Contact(email="reader@example.com")))
    except TemplateError as error:
        raise DomainError(merge_failure(error), code="merge_failed") from error
