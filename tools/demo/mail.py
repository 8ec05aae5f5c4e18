"""The demo company's mailings: past campaigns with what people did, letters, and what stands in the calendar.

Every past mailing goes through the services and the engine's own steps (compile, freeze, results, events); only the
conversation with a mail server is imagined, and the dates are set back to when it happened.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby

from django.db import connection
from django.db.models import QuerySet

from accounts.people.models import User
from campaigns.campaigns.launch import campaign_launch
from campaigns.campaigns.models import Campaign
from campaigns.campaigns.services import campaign_create
from campaigns.content.services import Content, variant_start_from, variant_write
from campaigns.content.starters import starters
from campaigns.experiments.experiment_queries import experiment_reading
from campaigns.experiments.models import Experiment
from campaigns.experiments.services import experiment_conclude, experiment_plan
from campaigns.letters.services import letter_create
from crm.brands.models import Brand
from crm.contacts.models import Contact
from delivery.engine.freeze import audience_freeze
from delivery.engine.ledger import Result, batch_release, results_apply
from delivery.engine.partitions import event_partitions_make
from delivery.engine.prepare import variants_compile
from delivery.senders.models import SendingIdentity
from delivery.senders.services import identity_save
from delivery.sends.authors import audience_of
from delivery.sends.launch import launch_problems
from delivery.sends.models import Delivery, Link, Send
from delivery.sends.services import send_finish
from delivery.sends.states import BEGIN, LAUNCH, send_transition
from delivery.tracking.entries import Entry
from delivery.tracking.store import events_store
from marketing.propositions.models import PropositionVersion
from marketing.segments.models import Segment
from marketing.segments.queries import segment_audience
from tools.demo.backdate import last_contacted_backdate, send_backdate

BROWSERS = ("Mozilla/5.0 (iPhone) Mobile", "Mozilla/5.0 (Windows NT 10.0)", "Mozilla/5.0 (Macintosh)")


def _people_at(send: Send, at: datetime) -> "QuerySet[Contact]":
    """Whom a send was meant for at that time."""
    if send.kind == Send.Kind.LETTER:
        return audience_of(send)
    segment = send.campaign.segment
    assert segment is not None  # noqa: S101
    return segment_audience(segment, now=at).filter(created_at__lt=at)


COPY = {
    '{{ offer|default("Say your offer here in one line") }}': "Your next bag, before you run out",
    "Say in two or three short sentences why this is for them: what they bought, looking for, what it makes "
    "easier.": "The bag you like is roasted on Tuesday and with you by Friday. Keep it, change it, or taste something "
    "new: it takes one tap and nothing is sent before you say so.",
    "See the offer": "See my basket",
    "Until Sunday, while stocks last.": "Orders before Sunday leave on Tuesday.",
    "The first piece of news": "A gentler roast",
    "Two sentences that say what happened and why it matters to them.": "We roast the house blend two degrees cooler "
    "since this week. It keeps more of its fruit, in a moka pot as in a filter.",
    "The second one": "Four recipes for cold days",
    "Keep it as short as the first. One thought, one link.": "With cocoa, with orange, with spices, and one with tea.",
    "And one tip": "One tip for tomorrow",
    "Something they can use today, even if they buy nothing.": "Grind a little coarser and pour more slowly.",
}
GREETING = "Hello {{ contact.first_name|default('there') }},\n\n"
LETTERS = (
    (
        "How is the grinder doing?",
        "You have had it for a while now, so I wanted to ask: is the grind as fine as you hoped? If it is not, tell me "
        "which coffee you use and I will look for the right setting.\n\n"
        "A bag I think you would like: [this month's single origin](https://shop.cafe-ribera.example/huila).",
    ),
    (
        "I kept one for you",
        "The autumn roast came in this morning and I put a bag aside for you. Say yes by answering this letter, or "
        "[take it here](https://shop.cafe-ribera.example/autumn).",
    ),
    (
        "Before the holidays",
        "If you are giving coffee this year, write to me before the tenth and I will pack it myself.",
    ),
)


@dataclass(frozen=True)
class Mailing:
    """One past campaign: how long ago, to whom, the two subjects, and the share of each arm who clicked.

    `learnt` is what the team wrote when the evidence showed a winner, and when it did not.
    """

    days_ago: int
    name: str
    segment: str
    starter: int
    subjects: tuple[str, str]
    hypothesis: str
    clicks: tuple[float, float]
    learnt: tuple[str, str] | None = None


MAILINGS = [
    Mailing(
        312, "New year, new roast", "readers", 2, ("We have changed the roast", "Your cup has changed, come and taste"),
        "Speaking of the reader's cup brings more clicks than speaking of our roast.", (0.041, 0.088),
        ("Begin with the reader's morning, not with our news.", "Both openings work alike; test the offer next."),
    ),
    Mailing(
        271, "Refill in March", "once", 1, ("10 % off your second bag", "Yours should run out on Thursday"),
        "Naming the day brings more second orders than naming a discount.", (0.055, 0.096),
        ("The day beats the discount.", "Too few people to tell; test it again with the next refill."),
    ),
    Mailing(
        229, "A recipe for April", "readers", 3,
        ("Iced coffee in four minutes", "{{ contact.first_name|default('Hello') }}, iced coffee"),
        "The first name in the subject brings more clicks.", (0.071, 0.073),
        ("The name pays.", "The first name makes no difference; leave it out and keep subjects short."),
    ),
    Mailing(
        187, "Tasting for regulars", "best", 4, ("You are invited to taste", "Before anyone else: the Huila harvest"),
        "Exclusivity brings regulars to click.", (0.142, 0.171),
        ("Regulars click on what is new.", "Regulars come either way: an invitation is enough."),
    ),
    Mailing(
        150, "Summer at home", "readers", 2, ("Three cold coffees for June", "Cold coffee without a machine"),
        "Naming the obstacle we remove beats naming the number of recipes.", (0.052, 0.097),
        ("Say which obstacle disappears.", "The number and the obstacle work alike."),
    ),
    Mailing(
        118, "We miss you", "at_risk", 3, ("We miss you", "Did something go wrong?"),
        "A question brings back more good customers than a compliment.", (0.048, 0.081),
        ("Ask before offering anything.", "Too few of them to tell; ask again with the next hundred."),
    ),
    Mailing(
        83, "Back to the routine", "readers", 1, ("September, and a good cup", "Your usual, ready for September"),
        "Naming the usual basket beats naming the month.", (0.058, 0.061),
        ("Name the basket.", "The month and the basket are equally good reasons."),
    ),
    Mailing(
        47, "Autumn tasting", "readers", 4, ("A sample of the autumn roast", "Taste the autumn roast two weeks early"),
        "Two weeks early brings more clicks than a free sample.", (0.061, 0.109),
        ("Being early is worth more than being free.", "Early and free are worth the same."),
    ),
    Mailing(
        16, "The second bag", "once", 1, ("Fresh coffee for Friday", "Your bag is nearly empty"),
        "Speaking of the empty bag beats speaking of the fresh one.", (0.071, 0.093),
    ),
    Mailing(
        4, "A recipe for November", "readers", 2, ("Cocoa and espresso", "The coldest morning of the year"),
        "The weather brings more clicks than the recipe's name.", (0.058, 0.083),
    ),
]  # fmt: skip


class Mailroom:
    """Writes the mailings of the demo company as `director` and the salespeople."""

    def __init__(
        self, *, director: User, segments: dict[str, Segment], versions: dict[str, PropositionVersion], now: datetime
    ) -> None:
        self.director, self.segments, self.versions, self.now = director, segments, versions, now
        self.chance = random.Random(23)  # noqa: S311

    def load(self, salespeople: Iterable[User]) -> None:
        brand = Brand.objects.order_by("pk")[0]
        brand.name, brand.website = "Café Ribera", "https://shop.cafe-ribera.example"
        brand.save()
        identity = SendingIdentity.objects.first() or SendingIdentity(brand=brand)
        identity.name = identity.from_name = brand.name
        identity.from_address = "hello@cafe-ribera.example"
        identity_save(identity=identity, actor=self.director)
        for back in range(14):
            event_partitions_make(today=(self.now - timedelta(days=30 * back)).date(), ahead=0)
        for mailing in MAILINGS:
            self._past(mailing)
        for person in salespeople:
            self._letter(person)
        last_contacted_backdate()
        self._upcoming()

    def _written(self, mailing: Mailing) -> Campaign:
        campaign = campaign_create(
            name=mailing.name,
            objective="",
            segment=self.segments[mailing.segment],
            proposition_version=self.versions.get(mailing.segment),
            actor=self.director,
        )
        start = starters("campaign", "en")[mailing.starter - 1]
        body = start.body.replace("https://www.example.com", "https://shop.cafe-ribera.example")
        for placeholder, words in COPY.items():
            body = body.replace(placeholder, words)
        variant_start_from(send=campaign.send, subject="", body=body, actor=self.director)
        arms = list(campaign.send.variants.all())
        for arm, subject in zip(arms, mailing.subjects, strict=True):
            kept = Content.of(arm)
            variant_write(
                variant=arm,
                content=Content(subject, kept.preheader, kept.body, kept.text),
                started_from=kept.mark,
                actor=self.director,
            )
        experiment_plan(
            send=campaign.send,
            hypothesis=mailing.hypothesis,
            metric=Experiment.Metric.CLICK,
            horizon=3_000 if mailing.segment == "readers" else 400,
            horizon_days=7,
            weights={arm.pk: 50 for arm in arms},
            actor=self.director,
        )
        return campaign

    def _past(self, mailing: Mailing) -> None:
        campaign = self._written(mailing)
        problems = launch_problems(campaign.send)
        if problems:
            raise AssertionError(f"{mailing.name}: {problems}")
        at = datetime.combine((self.now - timedelta(days=mailing.days_ago)).date(), time(8, 30), tzinfo=UTC)
        self._happened(campaign.send, at, dict(zip(("A", "B"), mailing.clicks, strict=True)))
        if mailing.learnt:
            experiment = Experiment.objects.get(send=campaign.send)
            experiment.send.refresh_from_db()
            reading = experiment_reading(experiment.send, experiment)
            ahead = next((arm for arm in campaign.send.variants.all() if arm.label in reading.leaders), None)
            learning = mailing.learnt[0 if ahead else 1]
            experiment_conclude(
                experiment=experiment, reading=reading, learning=learning, actor=self.director, chosen=ahead
            )
            Experiment.objects.filter(pk=experiment.pk).update(concluded_at=at + timedelta(days=8))

    def _happened(self, send: Send, at: datetime, clicks: dict[str, float]) -> None:
        """The engine's steps one after another, as the worker would have taken them at `at`."""
        send_transition(
            send=send, transition=LAUNCH, actor=send.created_by, launched_at=at, launched_by=send.created_by,
            scheduled_at=at,
        )  # fmt: skip
        variants_compile(send)
        audience_freeze(send, _people_at(send, at))
        send_transition(send=send, transition=BEGIN, actor=None)
        waiting = Delivery.objects.filter(send=send, state=Delivery.State.PENDING).order_by("batch", "contact_id")
        with connection.cursor() as cursor:
            for batch, rows in groupby(waiting.values_list("batch", "contact_id"), key=lambda row: row[0]):
                results = [self._result(contact_id) for _batch, contact_id in rows]
                results_apply(cursor, send_id=send.pk, batch=batch, results=results)
                batch_release(cursor, send_id=send.pk, batch=batch)
            send_finish(send_id=send.pk)
        send_backdate(send=send, at=at)
        rates = {pk: clicks[label] for pk, label in send.variants.values_list("pk", "label")}
        events_store(list(self._events(send, at, rates)))

    def _result(self, contact_id: int) -> Result:
        dice = self.chance.random()
        if dice < 0.006:
            return Result(contact_id, "failed", reason="hard_bounce", code=550, reply="5.1.1 No such user")
        if dice < 0.010:
            return Result(contact_id, "failed", reason="refused", code=554, reply="5.7.1 Refused by policy")
        return Result(contact_id, "sent", code=250, reply="2.0.0 Ok")

    def _events(self, send: Send, at: datetime, clicks: dict[int, float]) -> Iterator[Entry]:
        links: dict[int, list[int]] = {}
        for arm, position in Link.objects.filter(send=send).values_list("variant_id", "position"):
            links.setdefault(arm, []).append(position)
        sent = Delivery.objects.filter(send=send, state=Delivery.State.SENT)
        for contact_id, variant_id in sent.order_by("contact_id").values_list("contact_id", "variant_id"):
            if variant_id is None:
                continue
            rate = clicks[variant_id]
            clicked = self.chance.random() < rate
            opened = clicked or self.chance.random() < 0.24 + rate
            moment = at + timedelta(minutes=4 + self.chance.expovariate(1 / 380))
            if opened and moment < self.now:
                yield self._entry("open", send, contact_id, moment, 0)
            moment += timedelta(seconds=9 + self.chance.expovariate(1 / 40))
            targets = links.get(variant_id)
            if clicked and targets and moment < self.now:
                yield self._entry("click", send, contact_id, moment, self.chance.choice(targets))

    def _entry(self, kind: str, send: Send, contact_id: int, at: datetime, link: int) -> Entry:
        agent = self.chance.choice(BROWSERS)
        return Entry(
            f"demo-{kind}-{send.pk}-{contact_id}", int(at.timestamp() * 1e6), kind, send.pk, contact_id, link, agent, ""
        )

    def _letter(self, person: User) -> None:
        """Two letters each to a few of their own customers, and a draft."""
        mine = list(Contact.objects.visible_to(person).reachable().order_by("pk"))
        for days_ago, (subject, body), first, count in ((61, LETTERS[0], 0, 14), (12, LETTERS[1], 10, 12)):
            letter = letter_create(
                author=person, subject=subject, body=GREETING + body, contacts=mine[first : first + count]
            )
            problems = launch_problems(letter.send)
            if problems:
                raise AssertionError(f"{subject}: {problems}")
            at = datetime.combine((self.now - timedelta(days=days_ago)).date(), time(9 + person.pk % 5, 12), tzinfo=UTC)
            self._happened(letter.send, at, {"A": 0.24})
        subject, body = LETTERS[2]
        letter_create(author=person, subject=subject, body=GREETING + body, contacts=mine[30:36])

    def _upcoming(self) -> None:
        """One campaign in the calendar three days from now, and one that is being written."""
        planned = self._written(
            Mailing(
                0, "Christmas hampers", "best", 1, ("Hampers are ready", "Choose first: this year's hampers"),
                "Choosing first brings more clicks than being told they are ready.", (0, 0),
            )
        )  # fmt: skip
        at = datetime.combine((self.now + timedelta(days=3)).date(), time(9), tzinfo=UTC)
        campaign_launch(campaign=planned, actor=self.director, at=at, zone="Europe/Madrid")
        campaign_create(
            name="January: the first good cup", actor=self.director, segment=self.segments["interested"],
            proposition_version=self.versions["interested"],
        )  # fmt: skip
