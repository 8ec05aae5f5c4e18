"""Pages of visitors, without sign-in, under the company's name."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.company.models import Company


def public_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """`template` with the company beside its context; no cache keeps the page, no link tells its address."""
    company = Company.get()
    response = render(request, template, {"company_name": company.name, "company": company, **context}, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
