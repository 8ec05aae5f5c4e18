"""Leads as a kind of import: each row is one event of interest, recorded in batches.

An event is known by its number in the source; without a number by what the row says (who, when, which channel, what
they asked for), so that the same row twice is one lead and the same file again changes nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import is_marketer
from core.errors import DomainError
from core.ui.numbers import number
from crm.channels.models import Channel
from crm.imports.kinds import ImportField, ImportKind, ImportReport, ImportRun, ResultLink, RollBack, Row, RowError
from crm.imports.values import BadValue
from crm.leads.bulk import NewLead, leads_record
from crm.leads.models import Lead
from crm.leads.services import CLOCK_DRIFT

LIMITS = {
    "customer": 120, "phone": 40, "first_name": 100, "last_name": 100, "city": 100, "country": 60, "interest": 300,
    "number": 120,
}  # fmt: skip
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
CONTENT = {
    "video": Lead.Content.VIDEO, "vídeo": Lead.Content.VIDEO, "image": Lead.Content.IMAGE, "imagen": Lead.Content.IMAGE,
    "text": Lead.Content.TEXT, "texto": Lead.Content.TEXT, "audio": Lead.Content.AUDIO,
}  # fmt: skip
ATTENDED = {
    "ecommerce": Lead.AttendedBy.ECOMMERCE, "tienda": Lead.AttendedBy.ECOMMERCE, "shop": Lead.AttendedBy.ECOMMERCE,
    "sales force": Lead.AttendedBy.SALES_FORCE, "sales_force": Lead.AttendedBy.SALES_FORCE,
    "fuerza de ventas": Lead.AttendedBy.SALES_FORCE,
}  # fmt: skip


def sentences() -> dict[str, str]:
    """Reason code -> sentence, in the language of the person who reads the rejects."""
    return {
        "missing_person": _("The row has no e-mail address, phone or number to identify the contact."),
        "bad_address": _("The e-mail address is not valid."),
        "missing_channel": _("The channel is missing."),
        "unknown_channel": _("No channel has this code or name."),
        "missing_date": _("The date is missing."),
        "bad_date": _("The date cannot be read in the chosen order of day and month."),
        "future_date": _("The date is in the future."),
        "unknown_content": _("The content type must be video, image, text or audio."),
        "unknown_attended_by": _("The value of “attended by” must be “ecommerce” or “sales force”."),
        "too_long": _("A text is too long for its field."),
    }


class LeadRows:
    """Turns rows into leads ready to be recorded."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.sentences = sentences()
        self.latest = timezone.now() + CLOCK_DRIFT
        self.channels = {
            name.casefold(): channel
            for channel in Channel.objects.active()
            for name in (channel.code, channel.name, str(channel))
        }
        self.default_channel = self.channels.get(str(run.options.get("channel", "")).casefold())

    def lead(self, row: Row) -> NewLead:
        """Raises RowError."""
        for code, limit in LIMITS.items():
            if len(row.get(code)) > limit:
                raise self._error("too_long")
        if not (row.get("email") or row.get("phone") or row.get("customer")):
            raise self._error("missing_person")
        first, last = _names(row)
        lead = NewLead(
            external_id=row.get("number"),
            channel=self._channel(row.get("channel")),
            occurred_at=self._moment(row.get("date")),
            person_id=row.get("customer"),
            email=row.get("email"),
            details={
                "first_name": first, "last_name": last, "phone": row.get("phone"), "city": row.get("city"),
                "country": row.get("country"),
            },
            attended_by=self._one_of(ATTENDED, row.get("attended_by"), "unknown_attended_by") or ATTENDED["ecommerce"],
            interest=row.get("interest"),
            content_format=self._one_of(CONTENT, row.get("content"), "unknown_content"),
            utm={name.removeprefix("utm_"): row.get(name)[:200] for name in UTM if row.get(name)},
        )  # fmt: skip
        try:
            address = lead.address or ""
        except ValidationError:
            raise self._error("bad_address") from None
        return lead if lead.external_id else _numbered(lead, address)

    def _error(self, code: str) -> RowError:
        return RowError(code, self.sentences[code])

    def _channel(self, text: str) -> Channel:
        channel = self.channels.get(text.casefold()) if text else self.default_channel
        if channel is None:
            raise self._error("unknown_channel" if text else "missing_channel")
        return channel

    def _moment(self, text: str) -> Any:
        try:
            moment = self.run.format.moment(text)
        except BadValue as bad:
            raise self._error(bad.code) from None
        if moment > self.latest:
            raise self._error("future_date")
        return moment

    def _one_of(self, known: Mapping[str, str], text: str, code: str) -> str:
        if text and text.casefold() not in known:
            raise self._error(code)
        return known[text.casefold()] if text else ""


def _names(row: Row) -> tuple[str, str]:
    first, last = row.get("first_name"), row.get("last_name")
    if not first and not last:
        first, _space, last = row.get("name")[:200].partition(" ")
    return first[:100], last.strip()[:100]


