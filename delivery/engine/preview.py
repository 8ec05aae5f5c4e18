"""A message as its reader will see it, made without sending it."""

from crm.contacts.models import Contact
from delivery.engine.compile import compile_variant
from delivery.engine.merge import Merger
from delivery.sends.models import Variant


def preview(variant: Variant, contact: Contact) -> tuple[str, str, str]:
    """The mail as one contact would see it: subject, HTML, text. Links lead straight to where they lead."""
    return Merger(compile_variant(variant, variant.send, direct=True)).read(contact)
