"""Addresses nothing is sent to, as a kind of import: the list another mailing system kept, brought along.

An import suppresses and never takes off the list. What is on it already stays as it is.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import is_marketer
from core.ui.numbers import number
from crm.consent.models import Suppression
from crm.contacts.email_addresses import address_hash, normalize_address
from crm.imports.kinds import ImportField, ImportKind, ImportReport, ImportRun, ResultLink, RollBack, Row, RowError

Reason = Suppression.Reason
BATCH = 2_000
INSERT_SQL = """
    INSERT INTO crm_suppression (address_hash, reason, source, at)
    SELECT hash, reason, %(source)s, now() FROM unnest(%(hashes)s::text[], %(reasons)s::text[]) AS new (hash, reason)
    ON CONFLICT (address_hash) WHERE lifted_at IS NULL DO NOTHING
"""
# The first word found in the file's own reason decides.
REASONS = (
    (("complain", "spam", "abuse", "queja", "denuncia"), Reason.COMPLAINED),
    (("bounce", "rebot", "invalid", "dead", "hard", "inválid", "invalid"), Reason.BOUNCED),
    (("unsub", "opt-out", "optout", "opt out", "baja", "cancel"), Reason.UNSUBSCRIBED),
)


def sentences() -> dict[str, str]:
    return {
        "missing_address": _("The address is missing."),
        "bad_address": _("The e-mail address is not valid."),
    }


def parse_reason(text: str) -> Suppression.Reason:
    """What the file's reason means here; imported where it says nothing known."""
    said = text.casefold()
    return next((reason for words, reason in REASONS if any(word in said for word in words)), Reason.IMPORTED)


def _clean(row: Row, words: dict[str, str]) -> tuple[str, Suppression.Reason]:
    if not row.get("email"):
        raise RowError("missing_address", words["missing_address"])
    try:
        return address_hash(normalize_address(row.get("email"))), parse_reason(row.get("reason"))
    except ValidationError:
        raise RowError("bad_address", words["bad_address"]) from None


def suppressions_run(run: ImportRun) -> ImportReport:
    """Put the addresses of a file on the list in one transaction; a dry run does the same and takes it back."""
    report, words = ImportReport(), sentences()
    waiting: dict[str, Suppression.Reason] = {}
    try:
        with transaction.atomic():
            for row in run.rows():
                try:
                    key, reason = _clean(row, words)
                except RowError as error:
                    run.reject(row, error)
                    continue
                if key in waiting:
                    report.unchanged += 1
                    continue
                waiting[key] = reason
                if len(waiting) == BATCH:
                    _write(waiting, run, report)
            _write(waiting, run, report)
            if run.dry_run:
                raise RollBack
    except RollBack:
        pass
    return report


def _write(waiting: dict[str, Suppression.Reason], run: ImportRun, report: ImportReport) -> None:
    values: dict[str, Any] = {
        "hashes": list(waiting),
        "reasons": [str(reason) for reason in waiting.values()],
        "source": f"import:{run.source}"[:120],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SQL, values)
        report.imported += cursor.rowcount
        report.unchanged += len(waiting) - cursor.rowcount
    waiting.clear()


def _links(report: dict[str, object]) -> list[ResultLink]:
    count = int(str(report["imported"])) + int(str(report["unchanged"]))
    title = ngettext("View suppression list (%(count)s address)", "View suppression list (%(count)s addresses)", count)
    return [ResultLink(title % {"count": number(count)}, reverse("contact_list") + "?reachable=no")]


SUPPRESSION_IMPORT = ImportKind(
    code="suppressed",
    title=gettext_lazy("Suppression list"),
    question=gettext_lazy("Which addresses unsubscribed, complained or bounced in your previous system?"),
    fields=(
        ImportField(
            "email",
            gettext_lazy("E-mail"),
            required=True,
            guesses=("emailaddress", "address", "mail", "correo", "correoelectronico", "direccion", "recipient"),
        ),
        ImportField(
            "reason",
            gettext_lazy("Reason"),
            guesses=("type", "kind", "status", "motivo", "razon", "tipo", "estado"),
            hint=gettext_lazy("Bounced, complained or unsubscribed, as named in your previous system."),
        ),
    ),
    run=suppressions_run,
    visible_to=is_marketer,
    result_links=_links,
    default_source="suppression_file",
    sentences=sentences,
    has_money=False,
)