def _numbered(lead: NewLead, address: str) -> NewLead:
    """The lead with a number made of what it says."""
    told = (lead.person_id, address, lead.phone, lead.channel.code, lead.occurred_at.isoformat(), lead.interest,
            lead.content_format, *sorted(f"{name}={text}" for name, text in lead.utm.items()))  # fmt: skip
    digest = hashlib.blake2b("\x1f".join(told).encode(), digest_size=16).hexdigest()
    return NewLead(**{**lead.__dict__, "external_id": digest})


class _FileLeads:
    """The good rows of a file; counts them as they go by."""

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.count = 0

    def __iter__(self) -> Iterator[NewLead]:
        rows = LeadRows(self.run)
        for row in self.run.rows():
            try:
                lead = rows.lead(row)
            except RowError as error:
                self.run.reject(row, error)
                continue
            self.count += 1
            yield lead


def leads_run(run: ImportRun) -> ImportReport:
    """Record the leads of a file in one transaction; a dry run does the same and takes it back."""
    leads, report = _FileLeads(run), ImportReport()
    try:
        with transaction.atomic():
            recorded = leads_record(leads=leads, source=run.source, identity_source=run.source, actor=run.actor)
            report.imported, report.unchanged = recorded.leads, leads.count - recorded.leads
            report.extra = {"people_new": recorded.people_new}
            if run.dry_run:
                raise RollBack
    except RollBack:
        pass
    return report


def _check(columns: Mapping[str, int], options: Mapping[str, Any]) -> None:
    if "channel" not in columns and not options.get("channel"):
        raise DomainError(
            _("Choose the channel of these leads, or the column with the channel."), code="channel_missing"
        )


def _links(report: dict[str, Any]) -> list[ResultLink]:
    count = int(report["imported"] + report["unchanged"])
    title = ngettext("View %(count)s lead", "View %(count)s leads", count) % {"count": number(count)}
    return [ResultLink(title, reverse("lead_list"))]


FIELDS = (
    ImportField(
        "email",
        gettext_lazy("E-mail"),
        guesses=("emailaddress", "mail", "correo", "correoelectronico", "direcciondecorreo"),
    ),
    ImportField(
        "phone",
        gettext_lazy("Phone"),
        guesses=("phonenumber", "mobile", "telephone", "telefono", "celular", "movil", "whatsapp"),
    ),
    ImportField(
        "customer",
        gettext_lazy("Contact number"),
        guesses=(
            "customerid", "contactid", "personid", "clientid", "userid", "idcliente", "codigocliente", "idcontacto",
            "cliente",
        ),
        hint=gettext_lazy("The contact's number in the source system below."),
    ),
    ImportField("first_name", gettext_lazy("First name"), guesses=("givenname", "nombre", "nombres")),
    ImportField("last_name", gettext_lazy("Last name"), guesses=("surname", "apellido", "apellidos")),
    ImportField("name", gettext_lazy("Full name"), guesses=("fullname", "contactname", "nombrecompleto")),
    ImportField("city", gettext_lazy("City"), guesses=("town", "ciudad", "localidad")),
    ImportField("country", gettext_lazy("Country"), guesses=("pais",)),
    ImportField(
        "channel",
        gettext_lazy("Channel"),
        guesses=("channelcode", "leadsource", "canal", "medio", "origen", "source", "fuente"),
        hint=gettext_lazy("Code or name. If the file has no such column, choose one channel for the whole file below."),
    ),
    ImportField(
        "date",
        gettext_lazy("When"),
        required=True,
        guesses=(
            "when", "datetime", "createdat", "createdtime", "created", "submittedat", "timestamp", "leaddate",
            "occurredat", "fecha", "fechalead", "fechacreacion", "fecharegistro", "fechadecreacion",
        ),
    ),
    ImportField(
        "interest",
        gettext_lazy("Interest"),
        guesses=("interestedin", "subject", "message", "comment", "interes", "asunto", "mensaje", "comentario"),
    ),
    ImportField(
        "content",
        gettext_lazy("Content"),
        guesses=("contentformat", "contenttype", "format", "contenido", "formato", "tipodecontenido"),
        hint=gettext_lazy("The content that brought the lead: video, image, text or audio."),
    ),
    ImportField("attended_by", gettext_lazy("Attended by"), guesses=("attention", "atendidopor", "atencion")),
    ImportField("utm_source", "utm_source"),
    ImportField("utm_medium", "utm_medium"),
    ImportField("utm_campaign", "utm_campaign"),
    ImportField("utm_content", "utm_content"),
    ImportField("utm_term", "utm_term"),
    ImportField(
        "number",
        gettext_lazy("Lead number"),
        guesses=("leadid", "id", "externalid", "sourceid", "idlead", "numero"),
        hint=gettext_lazy("Without a number, a lead is identified by contact, date, channel and interest."),
    ),
)  # fmt: skip

LEAD_IMPORT = ImportKind(
    code="leads",
    title=gettext_lazy("Leads"),
    question=gettext_lazy("Who showed interest, when, and through which channel?"),
    fields=FIELDS,
    run=leads_run,
    visible_to=is_marketer,
    groups=(("email", "phone", "customer"),),
    result_links=_links,
    figures=(("people_new", gettext_lazy("New contacts")),),
    default_source="leads_file",
    check=_check,
    sentences=sentences,
    has_money=False,
)
