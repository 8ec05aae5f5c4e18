"""What stands in the audit trail: kinds of things, how a thing is called, the label of each field, its value in words.

A feature registers its things from its `registrations.py`, with the forms people change them by:

    audit_subject("crm.order", _("Order"), forms=[OrderForm], fields={"net": AuditField(_("Net"), money)})

A field that is not named there has the label of the form, else that of the model; its value is shown by the type of
the model's field. What a feature records about things of another feature it adds with `audit_subject(code, fields=…)`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.forms import BaseForm, ChoiceField, ModelChoiceField
from django.forms import Field as FormField
from django.utils.functional import Promise
from django.utils.text import capfirst

from accounts.audit.values import Show, one_of, show_of, text

Text: TypeAlias = str | Promise


@dataclass(frozen=True)
class AuditField:
    """The label of a recorded field, and how its value is shown where the model's field does not say so."""

    label: Text = ""
    show: Show | None = None


@dataclass
class AuditSubject:
    """A kind of thing. `name` makes the stored name of one readable (`shipped_name` for names of the product)."""

    code: str
    title: Text = ""
    name: Callable[[str], str] = str
    forms: list[type[BaseForm]] = field(default_factory=list)
    fields: dict[str, AuditField] = field(default_factory=dict)
    also: list[str] = field(default_factory=list)


audit_subjects: dict[str, AuditSubject] = {}


def audit_subject(
    code: str,
    title: Text = "",
    *,
    name: Callable[[str], str] | None = None,
    forms: Sequence[type[BaseForm]] = (),
    fields: Mapping[str, AuditField] | None = None,
    also: Sequence[str] = (),
) -> None:
    """Register (or add to) the things of a model label such as `crm.contact`. `also`: the labels of other things whose
    fields are recorded under this one."""
    subject = audit_subjects.setdefault(code, AuditSubject(code))
    subject.title = title or subject.title
    subject.name = name or subject.name
    subject.forms += forms
    subject.fields |= fields or {}
    subject.also += also


def subject_title(code: str) -> str:
    """The kind of thing behind a model label such as `crm.contact`; one nobody registered reads as its name."""
    subject = audit_subjects.get(code)
    return str(subject.title) if subject and subject.title else code.rpartition(".")[2].capitalize()


def subject_name(code: str, name: str) -> str:
    """The name under which a thing was recorded, as it is shown."""
    subject = audit_subjects.get(code)
    return subject.name(name) if subject else name


def field_label(code: str, name: str) -> str:
    """The label of a recorded field; empty where neither registration, form nor model gives one."""
    subject = audit_subjects.get(code)
    if subject and name in subject.fields and subject.fields[name].label:
        return str(subject.fields[name].label)
    typed = next((shown for shown in _form_fields(code, name) if shown.label), None)
    if typed is not None:
        return str(typed.label)
    column = _column(code, name)
    # A name that Django made out of the attribute is no label: only given ones are translated.
    label = getattr(column, "verbose_name", "")
    return capfirst(str(label)) if isinstance(label, Promise) else ""


def field_show(code: str, name: str) -> Show:
    """How the values of a recorded field are shown."""
    subject = audit_subjects.get(code)
    if subject and name in subject.fields and (show := subject.fields[name].show):
        return show
    column = _column(code, name)
    if column is not None and column.is_relation and isinstance(column.related_model, type):
        related = column.related_model._meta.label_lower
        return lambda value: _names(related, value)
    if column is not None and (column.flatchoices or show_of(column) is not text):
        return show_of(column)
    for typed in _form_fields(code, name):
        if isinstance(typed, ChoiceField) and not isinstance(typed, ModelChoiceField):
            return one_of(list(typed.choices))  # type: ignore[arg-type]  # no form groups its choices
    return text


def _form_fields(code: str, name: str) -> Iterator[FormField]:
    """The fields of that name in the forms of a kind of thing."""
    subject = audit_subjects.get(code)
    for form in subject.forms if subject else ():
        fields: Mapping[str, FormField] = getattr(form, "base_fields", {})
        if name in fields:
            yield fields[name]


def _names(code: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(subject_name(code, str(item)) for item in value)
    return subject_name(code, str(value))


def _column(code: str, name: str) -> "models.Field[Any, Any] | None":
    """The field of that name of the thing's model, or of the first of those recorded with it that has one."""
    subject = audit_subjects.get(code)
    for label in (code, *(subject.also if subject else ())):
        try:
            found = apps.get_model(label)._meta.get_field(name)
        except (LookupError, ValueError, FieldDoesNotExist):
            continue
        if isinstance(found, models.Field):
            return found
    return None
