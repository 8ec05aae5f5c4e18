"""What an API token may be allowed to do. Apps above register theirs from `registrations.py`:

    scopes.register(Scope(code="kpis:read", title=_("Read the key figures"), explanation=_("…")))

A view names the scope it needs as `required_scope`; the person's role limits a token further.
"""

from dataclasses import dataclass

from django.utils.functional import Promise

from core.registry import Registry


@dataclass(frozen=True)
class Scope:
    """`code` is `<things>:<verb>`; `title` and `explanation` are shown beside the checkbox."""

    code: str
    title: str | Promise
    explanation: str | Promise


scopes: Registry[Scope] = Registry("token scope")
