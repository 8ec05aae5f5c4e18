"""What the editor says of a text beside its faults: its weight, and what can be merged."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from delivery.engine.compile import CompileError, compile_variant
from delivery.engine.fields import FIELDS
from delivery.sends.models import Variant


@dataclass(frozen=True)
class MergeField:
    """Something the text can say about its reader: `code` is what to write."""

    code: str
    label: str


def weight_of(variant: Variant) -> int | None:
    """How heavy the HTML is, in KB (before links are signed); None while it cannot be compiled."""
    if not variant.body.strip():
        return None
    try:
        return -(-len(compile_variant(variant, variant.send).html.encode()) // 1024)
    except CompileError:
        return None


def merge_fields() -> list[MergeField]:
    """What can be merged, for the picker: the reader's own fields first, then the sender's and the links."""
    own = [
        MergeField(f'{{{{ contact.{name}|default("") }}}}', str(label))
        for name, (__, label) in FIELDS.items()
        if name not in {"attributes", "tastes"}
    ]
    return [
        *own,
        MergeField('{{ contact.tastes|default([])|join(", ") }}', str(FIELDS["tastes"][1])),
        MergeField("{% if contact.city %}…{% endif %}", _("only if the city is known")),
        MergeField("{{ offer }}", _("offer of the variant")),
        MergeField("{{ sender.name }}", _("sender's name")),
        MergeField("{{ brand.name }}", _("brand")),
        MergeField("{{ company.postal_address }}", _("postal address")),
        MergeField("{{ unsubscribe_url }}", _("link to unsubscribe")),
        MergeField("{{ preferences_url }}", _("link to choose what to receive")),
        MergeField("{{ view_url }}", _("link to view the e-mail in the browser")),
    ]
