"""Parts of every form: how it is laid out, and how a refused service call is shown on it."""

from crispy_forms.helper import FormHelper
from django.forms import BaseForm

from core.errors import DomainError


def bare_helper() -> FormHelper:
    """Fields only: the template writes the form element and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


def add_domain_error(form: BaseForm, error: DomainError) -> None:
    """Put the error's sentences beside their fields; what belongs to no field of the form goes above it, and without
    fields the error's own sentence."""
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)
