"""What the demo company means to do: its segments, what it promises each, its targets, who looks after whom."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.people.models import User
from crm.activities.models import Note
from crm.activities.services.mini_lists import minilist_assign
from crm.consent.models import Consent, ConsentTopic
from crm.contacts.models import Contact, MiniListMembership
from crm.leads.models import Lead
from marketing.planning.services import target_set
from marketing.propositions.models import PropositionVersion
from marketing.propositions.services import proposition_create, version_judge, version_put_in_force, version_redefine
from marketing.segments.models import Segment, SegmentSize
from marketing.segments.segment_presets import SEGMENT_PRESETS
from marketing.segments.services import segment_create

STRATEGIES = {
    "best": ("Thank them first and sell second: early access, never a discount.", "Invite to the autumn tasting"),
    "at_risk": ("Ask what went wrong before offering anything.", "Call the twenty most valuable"),
    "once": ("Bring the second order within 60 days.", "Test the refill reminder"),
    "new": ("Teach them to use what they bought.", "Rewrite the welcome letter"),
    "interested": ("Show the shop through one good recipe a week.", "Shorten the sign-up form"),
}
READERS = {"field": "consent", "operator": "has_any_of", "value": ["newsletter"]}
CALLS = (
    "Asked what they drink now; sent the tasting list.",
    "No answer, left a message.",
    "Wants a quotation for the office.",
    "Happy with the first bag.",
    "Call again after the holidays.",
)
PROPOSITIONS = [
    (
        "best",
        "Tastings for regulars",
        {
            "headline": "You taste it before anyone else does",
            "customer_job": "Find something new without risking a bad bag.",
            "pains": "Too many options, and reviews nobody trusts.",
            "gains": "To be recognised where they shop.",
            "offer": "A sample of every new roast two weeks before it is sold.",
            "proof": "Regulars who tasted bought the new roast twice as often as those who did not.",
            "hypothesis": "Early access makes regulars buy again sooner than a discount does.",
        },
        "Said by its exclusivity the promise brought clicks but few orders; the sample is what they want.",
        "A sample of every new roast, two weeks early",
    ),
    (
        "once",
        "The refill",
        {
            "headline": "Fresh coffee the day yours runs out",
            "customer_job": "Never stand in the kitchen without coffee.",
            "pains": "Forgetting to order; stale supermarket bags.",
            "gains": "One thing less to think about.",
            "offer": "A reminder at the right day with the same basket one tap away.",
            "proof": "The median second order comes 34 days after the first.",
            "hypothesis": "Naming the day brings more second orders than naming a discount.",
        },
        "",
        "",
    ),
    (
        "interested",
        "The first good cup",
        {
            "headline": "A better cup tomorrow morning, with what you have",
            "customer_job": "Drink better coffee without buying a machine.",
            "pains": "Advice that begins with expensive equipment.",
            "gains": "A small success at once.",
            "offer": "One recipe a week and the right bag for it.",
            "proof": "Readers of the recipes buy three times as often as other leads.",
            "hypothesis": "A recipe brings more first orders than a welcome discount.",
        },
        "",
        "",
    ),
]


def segments_load(director: User) -> dict[str, Segment]:
    """The shipped starters as segments, the five with a strategy as key segments."""
    made = {}
    for starter in SEGMENT_PRESETS:
        strategy, next_action = STRATEGIES.get(starter.code, ("", ""))
        made[starter.code] = segment_create(
            name=str(starter.name),
            description=str(starter.description),
            rules=starter.rules,
            strategy=strategy,
            next_action=next_action,
            is_key=bool(strategy),
            actor=director,
        )
    made["readers"] = segment_create(
        name="Newsletter readers",
        description="Everyone who asked for the newsletter.",
        rules={"version": 1, "group": "all", "of": [READERS]},
        actor=director,
    )
    return made


def sizes_load(segments: dict[str, Segment], today: date, chance: random.Random) -> None:
    """A size a week for the last half year, drifting to today's, as the nightly count would have left them."""
    for segment in segments.values():
        now = SegmentSize.objects.get(segment=segment, day=today)
        rows = []
        level = 1.0
        for week in range(1, 27):
            level *= chance.uniform(0.955, 1.015)
            rows.append(
                SegmentSize(
                    segment=segment,
                    day=today - timedelta(weeks=week),
                    size=round(now.size * level),
                    value=(now.value * Decimal(f"{level:.4f}")).quantize(Decimal("0.01")),
                )
            )
        SegmentSize.objects.bulk_create(rows)


