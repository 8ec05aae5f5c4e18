"""Makes the demo world happen in an empty database, step by step, through the services of each app."""

import io
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.company.services import company_change
from accounts.people.models import Team, User
from accounts.people.services.people import user_create
from core.services.progress import ProgressLine
from crm.channels.models import Channel
from crm.consent.models import ConsentTopic
from crm.contacts.models import Contact, ContactIdentity
from crm.contacts.services import contact_update
from crm.forms.models import LeadForm
from crm.forms.services import lead_form_save, lead_form_submit
from crm.imports.kinds import import_kinds
from crm.imports.services import import_map, import_run, import_upload
from crm.leads.bulk import NewLead, leads_record
from crm.scoring.services.rfm import rfm_score
from crm.surveys.services import nps_answer_record
from marketing.spend.services import Money, spend_record
from tools.demo import strategy
from tools.demo.catalogue import FORM, VISITORS, DemoChannel
from tools.demo.mail import Mailroom
from tools.demo.world import DemoPerson, World

PASSWORD = "demo-password-1"  # noqa: S105
PEOPLE = [
    ("director@demo.example", "Dolores Rivera", User.Role.DIRECTOR, ""),
    ("marketer@demo.example", "Mateo Campos", User.Role.MARKETER, ""),
    ("designer@demo.example", "Delia Fuente", User.Role.DESIGNER, ""),
    ("analyst@demo.example", "Ana Prado", User.Role.ANALYST, ""),
    ("sofia@demo.example", "Sofía Haya", User.Role.SALESPERSON, "North"),
    ("samuel@demo.example", "Samuel Olmo", User.Role.SALESPERSON, "North"),
    ("sandra@demo.example", "Sandra Lago", User.Role.SALESPERSON, "South"),
]
CHANNELS = [
    DemoChannel("search_ads", spend=38, leads=22, conversion=0.34, growth=0.25),
    DemoChannel("social_ads", spend=31, leads=26, conversion=0.22, growth=0.6),
    DemoChannel("display_ads", spend=17, leads=8, conversion=0.17, growth=-0.3),
    DemoChannel("video_ads", spend=12, leads=7, conversion=0.2, growth=0.4),
    DemoChannel("content_text", spend=9, leads=13, conversion=0.3, growth=0.5),
    DemoChannel("seo", spend=7, leads=14, conversion=0.38, growth=0.4),
    DemoChannel("affiliates", spend=8, leads=6, conversion=0.33),
    DemoChannel("referral", spend=2, leads=5, conversion=0.52, growth=0.8),
    DemoChannel("offline", spend=6, leads=4, conversion=0.41),
]


