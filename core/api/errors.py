"""Mapping errors to API answers, once: `{"error": {"code", "message", "fields"}}`."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_exception_handler

from core.errors import DomainError


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """The `EXCEPTION_HANDLER` of REST framework. Unknown exceptions are left to Django (500)."""
    if isinstance(exc, DomainError):
        return Response({"error": {"code": exc.code, "message": exc.message, "fields": exc.fields}}, status=exc.status)
    response = rest_exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, ValidationError):
        body = {"code": "invalid", "message": str(exc.default_detail), "fields": response.data}
    else:
        code = exc.default_code if isinstance(exc, APIException) else "not_found"
        body = {"code": code, "message": str(response.data.get("detail", "")), "fields": {}}
    response.data = {"error": body}
    return response
