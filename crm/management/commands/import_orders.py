"""bin/manage import_orders FILE --json: a file of orders from the command line, as the wizard would do it."""

import json
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.people.models import User
from core.errors import DomainError
from core.services.progress import ProgressLine
from crm.imports.kinds import import_kinds
from crm.imports.services import import_map, import_run, import_upload


class Command(BaseCommand):
    help = "Import a CSV, .csv.gz or .xlsx file of orders and print what became of its rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
        parser.add_argument("--source", default="", help="the system the numbers come from (default: shop)")
        parser.add_argument("--dry-run", action="store_true", help="count, and write nothing")
        parser.add_argument("--date-order", choices=["dmy", "mdy"], help="when 03/04/2026 could mean either")
        parser.add_argument("--rate", action="append", default=[], metavar="USD=0.92", help="of one in our currency")
        parser.add_argument("--rejects", type=Path, help="where to write the rejected rows")
        parser.add_argument("--user", default="", help="e-mail of the person on whose behalf this is done")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        actor = User.objects.filter(email=options["user"].lower()).first() if options["user"] else None
        try:
            report = self._import(path, actor, options)
        except DomainError as error:
            raise CommandError(error.message) from None
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            for key, value in report.items():
                self.stdout.write(f"{key}: {value}")

    def _import(self, path: Path, actor: User | None, options: dict[str, Any]) -> dict[str, Any]:
        with path.open("rb") as content:
            file = import_upload(
                kind=import_kinds["orders"], name=path.name, content=content, size=path.stat().st_size, actor=actor
            )
        chosen = {"source": options["source"] or file.mapping["options"]["source"], "rates": _rates(options["rate"])}
        if options["date_order"]:
            chosen["date_order"] = options["date_order"]
        elif file.mapping["options"]["date_is_ambiguous"]:
            raise CommandError("The dates can be read day first or month first. Say --date-order dmy or mdy.")
        import_map(file=file, columns=file.mapping["columns"], options=chosen, actor=actor)
        with ProgressLine(None) as progress:
            report = import_run(file=file, dry_run=options["dry_run"], progress=progress)
        if options["rejects"] and file.rejects:
            options["rejects"].write_bytes(file.rejects.open("rb").read())
        return report


def _rates(given: list[str]) -> dict[str, str]:
    rates = {}
    for text in given:
        code, _mark, rate = text.partition("=")
        try:
            if Decimal(rate) <= 0 or len(code) != 3:
                raise InvalidOperation
        except InvalidOperation:
            raise CommandError(f"{text} is not a rate; write it as USD=0.92.") from None
        rates[code.upper()] = rate
    return rates
