"""What is wrong with what somebody wrote, before anything is sent."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from minijinja import TemplateError

from crm.contacts.models import Contact
from delivery.engine.compile import CompiledVariant, CompileError, compile_variant
from delivery.engine.markup import is_mjml
from delivery.engine.merge import Merger, merge_failure
from delivery.engine.mjml_check import mjml_error
from delivery.sends.models import Send, Variant

CLIPPED_AT = 102 * 1024
UNSUBSCRIBE = re.compile(r"{{-?\s*unsubscribe_url\s*-?}}")
PLACEHOLDER = re.compile(r"\[[^\]\n(){}]{3,60}\](?!\()")


@dataclass(frozen=True)
class Fault:
    """`blocks`: it cannot be sent like this; else it is advice. `line` counts from 1 in the content."""

    code: str
    message: str
    line: int | None = None
    blocks: bool = True


def faults_of(variant: Variant) -> list[Fault]:
    """Everything wrong with one arm, what blocks first."""
    found: list[Fault] = []
    if not variant.subject.strip():
        found.append(Fault("subject_missing", _("Write a subject.")))
    if not variant.body.strip():
        found.append(Fault("content_missing", _("There is no content yet.")))
        return found
    is_letter = variant.send.kind == Send.Kind.LETTER
    broken = mjml_error(variant.body) if is_mjml(variant.body) else None
    if broken is not None:
        found.append(Fault("content_broken", broken.message, broken.line))
        return found
    if not is_letter and not is_mjml(variant.body) and "<" not in variant.body:
        found.append(Fault("content_broken", _("The content is not MJML: begin with <mjml>."), 1))
        return found
    try:
        compiled = compile_variant(variant, variant.send)
    except CompileError as error:
        found.append(Fault(error.code, error.message, error.line))
        return found
    unmergeable = sample_fault(compiled)
    if unmergeable is not None:
        found.append(unmergeable)
        return found
    if is_letter and (blank := PLACEHOLDER.search(variant.body)):
        line = variant.body.count("\n", 0, blank.start()) + 1
        found.append(Fault("placeholder_left", _("Fill in “%(words)s”.") % {"words": blank[0]}, line))
    if len(compiled.html.encode()) > CLIPPED_AT:
        message = _("At %(size)s KB some e-mail programs cut off the message. Keep the content under 102 KB.")
        found.append(Fault("too_heavy", message % {"size": len(compiled.html.encode()) // 1024}, blocks=False))
    if not is_letter and not UNSUBSCRIBE.search(variant.body):
        message = _("There is no link to unsubscribe, so one is added at the end. Put it where you like it.")
        found.append(Fault("unsubscribe_added", message, blocks=False))
    return found


def sample_fault(compiled: CompiledVariant) -> Fault | None:
    """What goes wrong when it is filled in for a reader of whom everything is known: an unknown function, an include,
    a loop that does not end."""
    known = dict.fromkeys(("first_name", "last_name", "phone", "city", "region", "country", "profession"), "Ana")
    reader = Contact(
        **known, email="ana@example.com", sex="f", language="en", looking_for="Ana", aspirations="Ana", tastes=["Ana"],
        attributes={"known": "Ana"}, order_count=1,
    )  # fmt: skip
    try:
        Merger(compiled).read(reader)
    except TemplateError as error:
        return Fault("merge_failed", merge_failure(error))
    return None
