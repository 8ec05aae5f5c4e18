"""How the API describes itself."""

from typing import Any

from django.views.generic import TemplateView
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer cauce_…`."""

    target_class = "accounts.tokens.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from your profile, or from `bin/manage token_create --user EMAIL --scopes …`.",
        }


class ApiDocsView(TemplateView):
    """The description of the API for people: Swagger UI from our own files, without a line of inline script."""

    template_name = "config/api_docs.html"
