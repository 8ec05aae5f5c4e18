"""`user_create --email E --name N --role director --password-stdin`: a person who may sign in at once."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.people.models import User
from accounts.people.services.people import user_create
from core.errors import DomainError


class Command(BaseCommand):
    help = "Make a person who may sign in at once (the first director of an empty installation, for one)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", default=User.Role.DIRECTOR, choices=User.Role.values)
        parser.add_argument("--language", default="en", choices=["en", "es"])
        parser.add_argument("--password-stdin", action="store_true", required=True, help="read the password from stdin")

    def handle(self, *args: Any, **options: Any) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        try:
            user = user_create(
                email=options["email"],
                full_name=options["name"],
                role=options["role"],
                language=options["language"],
                password=password,
                actor=None,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(user.email)
