"""How a refused service call is shown on a form."""

from django import forms

from core.errors import DomainError
from core.forms import add_domain_error


class NameForm(forms.Form):
    name = forms.CharField()


def shown(error: DomainError) -> dict[str, list[str]]:
    form = NameForm({"name": "x"})
    assert form.is_valid()
    add_domain_error(form, error)
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def test_a_sentence_stands_beside_its_field_else_above_the_form() -> None:
    fields = {"name": "Too short.", "email": "No address."}
    assert shown(DomainError("Look again.", code="x", fields=fields)) == {
        "name": ["Too short."],
        "__all__": ["No address."],
    }
    assert shown(DomainError("Look again.", code="x")) == {"__all__": ["Look again."]}
