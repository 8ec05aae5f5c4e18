"""`token_create --user EMAIL --scopes kpis:read,…`: prints the token, and nothing else."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.people.models import User
from accounts.tokens.services import token_create
from core.errors import DomainError


class Command(BaseCommand):
    help = "Make an API token of a person and print it. It is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, help="e-mail address of the person")
        parser.add_argument("--scopes", required=True, help="comma-separated, as kpis:read")
        parser.add_argument("--name", default="bin/manage")
        parser.add_argument("--days", type=int, default=None, help="how long it works; without it, until revoked")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().filter(email=options["user"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {options['user']}.")
        codes = [code.strip() for code in options["scopes"].split(",") if code.strip()]
        expires_at = timezone.now() + timedelta(days=options["days"]) if options["days"] else None
        try:
            _token, secret = token_create(
                user=user, name=options["name"], scope_codes=codes, expires_at=expires_at, actor=None
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
