"""The names of actions in the audit trail, as people read them: the thing, then what happened to it.

A feature adds its own from its `registrations.py`: `action_titles.update({"segment_archive": _("Segment archived")})`.
"""

from django.utils.functional import Promise

action_titles: dict[str, str | Promise] = {}


def action_title(code: str) -> str:
    """The sentence for an action; a code nobody named reads as its words."""
    return str(action_titles.get(code) or code.replace("_", " ").capitalize())
