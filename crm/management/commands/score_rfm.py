"""bin/manage score_rfm --as-of DATE --json: score the customers, or write their scores to a file."""

import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from crm.scoring.services.rfm import RfmResult, rfm_export, rfm_score


class Command(BaseCommand):
    help = "Score every customer by recency, frequency and monetary value."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, help="default: the day after the last order")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
        parser.add_argument("--export", type=Path, help="write customer, r, f, m to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = rfm_score(as_of=options["as_of"])
        except DomainError as error:
            if error.code != "no_customers":
                raise CommandError(error.message) from None
            result = RfmResult(options["as_of"] or date.min, 0, None, error.message)
        if options["export"]:
            with options["export"].open("w", encoding="utf-8", newline="") as to:
                rfm_export(to=to)
        data = result.as_json()
        if result.as_of == date.min:
            data["as_of"] = None
        if options["json"]:
            self.stdout.write(json.dumps(data))
        else:
            for key, value in data.items():
                self.stdout.write(f"{key}: {value}")