def propositions_load(segments: dict[str, Segment], director: User) -> dict[str, PropositionVersion]:
    """A proposition for three segments; the first was redefined once. The versions in force, by segment."""
    in_force = {}
    for code, name, words, learnt, next_headline in PROPOSITIONS:
        version = proposition_create(segment=segments[code], name=name, actor=director, **words)
        version = version_put_in_force(version=version, actor=director)
        if learnt:
            version_judge(version=version, verdict=PropositionVersion.Verdict.UNCLEAR, note=learnt, actor=director)
            draft = version_redefine(version=version, actor=director)
            PropositionVersion.objects.filter(pk=draft.pk).update(headline=next_headline)
            draft.refresh_from_db()
            version = version_put_in_force(version=draft, actor=director)
        in_force[code] = version
    return in_force


def targets_load(director: User, today: date) -> None:
    """This quarter's targets for the chain."""
    starts = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    following = date(starts.year + (starts.month == 10), (starts.month + 3 - 1) % 12 + 1, 1)
    for kpi, value in (("cpl", "19"), ("cvr", "0.34"), ("cpa", "58"), ("nps", "45")):
        target_set(
            kpi=kpi, starts_on=starts, ends_on=following - timedelta(days=1), value=Decimal(value), actor=director
        )


def mini_lists_load(salespeople: list[User], director: User, chance: random.Random) -> None:
    """Each salesperson looks after some of those who source channel the sales force, most of them customers."""
    reachable = Contact.objects.reachable()
    known = list(reachable.filter(leads__attended_by="sales_force").exclude(first_order_at=None).order_by("pk")[:240])
    open_ones = list(reachable.filter(leads__attended_by="sales_force", first_order_at=None).order_by("pk")[:75])
    chance.shuffle(known)
    for position, person in enumerate(salespeople):
        theirs = known[position * 80 : position * 80 + 80] + open_ones[position * 25 : position * 25 + 25]
        minilist_assign(contacts=theirs, owner=person, actor=director)
        long_ago = timezone.now() - timedelta(days=540)
        arrived = Contact.objects.filter(pk=OuterRef("contact")).values("created_at")
        MiniListMembership.objects.filter(owner=person).update(since=Greatest(Subquery(arrived), Value(long_ago)))


def calls_load(chance: random.Random) -> None:
    """The sales force rang most of its leads within two days; the latest few still wait."""
    leads = Lead.objects.filter(attended_by=Lead.AttendedBy.SALES_FORCE).order_by("contact_id", "-occurred_at")
    owners = dict(MiniListMembership.objects.open().values_list("contact_id", "owner_id"))
    newest = leads.distinct("contact_id").values_list("contact_id", "occurred_at")
    calls = [
        Note(contact_id=pk, kind=Note.Kind.CALL, text=chance.choice(CALLS), author_id=owners.get(pk), at=at)
        for pk, occurred_at in newest
        if (at := occurred_at + timedelta(hours=chance.uniform(1, 40))) < timezone.now() and chance.random() < 0.97
    ]
    Note.objects.bulk_create(calls, batch_size=2_000)


def consents_load(chance: random.Random, moments: dict[int, datetime]) -> None:
    """What people ticked in the shop: most want the newsletter, half of those the offers."""
    newsletter = ConsentTopic.objects.get(code="newsletter")
    offers = ConsentTopic.objects.get(code="offers")
    rows = []
    for pk, arrived in moments.items():
        if chance.random() > 0.88:
            continue
        topics = [newsletter, offers] if chance.random() < 0.55 else [newsletter]
        for topic in topics:
            wording = f"Yes, write to me: {topic.name}."
            rows.append(
                Consent(contact_id=pk, topic=topic, given=True, wording=wording, source="Sign-up form", at=arrived)
            )
    Consent.objects.bulk_create(rows, batch_size=2_000)
