"""Spend: the grid one types into, the list, one entry."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedInRequest, is_marketer, is_office, require
from accounts.company.models import Company
from core.errors import DomainError
from core.forms import add_domain_error
from core.ui import numbers
from core.ui.messages import toast
from crm.channels.models import Channel
from marketing.spend.forms import SpendForm
from marketing.spend.models import SpendEntry
from marketing.spend.services import Money, spend_delete, spend_grid_save, spend_record, spend_restore, spend_update
from marketing.spend.tables import SpendTable

GRID_DAYS = 7


@require(is_office)
@require_safe
def spend_list(request: SignedInRequest) -> HttpResponseBase:
    entries = SpendEntry.objects.select_related("channel", "created_by")
    return SpendTable(request, entries).respond(
        "marketing/spend/list.html",
        {"may_write": is_marketer(request.user)},
    )


@require(is_marketer)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_create(request: SignedInRequest) -> HttpResponseBase:
    return _edit(request, None)


@require(is_office)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_edit(request: SignedInRequest, pk: int) -> HttpResponseBase:
    entry = get_object_or_404(SpendEntry.objects.select_related("channel"), pk=pk)
    if not is_marketer(request.user) and request.method != "POST":
        return render(request, "marketing/spend/detail.html", {"entry": entry})
    return _edit(request, entry)


@require(is_marketer)
def _edit(request: SignedInRequest, entry: SpendEntry | None) -> HttpResponse:
    form = SpendForm(request.POST or None, initial=SpendForm.values_of(entry) if entry else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        money = Money(data["amount"], data["currency"], data["rate"])
        given: dict[str, Any] = {"channel": data["channel"], "day": data["day"], "money": money, "note": data["note"]}
        try:
            if entry:
                spend_update(entry=entry, actor=request.user, **given)
            else:
                spend_record(actor=request.user, **given)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            toast(request, _("Spend recorded."))
            return redirect("spend_list")
    context = {"form": form, "entry": entry}
    return render(request, "marketing/spend/edit.html", context, status=422 if form.errors else 200)


@require(is_marketer)
@require_POST
def spend_remove(request: SignedInRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(SpendEntry, pk=pk)
    token = spend_delete(entry=entry, actor=request.user)
    toast(request, _("Entry deleted."), undo=reverse("spend_restore", args=[token]))
    return redirect("spend_list")


@require(is_marketer)
@require_POST
def spend_undo(request: SignedInRequest, token: str) -> HttpResponse:
    spend_restore(token=token, actor=request.user)
    toast(request, _("Entry restored."))
    return redirect("spend_list")


@require(is_marketer)
@require_http_methods(["GET", "HEAD", "POST"])
def spend_grid(request: SignedInRequest) -> HttpResponse:
    """A week of days across, the channels down: type what each cost."""
    company = Company.get()
    end = _end_day(request.GET.get("to", ""), timezone.localdate(timezone=company.zone))
    days = [end - timedelta(days=n) for n in reversed(range(GRID_DAYS))]
    channels = list(Channel.objects.active())
    wrong: dict[tuple[int, date], str] = {}
    if request.method == "POST":
        cells, wrong = _read_cells(request, channels, days)
        if not wrong:
            changed = spend_grid_save(channels=channels, days=days, cells=cells, actor=request.user)
            text = ngettext("%(count)s amount changed.", "%(count)s amounts changed.", changed)
            toast(request, text % {"count": numbers.number(changed)})
            return redirect(f"{reverse('spend_grid')}?to={end.isoformat()}")
    context = {
        "days": days,
        "rows": _grid_rows(request, channels, days, wrong),
        "wrong": len(wrong),
        "currency": company.currency,
        "earlier": end - timedelta(days=GRID_DAYS),
        "later": end + timedelta(days=GRID_DAYS),
    }
    return render(request, "marketing/spend/grid.html", context, status=422 if wrong else 200)


def _end_day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if 1990 < day.year < 2200 else today


def _read_cells(
    request: SignedInRequest, channels: list[Channel], days: list[date]
) -> tuple[dict[tuple[int, date], Decimal | None], dict[tuple[int, date], str]]:
    """(cells, what could not be read). Both 1,5 and 1.5 are one and a half."""
    cells: dict[tuple[int, date], Decimal | None] = {}
    wrong: dict[tuple[int, date], str] = {}
    for channel in channels:
        for day in days:
            text = request.POST.get(f"{channel.code}.{day.isoformat()}", "").strip()
            try:
                amount = Decimal(text.replace(" ", "").replace(",", ".")) if text else None
            except InvalidOperation:
                wrong[channel.pk, day] = text
                continue
            if amount is not None and (
                not amount.is_finite() or not 0 <= amount < 10**12 or amount != round(amount, 2)
            ):
                wrong[channel.pk, day] = text
            else:
                cells[channel.pk, day] = amount
    return cells, wrong


def _grid_rows(
    request: SignedInRequest, channels: list[Channel], days: list[date], wrong: dict[tuple[int, date], str]
) -> list[dict[str, Any]]:
    entries = SpendEntry.objects.filter(day__in=days)
    typed = {(entry.channel_id, entry.day): entry.amount for entry in entries if entry.source == "grid"}
    other: dict[tuple[int, date], Decimal] = {}
    for entry in entries:
        if entry.source != "grid":
            key = (entry.channel_id, entry.day)
            other[key] = other.get(key, Decimal(0)) + entry.amount * entry.rate
    rows = []
    for channel in channels:
        cells = []
        for day in days:
            name = f"{channel.code}.{day.isoformat()}"
            amount = typed.get((channel.pk, day))
            value = request.POST.get(name, "") if request.method == "POST" else "" if amount is None else f"{amount:f}"
            cells.append(
                {
                    "name": name,
                    "day": day,
                    "value": value,
                    "is_wrong": (channel.pk, day) in wrong,
                    "other": other.get((channel.pk, day)),
                }
            )
        rows.append({"channel": channel, "cells": cells})
    return rows