class Loader:
    """Loads the demo company. `tell(step)` is called as each step begins."""

    def __init__(self, *, tell: Callable[[str], None], today: date | None = None) -> None:
        self.tell = tell
        self.today = today or timezone.localdate()
        self.world = World(today=self.today, channels=CHANNELS)
        self.channels = {channel.code: channel for channel in Channel.objects.all()}
        self.users: dict[str, User] = {}
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.tell(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 2)

    @property
    def director(self) -> User:
        return self.users["director@demo.example"]

    @transaction.atomic
    def load(self) -> dict[str, float]:
        """Everything or nothing; the seconds each step took."""
        with self.step("people"):
            self.people()
        with self.step("leads"):
            self.leads()
        with self.step("orders"):
            self.orders()
            self.form()
        with self.step("spend"):
            self.spend()
        with self.step("answers"):
            self.answers()
        with self.step("scores"):
            rfm_score(as_of=self.today)
        with self.step("strategy"):
            self.strategy()
        with self.step("mail"):
            self.mail()
        return self.seconds

    def people(self) -> None:
        for email, name, role, team_name in PEOPLE:
            team = Team.objects.get_or_create(name=team_name)[0] if team_name else None
            self.users[email] = user_create(
                email=email, full_name=name, role=role, password=PASSWORD, actor=self.users.get(PEOPLE[0][0]), team=team
            )
        company_change(
            values={"name": "Café Ribera (demo)", "time_zone": "Europe/Madrid", "currency": "EUR", "language": "en"},
            actor=self.director,
        )

    def leads(self) -> None:
        leads = (
            NewLead(
                external_id=f"L{person.number:05d}",
                channel=self.channels[person.channel],
                occurred_at=person.arrived,
                person_id=person.external_id,
                email=person.email,
                details=details(person),
                attended_by=person.attended_by,
            )
            for person in self.world.people
            if person.channel
        )
        leads_record(leads=leads, source="demo", identity_source="shop", actor=self.director)

    def orders(self) -> None:
        content = self.world.orders_csv().encode()
        file = import_upload(
            kind=import_kinds["orders"], name="orders.csv", content=io.BytesIO(content), size=len(content),
            actor=self.director,
        )  # fmt: skip
        import_map(
            file=file, columns=file.mapping["columns"], options={"source": "shop", "date_order": "ymd"},
            actor=self.director,
        )  # fmt: skip
        with ProgressLine(None) as progress:
            import_run(file=file, dry_run=False, progress=progress)
        self.introduce_buyers()

    def introduce_buyers(self) -> None:
        """Who bought without ever being a lead: the order file names them, the shop's counter knows the rest."""
        strangers = {person.external_id: person for person in self.world.people if not person.channel}
        known = ContactIdentity.objects.filter(source="shop", external_id__in=strangers).select_related("contact")
        for identity in known:
            contact_update(contact=identity.contact, actor=self.director, **details(strangers[identity.external_id]))

    def form(self) -> None:
        """A public form, and the first who found it."""
        form = lead_form_save(
            form=LeadForm(),
            actor=self.director,
            channel=self.channels["landing_pages"],
            topic=ConsentTopic.objects.filter(is_default=True).first(),
            **FORM,
        )
        for name, city, interest in VISITORS:
            values = {"first_name": name, "city": city, "interest": interest}
            address = f"{name.lower()}.visitor@example.org"
            lead_form_submit(form=form, key=f"demo-{name}", email=address, values=values, consent=False, utm={})

    def spend(self) -> None:
        for day, code, amount in self.world.spend():
            spend_record(channel=self.channels[code], day=day, money=Money(amount), source="demo", actor=self.director)

    def answers(self) -> None:
        contacts = {
            identity.external_id: identity.contact
            for identity in ContactIdentity.objects.filter(source="shop").select_related("contact")
        }
        for answer in self.world.answers:
            nps_answer_record(
                score=answer.score,
                comment=answer.comment,
                contact=contacts[answer.person.external_id],
                invitation=f"demo-{answer.person.number}",
                source="demo",
                answered_at=answer.at,
            )

    def strategy(self) -> None:
        chance = random.Random(11)  # noqa: S311
        shoppers = Contact.objects.exclude(leads__submission__isnull=False).order_by("pk")
        moments = dict(shoppers.values_list("pk", "created_at"))
        strategy.consents_load(chance, moments)
        salespeople = [user for user in self.users.values() if user.is_salesperson]
        strategy.mini_lists_load(salespeople, self.director, chance)
        strategy.calls_load(chance)
        self.segments = strategy.segments_load(self.director)
        strategy.sizes_load(self.segments, self.today, chance)
        self.versions = strategy.propositions_load(self.segments, self.director)
        strategy.targets_load(self.director, self.today)

    def mail(self) -> None:
        room = Mailroom(director=self.director, segments=self.segments, versions=self.versions, now=timezone.now())
        room.load([user for user in self.users.values() if user.is_salesperson])


def details(person: DemoPerson) -> dict[str, Any]:
    """What the demo shop knows about a person, as fields of a contact."""
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "city": person.city,
        "region": person.region,
        "country": person.country,
        "sex": person.sex,
        "birth_date": person.born,
        "profession": person.profession,
        "phone": person.phone,
        "tastes": person.tastes,
        "looking_for": person.looking_for,
        "aspirations": person.aspiration,
        "language": person.language,
    }
