"""The columns each person wants to see."""

import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.services.preferences import preference_delete, preference_save
from core.views.interface import next_url

NAME = re.compile(r"[a-z0-9_-]{1,60}")


@login_required
@require_POST
def table_columns(request: HttpRequest) -> HttpResponse:
    """Keep (or, with `reset`, forget) the columns chosen for one table."""
    table = request.POST.get("table", "")
    if not NAME.fullmatch(table):
        raise DomainError(_("Table not found. Reload the page."), code="table_unknown")
    assert request.user.pk is not None  # noqa: S101  login_required
    key = f"columns:{table}"
    if request.POST.get("reset"):
        preference_delete(user_id=request.user.pk, key=key)
    else:
        columns = [code for code in request.POST.getlist("columns") if NAME.fullmatch(code)]
        preference_save(user_id=request.user.pk, key=key, value=columns[:100])
    return redirect(next_url(request))
