"""The search palette's answers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.ui.navigation import navigation_for
from core.ui.search import SearchResult, SearchResultGroup, search_everything

MAX_QUERY_LENGTH = 100


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The palette's list: pages whose name holds the text, then what the apps find."""
    text = request.GET.get("q", "").strip()[:MAX_QUERY_LENGTH]
    groups = [*_pages(request, text), *search_everything(request.user, text)]
    return render(request, "core/_search.html", {"groups": groups, "text": text})


def _pages(request: HttpRequest, text: str) -> list[SearchResultGroup]:
    wanted = text.casefold()
    found = tuple(
        SearchResult(title=str(entry.title), url=entry.url(), note=str(area.area.title), icon=area.area.icon)
        for area in navigation_for(request)
        for entry in area.entries
        if wanted in str(entry.title).casefold() or wanted in str(area.area.title).casefold()
    )
    return [SearchResultGroup(_("Go to"), "arrow-right", found[: 30 if not text else 6])] if found else []
