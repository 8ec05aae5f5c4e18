from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tools.catalogues import APPS, compile_catalogues, disagreements, faults_of, update_catalogue


class Command(BaseCommand):
    help = "Brings the Spanish catalogues to what the sources say, or checks that they are complete."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("apps", nargs="*", help="only these apps (all without)")
        parser.add_argument("--check", action="store_true", help="change nothing; fail on what is missing or left over")

    def handle(self, *args: Any, **options: Any) -> None:
        apps = options["apps"] or APPS
        unknown = set(apps) - set(APPS)
        if unknown:
            raise CommandError(f"No app {', '.join(sorted(unknown))}. The apps: {', '.join(APPS)}.")
        if options["check"]:
            faults = [fault for app in apps for fault in faults_of(app)] + disagreements()
            for fault in faults:
                self.stdout.write(fault)
            if faults:
                raise CommandError(
                    f"{len(faults)} sentences need attention. bin/messages brings the catalogues up to date."
                )
            return
        for app in apps:
            count, waiting = update_catalogue(app)
            if count:
                self.stdout.write(f"{app}: {count} sentences, {waiting} to translate")
        compile_catalogues()
