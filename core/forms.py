"""Showing a refused service call on the form that asked for it."""

from django.forms import BaseForm

from core.errors import DomainError


def add_domain_error(form: BaseForm, error: DomainError) -> None:
    """Put the error's sentences beside their fields; what belongs to no field of the form goes above it."""
    shown = False
    for name, text in error.fields.items():
        if name in form.fields:
            form.add_error(name, text)
            shown = True
    if not shown:
        form.add_error(None, error.message)
