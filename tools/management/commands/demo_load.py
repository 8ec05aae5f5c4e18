from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.contacts.models import Contact
from tools.demo.load import PASSWORD, PEOPLE, Loader
from tools.management.commands.prepare import save_sign_ins

STEPS = {
    "people": "people",
    "leads": "4,300 leads and their contacts",
    "orders": "two years of orders",
    "spend": "spend by channel",
    "answers": "what customers said",
    "scores": "RFM scores",
    "strategy": "segments, propositions, targets, mini-lists",
    "mail": "campaigns and letters",
}


class Command(BaseCommand):
    help = "Fills an empty installation with the demo company: invented people and two years of invented history."

    def handle(self, *args: Any, **options: Any) -> None:
        if Contact.objects.exists():
            raise CommandError("There are contacts already; the demo company needs an empty installation.")
        steps = list(STEPS)
        loader = Loader(
            tell=lambda step: self.stdout.write(f"  {steps.index(step) + 1} of {len(steps)}: {STEPS[step]}")
        )
        seconds = loader.load()
        save_sign_ins("".join(f"{email:24} {PASSWORD}   {role.label}\n" for email, _name, role, _team in PEOPLE))
        self.stdout.write(f"The demo company is here, after {sum(seconds.values()):.0f} seconds.")
